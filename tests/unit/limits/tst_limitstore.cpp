// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "server/limits/limitstore.h"
#include "tests/support/anycontrol.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr LimitKey kPerIp = LimitKey::MaxConnectionsPerIp;
constexpr LimitKey kMessages = LimitKey::MaxMessagesPerMinute;
const Actor kActor{ u"7"_s, u"192.0.2.1"_s };

/// A server's configuration: pairs of limit and value.
LimitStore::Configured configuredAs(
    std::initializer_list<std::pair<LimitKey, LimitValue>> values, bool isGuarding = true)
{
    LimitStore::Configured configured;
    configured.isGuarding = isGuarding;
    for (const auto &[key, value] : values) {
        configured.limits[key] = value;
        configured.keys.push_back(key);
    }
    return configured;
}

} // namespace

class TestLimitStore final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addControlKinds(); }
    void init();
    void cleanup();

    void beginsWithTheDefaults();
    void configuredValuesBecomeARevision();
    void unchangedConfigurationKeepsTheLiveEdit();
    void changedConfigurationWins();
    void removedSetting_data();
    void removedSetting();
    void configuredLikeTheDefault();
    void switchReturnsToItsSetting();
    void editIsStoredThenAppliedThenAcknowledged();
    void editChangesNothing();
    void staleRevision();
    void badValues();
    void simultaneousEdits();
    void editAndRestoreSurviveARestart();
    void restoreUnknown();
    void revisionsArePaged();
    void keepsTheNewestRevisions();
    void documentHasEveryLimit();
    void everyChangeIsAudited();
    void failingStoreChangesNothing();
    void destroyedWhileBusy();

private:
    void start(const LimitStore::Configured &configured = {});
    Result<Revision> edit(std::vector<LimitEdit> edits, std::optional<qint64> expected = {}, const QString &note = {});
    Result<Revision> restore(qint64 revision);
    Result<bool> setGuarding(bool isGuarding);
    std::vector<Revision> revisions();
    LimitState state(QLatin1StringView key) const;

    FakeClock m_clock;
    std::unique_ptr<AnyControl> m_control;
    std::unique_ptr<LimitStore> m_limits;
};

void TestLimitStore::init()
{
    m_control = makeControl({ &LimitStore::createTables }, m_clock);
    start();
}

void TestLimitStore::cleanup()
{
    m_limits.reset();
    m_control.reset();
}

/// Starts the server anew with this configuration.
void TestLimitStore::start(const LimitStore::Configured &configured)
{
    m_limits.reset();
    m_control->restart();
    m_clock.advance(1h);
    m_limits = std::make_unique<LimitStore>(m_control->state.store(), m_control->log(), m_clock, *qApp);
    const Status status = m_limits->load(configured);
    QVERIFY2(status, status ? "" : qPrintable(status.error().message));
    m_control->start();
    QVERIFY(edit({})); // behind whatever the configuration changes
}

Result<Revision> TestLimitStore::edit(std::vector<LimitEdit> edits, std::optional<qint64> expected, const QString &note)
{
    return awaitCallback<Result<Revision>>(
        [&](auto done) { m_limits->edit(std::move(edits), expected, kActor, note, done); });
}

Result<Revision> TestLimitStore::restore(qint64 revision)
{
    return awaitCallback<Result<Revision>>(
        [&](auto done) { m_limits->restore(revision, {}, kActor, u"back"_s, done); });
}

Result<bool> TestLimitStore::setGuarding(bool isGuarding)
{
    return awaitCallback<Result<bool>>([&](auto done) { m_limits->setGuarding(isGuarding, kActor, u"why"_s, done); });
}

std::vector<Revision> TestLimitStore::revisions()
{
    return awaitCallback<Result<LimitStore::Page>>([&](auto done) { m_limits->revisions({}, 1000, done); })->revisions;
}

LimitState TestLimitStore::state(QLatin1StringView key) const
{
    for (const LimitState &state : m_limits->document().limits) {
        if (state.key == key)
            return state;
    }
    return {};
}

void TestLimitStore::beginsWithTheDefaults()
{
    QCOMPARE(m_limits->revision(), 0);
    QVERIFY(m_limits->snapshot()->limits.hasSameValues(LimitSet()));
    QVERIFY(m_limits->snapshot()->isGuarding);
    QVERIFY(revisions().empty());
    QVERIFY(!state("max_connections_per_ip"_L1).changedAt);
}

void TestLimitStore::configuredValuesBecomeARevision()
{
    start(configuredAs({ { kPerIp, { 9, LimitMode::Observe } } }));
    QCOMPARE(m_limits->revision(), 1);
    QCOMPARE(m_limits->snapshot()->limits[kPerIp], (LimitValue{ 9, LimitMode::Observe }));
    QCOMPARE(state("max_connections_per_ip"_L1).changedBy, u"environment"_s);
    QCOMPARE(state("max_connections_per_ip"_L1).changedAt, std::optional(m_clock.utc()));
    const std::vector<Revision> all = revisions();
    QCOMPARE(all.size(), size_t(1));
    QCOMPARE(all[0].source, u"environment"_s);
    QCOMPARE(all[0].by, u"environment"_s);
    QVERIFY(all[0].address.isEmpty());
    QCOMPARE(all[0].changes.size(), size_t(1));
    QCOMPARE(all[0].changes[0].before.value, 5);
    QCOMPARE(all[0].changes[0].after.value, 9);

    start(configuredAs({ { kPerIp, { 9, LimitMode::Observe } } }));
    QCOMPARE(m_limits->revision(), 1); // the same again is no change
}

void TestLimitStore::unchangedConfigurationKeepsTheLiveEdit()
{
    const auto configured = configuredAs({ { kPerIp, { 9, {} } } });
    start(configured);
    QVERIFY(edit({ { kPerIp, 20, {} }, { kMessages, 30, {} } }));
    start(configured);
    QCOMPARE(m_limits->revision(), 2);
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 20);
    QCOMPARE(m_limits->snapshot()->limits[kMessages].value, 30);
}

void TestLimitStore::changedConfigurationWins()
{
    start(configuredAs({ { kPerIp, { 9, {} } } }));
    QVERIFY(edit({ { kPerIp, 20, {} }, { kMessages, 30, {} } }));
    start(configuredAs({ { kPerIp, { 11, {} } } }));
    QCOMPARE(m_limits->revision(), 3);
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 11);
    QCOMPARE(m_limits->snapshot()->limits[kMessages].value, 30); // nobody configured that one
    QCOMPARE(revisions().front().changes.size(), size_t(1));
    QCOMPARE(revisions().front().changes[0].before.value, 20); // the live edit is not silently lost
}

void TestLimitStore::removedSetting_data()
{
    QTest::addColumn<bool>("isEdited");
    QTest::addColumn<qint64>("expected");
    QTest::newRow("nobody changed it since: the default") << false << qint64(5);
    QTest::newRow("the operator's value stands") << true << qint64(20);
}

void TestLimitStore::removedSetting()
{
    QFETCH(const bool, isEdited);
    QFETCH(const qint64, expected);
    start(configuredAs({ { kPerIp, { 9, {} } } }));
    if (isEdited)
        QVERIFY(edit({ { kPerIp, 20, {} } }));
    start();
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, expected);
    start(configuredAs({ { kPerIp, { 9, {} } } })); // and set again: a change
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 9);
}

void TestLimitStore::configuredLikeTheDefault()
{
    QVERIFY(edit({ { kPerIp, 20, {} } }));
    start(configuredAs({ { kPerIp, { 5, {} } } })); // says 5 for the first time
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 5);
    QCOMPARE(m_limits->revision(), 2);
}

void TestLimitStore::switchReturnsToItsSetting()
{
    QSignalSpy changed(m_limits.get(), &LimitStore::guardingChanged);
    QCOMPARE(setGuarding(false).value(), false);
    QVERIFY(!m_limits->snapshot()->isGuarding);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(setGuarding(false).value(), false);
    QCOMPARE(changed.size(), 1); // nothing changed
    QCOMPARE(m_control->state.query("SELECT count(*) FROM audit WHERE action='switch.set'"), 1);
    QVERIFY(edit({ { kPerIp, 6, {} } }));
    QVERIFY(!m_limits->snapshot()->isGuarding); // an edit leaves it alone
    start();
    QCOMPARE(m_limits->snapshot()->isGuarding, !isOfCluster()); // there others went by it meanwhile
    // Who reads the audit knows when the guards were off, also where nobody turned them on.
    const auto audited = [this](bool isGuarding) {
        return m_control->state.query(isGuarding
                ? "SELECT count(*) FROM audit WHERE user='environment' AND after='[true]'"
                : "SELECT count(*) FROM audit WHERE user='environment' AND after='[false]'");
    };
    QCOMPARE(audited(true), isOfCluster() ? 0 : 1);
    start();
    QCOMPARE(audited(true), isOfCluster() ? 0 : 1); // nothing changed
    start(configuredAs({}, false));
    QVERIFY(!m_limits->snapshot()->isGuarding);
    QCOMPARE(audited(false), isOfCluster() ? 0 : 1);
}

void TestLimitStore::editIsStoredThenAppliedThenAcknowledged()
{
    QStringList order;
    std::function<void()> workersHaveIt;
    m_limits->setApplyToWorkers([&](const LimitSnapshotPtr &snapshot, std::function<void()> done) {
        order << u"applied %1, stored %2"_s.arg(snapshot->limits[kPerIp].value)
                     .arg(m_control->state.query("SELECT max(revision) FROM limit_revision"));
        workersHaveIt = std::move(done);
    });
    connect(m_limits.get(), &LimitStore::limitsChanged, this, [&] { order << u"announced"_s; });
    m_limits->edit({ { kPerIp, 8, {} } }, 0, kActor, u"launch"_s, [&](const Result<Revision> &revision) {
        QVERIFY(revision);
        QCOMPARE(revision->revision, 1);
        QCOMPARE(revision->by, kActor.user);
        QCOMPARE(revision->address, kActor.address);
        QCOMPARE(revision->note, u"launch"_s);
        QCOMPARE(revision->source, u"api"_s);
        order << u"acknowledged"_s;
    });
    QTRY_VERIFY(workersHaveIt);
    QCOMPARE(order, QStringList({ u"applied 8, stored 1"_s }));
    workersHaveIt();
    QCOMPARE(order, QStringList({ u"applied 8, stored 1"_s, u"announced"_s, u"acknowledged"_s }));
}

void TestLimitStore::editChangesNothing()
{
    QSignalSpy changed(m_limits.get(), &LimitStore::limitsChanged);
    QVERIFY(edit({ { kPerIp, 6, {} } }));
    for (const std::vector<LimitEdit> &edits :
        { std::vector<LimitEdit>{}, { { kPerIp, 6, {} } }, { { kPerIp, {}, LimitMode::Enforce } } }) {
        const Result<Revision> same = edit(edits);
        QVERIFY(same);
        QCOMPARE(same->revision, 1);
        QVERIFY(same->changes.empty());
    }
    QCOMPARE(changed.size(), 1);
    QCOMPARE(revisions().size(), size_t(1));
}

void TestLimitStore::staleRevision()
{
    QVERIFY(edit({ { kPerIp, 6, {} } }, 0));
    const Result<Revision> stale = edit({ { kPerIp, 7, {} } }, 0);
    QVERIFY(!stale);
    QCOMPARE(stale.error().field, QString(limiterrors::kRevisionConflict));
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 6);
    QVERIFY(edit({ { kPerIp, 7, {} } }, 1));
}

void TestLimitStore::badValues()
{
    for (const qint64 value : { qint64(0), qint64(-1), qint64(1'000'001) }) {
        const Result<Revision> bad = edit({ { kMessages, 30, {} }, { kPerIp, value, {} } });
        QVERIFY(!bad);
        QCOMPARE(bad.error().field, QString(limiterrors::kInvalidLimits));
        QVERIFY(bad.error().message.contains(u"max_connections_per_ip"));
    }
    QVERIFY(m_limits->snapshot()->limits.hasSameValues(LimitSet()));
}

void TestLimitStore::simultaneousEdits()
{
    std::vector<qint64> acknowledged;
    int conflicts = 0;
    for (int i = 0; i < 10; ++i) {
        m_limits->edit({ { kPerIp, 100 + i, {} } }, {}, kActor, {},
            [&](const Result<Revision> &revision) { acknowledged.push_back(revision->revision); });
        m_limits->edit({ { kMessages, 200 + i, {} } }, 1, kActor, {},
            [&](const Result<Revision> &revision) { conflicts += revision ? 0 : 1; });
    }
    QTRY_COMPARE(conflicts + int(acknowledged.size()), 19);
    QCOMPARE(conflicts, 9); // all saw revision 1; the first of them won
    QCOMPARE(acknowledged, std::vector<qint64>({ 1, 3, 4, 5, 6, 7, 8, 9, 10, 11 }));
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 109);
    QCOMPARE(m_limits->snapshot()->limits[kMessages].value, 200);
}

void TestLimitStore::editAndRestoreSurviveARestart()
{
    QVERIFY(edit({ { kPerIp, 6, LimitMode::Off } }));
    QVERIFY(edit({ { kPerIp, 7, {} }, { kMessages, 99, {} } }));
    const UtcTime editedAt = m_clock.utc();
    start();
    QCOMPARE(state("max_messages_per_minute"_L1).changedAt, std::optional(editedAt));
    QCOMPARE(state("max_messages_per_minute"_L1).changedBy, kActor.user);
    QVERIFY(!state("max_connections"_L1).changedAt);

    const Result<Revision> restored = restore(1);
    QVERIFY(restored);
    QCOMPARE(restored->revision, 3);
    QCOMPARE(restored->source, u"restore"_s);
    QCOMPARE(restored->changes.size(), size_t(2));
    start();
    QCOMPARE(m_limits->revision(), 3);
    QCOMPARE(m_limits->snapshot()->limits[kPerIp], (LimitValue{ 6, LimitMode::Off }));
    QCOMPARE(m_limits->snapshot()->limits[kMessages].value, 60);
    QVERIFY(restore(1)->changes.empty());
}

void TestLimitStore::restoreUnknown()
{
    for (const qint64 number : { qint64(-1), qint64(0), qint64(1), qint64(99) }) {
        const Result<Revision> unknown = restore(number);
        QVERIFY(!unknown);
        QCOMPARE(unknown.error().field, QString(limiterrors::kNoSuchRevision));
    }
}

void TestLimitStore::revisionsArePaged()
{
    for (int i = 1; i <= 5; ++i)
        QVERIFY(edit({ { kPerIp, 10 + i, {} } }));
    std::vector<qint64> seen;
    QString cursor;
    do {
        const auto page
            = awaitCallback<Result<LimitStore::Page>>([&](auto done) { m_limits->revisions(cursor, 2, done); });
        QVERIFY(page);
        for (const Revision &revision : page->revisions)
            seen.push_back(revision.revision);
        cursor = page->nextCursor;
    } while (!cursor.isEmpty());
    QCOMPARE(seen, std::vector<qint64>({ 5, 4, 3, 2, 1 }));
    const auto bad = awaitCallback<Result<LimitStore::Page>>([&](auto done) { m_limits->revisions(u"x"_s, 2, done); });
    QVERIFY(!bad);
    QCOMPARE(bad.error().field, u"cursor"_s);
}

void TestLimitStore::keepsTheNewestRevisions()
{
    const auto insert = [](qint64 number) {
        return [number](Database &database) {
            LimitSet after;
            after[kPerIp].value = 1 + number % 7;
            Revision revision;
            revision.revision = number;
            revision.by = u"7"_s;
            return limitrevisions::insert(database, revision, after);
        };
    };
    for (qint64 number = 1; number < limitrevisions::kMaxRevisions; ++number)
        m_control->state.store().write(insert(number));
    start();
    QVERIFY(edit({ { kPerIp, 50, {} } })); // the 1,000th
    QCOMPARE(m_control->state.query("SELECT count(*) FROM limit_revision"), 1000);
    QVERIFY(restore(1));
    QVERIFY(edit({ { kPerIp, 60, {} } }));
    QCOMPARE(m_limits->revision(), 1002);
    QCOMPARE(m_control->state.query("SELECT count(*) FROM limit_revision"), 1000);
    QCOMPARE(m_control->state.query("SELECT min(revision) FROM limit_revision"), 3);
    QCOMPARE(restore(2).error().field, QString(limiterrors::kNoSuchRevision));
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 60);
    QVERIFY(restore(3));
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 4);
    start();
    QCOMPARE(m_limits->revision(), 1003);
}

void TestLimitStore::documentHasEveryLimit()
{
    const LimitsDocument document = m_limits->document();
    QCOMPARE(document.limits.size(), kLimitCount);
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        const LimitState limit = state(descriptor.name);
        QCOMPARE(limit.value, descriptor.defaultValue);
        QCOMPARE(limit.minimum, descriptor.minimum);
        QCOMPARE(limit.maximum, descriptor.maximum);
        QCOMPARE(limit.help, QString(descriptor.help));
        QCOMPARE(limit.windowSeconds.has_value(), LimitSet().windowOf(descriptor.key).has_value());
    }
    const auto read = LimitsDocument::fromJson(document.toJson());
    QVERIFY(read);
    QCOMPARE(read->toJson(), document.toJson());
}

void TestLimitStore::everyChangeIsAudited()
{
    start(configuredAs({ { kPerIp, { 9, {} } } }));
    QVERIFY(edit({ { kPerIp, 6, {} } }, {}, u"a note"_s));
    QVERIFY(restore(1));
    QVERIFY(setGuarding(false));
    AuditLog log(m_control->state.store(), m_control->log(), *qApp);
    const auto page = awaitCallback<Result<AuditPage>>([&](auto done) { log.list({}, {}, 10, done); });
    QVERIFY(page);
    QStringList lines;
    for (const AuditEntry &entry : page->entries)
        lines << entry.action + u'|' + entry.actor.user + u'|' + entry.target + u'|' + entry.note;
    QCOMPARE(lines,
        QStringList({ u"switch.set|7|guarding|why"_s, u"limits.restore|7|revision 3|back"_s,
            u"limits.api|7|revision 2|a note"_s, u"limits.environment|environment|revision 1|"_s }));
    const QJsonObject before = page->entries[2].before.toObject();
    QCOMPARE(before.size(), 1);
    QCOMPARE(before.value(u"max_connections_per_ip"_s).toObject().value(u"value"_s).toInt(), 9);
}

void TestLimitStore::failingStoreChangesNothing()
{
    QVERIFY(edit({ { kPerIp, 6, {} } }));
    QVERIFY(m_control->state.execute("ALTER TABLE audit RENAME TO gone"));
    QSignalSpy changed(m_limits.get(), &LimitStore::limitsChanged);
    const Result<Revision> failed = edit({ { kPerIp, 7, {} } });
    if (isOfCluster()) { // it is stored in the log that all have in common, and here when that is possible
        QCOMPARE(failed->revision, 2);
        QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 7);
        QVERIFY(m_control->state.execute("ALTER TABLE gone RENAME TO audit"));
        QTRY_COMPARE(m_control->state.query("SELECT count(*) FROM limit_revision"), 2);
        return;
    }
    QVERIFY(!failed);
    QCOMPARE(failed.error().field, QString(controlerrors::kStoreFailed));
    const Result<bool> off = setGuarding(false);
    QVERIFY(!off);
    QCOMPARE(off.error().field, QString(controlerrors::kStoreFailed));
    QVERIFY(m_limits->snapshot()->isGuarding);
    QCOMPARE(m_limits->revision(), 1);
    QCOMPARE(m_limits->snapshot()->limits[kPerIp].value, 6);
    QCOMPARE(changed.size(), 0);
    QVERIFY(m_control->state.execute("ALTER TABLE gone RENAME TO audit"));
    QCOMPARE(m_control->state.query("SELECT count(*) FROM limit_revision"), 1); // the revision went with its audit
    QCOMPARE(edit({ { kPerIp, 7, {} } })->revision, 2);
}

void TestLimitStore::destroyedWhileBusy()
{
    bool isCalled = false;
    m_limits->edit({ { kPerIp, 6, {} } }, {}, kActor, {}, [&](const Result<Revision> &) { isCalled = true; });
    m_limits->edit({ { kPerIp, 7, {} } }, {}, kActor, {}, [&](const Result<Revision> &) { isCalled = true; });
    QCoreApplication::sendPostedEvents(); // the first is on its way to the store
    m_limits.reset();
    QCOMPARE(m_control->state.query("SELECT 1"), 1); // the store is through with it
    QCoreApplication::processEvents();
    QVERIFY(!isCalled);
}

QTEST_GUILESS_MAIN(TestLimitStore)
#include "tst_limitstore.moc"
