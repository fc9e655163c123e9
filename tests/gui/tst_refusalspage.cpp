// SPDX-License-Identifier: GPL-3.0-or-later
// The refusals by clicks and keys: refusals.table  refusals.live  refusals.scope.state  refusals.guard  refusals.reason
// refusals.text refusals.interval  refusals.chip.address  refusals.chip.user  refusals.count  refusals.more
// refusals.details  refusals.onlyaddress  refusals.changelimit  refusals.copy  refusals.offenders
// refusals.offendercount  refusals.export  export.lack  export.progress
#include <QtCore/QJsonDocument>
#include <QtCore/QTemporaryDir>
#include <QtGui/QClipboard>
#include <QtGui/QHelpEvent>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTableView>
#include <QtWidgets/QToolTip>

#include "console/models/titles.h"
#include "console/pages/refusalspage.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture : ConsoleFixture
{
    RefusalsPage page{ serverModel };
    QTableView *table = findPart<QTableView>(page, u"refusals.table"_s);

    Fixture()
    {
        page.resize(1160, 760); // what a window of 1360 × 860 leaves
        page.show();
        client.offenders = { { u"127.0.0.7"_s, 812 }, { u"127.0.0.8"_s, 61 } };
        client.refusalsCounted = 90'100 - 812 - 61;
        connectToServer();
    }
    Decision decision(const QString &id, Reason reason, std::chrono::seconds ago = 0s) const
    {
        Decision result;
        result.id = id;
        result.at = client.clock.utc() - ago;
        result.reason = reason;
        result.address = u"127.100.100.100"_s;
        result.origin = u"https://a-rather-long-name.app.example.com:8443"_s;
        result.limit = 5;
        result.observed = 6;
        return result;
    }
    /// The server has them, and tells of them.
    void refuse(const std::vector<Decision> &decisions)
    {
        client.decisions.insert(client.decisions.begin(), decisions.rbegin(), decisions.rend());
        Q_EMIT client.decisionsReceived(decisions, 0);
    }
    /// The server has them, the newest last, and the console has not heard of them.
    void refusedBefore(int count)
    {
        for (int i = 0; i < count; ++i)
            client.decisions.insert(client.decisions.begin(),
                decision(u"H%1"_s.arg(i, 6, 10, QChar(u'0')), Reason::TooManyConnections, 1h));
    }
    void type(const QString &text)
    {
        auto *field = findPart<QLineEdit>(page, u"refusals.text"_s);
        field->clear();
        QTest::keyClicks(field, text);
        QTest::keyClick(field, Qt::Key_Return);
    }
    [[nodiscard]] QString text(const QString &name) const { return findPart<QLabel>(page, name)->text(); }
    [[nodiscard]] bool isAnswered()
    {
        return QTest::qWaitFor([this] { return !serverModel.decisions().isLoading(); });
    }
    /// Exports to a file, and gives its lines once it is there.
    [[nodiscard]] QList<QByteArray> exported()
    {
        const QTemporaryDir folder;
        clickPart(page, u"refusals.export"_s);
        Q_EMIT findPart<QFileDialog>(page, u"export.dialog"_s)->fileSelected(folder.filePath(u"r.csv"_s));
        QFile file(folder.filePath(u"r.csv"_s));
        if (!QTest::qWaitFor([&file] { return file.exists(); }) || !file.open(QIODevice::ReadOnly))
            return {};
        return file.readAll().trimmed().split('\n');
    }
    void choose(const QString &combo, const QVariant &data)
    {
        auto *box = findPart<QComboBox>(page, combo);
        box->setCurrentIndex(box->findData(data));
    }
    [[nodiscard]] QString cell(int row, int column) const
    {
        return table->model()->index(row, column).data().toString();
    }
    [[nodiscard]] QString facts() const
    {
        QStringList texts;
        for (const QLabel *label : findPart<QWidget>(page, u"refusals.details"_s)->findChildren<QLabel *>())
            texts << label->text();
        return texts.join(u'\n');
    }
};

} // namespace

class TestRefusalsPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Q_INIT_RESOURCE(console);
        QLocale::setDefault(QLocale(QLocale::English));
    }

    void todayNeedsNoDate()
    {
        Fixture fixture;
        fixture.refuse(
            { fixture.decision(u"D0"_s, Reason::TokenInvalid, 48h), fixture.decision(u"D1"_s, Reason::TokenInvalid) });
        QCOMPARE(fixture.cell(0, DecisionsModel::TimeColumn).size(), 8); // 12:00:00
        QVERIFY(fixture.cell(1, DecisionsModel::TimeColumn).contains(u"Nov"_s));
        const QModelIndex time = fixture.table->model()->index(0, DecisionsModel::TimeColumn);
        QVERIFY(time.data(Qt::ToolTipRole).toString().startsWith(u"2025-11-10"_s));
    }

    void theDetailsSayWhatIsWrong()
    {
        Fixture fixture;
        Decision decision = fixture.decision(u"D0"_s, Reason::TokenInvalid);
        decision.detail = u"the token's kid \"<b>k1</b>\" is none of the keys"_s;
        fixture.refuse({ decision });
        fixture.table->selectRow(0);
        QVERIFY(fixture.facts().contains(decision.detail)); // as plain text
        fixture.type(u"none of the keys"_s);
        QVERIFY(fixture.isAnswered());
        QCOMPARE(fixture.table->model()->rowCount(), 1);
        fixture.type(u"expired"_s);
        QVERIFY(fixture.isAnswered());
        QCOMPARE(fixture.table->model()->rowCount(), 0);
    }

    void noButtonOfTheDetailsIsCutOff()
    {
        Fixture fixture;
        Decision decision = fixture.decision(u"D0"_s, Reason::TooManyConnections);
        decision.user = u"ann"_s;
        fixture.refuse({ decision });
        fixture.table->selectRow(0);
        for (const QAbstractButton *button :
            findPart<QWidget>(fixture.page, u"refusals.details"_s)->findChildren<QAbstractButton *>()) {
            QTRY_VERIFY2(
                !button->isVisible() || button->width() >= button->sizeHint().width(), qPrintable(button->text()));
        }
    }

    void ofAClusterItSaysWhichNode()
    {
        Fixture fixture;
        fixture.refuse({ fixture.decision(u"D0"_s, Reason::TokenInvalid) });
        QVERIFY(fixture.table->isColumnHidden(DecisionsModel::NodeColumn));
        Decision decision = fixture.decision(u"D1"_s, Reason::TokenInvalid);
        decision.node = u"node-2"_s;
        fixture.refuse({ decision });
        QVERIFY(!fixture.table->isColumnHidden(DecisionsModel::NodeColumn));
        QCOMPARE(fixture.cell(0, DecisionsModel::NodeColumn), u"node-2"_s);
    }

    void everythingFitsWithoutScrolling()
    {
        Fixture fixture;
        std::vector<Decision> many;
        for (int i = 0; i < 100; ++i) // the vertical scroll bar takes its place too
            many.push_back(fixture.decision(u"D%1"_s.arg(i), Reason::TooManyConnections));
        fixture.refuse(many);
        QTRY_VERIFY(fixture.table->verticalScrollBar()->isVisible());
        QTRY_VERIFY(!fixture.table->horizontalScrollBar()->isVisible());
        const int last = fixture.table->horizontalHeader()->visualIndex(DecisionsModel::ActionColumn);
        QVERIFY(fixture.table->columnViewportPosition(last) + fixture.table->columnWidth(last)
            <= fixture.table->viewport()->width());
        for (const int column :
            { DecisionsModel::ReasonColumn, DecisionsModel::AddressColumn, DecisionsModel::TimeColumn }) {
            QStyleOptionViewItem option;
            option.initFrom(fixture.table);
            const int needed = fixture.table->itemDelegateForIndex(fixture.table->model()->index(0, column))
                                   ->sizeHint(option, fixture.table->model()->index(0, column))
                                   .width();
            QVERIFY2(needed <= fixture.table->columnWidth(column),
                qPrintable(u"column %1 needs %2"_s.arg(column).arg(needed)));
        }
    }

    void aCellThatIsCutTellsItselfWhole()
    {
        Fixture fixture;
        fixture.refuse({ fixture.decision(u"D1"_s, Reason::TokenInvalid) });
        const auto ask = [&](int column) {
            const QPoint at = fixture.table->visualRect(fixture.table->model()->index(0, column)).center();
            QHelpEvent event(QEvent::ToolTip, at, fixture.table->viewport()->mapToGlobal(at));
            QCoreApplication::sendEvent(fixture.table->viewport(), &event);
            return QToolTip::text();
        };
        QCOMPARE(ask(DecisionsModel::ActionColumn), QString()); // it is seen whole
        fixture.table->setColumnWidth(DecisionsModel::OriginColumn, 60);
        QCOMPARE(ask(DecisionsModel::OriginColumn), u"https://a-rather-long-name.app.example.com:8443"_s);
    }

    void headersStandAboveTheirCells()
    {
        Fixture fixture;
        const QAbstractItemModel *model = fixture.table->model();
        for (int column = 0; column < model->columnCount(); ++column) {
            fixture.refuse({ fixture.decision(u"D1"_s, Reason::TooManyConnections) });
            const bool isRight = model->index(0, column).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight;
            const bool isHeaderRight
                = model->headerData(column, Qt::Horizontal, Qt::TextAlignmentRole).toInt() & Qt::AlignRight;
            QCOMPARE(isHeaderRight, isRight);
        }
    }

    void filtersByGuardReasonAndText()
    {
        Fixture fixture;
        Decision other = fixture.decision(u"D2"_s, Reason::OriginNotAllowed);
        other.address = u"127.0.0.9"_s;
        fixture.refuse({ fixture.decision(u"D1"_s, Reason::TooManyConnections), other });
        QCOMPARE(fixture.table->model()->rowCount(), 2);
        fixture.choose(u"refusals.guard"_s, u"origin"_s);
        QCOMPARE(fixture.table->model()->rowCount(), 1);
        QCOMPARE(fixture.cell(0, DecisionsModel::AddressColumn), u"127.0.0.9"_s);
        QTRY_COMPARE(fixture.client.lastDecisionQuery.guard, u"origin"_s); // the server is asked for older ones
        fixture.choose(u"refusals.guard"_s, QString());
        fixture.choose(u"refusals.reason"_s, int(Reason::TooManyConnections));
        QCOMPARE(fixture.table->model()->rowCount(), 1);
        QCOMPARE(fixture.cell(0, DecisionsModel::AddressColumn), u"127.100.100.100"_s);
        fixture.choose(u"refusals.reason"_s, -1);
        QTest::keyClicks(findPart<QLineEdit>(fixture.page, u"refusals.text"_s), u"0.0.9"_s);
        QTRY_COMPARE(fixture.table->model()->rowCount(), 1); // after a pause
        QCOMPARE(fixture.client.lastDecisionQuery.filter, u"0.0.9"_s);
        QTest::keyClicks(findPart<QLineEdit>(fixture.page, u"refusals.text"_s), u"x"_s);
        QTRY_COMPARE(fixture.table->model()->rowCount(), 0);
    }

    void theFieldsSayWhatIsFiltered()
    {
        Fixture fixture;
        fixture.refuse({ fixture.decision(u"D1"_s, Reason::TooManyConnections, 10min),
            fixture.decision(u"D2"_s, Reason::OriginNotAllowed, 10min),
            fixture.decision(u"D3"_s, Reason::TooManyUserConnections, 10min) });
        const auto chosen
            = [&](const QString &name) { return findPart<QComboBox>(fixture.page, name)->currentIndex(); };
        const auto *chip = findPart<QAbstractButton>(fixture.page, u"refusals.chip.reason"_s);
        const auto isAsked = [&](const QString &guard, const QString &codes) {
            return fixture.isAnswered() && fixture.client.lastDecisionQuery.guard == guard
                && fixture.client.lastDecisionQuery.reason == codes;
        };
        fixture.choose(u"refusals.guard"_s, u"origin"_s);
        fixture.choose(u"refusals.reason"_s, int(Reason::TooManyUserConnections)); // of another guard
        QCOMPARE(chosen(u"refusals.guard"_s), 0);
        QVERIFY(isAsked(u"user"_s, u"too_many_connections"_s));
        QCOMPARE(fixture.table->model()->rowCount(), 1);
        QCOMPARE(chip->accessibleName(), u"Reason = "_s + reasonTitle(Reason::TooManyUserConnections));
        fixture.choose(u"refusals.guard"_s, u"user"_s);
        QVERIFY(chosen(u"refusals.reason"_s) > 0); // which is the user's
        fixture.choose(u"refusals.guard"_s, u"origin"_s);
        QCOMPARE(chosen(u"refusals.reason"_s), 0);
        QVERIFY(isAsked(u"origin"_s, QString()));
        QCOMPARE(fixture.table->model()->rowCount(), 1);
        QVERIFY(!chip->isVisible());
        auto *guard = findPart<QAbstractButton>(fixture.page, u"refusals.chip.guard"_s);
        QVERIFY(guard->isVisible());
        guard->click();
        QVERIFY(!guard->isVisible());
        QCOMPARE(chosen(u"refusals.guard"_s), 0);
        QVERIFY(isAsked(QString(), QString()));
        fixture.choose(u"refusals.guard"_s, u"origin"_s);
        fixture.choose(u"refusals.reason"_s, int(Reason::OriginNotAllowed));
        const UtcTime now = fixture.client.clock.utc();
        fixture.page.showInterval(now - 11min, now - 9min, Metric::RefusedConnections);
        QCOMPARE(chosen(u"refusals.guard"_s), 0);
        QCOMPARE(chosen(u"refusals.reason"_s), 0);
        QVERIFY(chip->isVisible());
        QVERIFY(isAsked(QString(), u"too_many_connections"_s));
        QCOMPARE(fixture.table->model()->rowCount(), 2);
    }

    void aWordIsOneQuestion()
    {
        Fixture fixture;
        QVERIFY(fixture.isAnswered());
        const auto asked = [&] { return fixture.client.calls.count(u"fetchDecisions"_s); };
        const qsizetype before = asked();
        QTest::keyClicks(findPart<QLineEdit>(fixture.page, u"refusals.text"_s), u"203.0.113.7"_s);
        QCOMPARE(asked(), before);
        QTRY_COMPARE(asked(), before + 1);
        QCOMPARE(fixture.client.lastDecisionQuery.filter, u"203.0.113.7"_s);
    }

    void onlyThisAddressIsNoOther()
    {
        Fixture fixture;
        std::vector<Decision> decisions;
        for (const int last : { 1, 10, 12, 15 }) {
            decisions.push_back(fixture.decision(u"D%1"_s.arg(last), Reason::TooManyConnections));
            decisions.back().address = u"127.1.0.%1"_s.arg(last);
        }
        fixture.refuse(decisions);
        fixture.table->selectRow(3);
        clickPart(fixture.page, u"refusals.onlyaddress"_s);
        QVERIFY(fixture.isAnswered());
        QCOMPARE(fixture.client.lastDecisionQuery.address, u"127.1.0.1"_s);
        QCOMPARE(fixture.table->model()->rowCount(), 1);
        QCOMPARE(fixture.cell(0, DecisionsModel::AddressColumn), u"127.1.0.1"_s);
        auto *chip = findPart<QAbstractButton>(fixture.page, u"refusals.chip.address"_s);
        QCOMPARE(chip->text(), u"Address = 127.1.0.1"_s);
        fixture.refuse({ fixture.decision(u"D99"_s, Reason::TooManyConnections) }); // of another, live
        QCOMPARE(fixture.table->model()->rowCount(), 1);
        chip->click();
        QVERIFY(!chip->isVisible());
        QVERIFY(fixture.isAnswered());
        QCOMPARE(fixture.table->model()->rowCount(), 5);
    }

    /// A spike of which the console has seen nothing, and after which so much came that its list is full of others.
    void aSpikeCanBePagedThrough()
    {
        Fixture fixture;
        fixture.refusedBefore(1200);
        fixture.client.notStored = 88'800;
        for (int i = 0; i < 60; ++i) {
            std::vector<Decision> later;
            for (int j = 0; j < 100; ++j)
                later.push_back(fixture.decision(u"L%1"_s.arg(100 * i + j, 6, 10, QChar(u'0')), Reason::TokenInvalid));
            Q_EMIT fixture.client.decisionsReceived(later, 0);
        }
        const UtcTime now = fixture.client.clock.utc();
        fixture.page.showInterval(now - 61min, now - 59min, Metric::RefusedConnections);
        QVERIFY(fixture.isAnswered());
        QCOMPARE(fixture.client.lastDecisionQuery.reason, u"too_many_connections"_s); // whichever guard's it is
        QCOMPARE(findPart<QAbstractButton>(fixture.page, u"refusals.chip.reason"_s)->text(),
            u"Reason = too_many_connections"_s);
        QCOMPARE(fixture.text(u"refusals.count"_s),
            u"500 of 1,200 loaded · 88,800 more of that time were counted by the server, but not kept one by one"_s);
        auto *more = findPart<QPushButton>(fixture.page, u"refusals.more"_s);
        for (const int rows : { 1000, 1200 }) {
            QVERIFY(more->isVisible() && more->isEnabled());
            QTest::mouseClick(more, Qt::LeftButton);
            QTRY_COMPARE(fixture.table->model()->rowCount(), rows);
        }
        QTRY_VERIFY(!more->isVisible());
        QVERIFY(!findPart<QPushButton>(fixture.page, u"refusals.live"_s)->isEnabled()); // what is past is not live
        clickPart(fixture.page, u"refusals.interval"_s);
        QVERIFY(findPart<QPushButton>(fixture.page, u"refusals.live"_s)->isEnabled());
    }

    void aKindHasAllItsReasons()
    {
        Fixture fixture;
        fixture.page.showInterval({}, fixture.client.clock.utc() + 1s, Metric::RefusedOther);
        QCOMPARE(fixture.client.lastDecisionQuery.reason, u"banned,server_full,draining,slow_consumer"_s);
        fixture.page.showInterval({}, fixture.client.clock.utc() + 1s); // the whole bar
        QCOMPARE(fixture.client.lastDecisionQuery.reason, QString());
    }

    void whatTheServerCannotAnswerIsTold()
    {
        Fixture fixture;
        QVERIFY(fixture.isAnswered());
        Problem problem;
        problem.status = 503;
        fixture.client.failure = problem;
        fixture.type(u"203.0.113.7"_s);
        QTRY_VERIFY(fixture.text(u"refusals.count"_s).contains(u"503"_s));
    }

    void anIntervalIsAChipThatCloses()
    {
        Fixture fixture;
        fixture.refuse({ fixture.decision(u"D1"_s, Reason::TokenInvalid, 10min),
            fixture.decision(u"D2"_s, Reason::TokenInvalid) });
        auto *chip = findPart<QAbstractButton>(fixture.page, u"refusals.interval"_s);
        QVERIFY(!chip->isVisible());
        const UtcTime now = fixture.client.clock.utc();
        fixture.page.showInterval(now - 11min, now - 9min);
        QVERIFY(chip->isVisible());
        QCOMPARE(fixture.table->model()->rowCount(), 1);
        QTRY_COMPARE(fixture.client.lastDecisionQuery.from, std::optional(now - 11min));
        QCOMPARE(fixture.client.lastDecisionQuery.to, std::optional(now - 9min));
        QCOMPARE(chip->text(), intervalText({ now - 11min, now - 9min }, now));
        QCOMPARE(fixture.text(u"refusals.scope.state"_s), chip->text() + u", not live"_s);
        fixture.page.showInterval(now - 24h, now - 23h);
        const QString day = QLocale().toString(toDateTime(now - 24h).date(), u"d MMM");
        QVERIFY2(chip->accessibleName().contains(day), qPrintable(chip->text()));
        chip->click();
        QVERIFY(!chip->isVisible());
        QCOMPARE(fixture.table->model()->rowCount(), 2);
    }

    void theTailWaitsWhileOneReads()
    {
        Fixture fixture;
        fixture.refuse({ fixture.decision(u"D1"_s, Reason::TokenInvalid) });
        clickPart(fixture.page, u"refusals.live"_s);
        fixture.refuse(
            { fixture.decision(u"D2"_s, Reason::TokenInvalid), fixture.decision(u"D3"_s, Reason::TokenInvalid) });
        QCOMPARE(fixture.table->model()->rowCount(), 1);
        QCOMPARE(fixture.text(u"refusals.scope.state"_s), u"paused · 2 waiting"_s);
        clickPart(fixture.page, u"refusals.live"_s);
        QCOMPARE(fixture.table->model()->rowCount(), 3);
        QCOMPARE(fixture.text(u"refusals.scope.state"_s), u"live"_s);
    }

    void nothingIsLiveWithoutAConnection()
    {
        Fixture fixture;
        auto *live = findPart<QAbstractButton>(fixture.page, u"refusals.live"_s);
        QVERIFY(live->isEnabled());
        fixture.client.setState(ConnectionState::WaitingToRetry, u"connection refused"_s);
        QVERIFY(!live->isEnabled());
        QCOMPARE(fixture.text(u"refusals.scope.state"_s), u"not live: no connection"_s);
        fixture.client.setState(ConnectionState::Live);
        QVERIFY(live->isEnabled() && live->isChecked());
    }

    void aRowHasDetailsAndActions()
    {
        Fixture fixture;
        fixture.refuse({ fixture.decision(u"D1"_s, Reason::OriginNotAllowed),
            fixture.decision(u"D2"_s, Reason::TooManyConnections) });
        auto *change = findPart<QAbstractButton>(fixture.page, u"refusals.changelimit"_s);
        QVERIFY(!change->isVisible());
        fixture.table->selectRow(0);
        QVERIFY(fixture.facts().contains(u"127.100.100.100"_s));
        QVERIFY(fixture.facts().contains(u"429"_s));
        QSignalSpy requested(&fixture.page, &RefusalsPage::limitRequested);
        change->click();
        QCOMPARE(requested.count(), 1);
        QCOMPARE(requested[0][0].toString(), u"max_connections_per_ip"_s);
        clickPart(fixture.page, u"refusals.copy"_s);
        QCOMPARE(QJsonDocument::fromJson(QGuiApplication::clipboard()->text().toUtf8())[u"id"_s].toString(), u"D2"_s);
        clickPart(fixture.page, u"refusals.onlyaddress"_s);
        QVERIFY(findPart<QAbstractButton>(fixture.page, u"refusals.chip.address"_s)->isVisible());
        QVERIFY(fixture.isAnswered());
        fixture.table->selectRow(1); // no limit is behind a foreign Origin
        QVERIFY(!change->isVisible());
    }

    void aReasonLeadsToItsLimit()
    {
        Fixture fixture;
        auto *change = findPart<QAbstractButton>(fixture.page, u"refusals.changelimit"_s);
        QSignalSpy requested(&fixture.page, &RefusalsPage::limitRequested);
        for (const ReasonDescriptor &reason : reasonDescriptors()) {
            fixture.refuse({ fixture.decision(u"D"_s + reason.title, reason.reason) });
            fixture.table->selectRow(0);
            QCOMPARE(change->isVisible(), reason.limit.has_value());
            if (!reason.limit)
                continue;
            change->click();
            QCOMPARE(requested.takeLast()[0].toString(), QString(limitDescriptor(*reason.limit).name));
        }
    }

    void copiesARowWithIsoTimes()
    {
        Fixture fixture;
        fixture.refuse({ fixture.decision(u"D1"_s, Reason::TooManyConnections) });
        fixture.table->selectRow(0);
        fixture.page.activateWindow();
        fixture.table->setFocus();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.page));
        QTest::keyClick(fixture.table, Qt::Key_C, Qt::ControlModifier);
        const QStringList cells = QGuiApplication::clipboard()->text().split(u'\t');
        QCOMPARE(cells.value(0), u"2025-11-10T12:00:00.000Z"_s);
        QCOMPARE(cells.value(1), u"too_many_connections"_s);
        QCOMPARE(cells.size(), DecisionsModel::ColumnCount - 2); // as shown: without the guard, and without a node
    }

    void copiesACell()
    {
        Fixture fixture;
        fixture.refuse({ fixture.decision(u"D1"_s, Reason::TooManyConnections) });
        const QModelIndex cell = fixture.table->model()->index(0, DecisionsModel::AddressColumn);
        QTest::mouseClick(fixture.table->viewport(), Qt::LeftButton, {}, fixture.table->visualRect(cell).center());
        auto *copy = findPart<QAction>(fixture.page, u"refusals.table.copycell"_s);
        QVERIFY(findPart<QMenu>(fixture.page, u"refusals.table.menu"_s)->actions().contains(copy));
        copy->trigger();
        QCOMPARE(QGuiApplication::clipboard()->text(), u"127.100.100.100"_s);
        const QModelIndex time = cell.siblingAtColumn(DecisionsModel::TimeColumn);
        QTest::mouseClick(fixture.table->viewport(), Qt::LeftButton, {}, fixture.table->visualRect(time).center());
        fixture.page.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.page));
        QTest::keyClick(fixture.table, Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), u"2025-11-10T12:00:00.000Z"_s);
        // Where its row has gone, nobody else's is copied.
        fixture.serverModel.decisions().clear();
        fixture.refuse({ fixture.decision(u"D2"_s, Reason::TokenInvalid) });
        copy->trigger();
        QCOMPARE(QGuiApplication::clipboard()->text(), u"2025-11-10T12:00:00.000Z"_s);
    }

    void columnsAreChosen()
    {
        Fixture fixture;
        auto *guard = fixture.page.findChild<QAction *>(u"refusals.table.column.%1"_s.arg(DecisionsModel::GuardColumn));
        QVERIFY(guard && !guard->isChecked());
        guard->trigger();
        QVERIFY(!fixture.table->isColumnHidden(DecisionsModel::GuardColumn));
        // The last one cannot be hidden: no header would be left to bring one back.
        for (int column = 0; column < DecisionsModel::ColumnCount; ++column)
            fixture.page.findChild<QAction *>(u"refusals.table.column.%1"_s.arg(column))->setChecked(false);
        int shown = 0;
        for (int column = 0; column < DecisionsModel::ColumnCount; ++column)
            shown += fixture.table->isColumnHidden(column) ? 0 : 1;
        QCOMPARE(shown, 1);
    }

    void exportsWhatIsShown()
    {
        Fixture fixture;
        fixture.refuse(
            { fixture.decision(u"D1"_s, Reason::TooManyConnections), fixture.decision(u"D2"_s, Reason::TokenInvalid) });
        fixture.choose(u"refusals.guard"_s, u"token"_s);
        const QList<QByteArray> lines = fixture.exported();
        QCOMPARE(lines.size(), 2);
        QVERIFY(lines[1].startsWith("2025-11-10T12:00:00.000Z,token_invalid,127.100.100.100,"));
        QVERIFY(!fixture.page.findChild<QMessageBox *>(u"export.lack"_s)); // nothing was left out
    }

    void exportsAllThatTheServerHas()
    {
        Fixture fixture;
        fixture.refusedBefore(1700);
        fixture.client.notStored = 90;
        fixture.type(u"127.100"_s);
        QVERIFY(fixture.isAnswered());
        QCOMPARE(fixture.table->model()->rowCount(), 500);
        QCOMPARE(fixture.exported().size(), 1701);
        QCOMPARE(fixture.table->model()->rowCount(), 500); // the table is as it was
        QTRY_VERIFY(fixture.page.findChild<QMessageBox *>(u"export.lack"_s));
        const QString lack = findPart<QMessageBox>(fixture.page, u"export.lack"_s)->text();
        QVERIFY2(lack.contains(u"90 more"_s), qPrintable(lack));
        QTRY_VERIFY(!fixture.page.findChild<QWidget *>(u"export.progress"_s));
    }

    void anExportThatFailsWritesNothing()
    {
        Fixture fixture;
        fixture.refusedBefore(10);
        QTemporaryDir folder;
        clickPart(fixture.page, u"refusals.export"_s);
        fixture.client.failure = Problem{};
        Q_EMIT findPart<QFileDialog>(fixture.page, u"export.dialog"_s)->fileSelected(folder.filePath(u"r.csv"_s));
        QTRY_VERIFY(fixture.page.findChild<QMessageBox *>(u"export.error"_s));
        QVERIFY(!QFile::exists(folder.filePath(u"r.csv"_s)));
    }

    void showsWhoIsRefusedMost()
    {
        Fixture fixture;
        auto *offenders = findPart<QTableView>(fixture.page, u"refusals.offenders"_s);
        fixture.page.hide();
        fixture.page.show(); // asks when it is seen
        QTRY_COMPARE(offenders->model()->rowCount(), 2);
        QCOMPARE(fixture.text(u"refusals.offendercount"_s), u"of 90,100 refusals"_s);
        fixture.choose(u"refusals.offenderkind"_s, int(OffenderKind::User));
        QTRY_COMPARE(fixture.serverModel.offenders().kind(), OffenderKind::User);
        const QRect row = offenders->visualRect(offenders->model()->index(0, 0));
        QTest::mouseClick(offenders->viewport(), Qt::LeftButton, {}, row.center());
        QTest::mouseDClick(offenders->viewport(), Qt::LeftButton, {}, row.center());
        QCOMPARE(findPart<QAbstractButton>(fixture.page, u"refusals.chip.user"_s)->text(), u"User = 127.0.0.7"_s);
        fixture.choose(u"refusals.offenderkind"_s, int(OffenderKind::Reason));
        fixture.client.offenders = { { u"too_many_connections"_s, 3 } };
        fixture.serverModel.refreshOffenders(OffenderKind::Reason);
        QTRY_COMPARE(offenders->model()->rowCount(), 1);
        QTest::mouseDClick(offenders->viewport(), Qt::LeftButton, {}, row.center());
        QTRY_COMPARE(fixture.client.lastDecisionQuery.reason, u"too_many_connections"_s);
        QCOMPARE(fixture.client.lastDecisionQuery.guard, QString()); // whichever guard's it is
    }
};

QTEST_MAIN(TestRefusalsPage)
#include "tst_refusalspage.moc"
