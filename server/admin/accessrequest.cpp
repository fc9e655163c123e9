// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/accessrequest.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "server/access/accessrules.h"
#include "server/admin/requestparts.h"
#include "shared/util/duration.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxReasonChars = 200;
constexpr std::chrono::minutes kClockDifference{ 1 }; ///< that a client's clock may be ahead
constexpr std::array kMembers{ "kind"_L1, "value"_L1, "issued_before"_L1, "reason"_L1, "note"_L1, "expires_at"_L1,
    "expires_in"_L1, "force"_L1, "limit"_L1 };

class Reader final
{
public:
    Reader(AccessList list, const QJsonObject &body, UtcTime now)
        : m_list(list)
        , m_body(body)
        , m_now(now)
    {
    }

    [[nodiscard]] AccessRequest read()
    {
        for (const QString &name : m_body.keys()) {
            if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end())
                refuse(name.left(64), u"nothing is known by this name"_s);
        }
        readSubject();
        readIssuedBefore();
        readReason();
        readExpiry();
        readLimit();
        const QJsonValue force = m_body.value("force"_L1);
        if (!force.isUndefined() && !force.isBool())
            refuse(u"force"_s, u"force must be true or false"_s);
        m_request.isForced = force.toBool();
        if (const Result<QString> note = noteOf(m_body))
            m_request.rule.note = *note;
        else
            m_request.errors.push_back(note.error());
        return std::move(m_request);
    }

private:
    void refuse(const QString &field, const QString &message) { m_request.errors.push_back({ message, field }); }
    /// Whether the member is there.
    [[nodiscard]] bool has(QLatin1StringView name) const
    {
        return !m_body.value(name).isUndefined() && !m_body.value(name).isNull();
    }

    void readSubject()
    {
        const std::optional<AccessKind> kind = parseAccessKind(m_body.value("kind"_L1).toString());
        const bool isOfAddresses = kind && (*kind == AccessKind::Address || *kind == AccessKind::Cidr);
        if (!kind || (m_list == AccessList::Exemptions && !isOfAddresses)) {
            refuse(u"kind"_s,
                m_list == AccessList::Bans ? u"kind must be address, cidr, user or token_id"_s
                                           : u"kind must be address or cidr"_s);
            return;
        }
        m_request.rule.kind = *kind;
        if (!m_body.value("value"_L1).isString()) {
            refuse(u"value"_s, u"value must be a text"_s);
            return;
        }
        if (const Result<QString> value = canonicalAccessValue(*kind, m_body.value("value"_L1).toString()))
            m_request.rule.value = *value;
        else
            refuse(u"value"_s, value.error().message);
    }

    void readIssuedBefore()
    {
        const QString name = u"issued_before"_s;
        if (!has("issued_before"_L1))
            return;
        const QString text = m_body.value(name).toString();
        const std::optional<UtcTime> moment = text == "now"_L1 ? std::optional(m_now) : parseIso(text);
        if (m_request.rule.kind != AccessKind::User)
            refuse(name, u"issued_before is for the kind user"_s);
        else if (!moment)
            refuse(name, u"issued_before must be \"now\" or an ISO 8601 time with a zone"_s);
        else if (*moment > m_now + kClockDifference)
            refuse(name, u"issued_before must not be in the future"_s);
        else // a token says in whole seconds when it was issued
            m_request.rule.issuedBefore = std::chrono::ceil<std::chrono::seconds>(std::max(*moment, UtcTime{}));
    }

    void readReason()
    {
        const QJsonValue reason = m_body.value("reason"_L1);
        if (has("reason"_L1) && (!reason.isString() || reason.toString().size() > kMaxReasonChars))
            refuse(u"reason"_s, u"reason must be text of at most %1 characters"_s.arg(kMaxReasonChars));
        m_request.rule.reason = reason.toString();
    }

    void readExpiry()
    {
        if (has("expires_at"_L1) && has("expires_in"_L1)) {
            refuse(u"expires_in"_s, u"say either expires_at or expires_in"_s);
        } else if (has("expires_at"_L1)) {
            m_request.rule.expiresAt = parseIso(m_body.value("expires_at"_L1).toString());
            if (!m_request.rule.expiresAt || *m_request.rule.expiresAt <= m_now)
                refuse(u"expires_at"_s, u"expires_at must be an ISO 8601 time with a zone, and in the future"_s);
        } else if (has("expires_in"_L1)) {
            const Result<std::chrono::seconds> duration = parseDuration(m_body.value("expires_in"_L1).toString());
            if (duration && duration->count() > 0)
                m_request.rule.expiresAt = m_now + *duration;
            else
                refuse(u"expires_in"_s, u"expires_in must be a duration as in \"90s\", \"1h\" or \"30d\""_s);
        }
    }

    void readLimit()
    {
        if (!has("limit"_L1))
            return;
        const double limit = m_body.value("limit"_L1).toDouble(0);
        if (m_list != AccessList::Exemptions)
            refuse(u"limit"_s, u"limit is for exemptions"_s);
        else if (limit != std::floor(limit) || std::abs(limit) > 1e9 || !isExemptionLimit(qint64(limit)))
            refuse(u"limit"_s, u"limit must be a whole number from 1 to 1000000, or null"_s);
        else
            m_request.rule.limit = qint64(limit);
    }

    AccessList m_list;
    const QJsonObject &m_body;
    UtcTime m_now;
    AccessRequest m_request;
};

} // namespace

AccessRequest parseAccessRequest(AccessList list, const QJsonObject &body, UtcTime now)
{
    return Reader(list, body, now).read();
}

} // namespace gatehouse
