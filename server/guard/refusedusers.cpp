// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/refusedusers.h"

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

/// What an operator can do about it.
QString remedy(const ReasonDescriptor &row, const QString &address)
{
    if (row.guard == "address"_L1) {
        const QString network = address.contains(u'/') ? address : QString(address + u"/32"_s);
        return u"if many users share this address, set LIMITS_PROFILE=site, give the network a number of its own "
               "(EXEMPT_NETWORKS=%1=200) or exempt it; if it is everybody, the proxy is missing in TRUSTED_PROXIES"_s
                   .arg(network);
    }
    const QString raise = u"raise %1"_s.arg(limitDescriptor(*row.limit).environmentName);
    if (row.guard == "server"_L1)
        return raise + u", or add a node"_s;
    if (row.guard == "user"_L1)
        return raise + u", or find the page that opens so many"_s;
    return raise + u" (LIMITS_PROFILE=site), or find the page that connects in a loop"_s;
}

/// Whether a limit has refused the connection of somebody whose token is good.
bool isOfUser(const Decision &decision)
{
    const ReasonDescriptor &row = reasonDescriptor(decision.reason);
    return decision.isEnforced && row.limit && decision.limit && row.guard != "message"_L1 && !decision.user.isEmpty();
}

} // namespace

void RefusedUsers::add(const Decision &decision, MonoTime now)
{
    if (!isOfUser(decision))
        return;
    m_summary.reset();
    if (m_minutes.empty() || now - m_minutes.back().begin >= 1min)
        m_minutes.push_back({ now });
    Minute &minute = m_minutes.back();
    ++minute.refusals;
    if (minute.addresses.size() >= kMaxAddresses && !minute.addresses.contains(decision.address))
        return;
    Count &count = minute.addresses[decision.address];
    ++count.refusals;
    count.reason = decision.reason;
    count.limit = *decision.limit;
}

void RefusedUsers::forget(MonoTime now)
{
    while (!m_minutes.empty() && now - m_minutes.front().begin >= kWindow) {
        m_minutes.pop_front();
        m_summary.reset();
    }
}

RefusedUsers::Summary RefusedUsers::summary(MonoTime now)
{
    forget(now);
    if (!m_summary)
        m_summary = summarise();
    return *m_summary;
}

RefusedUsers::Summary RefusedUsers::summarise() const
{
    Summary summary;
    QHash<QString, Count> sums;
    for (const Minute &minute : m_minutes) {
        summary.refusals += minute.refusals;
        for (auto entry = minute.addresses.cbegin(); entry != minute.addresses.cend(); ++entry) {
            Count &sum = sums[entry.key()];
            sum = { sum.refusals + entry->refusals, entry->reason, entry->limit };
        }
    }
    summary.addresses = sums.size();
    const auto most = std::max_element(
        sums.cbegin(), sums.cend(), [](const Count &one, const Count &other) { return one.refusals < other.refusals; });
    if (most == sums.cend())
        return summary;
    const ReasonDescriptor &row = reasonDescriptor(most->reason);
    const QString where = summary.addresses == 1
        ? most.key()
        : u"%1 addresses, most at %2"_s.arg(QString::number(summary.addresses), most.key());
    summary.sentence
        = u"users with a good token were refused %1 times within an hour at %2, by %3 (%4): %5"_s.arg(summary.refusals)
              .arg(where, limitDescriptor(*row.limit).environmentName, QString::number(most->limit),
                  remedy(row, most.key()));
    return summary;
}

} // namespace gatehouse
