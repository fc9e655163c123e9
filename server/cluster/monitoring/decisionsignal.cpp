// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/monitoring/decisionsignal.h"

#include <QtCore/QJsonArray>

using namespace Qt::StringLiterals;

namespace gatehouse::decisionsignal {

namespace {

const QString kType = QStringLiteral("decisions");

} // namespace

void send(const ClusterPubSub &pubSub, const QString &node, const std::vector<Decision> &decisions, qint64 skipped)
{
    const size_t first = decisions.size() > kMostDecisions ? decisions.size() - kMostDecisions : 0;
    QJsonArray array;
    for (size_t i = first; i < decisions.size(); ++i) {
        Decision decision = decisions[i];
        decision.node = node;
        array.append(decision.toJson());
    }
    pubSub.signal(kType, { { "decisions"_L1, array }, { "skipped"_L1, skipped + qint64(first) } });
}

void listen(ClusterPubSub &pubSub, std::function<void(const std::vector<Decision> &decisions, qint64 skipped)> taken)
{
    pubSub.onSignal(kType, [taken = std::move(taken)](const QJsonObject &signal) {
        const QJsonArray array = signal.value("decisions"_L1).toArray();
        const qint64 skipped = signal.value("skipped"_L1).toInteger();
        if (array.size() > qsizetype(kMostDecisions) || skipped < 0)
            return;
        std::vector<Decision> decisions;
        for (const QJsonValue &item : array) {
            if (std::optional<Decision> decision = Decision::fromJson(item.toObject()))
                decisions.push_back(*std::move(decision));
        }
        if (!decisions.empty() || skipped > 0)
            taken(decisions, skipped);
    });
}

} // namespace gatehouse::decisionsignal
