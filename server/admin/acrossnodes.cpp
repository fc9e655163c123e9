// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/acrossnodes.h"

#include <algorithm>
#include <mutex>

#include "server/admin/requestparts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

HttpRequest withoutNode(HttpRequest request)
{
    std::erase_if(request.query, [](const auto &item) { return item.first == "node"; });
    return request;
}

/// Collects the answers to one request; the last one to come completes it.
class Gathering final
{
public:
    Gathering(HttpRequest request, Combination combination, Responder respond, size_t expected, QStringList missing)
        : m_request(std::move(request))
        , m_combination(std::move(combination))
        , m_respond(std::move(respond))
        , m_expected(expected)
        , m_missing(std::move(missing))
    {
    }
    Q_DISABLE_COPY_MOVE(Gathering)

    /// Of a node; this one's is `isOwn`. Any thread.
    void add(const QString &node, const std::optional<HttpResponse> &response, bool isOwn)
    {
        {
            const std::lock_guard lock(m_mutex);
            --m_expected;
            if (!response)
                m_missing.append(node);
            else
                m_answers.insert(isOwn ? m_answers.begin() : m_answers.end(), { node, *response });
            if (m_expected > 0)
                return;
        }
        m_missing.sort();
        m_respond(complete());
    }

private:
    [[nodiscard]] HttpResponse complete() const
    {
        constexpr int kNotFound = 404; // here: another node may have it
        const HttpResponse &own = m_answers.front().response;
        if (own.status >= 400 && own.status != kNotFound)
            return own;
        return m_combination.whole(m_request, m_answers, m_missing);
    }

    const HttpRequest m_request;
    const Combination m_combination;
    const Responder m_respond;
    std::mutex m_mutex; ///< guards what follows
    size_t m_expected;
    QStringList m_missing;
    std::vector<NodeAnswer> m_answers;
};

using Handler = std::function<void(const AdminRequest &, const Responder &)>;

void askOne(const AdminDependencies &parts, const Handler &own, const AdminRequest &request, const QString &name,
    const Responder &respond)
{
    const NodesReply known = parts.monitoring.nodes();
    const auto node = std::find_if(
        known.nodes.begin(), known.nodes.end(), [&name](const NodeInfo &each) { return each.name == name; });
    if (node == known.nodes.end()) {
        respond(nodeNotFound(name));
    } else if (node->isThis) {
        own(request, respond);
    } else if (node->state != NodeState::Up) {
        respond(nodeUnreachable(u"%1 cannot be asked: it is %2"_s.arg(name, nodeStateName(node->state))));
    } else {
        parts.peers->ask(*node, { withoutNode(request.http), request.who },
            [respond, name](const std::optional<HttpResponse> &answer) {
                respond(answer ? *answer : nodeUnreachable(u"%1 did not answer"_s.arg(name)));
            });
    }
}

void askAll(const AdminDependencies &parts, const Handler &own, const Combination &combination,
    const AdminRequest &request, const Responder &respond)
{
    struct Part
    {
        NodeInfo node;
        HttpRequest request;
    };
    std::vector<Part> asked;
    QStringList missing;
    for (const NodeInfo &node : parts.monitoring.nodes().nodes) {
        if (node.state == NodeState::Lost || node.state == NodeState::Unknown)
            missing.append(node.name);
        if (node.state != NodeState::Up)
            continue;
        Result<HttpRequest> part = combination.part ? combination.part(request.http, node.name) : request.http;
        if (!part) {
            respond(HttpResponse::badRequest(part.error()));
            return;
        }
        asked.push_back({ node, std::move(part).value() });
    }
    const auto gathering
        = std::make_shared<Gathering>(request.http, combination, respond, asked.size(), std::move(missing));
    for (const Part &part : asked) {
        const QString name = part.node.name;
        if (part.node.isThis) {
            own({ part.request, request.who, request.parameters },
                [gathering, name](const HttpResponse &response) { gathering->add(name, response, true); });
        } else {
            parts.peers->ask(part.node, { part.request, request.who },
                [gathering, name](const std::optional<HttpResponse> &answer) { gathering->add(name, answer, false); });
        }
    }
}

} // namespace

HttpResponse nodeUnreachable(const QString &detail)
{
    Problem problem{ 503, u"node_unreachable"_s, u"A node does not answer"_s, detail };
    problem.retryAfterSeconds = kClusterRetrySeconds;
    return HttpResponse::problem(problem);
}

Route acrossNodes(Route route, Combination combination, const AdminDependencies &parts)
{
    route.isForPeers = true;
    route.takes.query.push_back("node"_L1);
    route.handler = [&parts, own = std::move(route.handler), combination = std::move(combination)](
                        const AdminRequest &request, const Responder &respond) {
        const QString node = nodeParameter(request.http);
        if (request.isOfPeer || (node.isEmpty() && !parts.peers))
            own(request, respond);
        else if (!node.isEmpty())
            askOne(parts, own, request, node, respond);
        else
            askAll(parts, own, combination, request, respond);
    };
    return route;
}

} // namespace gatehouse
