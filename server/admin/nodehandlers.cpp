// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/handlers.h"
#include "server/admin/requestparts.h"
#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

const NodeInfo *findNode(const NodesReply &reply, const QString &name)
{
    for (const NodeInfo &node : reply.nodes) {
        if (node.name == name)
            return &node;
    }
    return nullptr;
}

void forget(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const QString name = request.parameters.value("name"_L1);
    const Result<QString> note = noteOf(request.http);
    if (!note) {
        respond(HttpResponse::badRequest(note.error()));
        return;
    }
    const NodesReply reply = parts.monitoring.nodes();
    const NodeInfo *node = findNode(reply, name);
    if (!node) {
        respond(nodeNotFound(name));
        return;
    }
    const bool isGone = node->state == NodeState::Lost || node->state == NodeState::Left;
    if (!isGone || !parts.forgetNode) {
        respond(HttpResponse::problem({ 409, u"node_not_gone"_s, u"Node not gone"_s,
            u"only a node that is lost or has left can be forgotten; %1 is %2"_s.arg(
                name, nodeStateName(node->state)) }));
        return;
    }
    const QJsonObject before = node->toJson();
    parts.forgetNode(
        name, [&parts, name, before, actor = request.actor(), note = *note, respond](const Status &status) {
            if (!status) {
                respond(storeUnavailable(status.error()));
                return;
            }
            parts.audit.append({ parts.sharedClock.utc(), actor, u"node.forget"_s, name, before, {}, note },
                answerRecorded(respond, u"the node has been forgotten"_s));
        });
}

} // namespace

std::vector<Route> nodeRoutes(const AdminDependencies &parts)
{
    return {
        { "GET", paths::kNodes, Role::Viewer, {},
            [&parts](const AdminRequest &, const Responder &respond) {
                respond(HttpResponse::json(parts.monitoring.nodes().toJson()));
            } },
        { "DELETE", paths::kNode, Role::Operator, { .members = { "note"_L1 } },
            [&parts](const AdminRequest &request, const Responder &respond) { forget(parts, request, respond); } },
    };
}

} // namespace gatehouse
