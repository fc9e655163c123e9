// SPDX-License-Identifier: GPL-3.0-or-later
// What is done about the connection at hand, by clicks and keys: server.newtoken and server.reconnect, and the dialog
// token.value token.note token.help.copy token.store token.cancel token.accept
#include "console/app/serveractions.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPushButton>

#include "tests/support/consolefixture.h"
#include "tests/support/memoryvault.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

struct Fixture : ConsoleFixture
{
    QTemporaryDir folder;
    ProfileStore profiles{ folder.filePath(u"profiles.ini"_s) };
    MemoryVault vault;
    QWidget window;
    ServerActions *actions = new ServerActions(serverModel, profiles, vault, window);

    [[nodiscard]] QAction *action(const QString &name) const { return window.findChild<QAction *>(name); }
    QDialog *ask()
    {
        window.show();
        action(u"server.newtoken"_s)->trigger();
        return findPart<QDialog>(window, u"token"_s);
    }
    QString stored(const QString &id)
    {
        std::optional<QString> token;
        vault.read(id, &window, [&token](const Result<QString> &read) { token = read ? *read : QString(); });
        [[maybe_unused]] const bool isRead = QTest::qWaitFor([&token] { return token.has_value(); });
        return token.value_or(QString());
    }
};

} // namespace

class TestServerActions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void theyAreThereWhenThereIsAServer()
    {
        Fixture fixture;
        QVERIFY(!fixture.action(u"server.newtoken"_s)->isEnabled());
        QVERIFY(!fixture.action(u"server.reconnect"_s)->isEnabled());
        fixture.connectToServer();
        QVERIFY(fixture.action(u"server.newtoken"_s)->isEnabled());
        QVERIFY(!fixture.action(u"server.reconnect"_s)->isEnabled()); // it is connected
        for (const ConnectionState state : { ConnectionState::Disconnected, ConnectionState::AuthFailed,
                 ConnectionState::WaitingToRetry, ConnectionState::Stale }) {
            fixture.client.setState(state);
            QVERIFY(fixture.action(u"server.reconnect"_s)->isEnabled());
        }
        fixture.action(u"server.reconnect"_s)->trigger();
        QCOMPARE(fixture.client.status().state, ConnectionState::Live);
    }

    void aMenuShowsThem()
    {
        Fixture fixture;
        QMenu menu;
        QAction *last = menu.addAction(u"Quit"_s);
        fixture.actions->addTo(menu, last);
        QCOMPARE(menu.actions().size(), 3);
        QCOMPARE(menu.actions().constLast(), last);
    }

    void aNewTokenIsTriedBeforeItIsUsed()
    {
        Fixture fixture;
        const ServerProfile saved = ServerProfile::create(u"web-prod-1"_s, QUrl(u"http://127.0.0.1:8080"_s));
        QVERIFY(fixture.profiles.save(saved).isOk());
        fixture.connectToServer();
        QSignalSpy given(fixture.actions, &ServerActions::tokenGiven);
        QDialog *dialog = fixture.ask();
        fixture.action(u"server.newtoken"_s)->trigger();
        QCOMPARE(fixture.window.findChildren<QDialog *>(u"token"_s).size(), 1); // once is enough
        auto *note = findPart<QLabel>(*dialog, u"token.note"_s);
        clickPart(*dialog, u"token.accept"_s);
        QCOMPARE(note->property("role").toString(), u"bad"_s); // there is none
        auto *value = findPart<QLineEdit>(*dialog, u"token.value"_s);
        QCOMPARE(value->echoMode(), QLineEdit::Password);
        QTest::keyClicks(value, u"old"_s);
        QCOMPARE(note->property("role").toString(), u"small"_s);
        Problem problem;
        problem.status = 401;
        problem.detail = u"It has expired."_s;
        fixture.client.failure = problem;
        QTest::keyClick(value, Qt::Key_Return);
        QTRY_COMPARE(note->text(), u"It has expired."_s);
        QVERIFY(dialog->isVisible());
        QCOMPARE(given.count(), 0);
        fixture.client.failure.reset();
        value->clear();
        QTest::keyClicks(value, u" new "_s);
        QVERIFY(findPart<QCheckBox>(*dialog, u"token.store"_s)->isChecked());
        QTest::keyClick(value, Qt::Key_Return);
        QTRY_COMPARE(given.count(), 1);
        QCOMPARE(given[0][0].value<ServerProfile>(), saved);
        QCOMPARE(given[0][1].toString(), u"new"_s);
        QCOMPARE(fixture.stored(saved.id), u"new"_s);
    }

    void oneThatIsNotToBeStoredIsForgotten()
    {
        Fixture fixture;
        const ServerProfile saved = ServerProfile::create(u"web-prod-1"_s, QUrl(u"http://127.0.0.1:8080"_s));
        QVERIFY(fixture.profiles.save(saved).isOk());
        fixture.vault.write(saved.id, u"old"_s, &fixture.window, [](const Status &) {});
        fixture.connectToServer();
        QSignalSpy given(fixture.actions, &ServerActions::tokenGiven);
        QDialog *dialog = fixture.ask();
        QTest::keyClicks(findPart<QLineEdit>(*dialog, u"token.value"_s), u"new"_s);
        QTest::keyClick(findPart<QCheckBox>(*dialog, u"token.store"_s), Qt::Key_Space);
        clickPart(*dialog, u"token.accept"_s);
        QTRY_COMPARE(given.count(), 1);
        QVERIFY(!fixture.profiles.find(saved.id)->storesToken);
        QCOMPARE(fixture.stored(saved.id), QString());
    }

    void aKeychainThatDoesNotWorkIsSaid()
    {
        Fixture fixture;
        fixture.connectToServer();
        fixture.vault.failWith(u"there is no keychain"_s);
        QSignalSpy given(fixture.actions, &ServerActions::tokenGiven);
        QSignalSpy notStored(fixture.actions, &ServerActions::tokenNotStored);
        QDialog *dialog = fixture.ask();
        auto *store = findPart<QCheckBox>(*dialog, u"token.store"_s);
        QVERIFY(!store->isChecked()); // the server is not saved
        store->setChecked(true);
        QTest::keyClicks(findPart<QLineEdit>(*dialog, u"token.value"_s), u"new"_s);
        clickPart(*dialog, u"token.accept"_s);
        QTRY_COMPARE(notStored.count(), 1);
        QCOMPARE(given.count(), 1); // good for this run
        QCOMPARE(notStored[0][0].toString(), u"there is no keychain"_s);
    }
};

QTEST_MAIN(TestServerActions)
#include "tst_serveractions.moc"
