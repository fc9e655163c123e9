// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/keychainvault.h"

#include <QtTest/QtTest>

#include "console/connection/memoryvault.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

/// KeychainVault where no keychain works, as on a test machine, and MemoryVault.
class TestKeychainVault : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void saysWhenThereIsNoKeychain();
    void isSilentForAContextThatIsGone();
    void memoryVaultKeepsTokens();
    void memoryVaultCanFail();

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

void TestKeychainVault::memoryVaultKeepsTokens()
{
    MemoryVault vault;
    QStringList events;
    const auto noteRead = [&](const Result<QString> &token) { events << (token ? "token:"_L1 + *token : u"error"_s); };
    const auto noteDone = [&](const Status &status) { events << (status ? u"ok"_s : u"error"_s); };
    vault.read(u"id"_s, this, noteRead);
    vault.write(u"id"_s, u"t"_s, this, noteDone);
    vault.read(u"id"_s, this, noteRead);
    QVERIFY(events.isEmpty()); // never within the call
    vault.remove(u"id"_s, this, noteDone);
    vault.remove(u"id"_s, this, noteDone);
    vault.read(u"id"_s, this, noteRead);
    QTRY_COMPARE(events, (QStringList{ u"token:"_s, u"ok"_s, u"token:t"_s, u"ok"_s, u"ok"_s, u"token:"_s }));
}

void TestKeychainVault::memoryVaultCanFail()
{
    MemoryVault vault;
    vault.failWith(u"no keychain"_s);
    QString error;
    vault.write(u"id"_s, u"t"_s, this, [&](const Status &status) { error = status.error().message; });
    QTRY_COMPARE(error, u"no keychain"_s);
}

QTEST_GUILESS_MAIN(TestKeychainVault)
#include "tst_keychainvault.moc"
