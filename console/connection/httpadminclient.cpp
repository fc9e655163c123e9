// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/httpadminclient.h"

#include <algorithm>

#include "console/connection/calllog.h"
#include "shared/protocol/apipaths.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kAgeCheck = 200ms;
constexpr auto kFirstFill = 1h;
constexpr auto kWholeFill = 24h;
constexpr int kMaxPoints = 5000;
constexpr int kWholeFillPoints = 2880; ///< half a minute each: enough for the charts of a day, small enough to be quick

} // namespace

HttpAdminClient::HttpAdminClient(const Clock &clock, ReconnectPolicy policy, QObject *parent)
    : HttpAdminCalls(clock, parent)
    , m_clock(clock)
    , m_policy(std::move(policy))
    , m_stream(kCallTimeout)
{
    m_retryTimer.setSingleShot(true);
    connect(&m_retryTimer, &QTimer::timeout, this, &HttpAdminClient::attempt);
    m_ageTimer.setInterval(kAgeCheck);
    connect(&m_ageTimer, &QTimer::timeout, this, &HttpAdminClient::checkAge);
    connectStream();
}

HttpAdminClient::~HttpAdminClient()
{
    m_stream.disconnect(this);
}

void HttpAdminClient::connectStream()
{
    connect(&m_stream, &LiveStream::helloReceived, this, [this](const ServerInfo &server) { m_serverInfo = server; });
    connect(&m_stream, &LiveStream::subscribed, this, &HttpAdminClient::streamSubscribed);
    connect(&m_stream, &LiveStream::sampleReceived, this, &HttpAdminClient::sampleReceived);
    connect(&m_stream, &LiveStream::lost, this, [this](const QString &cause) {
        recordStream(0, cause);
        retryLater(cause);
    });
    connect(&m_stream, &LiveStream::messageRejected, this, [this](const QString &why) { recordStream(101, why); });
    connect(&m_stream, &LiveStream::decisionsReceived, this, &AdminClient::decisionsReceived);
    connect(&m_stream, &LiveStream::connectionsChanged, this, &AdminClient::connectionsChanged);
    connect(&m_stream, &LiveStream::alertChanged, this, &AdminClient::alertChanged);
    connect(&m_stream, &LiveStream::limitsChanged, this, &AdminClient::limitsChanged);
    connect(&m_stream, &LiveStream::switchChanged, this, &AdminClient::switchChanged);
}

void HttpAdminClient::connectToServer(const QUrl &url, const QString &token)
{
    stopTrying();
    if (url != this->url()) {
        m_lastFrame = {};
        m_lastSample.reset();
        m_serverInfo.reset();
    }
    setServer(url, token);
    m_lastToken = token;
    m_policy.reset();
    attempt();
}

void HttpAdminClient::reconnect()
{
    if (!url().isEmpty())
        connectToServer(url(), m_lastToken);
}

void HttpAdminClient::disconnectFromServer()
{
    stopTrying();
    setServer(url(), {});
    setStatus({ ConnectionState::Disconnected, {}, {} });
}

void HttpAdminClient::stopTrying()
{
    ++m_generation;
    m_retryTimer.stop();
    m_ageTimer.stop();
    m_stream.close();
    cancelCalls();
}

void HttpAdminClient::retryNow()
{
    if (m_status.state == ConnectionState::Disconnected || m_status.state == ConnectionState::Live
        || m_status.state == ConnectionState::Connecting)
        return;
    m_policy.reset();
    attempt();
}

void HttpAdminClient::attempt()
{
    ++m_generation;
    m_retryTimer.stop();
    m_ageTimer.stop();
    m_stream.close();
    setStatus({ ConnectionState::Connecting, m_status.cause, {} });
    fetchOverview(this, [this, generation = m_generation](const ApiResult<Overview> &overview) {
        if (generation == m_generation)
            overviewAnswered(overview);
    });
}

void HttpAdminClient::overviewAnswered(const ApiResult<Overview> &overview)
{
    if (!overview) {
        const Problem &problem = overview.problem();
        if (problem.status == 401) {
            setStatus({ ConnectionState::AuthFailed, tr("The server does not accept the token. %1").arg(problem.detail),
                {} });
        } else if (problem.status == 403) {
            setStatus({ ConnectionState::AuthFailed,
                tr("The token is not one of an administrator. %1").arg(problem.detail), {} });
        } else {
            retryLater(problem.detail.isEmpty() ? problem.title : problem.detail,
                std::chrono::seconds(std::clamp<qint64>(problem.retryAfterSeconds.value_or(0), 0, 3600)));
        }
        return;
    }
    m_serverInfo = overview->server;
    m_serverNow = overview->now.time;
    m_lastSample = m_clock.monotonic();
    Q_EMIT overviewReceived(*overview);
    m_stream.open(url(), token(), trusted().configuration(url()));
}

void HttpAdminClient::streamSubscribed()
{
    recordStream(101, {});
    m_policy.connected(m_clock.monotonic());
    m_ageTimer.start();
    setStatus({ ConnectionState::Live, {}, {} });
    fetchMissed();
}

void HttpAdminClient::fetchMissed()
{
    const bool isFirst = m_lastFrame == UtcTime{};
    // Up to the first live frame, which may be a moment later than the overview.
    const UtcTime to = m_serverNow + 2s;
    const UtcTime from = isFirst ? to - kFirstFill : std::clamp(m_lastFrame, to - kWholeFill, to - 1s);
    const qint64 seconds = std::chrono::ceil<std::chrono::seconds>(to - from).count();
    const auto forward = [this, generation = m_generation](const ApiResult<HistoryReply> &history) {
        if (history && generation == m_generation)
            Q_EMIT historyReceived(*history);
    };
    fetchHistory({}, from, to, int(std::clamp<qint64>(seconds, 1, kMaxPoints)), this, forward);
    // The rest of the day in less detail; what is known better is not overwritten.
    if (isFirst)
        fetchHistory({}, to - kWholeFill, from, kWholeFillPoints, this, forward);
}

void HttpAdminClient::sampleReceived(const LiveSample &sample)
{
    m_lastSample = m_clock.monotonic();
    m_lastFrame = std::max(m_lastFrame, sample.frame.time);
    if (m_status.state == ConnectionState::Stale)
        setStatus({ ConnectionState::Live, {}, {} });
    Q_EMIT frameReceived(sample);
}

void HttpAdminClient::checkAge()
{
    const std::optional<std::chrono::milliseconds> age = sampleAge();
    if (!age || *age < kStaleAfter)
        return;
    const QString cause = tr("The server is connected but sends no data.");
    if (*age >= kDeadAfter) {
        m_stream.close();
        retryLater(cause);
    } else {
        setStatus({ ConnectionState::Stale, cause, {} });
    }
}

std::optional<std::chrono::milliseconds> HttpAdminClient::sampleAge() const
{
    if (!m_lastSample)
        return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(m_clock.monotonic() - *m_lastSample);
}

void HttpAdminClient::retryLater(const QString &cause, std::chrono::milliseconds atLeast)
{
    ++m_generation;
    m_ageTimer.stop();
    const std::chrono::milliseconds delay = std::max(m_policy.lost(m_clock.monotonic()), atLeast);
    m_retryTimer.start(delay);
    setStatus({ ConnectionState::WaitingToRetry, cause, m_clock.utc() + delay });
}

void HttpAdminClient::setStatus(const ConnectionStatus &status)
{
    if (m_status == status)
        return;
    m_status = status;
    Q_EMIT stateChanged(m_status);
}

void HttpAdminClient::recordStream(int status, const QString &error)
{
    CallRecord record;
    record.at = m_clock.utc();
    record.method = u"WS"_s;
    record.path = paths::kAdminStream;
    record.status = status;
    record.error = error;
    record.curl = curlCommand(u"GET"_s, apiUrl(url(), paths::kAdminStream).toString(QUrl::FullyEncoded), {}, {});
    callLog()->record(std::move(record));
}

} // namespace gatehouse
