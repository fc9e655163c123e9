// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/watchedconnection.h"

#include <QtTest/QtTest>

#include "tests/support/fakeadminclient.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture
{
    FakeAdminClient client;
    WatchedConnection watched{ client, client.clock };
    ConnectionInfo ann;

    Fixture()
    {
        ann.id = u"C1"_s;
        ann.user = u"ann"_s;
        client.connections = { ann };
        watched.show(ann);
    }
};

} // namespace

class TestWatchedConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theListSaysHowItIs()
    {
        Fixture fixture;
        QVERIFY(fixture.watched.isListed());
        QCOMPARE(fixture.watched.info()->user, u"ann"_s);
        QVERIFY(fixture.client.calls.isEmpty());
    }

    void theServerSaysWhenTheListDoesNot()
    {
        Fixture fixture;
        fixture.client.connections[0].messagesIn = 7;
        fixture.watched.look();
        QVERIFY(!fixture.watched.isListed());
        QTRY_COMPARE(fixture.watched.info()->messagesIn, 7);
        QVERIFY(!fixture.watched.leftAt()); // a filter hides it
        fixture.watched.show(fixture.ann);
        QVERIFY(fixture.watched.isListed());
    }

    void whatHasLeftStaysAndIsNotAskedForAgain()
    {
        Fixture fixture;
        fixture.client.connections.clear();
        fixture.watched.look();
        fixture.watched.look(); // one question at a time
        QTRY_COMPARE(fixture.watched.leftAt(), std::optional(fixture.client.clock.utc()));
        QCOMPARE(fixture.watched.info()->user, u"ann"_s);
        fixture.watched.look();
        QCOMPARE(fixture.client.calls, QStringList{ u"fetchConnection C1"_s });
    }

    void aServerThatDoesNotAnswerHasNotSaidThatItLeft()
    {
        Fixture fixture;
        fixture.client.failure = Problem{};
        fixture.watched.look();
        fixture.client.failure.reset();
        QTRY_COMPARE(fixture.client.calls.size(), 1);
        QCoreApplication::processEvents();
        QVERIFY(!fixture.watched.leftAt());
        fixture.watched.look();
        QTRY_COMPARE(fixture.client.calls.size(), 2);
    }

    void anAnswerAboutAnotherIsDropped()
    {
        Fixture fixture;
        fixture.client.holdsAnswers = true;
        fixture.client.connections.clear();
        fixture.watched.look();
        ConnectionInfo bob;
        bob.id = u"C2"_s;
        fixture.watched.show(bob);
        fixture.client.releaseAnswers();
        QVERIFY(!fixture.watched.leftAt());
        QCOMPARE(fixture.watched.info()->id, u"C2"_s);
        fixture.watched.forget();
        QVERIFY(!fixture.watched.info());
        fixture.watched.look(); // there is none to ask for
        QCOMPARE(fixture.client.calls.size(), 1);
    }

    void anotherIsAskedForAtOnce()
    {
        Fixture fixture;
        fixture.client.holdsAnswers = true;
        fixture.watched.look();
        ConnectionInfo bob;
        bob.id = u"C2"_s;
        fixture.watched.show(bob);
        fixture.watched.look(); // the first is not answered yet
        fixture.client.releaseAnswers();
        QCOMPARE(fixture.client.calls, (QStringList{ u"fetchConnection C1"_s, u"fetchConnection C2"_s }));
        QCOMPARE(fixture.watched.leftAt(), std::optional(fixture.client.clock.utc()));
    }
};

QTEST_GUILESS_MAIN(TestWatchedConnection)
#include "tst_watchedconnection.moc"
