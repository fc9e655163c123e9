// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>

#include "console/connection/adminclient.h"

namespace gatehouse {

/// How long the token that the console is connected with is still good: by its own "exp", on the server's clock.
/// Whoever shows it makes one of client and clock, connects stageChanged(), and reads sentence() as often as it likes;
/// *New token…* is ServerActions::newToken(). GUI thread.
class TokenLife final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TokenLife)

public:
    enum class Stage : quint8
    {
        Unknown, ///< no token, or one that does not say when it ends
        Good,
        EndsSoon, ///< within kSoon
        EndsNow,  ///< within kNow
        Ended,
    };
    Q_ENUM(Stage)

    static constexpr std::chrono::minutes kSoon{ 10 };
    static constexpr std::chrono::minutes kNow{ 1 };

    /// Both must outlive it.
    TokenLife(AdminClient &client, const Clock &clock, QObject *parent = nullptr);

    [[nodiscard]] Stage stage() const { return m_stage; }
    /// Whether the user should be told.
    [[nodiscard]] bool isEnding() const { return m_stage >= Stage::EndsSoon; }
    /// Never below 0; nullopt if it is not known.
    [[nodiscard]] std::optional<std::chrono::seconds> timeLeft() const;
    /// "The token ends in 9 min.", in the user's language; empty unless isEnding().
    [[nodiscard]] QString sentence() const;
    /// Looks at the clock; does so by itself every second.
    void check();

Q_SIGNALS:
    /// Another token, or ten minutes or one are left of it, or none.
    void stageChanged(gatehouse::TokenLife::Stage stage);

private:
    AdminClient &m_client;
    const Clock &m_clock;
    QTimer m_timer;
    std::chrono::milliseconds m_ahead{}; ///< the server's clock before ours
    Stage m_stage = Stage::Unknown;
};

} // namespace gatehouse
