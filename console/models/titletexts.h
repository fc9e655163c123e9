// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// The English texts of the shared tables (metrics, reasons, guards, limits, alert rules), once more for lupdate, which
/// finds texts only in the console. A test holds this list against the tables.
inline constexpr std::array kTitleTexts{
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Active connections"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "connections"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections accepted"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "per second"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections closed"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Messages in"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Messages out"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: connections"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: reconnects"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: messages"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: origin"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: token"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: other"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Would have been refused"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Errors"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Notifications published"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Send queues"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "bytes"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Known addresses"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "addresses"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Origin not allowed"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Host not served here"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Token missing"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Token invalid"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Token expired"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Token revoked"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Banned"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "User banned"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Too many connections from this address"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Too many connections of this user"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Too many reconnects from this address"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Server full"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Server is shutting down"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Too many messages"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Kept sending over the message limit"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Message too big"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Slow consumer"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Origin"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Address"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Reconnects"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Token"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "User"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Server"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Messages"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Send queue"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections per address"),
    QT_TRANSLATE_NOOP("gatehouse::Titles",
        "Open connections of one address (an IPv6 /64 counts as one) at one time; the next one is refused."),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Connects per address and hour"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "attempts"),
    QT_TRANSLATE_NOOP("gatehouse::Titles",
        "Admitted connection attempts of one address in any rolling hour; the next one is told how long to wait."),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Messages per minute"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "messages"),
    QT_TRANSLATE_NOOP(
        "gatehouse::Titles", "Messages one connection sends in any rolling minute; the next one is not processed."),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections per user"),
    QT_TRANSLATE_NOOP("gatehouse::Titles",
        "Open connections of one user at one time, from whatever address; the next one is refused."),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections in all"),
    QT_TRANSLATE_NOOP(
        "gatehouse::Titles", "Open connections of the whole server; the next one is told to come back later."),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Message size"),
    QT_TRANSLATE_NOOP(
        "gatehouse::Titles", "Largest message a client may send; a larger one closes its connection with code 1009."),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Strikes before disconnect"),
    QT_TRANSLATE_NOOP("gatehouse::Titles",
        "Messages over the limit that one connection may send within a minute before it is closed with code 4131."),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "High connection count"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "% of the connection limit"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Rate-limit violations"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "refusals per minute"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "errors per minute"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "Node lost"),
    QT_TRANSLATE_NOOP("gatehouse::Titles", "lost nodes"),
};

} // namespace gatehouse
