// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/keychainvault.h"

#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

/// KeychainVault where no keychain works, as on a test machine.
class TestKeychainVault : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void saysWhenThereIsNoKeychain();
    void isSilentForAContextThatIsGone();

private:
    QTemporaryDir m_home;
};

void TestKeychainVault::initTestCase()
{
    // No session bus, so no Secret Service and no KWallet; and a home to look for leaked tokens in.
    QVERIFY(m_home.isValid());
    qputenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    qputenv("HOME", m_home.path().toLocal8Bit());
    qputenv("XDG_CONFIG_HOME", m_home.filePath(u".config"_s).toLocal8Bit());
}

void TestKeychainVault::saysWhenThereIsNoKeychain()
{
    KeychainVault vault;
    QString writeError;
    QString readError;
    QString removeError;
    vault.write(u"id"_s, u"canary-token"_s, this,
        [&](const Status &status) { writeError = status ? u"stored"_s : status.error().message; });
    QTRY_VERIFY(!writeError.isEmpty());
    QVERIFY(writeError != u"stored"_s);
    vault.read(
        u"id"_s, this, [&](const Result<QString> &token) { readError = token ? u"read"_s : token.error().message; });
    QTRY_VERIFY(!readError.isEmpty());
    QVERIFY(readError != u"read"_s);
    vault.remove(
        u"id"_s, this, [&](const Status &status) { removeError = status ? u"removed"_s : status.error().message; });
    QTRY_VERIFY(!removeError.isEmpty());
    // Nothing fell back to a plain file.
    QDirIterator files(m_home.path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(!file.readAll().contains("canary-token"));
    }
}

void TestKeychainVault::isSilentForAContextThatIsGone()
{
    KeychainVault vault;
    bool isCalled = false;
    auto context = std::make_unique<QObject>();
    vault.read(u"id"_s, context.get(), [&](const Result<QString> &) { isCalled = true; });
    context.reset();
    bool isLaterCalled = false;
    vault.read(u"id"_s, this, [&](const Result<QString> &) { isLaterCalled = true; });
    QTRY_VERIFY(isLaterCalled);
    QVERIFY(!isCalled);
}

QTEST_GUILESS_MAIN(TestKeychainVault)
#include "tst_keychainvault.moc"
