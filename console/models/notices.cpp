// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/notices.h"

#include <algorithm>
#include <array>

#include <QtCore/QCoreApplication>

#include "console/models/alertsmodel.h"
#include "console/models/titles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct NoticeTexts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::Notices)
};

QString lostTitle(const NoticeSituation &situation)
{
    const ConnectionStatus &status = situation.status;
    switch (status.state) {
    case ConnectionState::Connecting:
        return NoticeTexts::tr("Connecting to %1…").arg(situation.serverName);
    case ConnectionState::Stale:
        return NoticeTexts::tr("No data from %1").arg(situation.serverName);
    case ConnectionState::AuthFailed:
        return NoticeTexts::tr("%1 denies access").arg(situation.serverName);
    case ConnectionState::WaitingToRetry:
        break;
    default:
        return situation.serverName.isEmpty() ? NoticeTexts::tr("No server is chosen")
                                              : NoticeTexts::tr("Not connected to %1").arg(situation.serverName);
    }
    if (!status.nextRetryAt)
        return NoticeTexts::tr("Connection lost");
    const auto left = std::chrono::ceil<std::chrono::seconds>(*status.nextRetryAt - situation.localNow);
    return NoticeTexts::tr(
        "Connection lost, next try in %n second(s)", nullptr, int(std::max<qint64>(0, left.count())));
}

NoticeAction lostAction(ConnectionState state)
{
    switch (state) {
    case ConnectionState::Connecting:
        return NoticeAction::None;
    case ConnectionState::Stale:
    case ConnectionState::WaitingToRetry:
        return NoticeAction::Reconnect;
    case ConnectionState::AuthFailed:
        return NoticeAction::NewToken;
    default:
        return NoticeAction::Connect;
    }
}

std::optional<Notice> lost(const NoticeSituation &situation)
{
    const ConnectionStatus &status = situation.status;
    if (status.isLive())
        return std::nullopt;
    Notice notice{ NoticeKind::Lost, NoticeSeverity::Bad };
    if (situation.isFirst && status.state == ConnectionState::Disconnected)
        notice.severity = NoticeSeverity::Calm;
    else if (status.state == ConnectionState::Connecting || status.state == ConnectionState::Stale)
        notice.severity = NoticeSeverity::Warning;
    notice.title = lostTitle(situation);
    if (!status.cause.isEmpty()) // one fact among others needs no full stop
        notice.facts << (status.cause.endsWith(u'.') ? status.cause.chopped(1) : status.cause);
    if (!situation.isFirst)
        notice.facts << NoticeTexts::tr("what you see is from before");
    notice.brief = connectionStateTitle(status.state);
    notice.action = lostAction(status.state);
    return notice;
}

std::optional<Notice> guardsOff(const NoticeSituation &situation)
{
    if (situation.isGuarding)
        return std::nullopt;
    Notice notice{ NoticeKind::GuardsOff, NoticeSeverity::Bad };
    notice.title = NoticeTexts::tr("The guards are off: nothing is limited or counted");
    if (const std::optional<GuardsOffSpan> &span = situation.guardsOff) {
        const QString since = recentTime(span->time.from, situation.serverNow);
        notice.facts << (span->by.isEmpty() ? NoticeTexts::tr("since %1 at least").arg(since)
                                            : NoticeTexts::tr("by %1, since %2").arg(span->by, since));
    }
    notice.brief = NoticeTexts::tr("guards off");
    notice.action = NoticeAction::TurnGuardsOn;
    notice.isAllowed = situation.mayTurnGuardsOn;
    return notice;
}

std::optional<Notice> tokenEnds(const NoticeSituation &situation)
{
    if (!situation.tokenEndsAt || *situation.tokenEndsAt - situation.serverNow > kTokenWarning)
        return std::nullopt;
    Notice notice{ NoticeKind::TokenEnds, NoticeSeverity::Warning };
    const auto left = std::chrono::ceil<std::chrono::minutes>(*situation.tokenEndsAt - situation.serverNow);
    notice.title = left.count() > 0 ? NoticeTexts::tr("The token ends in %n minute(s)", nullptr, int(left.count()))
                                    : NoticeTexts::tr("The token has ended");
    notice.facts << NoticeTexts::tr("after that the server denies access");
    notice.brief = NoticeTexts::tr("token ends");
    notice.action = NoticeAction::NewToken;
    return notice;
}

std::optional<Notice> alertRaised(const NoticeSituation &situation)
{
    const std::vector<Alert> &raised = situation.raised;
    if (raised.empty())
        return std::nullopt;
    const auto waiting
        = std::find_if(raised.begin(), raised.end(), [](const Alert &alert) { return !alert.acknowledgedAt; });
    const Alert &shown = waiting == raised.end() ? raised.front() : *waiting;
    Notice notice{ NoticeKind::AlertRaised, NoticeSeverity::Warning };
    notice.title = AlertsModel::sentenceOf(shown);
    if (waiting == raised.end())
        notice.facts << NoticeTexts::tr("acknowledged by %1").arg(shown.acknowledgedBy);
    if (raised.size() > 1)
        notice.facts << NoticeTexts::tr("and %n more", nullptr, int(raised.size()) - 1);
    notice.brief = NoticeTexts::tr("%n alert(s)", nullptr, int(raised.size()));
    notice.action = NoticeAction::ShowAlerts;
    return notice;
}

std::optional<Notice> calm(const NoticeSituation &situation)
{
    Notice notice;
    notice.title = NoticeTexts::tr("Connected to %1").arg(situation.serverName);
    notice.facts << NoticeTexts::tr("live")
                 << NoticeTexts::tr("%Ln refusal(s) in the last minute", nullptr, int(situation.refusalsPerMinute));
    return notice;
}

/// In the order of NoticeKind.
constexpr std::array kNoticeTable{ &lost, &guardsOff, &tokenEnds, &alertRaised, &calm };

} // namespace

QString Notice::text() const
{
    return (QStringList(title) + facts).join(u" · "_s);
}

std::vector<Notice> noticesOf(const NoticeSituation &situation)
{
    std::vector<Notice> notices;
    for (const auto &make : kNoticeTable) {
        // Beside what needs somebody there is no calm; beside a lost connection nothing is known.
        const bool isEnough = !notices.empty() && (notices.front().kind == NoticeKind::Lost || make == &calm);
        if (std::optional<Notice> notice = isEnough ? std::nullopt : make(situation))
            notices.push_back(std::move(*notice));
    }
    return notices;
}

QString windowTitleOf(const QString &serverName, const Notice &worst)
{
    if (serverName.isEmpty())
        return NoticeTexts::tr("Gatehouse");
    if (worst.brief.isEmpty())
        return NoticeTexts::tr("%1 – Gatehouse").arg(serverName);
    return NoticeTexts::tr("%1 (%2) – Gatehouse").arg(serverName, worst.brief);
}

} // namespace gatehouse
