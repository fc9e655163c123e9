// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/tokenlife.h"

#include <algorithm>

using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kLook = 1s;
constexpr auto kWayOfAnAnswer = 3s; ///< clocks that differ by less agree

} // namespace

TokenLife::TokenLife(AdminClient &client, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_clock(clock)
{
    connect(&m_client, &AdminClient::stateChanged, this, &TokenLife::check);
    connect(&m_client, &AdminClient::overviewReceived, this, [this](const Overview &overview) {
        if (overview.now.time == UtcTime{})
            return;
        const auto ahead = overview.now.time - m_clock.utc();
        m_ahead = std::chrono::abs(ahead) < kWayOfAnAnswer ? 0ms : ahead;
        check();
    });
    connect(&m_timer, &QTimer::timeout, this, &TokenLife::check);
    m_timer.start(kLook);
    check();
}

std::optional<std::chrono::seconds> TokenLife::timeLeft() const
{
    const std::optional<UtcTime> end = m_client.tokenExpiresAt();
    if (!end)
        return std::nullopt;
    return std::max(0s, std::chrono::ceil<std::chrono::seconds>(*end - (m_clock.utc() + m_ahead)));
}

QString TokenLife::sentence() const
{
    const std::optional<std::chrono::seconds> left = timeLeft();
    if (!left || !isEnding())
        return {};
    if (*left == 0s)
        return tr("The token has ended.");
    if (*left <= kNow)
        return tr("The token ends in %n second(s).", nullptr, int(left->count()));
    return tr("The token ends in %n minute(s).", nullptr, int(std::chrono::ceil<std::chrono::minutes>(*left).count()));
}

void TokenLife::check()
{
    const std::optional<std::chrono::seconds> left = timeLeft();
    const Stage stage = !left ? Stage::Unknown
        : *left == 0s         ? Stage::Ended
        : *left <= kNow       ? Stage::EndsNow
        : *left <= kSoon      ? Stage::EndsSoon
                              : Stage::Good;
    if (stage == m_stage)
        return;
    m_stage = stage;
    Q_EMIT stageChanged(stage);
}

} // namespace gatehouse
