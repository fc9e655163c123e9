// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <variant>

#include "server/access/accessrules.h"
#include "server/auth/peertickets.h"
#include "server/auth/ticketbook.h"
#include "server/auth/tokenverifier.h"
#include "server/guard/addresstable.h"
#include "server/guard/guardpreview.h"
#include "server/guard/originpolicy.h"
#include "server/guard/peeradmission.h"
#include "server/guard/reconnectgrants.h"
#include "server/guard/refusalrecorder.h"
#include "server/guard/usertable.h"
#include "shared/protocol/problem.h"

namespace gatehouse {

/// What the guards may know of a WebSocket upgrade. A plain value without any socket.
struct UpgradeAttempt
{
    IpAddress client;
    std::optional<QByteArray> origin; ///< nullopt if the header is missing
    QByteArray token;                 ///< empty if there is none
    QByteArray host{};                ///< the Host header: name or address, maybe with a port
    QByteArray ticket{};              ///< not empty: shown in place of a token
};

/// All guards passed. Holds what the connection occupies; dropping it gives it back.
struct Admission
{
    Identity identity;
    IpAddress bucket;
    AddressSlot addressSlot;
    UserSlot userSlot;
};

/// A guard refused; the decision has been counted and recorded.
struct Refusal
{
    Decision decision;
    QString detail; ///< for the client

    [[nodiscard]] Problem toProblem() const;
};

/// An attempt that waits for a word from the cluster. Holds what it occupies; dropping it gives that back.
struct HeldAttempt
{
    enum class Lacks : quint8
    {
        Nothing, ///< it does not wait
        Ticket,  ///< the identity that a ticket stands for
        Verdict, ///< every guard of this node has passed: the other nodes have the last word
    };
    Lacks lacks = Lacks::Nothing;
    UpgradeAttempt attempt;
    Admission admission{};
    bool hasGrant = false; ///< the attempt uses a grant of this node in place of budget
    size_t nextGuard = 0;
};

using GuardVerdict = std::variant<Admission, Refusal, HeldAttempt>;

/// What the guards of all workers share. Everything outlives the workers.
struct GuardEnvironment
{
    const Clock *clock = nullptr;
    const OriginPolicy *originPolicy = nullptr;
    const TokenVerifier *tokenVerifier = nullptr;
    AddressTable *addresses = nullptr;
    UserTable *users = nullptr;
    const std::atomic<bool> *isDraining = nullptr;
    const OriginPolicy *servedHosts = nullptr; ///< null: the channel is served under any Host
    ReconnectGrants *grants = nullptr;         ///< null: every attempt uses budget
    TicketBook *tickets = nullptr;             ///< null: no ticket is good
    PeerAdmission *peers = nullptr;            ///< null: there is no other node
    PeerTickets *peerTickets = nullptr;        ///< null: tickets are good here alone
};

/// The guard stack. judge() shows the order; each step is a guard of its own. One per worker, on its thread; knows no
/// sockets.
class GuardChain final
{
public:
    GuardChain(const GuardEnvironment &environment, RefusalRecorder &recorder);

    /// Bans and exemptions for every later attempt.
    void setAccess(AccessRulesPtr rules) { m_access = std::move(rules); }
    [[nodiscard]] const AccessRules &access() const { return *m_access; }

    /// Judges an attempt against the snapshot. Nothing is held unless it is admitted.
    [[nodiscard]] GuardVerdict judge(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot);
    /// Goes on with an attempt that lacked a ticket's identity.
    [[nodiscard]] GuardVerdict resume(HeldAttempt held, PeerTickets::Answer answer, const LimitSnapshot &snapshot);
    /// What is to be asked about an attempt that lacks the verdict alone.
    [[nodiscard]] PeerAttempt question(const HeldAttempt &held, LimitSnapshotPtr snapshot) const;
    /// The end of an attempt that lacked it. `asked` is the question().
    [[nodiscard]] GuardVerdict conclude(
        HeldAttempt held, const PeerAttempt &asked, const PeerVerdict &verdict, const LimitSnapshot &snapshot);
    /// Nobody waits for that verdict any more: the client has gone.
    void abandon(const PeerAttempt &asked, const PeerVerdict &verdict);
    /// What judge() would say, and each guard behind it: nothing is counted, recorded or used up.
    [[nodiscard]] GuardPreview preview(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot) const;
    /// Why nobody is let in with this identity although its token is good: a ban or a revocation. Not recorded.
    [[nodiscard]] std::optional<Problem> rejection(const Identity &identity) const;

private:
    using MaybeRefusal = std::optional<Refusal>;
    struct Trial ///< an attempt on its way through the chain
    {
        const UpgradeAttempt &attempt;
        const LimitSnapshot &snapshot;
        Admission admission;
        bool hasGrant = false; ///< the attempt uses a grant in place of budget
        size_t nextGuard = 0;
        HeldAttempt::Lacks lacks = HeldAttempt::Lacks::Nothing; ///< set by a guard that cannot say yet
        std::optional<PeerTickets::Answer> ticket{};            ///< what the cluster says of it, once it was asked
    };
    struct Fault ///< what a guard without a limit holds against an attempt
    {
        Reason reason;
        QString detail;
        std::optional<qint64> retryAfterSeconds{};
    };
    using MaybeFault = std::optional<Fault>;
    enum class TicketUse : quint8
    {
        Take,
        Peek
    };

    [[nodiscard]] MaybeRefusal checkServer(Trial &trial);
    [[nodiscard]] MaybeRefusal checkBan(Trial &trial);
    [[nodiscard]] MaybeRefusal checkHost(Trial &trial);
    [[nodiscard]] MaybeRefusal checkOrigin(Trial &trial);
    [[nodiscard]] MaybeRefusal checkAddress(Trial &trial);
    [[nodiscard]] MaybeRefusal checkToken(Trial &trial);
    [[nodiscard]] MaybeRefusal checkRevocation(Trial &trial);
    [[nodiscard]] MaybeRefusal checkUser(Trial &trial);
    [[nodiscard]] MaybeRefusal checkCluster(Trial &trial);
    [[nodiscard]] MaybeRefusal checkShare(Trial &trial);
    [[nodiscard]] MaybeRefusal checkVerdict(Trial &trial, const PeerVerdict &verdict);

    [[nodiscard]] GuardVerdict run(Trial &trial);
    void giveBack(Trial &trial);
    [[nodiscard]] bool leavesObservingToCluster() const;
    [[nodiscard]] bool lacksTicket(const Trial &trial) const;
    [[nodiscard]] AddressTable::Budget budgetOf(const Trial &trial) const;
    [[nodiscard]] TokenVerdict verify(const UpgradeAttempt &attempt, TicketUse use) const;
    [[nodiscard]] TokenVerdict verdictOf(std::optional<Identity> ofTicket) const;
    [[nodiscard]] MaybeFault serverFault() const;
    [[nodiscard]] MaybeFault banFault(const AddressKey &bucket) const;
    [[nodiscard]] MaybeFault hostFault(const UpgradeAttempt &attempt) const;
    [[nodiscard]] MaybeFault originFault(const UpgradeAttempt &attempt) const;
    [[nodiscard]] MaybeFault revocationFault(const Identity &identity) const;
    /// A suggestion where no exact wait is known.
    [[nodiscard]] static qint64 waitFor(Reason reason, std::chrono::milliseconds wait);
    [[nodiscard]] static QString detailOf(LimitKey key, qint64 limit);
    [[nodiscard]] static GuardCheck limitCheck(
        const LimitSnapshot &snapshot, QLatin1StringView guard, const LimitExceeded &limit);
    [[nodiscard]] static GuardCheck checkOf(QLatin1StringView guard, const MaybeFault &fault);
    [[nodiscard]] std::vector<GuardCheck> previewAddress(const IpAddress &bucket, const LimitSnapshot &snapshot) const;
    void previewIdentity(GuardPreview &preview, const UpgradeAttempt &attempt, const LimitSnapshot &snapshot) const;

    [[nodiscard]] Decision describe(const Trial &trial, Reason reason) const;
    [[nodiscard]] Refusal refuse(Decision decision, const QString &detail);
    [[nodiscard]] MaybeRefusal refuse(const Trial &trial, const MaybeFault &fault);
    [[nodiscard]] Refusal refuse(const Trial &trial, const LimitExceeded &exceeded);

    GuardEnvironment m_environment;
    RefusalRecorder &m_recorder;
    AccessRulesPtr m_access = std::make_shared<const AccessRules>();
};

} // namespace gatehouse
