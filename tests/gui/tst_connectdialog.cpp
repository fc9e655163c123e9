// SPDX-License-Identifier: GPL-3.0-or-later
// The dialog that connects, by clicks and keys: connect.profiles connect.new connect.delete  connect.name  connect.url
// connect.token connect.environment  connect.store  connect.test  connect.cancel  connect.accept  connect.outcome
#include "console/app/connectdialog.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QPushButton>

#include "tests/support/consolefixture.h"
#include "tests/support/memoryvault.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

struct Fixture
{
    QTemporaryDir folder;
    FakeAdminClient client;
    ProfileStore profiles{ folder.filePath(u"profiles.ini"_s) };
    MemoryVault vault;
};

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
        QVERIFY(!outcome->text().isEmpty()); // no address: said, not sent
        QVERIFY(!fixture.client.calls.contains(u"testConnection"_s));
        QTest::keyClicks(field("connect.name"), u"web-prod-1"_s);
        QTest::keyClicks(field("connect.url"), u"127.0.0.1:8080"_s);
        press("connect.test");
        QVERIFY(!fixture.client.calls.contains(u"testConnection"_s)); // no token
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
        QTRY_VERIFY(dialog.findChild<QLabel *>(u"connect.outcome"_s)->text().contains(u"there is no keychain"_s));
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
            (QStringList{ u"connect.name"_s, u"connect.url"_s, u"connect.token"_s, u"connect.environment"_s,
                u"connect.store"_s, u"connect.test"_s, u"connect.cancel"_s, u"connect.accept"_s, u"connect.profiles"_s,
                u"connect.new"_s }));
    }
};

QTEST_MAIN(TestConnectDialog)
#include "tst_connectdialog.moc"
