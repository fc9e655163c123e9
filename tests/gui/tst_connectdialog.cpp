// SPDX-License-Identifier: GPL-3.0-or-later
// The dialog that connects, by clicks and keys: connect.profiles connect.new connect.delete connect.import
// connect.export connect.local  connect.name connect.url connect.token connect.help.command connect.help.copy
// connect.environment connect.authority connect.store connect.start, each with its .note  connect.test connect.cancel
// connect.accept connect.outcome
#include "console/app/connectdialog.h"

#include <QtCore/QTemporaryDir>
#include <QtGui/QAccessible>
#include <QtGui/QClipboard>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QPushButton>

#include "console/connection/httpadminclient.h"
#include "tests/support/consolefixture.h"
#include "tests/support/fakeadminserver.h"
#include "tests/support/fakeclock.h"
#include "tests/support/memoryvault.h"
#include "tests/support/testcertificates.h"
#include "tests/support/tlsfront.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

struct Fixture
{
    QTemporaryDir folder;
    FakeAdminClient client;
    ProfileStore profiles{ folder.filePath(u"profiles.ini"_s) };
    MemoryVault vault;

    [[nodiscard]] QString write(const QString &name, const QByteArray &content) const
    {
        QFile file(folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly))
            qFatal("%s cannot be written", qPrintable(file.fileName()));
        file.write(content);
        return file.fileName();
    }
};

QString noteOf(const ConnectDialog &dialog, const QString &field)
{
    return findPart<QLabel>(dialog, field + u".note"_s)->text();
}

bool isError(const ConnectDialog &dialog, const QString &field)
{
    return findPart<QLabel>(dialog, field + u".note"_s)->property("role").toString() == "bad"_L1;
}

void answerFileDialog(const ConnectDialog &dialog, const QString &name, const QString &path)
{
    auto *asked = findPart<QFileDialog>(dialog, name);
    asked->selectFile(path);
    QMetaObject::invokeMethod(asked, "accept");
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

} // namespace

class TestConnectDialog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void testsAndSavesAServer()
    {
        Fixture fixture;
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        dialog.show();
        const auto field
            = [&dialog](const char *name) { return dialog.findChild<QLineEdit *>(QString::fromLatin1(name)); };
        const auto press = [&dialog](const char *name) {
            QTest::mouseClick(dialog.findChild<QPushButton *>(QString::fromLatin1(name)), Qt::LeftButton);
        };
        auto *outcome = dialog.findChild<QLabel *>(u"connect.outcome"_s);
        press("connect.test");
        QVERIFY(isError(dialog, u"connect.url"_s)); // no address: said, not sent
        QVERIFY(!fixture.client.calls.contains(u"testConnection"_s));
        QTest::keyClicks(field("connect.name"), u"web-prod-1"_s);
        QTest::keyClicks(field("connect.url"), u"127.0.0.1:8080"_s);
        press("connect.test");
        QVERIFY(!fixture.client.calls.contains(u"testConnection"_s));
        QVERIFY(isError(dialog, u"connect.token"_s)); // no token
        QVERIFY(!isError(dialog, u"connect.url"_s));
        QTest::keyClicks(field("connect.token"), u"a-token"_s);
        press("connect.test");
        QTRY_VERIFY(outcome->text().contains(u"0.1.0"_s));
        press("connect.accept");
        QTRY_COMPARE(dialog.result(), int(QDialog::Accepted));
        QCOMPARE(dialog.profile().url, QUrl(u"http://127.0.0.1:8080"_s));
        QCOMPARE(fixture.profiles.profiles().size(), 1U);
        QFile saved(fixture.folder.filePath(u"profiles.ini"_s));
        QVERIFY(saved.open(QIODevice::ReadOnly));
        QVERIFY(!saved.readAll().contains("a-token"));
    }

    void asksBeforeUsingATokenThatCannotBeKept()
    {
        Fixture fixture;
        fixture.vault.failWith(u"there is no keychain"_s);
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        dialog.show();
        dialog.findChild<QLineEdit *>(u"connect.url"_s)->setText(u"http://127.0.0.1:8080"_s);
        dialog.findChild<QLineEdit *>(u"connect.token"_s)->setText(u"a-token"_s);
        auto *accept = dialog.findChild<QPushButton *>(u"connect.accept"_s);
        QTest::mouseClick(accept, Qt::LeftButton);
        QTRY_VERIFY(noteOf(dialog, u"connect.store"_s).contains(u"there is no keychain"_s));
        QVERIFY(dialog.isVisible());
        QTest::mouseClick(accept, Qt::LeftButton);
        QTRY_COMPARE(dialog.result(), int(QDialog::Accepted));
        QVERIFY(!dialog.profile().storesToken);
    }

    void theFocusWaitsWhileAButtonCannotBeUsed()
    {
        Fixture fixture;
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        dialog.show();
        dialog.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&dialog));
        findPart<QLineEdit>(dialog, u"connect.url"_s)->setText(u"http://127.0.0.1:8080"_s);
        findPart<QLineEdit>(dialog, u"connect.token"_s)->setText(u"t"_s);
        auto *test = findPart<QPushButton>(dialog, u"connect.test"_s);
        test->setFocus();
        fixture.client.holdsAnswers = true;
        QTest::keyClick(test, Qt::Key_Space);
        QVERIFY(!test->isEnabled());
        QTRY_VERIFY(!qobject_cast<QAbstractButton *>(dialog.focusWidget())); // Return would do another thing there
        fixture.client.releaseAnswers();
        QTRY_VERIFY(test->isEnabled());
        QCOMPARE(dialog.focusWidget(), test);
        QTest::keyClick(test, Qt::Key_Space);
        QTRY_VERIFY(dialog.focusWidget() != test);
        auto *name = findPart<QLineEdit>(dialog, u"connect.name"_s);
        name->setFocus(); // the user went elsewhere meanwhile
        fixture.client.releaseAnswers();
        QTRY_VERIFY(test->isEnabled());
        QCOMPARE(dialog.focusWidget(), name);
    }

    void tabGoesThroughTheDialogAsItIsRead()
    {
        Fixture fixture;
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        dialog.show();
        dialog.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&dialog));
        auto *first = findPart<QLineEdit>(dialog, u"connect.name"_s);
        first->setFocus();
        QStringList seen;
        do {
            seen << dialog.focusWidget()->objectName();
            QTest::keyClick(dialog.focusWidget(), Qt::Key_Tab);
        } while (dialog.focusWidget() != first && seen.size() < 20);
        QCOMPARE(seen,
            (QStringList{ u"connect.name"_s, u"connect.url"_s, u"connect.token"_s, u"connect.help.command"_s,
                u"connect.help.copy"_s, u"connect.environment"_s, u"connect.authority"_s, u"connect.authority.choose"_s,
                u"connect.store"_s, u"connect.start"_s, u"connect.test"_s, u"connect.cancel"_s, u"connect.accept"_s,
                u"connect.profiles"_s, u"connect.new"_s, u"connect.import"_s, u"connect.local"_s }));
    }

    void aNewcomerIsToldWhereToBegin()
    {
        Fixture fixture;
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        dialog.show();
        auto *local = findPart<QPushButton>(dialog, u"connect.local"_s);
        QVERIFY(local->isVisible());
        QVERIFY(local->property("primary").toBool());
        for (const char *name : { "name", "url", "token", "environment", "authority", "store", "start" }) {
            const QString field = u"connect."_s + QString::fromLatin1(name);
            QVERIFY2(!noteOf(dialog, field).isEmpty(), name);
            QVERIFY2(!isError(dialog, field), name);
        }
        clickPart(dialog, u"connect.help.copy"_s);
        const QString command = QApplication::clipboard()->text();
        QVERIFY(command.startsWith(u"gatehouse token "_s));
        QCOMPARE(findPart<QLineEdit>(dialog, u"connect.help.command"_s)->text(), command);
        QSignalSpy requested(&dialog, &ConnectDialog::localServerRequested);
        QTest::mouseClick(local, Qt::LeftButton);
        QCOMPARE(requested.count(), 1);
        QVERIFY(!dialog.isVisible());
    }

    void withSavedServersTheyComeFirst()
    {
        Fixture fixture;
        QVERIFY(fixture.profiles.save(ServerProfile::create(u"One"_s, QUrl(u"http://127.0.0.1:8080"_s))).isOk());
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        QVERIFY(!findPart<QPushButton>(dialog, u"connect.local"_s)->property("primary").toBool());
        QVERIFY(findPart<QPushButton>(dialog, u"connect.accept"_s)->property("primary").toBool());
        QCOMPARE(findPart<QLineEdit>(dialog, u"connect.name"_s)->text(), u"One"_s);
    }

    void whatIsWrongIsSaidBesideItsField_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("field");
        QTest::newRow("nobody answers") << 0 << u"network"_s << u"connect.url"_s;
        QTest::newRow("not Gatehouse") << 404 << u"not_gatehouse"_s << u"connect.url"_s;
        QTest::newRow("a bad token") << 401 << u"token_invalid"_s << u"connect.token"_s;
        QTest::newRow("a token of another role") << 403 << u"forbidden"_s << u"connect.token"_s;
        QTest::newRow("a certificate") << 0 << u"tls"_s << u"connect.authority"_s;
    }

    void whatIsWrongIsSaidBesideItsField()
    {
        QFETCH(int, status);
        QFETCH(QString, code);
        QFETCH(QString, field);
        Fixture fixture;
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        dialog.show();
        QTest::keyClicks(findPart<QLineEdit>(dialog, u"connect.url"_s), u"127.0.0.1:8080"_s);
        QTest::keyClicks(findPart<QLineEdit>(dialog, u"connect.token"_s), u"t"_s);
        Problem problem;
        problem.status = status;
        problem.code = code;
        problem.detail = u"That is why."_s;
        fixture.client.failure = problem;
        clickPart(dialog, u"connect.test"_s);
        QTRY_COMPARE(noteOf(dialog, field), u"That is why."_s);
        QVERIFY(isError(dialog, field));
        QCOMPARE(findPart<QWidget>(dialog, field)->accessibleDescription().isEmpty(), field == "connect.authority"_L1);
        QVERIFY(findPart<QLabel>(dialog, u"connect.outcome"_s)->text().isEmpty());
        QTest::keyClicks(findPart<QLineEdit>(dialog, u"connect.url"_s), u"1"_s);
        QTest::keyClicks(findPart<QLineEdit>(dialog, u"connect.token"_s), u"1"_s);
        QVERIFY(!isError(dialog, field)); // it is being mended
    }

    void aNameInUseIsSaidBesideTheName()
    {
        Fixture fixture;
        QVERIFY(fixture.profiles.save(ServerProfile::create(u"One"_s, QUrl(u"http://127.0.0.1:1"_s))).isOk());
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        dialog.show();
        clickPart(dialog, u"connect.new"_s);
        QTest::keyClicks(findPart<QLineEdit>(dialog, u"connect.name"_s), u"one"_s);
        QTest::keyClicks(findPart<QLineEdit>(dialog, u"connect.url"_s), u"127.0.0.1:8080"_s);
        QTest::keyClicks(findPart<QLineEdit>(dialog, u"connect.token"_s), u"t"_s);
        clickPart(dialog, u"connect.accept"_s);
        QVERIFY(isError(dialog, u"connect.name"_s));
        QVERIFY(dialog.isVisible());
    }

    void aPrivateAuthorityIsChosenAndTrusted()
    {
        FakeAdminServer server;
        QVERIFY(server.start());
        const TlsFront front(server.port(), testcertificates::kHere, testcertificates::kKey);
        Fixture fixture;
        FakeClock clock;
        HttpAdminClient client(clock, ReconnectPolicy([] { return 0.0; }));
        ConnectDialog dialog(client, fixture.profiles, fixture.vault);
        dialog.show();
        QTest::keyClicks(findPart<QLineEdit>(dialog, u"connect.url"_s), front.url().toString());
        QTest::keyClicks(findPart<QLineEdit>(dialog, u"connect.token"_s), u"good-token"_s);
        clickPart(dialog, u"connect.test"_s);
        QTRY_VERIFY(isError(dialog, u"connect.authority"_s)); // says what to do
        QVERIFY(noteOf(dialog, u"connect.authority"_s).contains(u"“Authority”"_s));
        const auto choose = [&dialog, &fixture](const QByteArray &content) {
            const QString path = fixture.write(u"ca.pem"_s, content);
            clickPart(dialog, u"connect.authority.choose"_s);
            answerFileDialog(dialog, u"connect.authority.file"_s, path);
        };
        choose("hello");
        QVERIFY(noteOf(dialog, u"connect.authority"_s).startsWith(u"ca.pem: "_s));
        choose(testcertificates::kAuthority);
        QVERIFY(!isError(dialog, u"connect.authority"_s));
        QCOMPARE(findPart<QLineEdit>(dialog, u"connect.authority"_s)->text(), u"Example Test CA, Example"_s);
        clickPart(dialog, u"connect.test"_s);
        auto *outcome = findPart<QLabel>(dialog, u"connect.outcome"_s);
        QTRY_VERIFY2(outcome->text().contains(u"9.9.9"_s), qPrintable(noteOf(dialog, u"connect.authority"_s)));
        // Not saved: not trusted.
        clickPart(dialog, u"connect.cancel"_s);
        client.connectToServer(front.url(), u"good-token"_s);
        QTRY_COMPARE(client.status().state, ConnectionState::WaitingToRetry);
        clickPart(dialog, u"connect.accept"_s);
        QTRY_COMPARE(dialog.result(), int(QDialog::Accepted));
        QCOMPARE(fixture.profiles.profiles().at(0).authority, testcertificates::kAuthority);
        client.connectToServer(dialog.profile().url, dialog.token());
        QTRY_COMPARE(client.status().state, ConnectionState::Live);
    }

    void productionIsNeverConnectedToAtTheStart()
    {
        Fixture fixture;
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        dialog.show();
        auto *start = findPart<QCheckBox>(dialog, u"connect.start"_s);
        auto *environment = findPart<QComboBox>(dialog, u"connect.environment"_s);
        QTest::keyClick(start, Qt::Key_Space);
        QVERIFY(start->isChecked());
        environment->setFocus();
        QTest::keyClick(environment, Qt::Key_End); // production
        QVERIFY(!start->isEnabled());
        QVERIFY(!start->isChecked());
        QTest::keyClick(environment, Qt::Key_Home);
        QVERIFY(start->isEnabled());
    }

    void profilesAreExportedAndImported()
    {
        Fixture fixture;
        const ServerProfile mine = ServerProfile::create(u"Production"_s, QUrl(u"https://gate.example"_s));
        QVERIFY(fixture.profiles.save(mine).isOk());
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        dialog.show();
        findPart<QLineEdit>(dialog, u"connect.token"_s)->setText(u"a-token"_s);
        const QString path = fixture.folder.filePath(u"profiles.json"_s);
        clickPart(dialog, u"connect.export"_s);
        answerFileDialog(dialog, u"connect.export.file"_s, path);
        auto *outcome = findPart<QLabel>(dialog, u"connect.outcome"_s);
        QVERIFY2(outcome->text().contains(u"1"_s), qPrintable(outcome->text()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray exported = file.readAll();
        file.close();
        QVERIFY(exported.contains("gate.example"));
        QVERIFY(!exported.contains("a-token"));
        // A colleague's: the same id, another address, and something of a later version.
        exported.replace("gate.example", "gate2.example").replace("\"name\"", "\"group\": \"night\", \"name\"");
        QVERIFY(!fixture.write(u"profiles.json"_s, exported).isEmpty());
        const auto import = [&dialog, &path](int choice) {
            clickPart(dialog, u"connect.import"_s);
            answerFileDialog(dialog, u"connect.import.file"_s, path);
            auto *asked = findPart<QDialog>(dialog, u"import"_s);
            QVERIFY(findPart<QLabel>(*asked, u"import.unknown"_s)->text().contains(u"group"_s));
            auto *box = findPart<QComboBox>(*asked, u"import.choice.0"_s);
            QTest::keyClick(box, Qt::Key_Home);
            for (int i = 0; i < choice; ++i)
                QTest::keyClick(box, Qt::Key_Down);
            clickPart(*asked, u"import.accept"_s);
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        };
        import(2); // mine only
        QCOMPARE(fixture.profiles.profiles(), std::vector{ mine });
        import(1); // both
        QCOMPARE(fixture.profiles.profiles().size(), 2U);
        QCOMPARE(fixture.profiles.profiles()[1].url, QUrl(u"https://gate2.example"_s));
        QVERIFY(fixture.profiles.exportJson().contains("night")); // kept
        QCOMPARE(findPart<QListWidget>(dialog, u"connect.profiles"_s)->count(), 2);
        QVERIFY(fixture.profiles.remove(fixture.profiles.profiles()[1].id).isOk());
        import(0); // theirs
        QCOMPARE(fixture.profiles.profiles().size(), 1U);
        QCOMPARE(fixture.profiles.profiles()[0].url, QUrl(u"https://gate2.example"_s));
        QVERIFY(!fixture.write(u"profiles.json"_s, "{}").isEmpty());
        clickPart(dialog, u"connect.import"_s);
        answerFileDialog(dialog, u"connect.import.file"_s, path);
        QVERIFY(outcome->text().startsWith(u"Nothing was imported."_s));
    }

    void everyControlHasANameForThoseWhoDoNotSeeIt()
    {
        Fixture fixture;
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        for (const QWidget *widget : dialog.findChildren<QWidget *>()) {
            if (widget->focusPolicy() & Qt::TabFocus) {
                const QString name
                    = QAccessible::queryAccessibleInterface(const_cast<QWidget *>(widget))->text(QAccessible::Name);
                QVERIFY2(!name.isEmpty(), qPrintable(widget->objectName()));
                QVERIFY2(!widget->objectName().isEmpty(), qPrintable(name));
            }
        }
    }

    void fitsASmallScreen()
    {
        Fixture fixture;
        ConnectDialog dialog(fixture.client, fixture.profiles, fixture.vault);
        QVERIFY2(
            dialog.minimumSizeHint().height() <= 380, qPrintable(QString::number(dialog.minimumSizeHint().height())));
        QVERIFY2(
            dialog.minimumSizeHint().width() <= 700, qPrintable(QString::number(dialog.minimumSizeHint().width())));
    }
};

QTEST_MAIN(TestConnectDialog)
#include "tst_connectdialog.moc"
