// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QSet>
#include <QtTest/QTest>

#include "server/auth/ticketbook.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

Identity identityOf(const QString &user)
{
    Identity identity;
    identity.user = user;
    identity.groups = { u"staff"_s };
    identity.tokenId = u"jti-of-"_s + user;
    identity.expiresAt = UtcTime(7777s);
    return identity;
}

QByteArray ticketFrom(TicketBook &book, const QString &user = u"ann"_s)
{
    const auto issued = book.issue(identityOf(user));
    const QByteArray *ticket = std::get_if<QByteArray>(&issued);
    return ticket ? *ticket : QByteArray();
}

/// Whom it stands for; it is used up.
std::optional<Identity> take(TicketBook &book, QByteArrayView ticket)
{
    return book.claim(ticket).identity();
}

} // namespace

class TestTicketBook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isGoodOnceWithTheWholeIdentity()
    {
        FakeClock clock;
        TicketBook book(clock);
        const QByteArray ticket = ticketFrom(book);
        QCOMPARE(ticket.size(), TicketBook::kTicketChars);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(book.peek(ticket)->user, u"ann"_s);
        const std::optional<Identity> identity = take(book, ticket);
        QVERIFY(identity);
        QCOMPARE(identity->user, u"ann"_s);
        QCOMPARE(identity->groups, QStringList{ u"staff"_s });
        QCOMPARE(identity->tokenId, u"jti-of-ann"_s);
        QCOMPARE(identity->expiresAt, UtcTime(7777s));
        QVERIFY(!take(book, ticket));
        QVERIFY(!book.peek(ticket));
        QCOMPARE(book.outstanding(), 0);
    }

    void isGoodForHalfAMinute()
    {
        FakeClock clock;
        TicketBook book(clock);
        const QByteArray one = ticketFrom(book);
        const QByteArray other = ticketFrom(book);
        clock.advance(30s - 1ms);
        QVERIFY(take(book, one));
        clock.advance(1ms);
        QVERIFY(!book.peek(other));
        QVERIFY(!take(book, other));
        (void)ticketFrom(book); // forgets what has expired
        QCOMPARE(book.outstanding(), 1);
    }

    void refusesWhatIsNone()
    {
        FakeClock clock;
        TicketBook book(clock);
        const QByteArray ticket = ticketFrom(book);
        QByteArray changed = ticket;
        changed[31] = changed[31] == 'A' ? 'B' : 'A';
        for (const QByteArray &wrong : { QByteArray(), changed, QByteArray(ticket + 'A'), ticket.chopped(1),
                 QByteArray(32, 'A'), QByteArray(32, '\0'), QByteArray(1 << 20, 'x') })
            QVERIFY(!take(book, wrong));
        QVERIFY(take(book, ticket));
    }

    void noTwoAreAlike()
    {
        FakeClock clock;
        TicketBook book(clock);
        QSet<QByteArray> tickets;
        for (int i = 0; i < 1000; ++i)
            tickets.insert(ticketFrom(book, QString::number(i)));
        QCOMPARE(tickets.size(), 1000);
    }

    void boundsWhatOneUserHas()
    {
        FakeClock clock;
        TicketBook book(clock);
        const QByteArray first = ticketFrom(book);
        clock.advance(10s);
        for (int i = 1; i < TicketBook::kMaxPerUser; ++i)
            QVERIFY(!ticketFrom(book).isEmpty());
        clock.advance(5s);
        const auto refused = book.issue(identityOf(u"ann"_s));
        const TicketBook::TooMany *tooMany = std::get_if<TicketBook::TooMany>(&refused);
        QVERIFY(tooMany);
        QVERIFY(tooMany->isOfUser);
        QCOMPARE(tooMany->wait, 15s);
        QVERIFY(!ticketFrom(book, u"ben"_s).isEmpty());
        QVERIFY(take(book, first)); // one that is used makes room at once
        QVERIFY(!ticketFrom(book).isEmpty());
        QVERIFY(ticketFrom(book).isEmpty());
        clock.advance(30s);
        QVERIFY(!ticketFrom(book).isEmpty());
        QCOMPARE(book.outstanding(), 1);
    }

    void boundsWhatAllHave()
    {
        FakeClock clock;
        TicketBook book(clock);
        for (int i = 0; i < TicketBook::kMaxOutstanding; ++i)
            QVERIFY(!ticketFrom(book, QString::number(i)).isEmpty());
        const auto refused = book.issue(identityOf(u"ann"_s));
        const TicketBook::TooMany *tooMany = std::get_if<TicketBook::TooMany>(&refused);
        QVERIFY(tooMany);
        QVERIFY(!tooMany->isOfUser);
        QCOMPARE(tooMany->wait, 30s);
        clock.advance(30s);
        QVERIFY(!ticketFrom(book).isEmpty());
        QCOMPARE(book.outstanding(), 1);
    }

    void whoIsRefusedGivesItBack()
    {
        FakeClock clock;
        TicketBook book(clock);
        const QByteArray ticket = ticketFrom(book);
        for (int i = 0; i < 3; ++i) {
            TicketClaim claim = book.claim(ticket);
            QVERIFY(claim.identity());
            QVERIFY(!book.claim(ticket).identity()); // nobody else meanwhile
            QVERIFY(!book.peek(ticket));
            QCOMPARE(book.outstanding(), 1);
            claim.giveBack();
            claim.giveBack();
            QVERIFY(book.peek(ticket));
        }
        {
            TicketClaim claim = book.claim(ticket);
            TicketClaim moved(std::move(claim));
            claim.giveBack(); // has nothing any more
            QVERIFY(!book.peek(ticket));
            moved = TicketClaim();
        }
        QVERIFY(!take(book, ticket));
        QCOMPARE(book.outstanding(), 0);
    }

    void whatComesBackTooLateIsGoneAndHarmsNobody()
    {
        FakeClock clock;
        TicketBook book(clock);
        const QByteArray ticket = ticketFrom(book);
        TicketClaim claim = book.claim(ticket);
        clock.advance(30s);
        (void)ticketFrom(book); // forgets what has expired
        QCOMPARE(book.outstanding(), 1);
        claim.giveBack();
        QVERIFY(!take(book, ticket));
        QCOMPARE(book.outstanding(), 1);
    }

    /// However many one user uses up: what is used takes nobody's place.
    void usedOnesFillNothing()
    {
        FakeClock clock;
        TicketBook book(clock);
        for (int i = 0; i < TicketBook::kMaxOutstanding + 1000; ++i) {
            const QByteArray ticket = ticketFrom(book);
            QVERIFY(take(book, ticket));
            QVERIFY(!take(book, ticket));
        }
        QCOMPARE(book.outstanding(), 0);
        QVERIFY(!ticketFrom(book, u"ben"_s).isEmpty());
    }

    void aClaimedOneKeepsItsPlaceOfItsUser()
    {
        FakeClock clock;
        TicketBook book(clock);
        QByteArrayList tickets;
        for (int i = 0; i < TicketBook::kMaxPerUser; ++i)
            tickets.append(ticketFrom(book));
        TicketClaim claim = book.claim(tickets.first());
        QVERIFY(ticketFrom(book).isEmpty());
        claim.giveBack();
        QCOMPARE(book.outstanding(), TicketBook::kMaxPerUser);
    }

    void oneThatOtherNodesKnowIsGoodByTheirWordAlone()
    {
        FakeClock clock;
        TicketBook book(clock);
        const QByteArray ticket = ticketFrom(book);
        book.leaveToPeers(TicketBook::digestOf(ticket));
        book.leaveToPeers(TicketBook::digestOf("none"));
        QVERIFY(!take(book, ticket));
        QVERIFY(book.peek(ticket)); // a look is no promise
        QCOMPARE(book.outstanding(), 1);
        TicketClaim claim = book.claim(ticket, TicketBook::By::Peers);
        QCOMPARE(claim.identity()->user, u"ann"_s);
        claim.giveBack();
        QVERIFY(!take(book, ticket));
        QVERIFY(book.claim(ticket, TicketBook::By::Peers).identity());
        QCOMPARE(book.outstanding(), 0);
    }
};

QTEST_GUILESS_MAIN(TestTicketBook)
#include "tst_ticketbook.moc"
