// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/masterfinder.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxSentinelBytes = 64 * 1024;

} // namespace

MasterFinder::MasterFinder(RedisUrl url, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_url(std::move(url))
    , m_clock(clock)
    , m_timer(this)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, [this] { failed(u"it does not answer"_s); });
}

void MasterFinder::find(Found found)
{
    cancel();
    m_found = std::move(found);
    m_asked = 0;
    askNext();
}

void MasterFinder::cancel()
{
    m_found = {};
    m_timer.stop();
    if (m_connection) {
        m_connection->disconnect(this);
        m_connection->abandon();
        m_connection->deleteLater();
        m_connection = nullptr;
    }
}

void MasterFinder::askNext()
{
    ++m_asked;
    auto *connection = new RedisConnection(m_clock, kDeadline, kMaxSentinelBytes, this);
    m_connection = connection;
    connect(connection, &RedisConnection::opened, this, &MasterFinder::ask);
    connect(connection, &RedisConnection::closed, this, &MasterFinder::failed);
    m_timer.start(kDeadline);
    connection->open({ m_url.endpoints[m_at], {}, m_url.isTls, m_url.caFile, m_url.certFile, m_url.keyFile });
}

void MasterFinder::ask()
{
    // A refused AUTH shows in the answer to the question.
    if (!m_url.sentinelPassword.isEmpty())
        m_connection->send(
            { "AUTH", m_url.sentinelPassword.toUtf8() }, [](const RedisAnswer &) {}, kDeadline);
    m_connection->send(
        { "SENTINEL", "GET-MASTER-ADDR-BY-NAME", m_url.masterName.toUtf8() },
        [this](const RedisAnswer &answer) { take(answer); }, kDeadline);
}

void MasterFinder::take(const RedisAnswer &answer)
{
    if (!m_found)
        return;
    if (!answer)
        return failed(answer.error().message.left(200));
    if (answer->isNil())
        return failed(u"it knows no master called %1"_s.arg(m_url.masterName));
    const auto &elements = answer->elements;
    const qint64 port = elements.size() == 2 ? elements[1].toInteger() : 0;
    if (port < 1 || port > 65535 || elements[0].text.isEmpty())
        return failed(u"its answer is not an address"_s);
    finish(RedisEndpoint{ QString::fromUtf8(elements[0].text), quint16(port) });
}

void MasterFinder::failed(const QString &reason)
{
    if (!m_found)
        return;
    const QString sentinel = m_url.endpoints[m_at].toString();
    m_at = (m_at + 1) % m_url.endpoints.size();
    if (m_asked >= m_url.endpoints.size())
        return finish(Error{ u"Sentinel %1: %2"_s.arg(sentinel, reason), {} });
    Found found = std::exchange(m_found, {});
    cancel();
    m_found = std::move(found);
    askNext();
}

void MasterFinder::finish(const Result<RedisEndpoint> &result)
{
    const Found found = std::exchange(m_found, {});
    cancel();
    found(result);
}

} // namespace gatehouse
