// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/consolesession.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "server/channel/channelmessages.h"
#include "shared/util/compactjson.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kMaxCommandBytes = 4096;

std::optional<ConsoleTopic> parseTopic(QStringView name)
{
    for (size_t i = 0; i < kConsoleTopicCount; ++i) {
        if (consoleTopicName(ConsoleTopic(i)) == name)
            return ConsoleTopic(i);
    }
    return std::nullopt;
}

} // namespace

std::optional<ConsoleEnd> consoleEnd(Role held, Role now)
{
    if (!allows(now, Role::Viewer))
        return ConsoleEnd{ CloseCode::Banned, "role_too_weak"_L1 };
    if (!allows(now, held))
        return ConsoleEnd{ CloseCode::KickedByAdmin, "role_changed"_L1 };
    return std::nullopt;
}

ConsoleSession::ConsoleSession(quint64 number, ConnectionLoop &loop, std::unique_ptr<ClientStream> stream,
    Identity identity, ConsoleAudience &audience, Ended ended)
    : m_number(number)
    , m_loop(loop)
    , m_identity(std::move(identity))
    , m_audience(audience)
    , m_ended(std::move(ended))
    , m_expiry([this] { expiryDue(); })
    , m_peer(loop, std::move(stream), *this, kAwakeTime)
{
}

ConsoleSession::~ConsoleSession()
{
    subscribe({});
}

void ConsoleSession::subscribe(std::bitset<kConsoleTopicCount> topics)
{
    for (size_t i = 0; i < kConsoleTopicCount; ++i)
        m_audience[i] += int(topics[i]) - int(m_topics[i]);
    m_topics = topics;
}

void ConsoleSession::open(const HttpRequest &request, const QByteArray &early, const QByteArray &hello)
{
    m_peer.open(request);
    sendText(hello);
    if (m_identity.expiresAt)
        m_loop.dates().start(m_expiry, TimingWheel::kTick);
    m_peer.readEarly(early);
}

void ConsoleSession::send(ConsoleTopic topic, const QByteArray &json)
{
    QByteArray message = json;
    if (topic == ConsoleTopic::Metrics && m_lost > 0) // every message is an object: a member more is put at its end
        message.replace(message.size() - 1, 1, QByteArray(",\"lost\":" + QByteArray::number(m_lost) + '}'));
    switch (m_peer.send(encodeServerFrame(Opcode::Text, message), true)) {
    case WebSocketPeer::Sent::Queued:
        if (topic == ConsoleTopic::Metrics)
            m_lost = 0;
        break;
    case WebSocketPeer::Sent::Skipped:
        ++m_lost;
        break;
    case WebSocketPeer::Sent::Cut:
        break;
    }
}

void ConsoleSession::sendText(const QByteArray &json)
{
    m_peer.sendText(json);
}

qint64 ConsoleSession::maxMessageBytes() const
{
    return kMaxCommandBytes;
}

void ConsoleSession::textReceived(const QString &text)
{
    const QJsonObject object = QJsonDocument::fromJson(text.toUtf8()).object();
    const auto refuse = [this](QLatin1StringView code, const QString &detail) {
        sendText(errorMessage(code, detail, QJsonValue(QJsonValue::Undefined)));
    };
    if (object.value("type"_L1).toString() != "subscribe"_L1 || !object.value("topics"_L1).isArray()) {
        refuse("bad_request"_L1, uR"(only {"type":"subscribe","topics":[…]} is understood)"_s);
        return;
    }
    std::bitset<kConsoleTopicCount> topics;
    const QJsonArray names = object.value("topics"_L1).toArray();
    for (const QJsonValue &name : names) {
        const std::optional<ConsoleTopic> topic = parseTopic(name.toString());
        if (!topic) {
            refuse("unknown_topic"_L1, u"there is no topic \"%1\""_s.arg(name.toString().left(64)));
            return;
        }
        topics.set(size_t(*topic));
    }
    subscribe(topics);
    sendText(compactJson({ { "type"_L1, "subscribed"_L1 }, { "topics"_L1, names } }));
}

void ConsoleSession::binaryReceived()
{
    sendText(errorMessage("bad_request"_L1, u"messages must be text frames"_s, QJsonValue(QJsonValue::Undefined)));
}

QByteArray ConsoleSession::peerTooSlow(Slowness, qint64)
{
    return closeReason(reasonDescriptor(Reason::SlowConsumer).code, std::nullopt, {});
}

void ConsoleSession::peerClosed(CloseCode, bool)
{
    m_expiry.cancel();
    m_ended(*this);
}

void ConsoleSession::expiryDue()
{
    const auto left = *m_identity.expiresAt - m_loop.clock().utc();
    if (left <= std::chrono::milliseconds(0))
        close(CloseCode::TokenExpired, closeReason("token_expired"_L1, std::nullopt, {}));
    else
        m_loop.dates().start(m_expiry, left);
}

} // namespace gatehouse
