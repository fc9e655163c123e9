// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "server/channel/channelcontrol.h"
#include "server/channel/sessionhost.h"
#include "server/channel/sessiontable.h"
#include "server/channel/websocketpeer.h"
#include "server/guard/guardverdict.h"
#include "server/guard/messagelimiter.h"

namespace gatehouse {

/// One client of the channel: who it is, what it occupies, its message limit and its commands. Greets with
/// `notifications_list` before anything else. Thousands of them only listen: what a listener does not need is made when
/// it first speaks. Lives on its worker's thread; owned by the host.
class Session final : private WebSocketPeerHandler
{
public:
    Session(quint64 number, SessionHost &host, Admission admission, std::unique_ptr<ClientStream> stream,
        const HttpRequest &request);
    ~Session() override;
    Q_DISABLE_COPY_MOVE(Session)

    /// Answers the opening handshake and asks for the inbox; nothing is read before the greeting has been sent, so that
    /// it is the first frame of every connection.
    void open(const HttpRequest &request, const QByteArray &early);
    /// The inbox has been read: sends it, then what was published meanwhile. If one list does not take all that was
    /// missed, others follow, each once the client has taken the one before. If the store is away for now, an empty
    /// list that says `truncated` stands for it, and what is missing follows once the store is back.
    void greet(const Result<ListMessage> &list);
    /// What a get_notifications asked for.
    void listed(const Result<ListMessage> &list, const QJsonValue &commandId);
    void markedRead(const Result<std::pair<QStringList, qint64>> &outcome, const QJsonValue &commandId);
    /// Sends a notification, or keeps it until the greeting. False if the connection was lost over it.
    bool deliver(const FramedDelivery &delivery);
    /// Part of what was published after the cursor is not delivered: it is left to the lists that listNext() begins.
    void missed(Cursor after);
    /// Asks for the next list of what was missed, if there is to be one.
    void listNext();
    /// Says what was read on another of the user's connections, after the greeting.
    void announceRead(const QByteArray &json);
    void sendMessage(const QByteArray &json);
    /// Closes the connection if new bans are about it.
    void judgeAgain(const AccessRules &added);
    /// The server needs the memory of what waits for it.
    void cutForMemory() { m_peer.cutForMemory(); }
    /// Closes with a code and the compact JSON reason.
    void close(CloseCode code, const QByteArray &reason);

    [[nodiscard]] quint64 number() const { return m_number; }
    [[nodiscard]] const QString &user() const { return m_userSlot.user(); }
    [[nodiscard]] const QStringList &groups() const { return *m_groups; }
    /// For the table that holds the session, as the next two: it knows where the session is by its groups.
    void setGroups(QStringList groups);
    [[nodiscard]] SessionPlaces &places() { return m_places; }
    [[nodiscard]] const SessionPlaces &places() const { return m_places; }
    [[nodiscard]] AddressKey bucket() const { return m_addressSlot.bucket(); }
    [[nodiscard]] bool isOpen() const { return m_peer.isOpen(); }
    [[nodiscard]] const WebSocketPeer &peer() const { return m_peer; }
    [[nodiscard]] ConnectionInfo info(const QString &id, int workerIndex);
    [[nodiscard]] std::chrono::milliseconds age() const;
    /// Whether it was counted by monitoring, which the switch turns off.
    [[nodiscard]] bool isMonitored() const { return m_isMonitored; }

private:
    bool messageBegins() override;
    [[nodiscard]] qint64 maxMessageBytes() const override;
    void textReceived(const QString &text) override;
    void binaryReceived() override;
    void peerDrained() override { listNext(); }
    QByteArray peerTooSlow(Slowness slowness, qint64 queuedBytes) override;
    void peerClosed(CloseCode code, bool isByPeer) override;

    void run(const PingCommand &, const QJsonValue &id);
    void run(const MarkReadCommand &command, const QJsonValue &id);
    void run(const MarkAllReadCommand &, const QJsonValue &id);
    void run(const GetNotificationsCommand &command, const QJsonValue &id);
    void run(const RefreshCommand &command, const QJsonValue &id);
    void run(const BadCommand &command, const QJsonValue &id);

    /// What is kept from the handshake until all that was missed has been listed.
    struct Greeting
    {
        QByteArray early; ///< what came behind the handshake
        std::vector<FramedDelivery> deliveries;
        std::vector<QByteArray> reads; ///< what was read elsewhere meanwhile, as messages
        bool isListed = false;         ///< the first list is out
        bool hasOverflown = false;     ///< stored ones were left out of the deliveries: they are to be listed
        std::optional<Cursor> next{};  ///< from where the next list goes on, once the client has taken the last one
        std::optional<Cursor> asked{}; ///< of the list that was asked for last
        bool isStoreAway = false;      ///< the client is served without what is stored, until the store answers
        std::optional<WheelTimer> askAgain{};
    };
    /// What a client needs that has sent a message.
    struct Speaker
    {
        MessageLimiter limiter;
        qint64 messages = 0;                   ///< that came
        int storeCalls = 0;                    ///< commands that the store has not answered yet
        MonoTime recordingSince{};             ///< the second in which decisions were recorded …
        UtcTime recordingAt{};                 ///< … by the wall clock
        int recorded = 0;                      ///< in that second
        qint64 onlyCounted = 0;                ///< without a decision, and nobody was told yet whose they are
        QByteArray refusal;                    ///< the answer to a message over the limit, while it stays the same
        std::pair<qint64, qint64> refusalSays; ///< limit and seconds to wait
    };
    void beginListening();
    void askForList(std::optional<Cursor> after);
    void waitForStore();
    /// Counts a command that the store is to answer; false if there are too many, which the client has then been told.
    [[nodiscard]] bool beginStoreCall(const QJsonValue &commandId);
    void sendBusy(const QString &why, const QJsonValue &commandId);
    void storeCallEnded();
    void forgetStored();
    void keepForLater(const FramedDelivery &delivery);
    [[nodiscard]] bool isExpired(const FramedDelivery &delivery) const;
    void recordOverLimit(const MessageLimiter::Verdict &verdict, MonoTime now, int mostPerSecond);
    void tellOnlyCounted();
    void sendRefusal(const MessageLimiter::Verdict &verdict);
    /// Counts a message that was queued; whether it was.
    bool countSent(WebSocketPeer::Sent outcome);
    [[nodiscard]] Decision describe() const;
    [[nodiscard]] QString addressText() const;
    Decision recordDecision(Reason reason, const MessageLimiter::Verdict &verdict, bool isEnforced);
    void watchExpiry();
    void expiryDue();

    quint64 m_number;
    SessionHost &m_host;
    Shared<ClientHeaders> m_headers;
    Shared<QStringList> m_groups;
    AddressSlot m_addressSlot; ///< held while the session exists, as is the other; knows the address
    UserSlot m_userSlot;       ///< knows the user
    UtcTime m_connectedAt;
    MonoTime m_openedAt;
    UtcTime m_expiresAt;                     ///< when the token ends; UtcTime::max() if it does not
    [[no_unique_address]] TokenMark m_token; ///< of the token that was shown last
    bool m_isMonitored;
    bool m_saidExpiring = false;
    qint64 m_listedSequence = 0;          ///< what the last list took into account: never delivered once more
    std::unique_ptr<Greeting> m_greeting; ///< null once all that was missed is listed
    std::unique_ptr<Speaker> m_speaker;   ///< null while the client has only listened
    qint64 m_messagesOut = 0;
    SessionPlaces m_places;
    WheelTimer m_expiry;
    WebSocketPeer m_peer;
};

} // namespace gatehouse
