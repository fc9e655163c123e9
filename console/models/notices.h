// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "console/connection/connectionstatus.h"
#include "console/models/guardsoff.h"
#include "shared/protocol/adminmessages.h"

/// What must not be missed, worst first: one table for the strip above the pages, the window's title and the tray.
namespace gatehouse {

/// In the order of what is worst.
enum class NoticeKind : quint8
{
    Lost, ///< or not connected yet: nothing else that is known is of now
    GuardsOff,
    TokenEnds,
    AlertRaised,
    Calm, ///< nothing needs anybody
};

enum class NoticeSeverity : quint8
{
    Calm,
    Warning,
    Bad,
};

/// What the user can do about it.
enum class NoticeAction : quint8
{
    None,
    Connect,
    Reconnect,
    TurnGuardsOn,
    NewToken,
    ShowAlerts,
};

struct Notice
{
    NoticeKind kind = NoticeKind::Calm;
    NoticeSeverity severity = NoticeSeverity::Calm;
    QString title{};
    QStringList facts{}; ///< each stands for itself
    QString brief{};     ///< for the window's title, behind the server's name; empty if there is nothing to say
    NoticeAction action = NoticeAction::None;
    bool isAllowed = true; ///< the action, to this role and now
    friend bool operator==(const Notice &, const Notice &) = default;

    [[nodiscard]] QString text() const; ///< title and facts in one line
};

/// What notices are made of.
struct NoticeSituation
{
    QString serverName; ///< empty: none was chosen
    ConnectionStatus status;
    bool isFirst = true; ///< nothing of this server was ever seen
    bool isGuarding = true;
    std::optional<GuardsOffSpan> guardsOff; ///< who it was, as far as that is known
    bool mayTurnGuardsOn = false;
    std::optional<UtcTime> tokenEndsAt;
    std::vector<Alert> raised;
    qint64 refusalsPerMinute = 0;
    UtcTime localNow{};  ///< by our clock, as the next try
    UtcTime serverNow{}; ///< by the server's, as all else
};

constexpr std::chrono::minutes kTokenWarning{ 10 };

/// Never empty; the worst is the first.
[[nodiscard]] std::vector<Notice> noticesOf(const NoticeSituation &situation);
/// The window's title: the state is in it, as a window on another desktop must not look alive either.
[[nodiscard]] QString windowTitleOf(const QString &serverName, const Notice &worst);

} // namespace gatehouse
