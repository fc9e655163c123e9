// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/control/auditlog.h"
#include "server/control/controlreplica.h"
#include "server/control/localcontrollog.h"
#include "tests/support/fakeclock.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// A holder of one kind that remembers what it was given, and lets a test decide when the workers have it.
class Holder final : public ControlParticipant
{
public:
    void takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) override
    {
        for (const ControlEntry &entry : entries)
            taken.append(entry.payload.value("what"_L1).toInt());
        if (holdsBack)
            finish = std::move(done);
        else
            done();
    }
    void takeItems(const ControlItems &, std::function<void()> done) override { done(); }
    void joined() override
    {
        if (onJoined)
            onJoined();
    }

    QList<int> taken;
    bool holdsBack = false;
    std::function<void()> finish;
    std::function<void()> onJoined;
};

Status storeNumber(Database &database, const ControlEntry &entry)
{
    return database.prepare("INSERT INTO number (what) VALUES (?)")
        .bind(1, qint64(entry.payload.value("what"_L1).toInt()))
        .run();
}

const ControlStorage kNumbers{
    .check = [](const QJsonObject &) { return ok(); },
    .checkItem = [](const QString &, const QJsonObject &) { return ok(); },
    .store = &storeNumber,
    .replace = [](Database &, const ControlItems &) { return ok(); },
    .read = [](Database &) -> Result<ControlItems> { return ControlItems(); },
};

struct Fixture
{
    FakeClock clock;
    StoreFixture state{ { &AuditLog::createTables, &controlplace::createTables, [](Database &database) {
                             return database.execute("CREATE TABLE IF NOT EXISTS number (what INTEGER UNIQUE)");
                         } } };
    LocalControlLog log{ state.store(), clock, *qApp };
    Holder holder;
    QStringList answers;

    Fixture() { log.attach(ControlKind::Limits, kNumbers, &holder); }

    static ControlChange change(int what, std::optional<qint64> version = {})
    {
        return { ControlKind::Limits, version, { { "what"_L1, what } }, {} };
    }
    void append(ControlChange change)
    {
        log.append(std::move(change), [this](const Result<ControlEntry> &entry) {
            answers.append(entry ? u"stored as %1"_s.arg(entry->version) : QString(entry.error().field));
        });
    }
};

} // namespace

class TestLocalControlLog final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersWhenItIsStoredAndInForce()
    {
        Fixture fixture;
        fixture.holder.holdsBack = true;
        fixture.append(Fixture::change(1));
        QVERIFY(fixture.holder.taken.isEmpty());
        QTRY_COMPARE(fixture.holder.taken, QList<int>{ 1 });
        QCOMPARE(fixture.state.query("SELECT what FROM number"), 1);
        QVERIFY(fixture.answers.isEmpty()); // the workers have not said that they go by it
        fixture.holder.finish();
        QCOMPARE(fixture.answers, QStringList{ u"stored as 1"_s });
        QCOMPARE(fixture.log.version(ControlKind::Limits), 1);
    }

    void carriesOutInOrder()
    {
        Fixture fixture;
        for (int i = 1; i <= 5; ++i)
            fixture.append(Fixture::change(i));
        QTRY_COMPARE(fixture.answers.size(), 5);
        QCOMPARE(fixture.holder.taken, QList<int>({ 1, 2, 3, 4, 5 }));
        QCOMPARE(fixture.answers.last(), u"stored as 5"_s);
    }

    void twoChangesOfOneVersionDoNotBothPass()
    {
        Fixture fixture;
        fixture.holder.holdsBack = true;
        fixture.append(Fixture::change(1, 0));
        fixture.append(Fixture::change(2, 0));
        QTRY_COMPARE(fixture.holder.taken, QList<int>{ 1 });
        QVERIFY(fixture.answers.isEmpty()); // nor is the other told before it can be made anew
        fixture.holder.holdsBack = false;
        fixture.holder.finish();
        QCOMPARE(fixture.answers, (QStringList{ u"stored as 1"_s, QString(controlerrors::kConflict) }));
        fixture.append(Fixture::change(2, fixture.log.version(ControlKind::Limits)));
        QTRY_COMPARE(fixture.holder.taken, QList<int>({ 1, 2 }));
        fixture.append(Fixture::change(3, 7)); // a version that there never was
        QTRY_COMPARE(fixture.answers.size(), 4);
        QCOMPARE(fixture.answers.last(), QString(controlerrors::kConflict));
    }

    void whatCannotBeStoredChangesNothing()
    {
        Fixture fixture;
        fixture.append(Fixture::change(1));
        fixture.append(Fixture::change(1)); // its number is there
        fixture.append(Fixture::change(2));
        QTRY_COMPARE(fixture.answers.size(), 3);
        QCOMPARE(
            fixture.answers, (QStringList{ u"stored as 1"_s, QString(controlerrors::kStoreFailed), u"stored as 3"_s }));
        QCOMPARE(fixture.holder.taken, QList<int>({ 1, 2 }));
        fixture.append(Fixture::change(3, fixture.log.version(ControlKind::Limits)));
        QTRY_COMPARE(fixture.answers.last(), u"stored as 4"_s);
    }

    void theAuditSharesTheFateOfItsChange()
    {
        Fixture fixture;
        const AuditEntry entry{ fixture.clock.utc(), { u"root"_s, {} }, u"test"_s };
        ControlChange change = Fixture::change(1);
        change.payload.insert("audit"_L1, QJsonArray{ entry.toControlJson() });
        fixture.append(change);
        QTRY_COMPARE(fixture.answers, QStringList{ u"stored as 1"_s });
        QCOMPARE(fixture.state.query("SELECT count(*) FROM audit WHERE action = 'test' AND node = ''"), 1);
        fixture.append(change); // as above, it cannot be stored
        QTRY_COMPARE(fixture.answers.size(), 2);
        QCOMPARE(fixture.state.query("SELECT count(*) FROM audit"), 1);
    }

    void whatWaitedForTheStartIsInForceAfterIt()
    {
        Fixture fixture;
        fixture.holder.onJoined = [&fixture] { fixture.append(Fixture::change(1)); };
        QVERIFY(fixture.log.start());
        QCOMPARE(fixture.answers, QStringList{ u"stored as 1"_s });
        QCOMPARE(fixture.holder.taken, QList<int>{ 1 });
        QCOMPARE(fixture.state.query("SELECT what FROM number"), 1);
    }

    void theStartSaysWhatCouldNotBeStored()
    {
        Fixture fixture;
        QVERIFY(fixture.state.execute("DROP TABLE number"));
        fixture.holder.onJoined = [&fixture] { fixture.append(Fixture::change(1)); };
        QVERIFY(!fixture.log.start());
        QCOMPARE(fixture.answers, QStringList{ QString(controlerrors::kStoreFailed) });
    }

    void aPlaceInAClustersLogIsForgotten()
    {
        Fixture fixture;
        QVERIFY(fixture.state.execute("INSERT INTO control_place (id, position) VALUES (1, '17-0')"));
        QVERIFY(fixture.log.start());
        QCOMPARE(fixture.state.query("SELECT count(*) FROM control_place"), 0);
    }

    void answersNobodyWhenItIsGone()
    {
        auto fixture = std::make_unique<Fixture>();
        bool isAnswered = false;
        fixture->log.append(Fixture::change(1), [&isAnswered](const Result<ControlEntry> &) { isAnswered = true; });
        fixture.reset(); // the store is through with it
        QCoreApplication::processEvents();
        QVERIFY(!isAnswered);
    }
};

QTEST_GUILESS_MAIN(TestLocalControlLog)
#include "tst_localcontrollog.moc"
