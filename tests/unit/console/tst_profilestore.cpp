// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/profilestore.h"

#include <QtTest/QtTest>

#include "tests/support/testcertificates.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestProfileStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void isEmptyWithoutAFile();
    void keepsProfilesOverARestart();
    void replacesAProfileOfTheSameId();
    void refusesBadProfiles();
    void refusesANameInUse();
    void forgetsAProfile();
    void remembersTheLastUsed();
    void leavesOutWhatItCannotRead();
    void saysWhenItCannotWrite();
    void oneAtMostConnectsAtTheStart();
    void gathersTheAuthoritiesOfAServer();

private:
    [[nodiscard]] QString path() const { return m_directory->filePath(u"console.ini"_s); }
    std::unique_ptr<QTemporaryDir> m_directory;
};

namespace {

ServerProfile profileNamed(const QString &name)
{
    return ServerProfile::create(name, QUrl(u"https://gate.example.org"_s));
}

} // namespace

void TestProfileStore::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
}

void TestProfileStore::isEmptyWithoutAFile()
{
    const ProfileStore store(path());
    QVERIFY(store.profiles().empty());
    QVERIFY(store.warnings().isEmpty());
    QVERIFY(store.lastUsedId().isEmpty());
}

void TestProfileStore::keepsProfilesOverARestart()
{
    ServerProfile profile = profileNamed(u"Bangkok"_s);
    profile.color = Qt::red;
    profile.environment = Environment::Production;
    {
        ProfileStore store(path());
        QSignalSpy changed(&store, &ProfileStore::profilesChanged);
        QVERIFY(store.save(profile).isOk());
        QVERIFY(store.save(profileNamed(u"ห้องควบคุม"_s)).isOk());
        QCOMPARE(changed.count(), 2);
    }
    const ProfileStore store(path());
    QCOMPARE(store.profiles().size(), 2u);
    QCOMPARE(store.find(profile.id), std::optional(profile));
    QCOMPARE(store.profiles()[1].name, u"ห้องควบคุม"_s);
    QCOMPARE(store.find(u"nobody"_s), std::optional<ServerProfile>());
}

void TestProfileStore::replacesAProfileOfTheSameId()
{
    ProfileStore store(path());
    ServerProfile profile = profileNamed(u"One"_s);
    QVERIFY(store.save(profile).isOk());
    profile.name = u"Two"_s;
    QVERIFY(store.save(profile).isOk());
    QCOMPARE(store.profiles().size(), 1u);
    QCOMPARE(store.profiles()[0].name, u"Two"_s);
}

void TestProfileStore::refusesBadProfiles()
{
    ProfileStore store(path());
    QCOMPARE(store.save(profileNamed(QString())).error().field, u"name"_s);
    QCOMPARE(store.save(ServerProfile::create(u"x"_s, QUrl(u"gopher://x"_s))).error().field, u"url"_s);
    QVERIFY(store.profiles().empty());
}

void TestProfileStore::refusesANameInUse()
{
    ProfileStore store(path());
    QVERIFY(store.save(profileNamed(u"Bangkok"_s)).isOk());
    const Status status = store.save(profileNamed(u"bangkok"_s));
    QVERIFY(!status.isOk());
    QVERIFY(status.error().message.contains(u"Bangkok"_s));
    QCOMPARE(store.profiles().size(), 1u);
}

void TestProfileStore::forgetsAProfile()
{
    ProfileStore store(path());
    const ServerProfile profile = profileNamed(u"Bangkok"_s);
    QVERIFY(store.save(profile).isOk());
    store.setLastUsedId(profile.id);
    QVERIFY(store.remove(profile.id).isOk());
    QVERIFY(!store.remove(profile.id).isOk());
    QVERIFY(store.lastUsedId().isEmpty());
    QVERIFY(ProfileStore(path()).profiles().empty());
}

void TestProfileStore::remembersTheLastUsed()
{
    {
        ProfileStore store(path());
        store.setLastUsedId(u"abc"_s);
    }
    QCOMPARE(ProfileStore(path()).lastUsedId(), u"abc"_s);
}

void TestProfileStore::leavesOutWhatItCannotRead()
{
    {
        ProfileStore store(path());
        QVERIFY(store.save(profileNamed(u"good"_s)).isOk());
        QSettings settings(path(), QSettings::IniFormat);
        settings.beginWriteArray(u"profiles"_s, 2);
        settings.setArrayIndex(1);
        settings.setValue(u"profile"_s, u"{broken"_s);
        settings.endArray();
    }
    const ProfileStore store(path());
    QCOMPARE(store.profiles().size(), 1u);
    QCOMPARE(store.warnings().size(), 1);
    QVERIFY(store.warnings()[0].contains(path()));
}

void TestProfileStore::saysWhenItCannotWrite()
{
    // A directory of the file's name: not even root can write there.
    QVERIFY(QDir().mkpath(path()));
    ProfileStore store(path());
    const Status status = store.save(profileNamed(u"x"_s));
    QVERIFY(!status.isOk());
    QVERIFY(status.error().message.contains(path()));
}

void TestProfileStore::oneAtMostConnectsAtTheStart()
{
    ProfileStore store(path());
    QVERIFY(!store.startProfile());
    ServerProfile one = profileNamed(u"One"_s);
    one.connectsAtStart = true;
    ServerProfile two = profileNamed(u"Two"_s);
    two.connectsAtStart = true;
    QVERIFY(store.save(one).isOk());
    QCOMPARE(store.startProfile()->name, u"One"_s);
    QVERIFY(store.save(two).isOk());
    QCOMPARE(store.startProfile()->name, u"Two"_s);
    QVERIFY(!store.find(one.id)->connectsAtStart);
    QCOMPARE(ProfileStore(path()).startProfile()->name, u"Two"_s);
    two.environment = Environment::Production;
    QVERIFY(store.save(two).isOk());
    QVERIFY(!store.startProfile()); // never that
    QVERIFY(!ProfileStore(path()).startProfile());
}

void TestProfileStore::gathersTheAuthoritiesOfAServer()
{
    ProfileStore store(path());
    ServerProfile one = profileNamed(u"One"_s);
    one.authority = testcertificates::kAuthority;
    ServerProfile two = profileNamed(u"Two"_s);
    two.authority = testcertificates::kAnotherAuthority;
    ServerProfile other = profileNamed(u"Other"_s);
    other.url.setPort(8443);
    for (const ServerProfile &profile : { one, two, other })
        QVERIFY(store.save(profile).isOk());
    QCOMPARE(store.authoritiesOf(one.url), testcertificates::kAuthority + testcertificates::kAnotherAuthority);
    QVERIFY(store.authoritiesOf(other.url).isEmpty());
    QCOMPARE(ProfileStore(path()).find(one.id), std::optional(one));
}

QTEST_GUILESS_MAIN(TestProfileStore)
#include "tst_profilestore.moc"
