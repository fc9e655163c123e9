// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/profilestore.h"

#include <QtTest/QtTest>

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
    void exportsAndImports();
    void importKeepsBothOfOneName();
    void importTakesAllOrNothing_data();
    void importTakesAllOrNothing();

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

void TestProfileStore::exportsAndImports()
{
    ProfileStore store(path());
    QVERIFY(store.save(profileNamed(u"One"_s)).isOk());
    QVERIFY(store.save(profileNamed(u"Two"_s)).isOk());
    const QByteArray exported = store.exportJson();
    ProfileStore other(m_directory->filePath(u"other.ini"_s));
    QCOMPARE(other.importJson(exported).value(), 2);
    QCOMPARE(other.profiles(), store.profiles());
    // Once more: they are replaced, not doubled.
    QCOMPARE(other.importJson(exported).value(), 2);
    QCOMPARE(other.profiles().size(), 2u);
}

void TestProfileStore::importKeepsBothOfOneName()
{
    ProfileStore mine(path());
    QVERIFY(mine.save(profileNamed(u"Production"_s)).isOk());
    ProfileStore theirs(m_directory->filePath(u"theirs.ini"_s));
    QVERIFY(theirs.save(profileNamed(u"Production"_s)).isOk());
    QCOMPARE(mine.importJson(theirs.exportJson()).value(), 1);
    QCOMPARE(mine.profiles().size(), 2u);
    QCOMPARE(mine.profiles()[1].name, u"Production (2)"_s);
}

void TestProfileStore::importTakesAllOrNothing_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("truncated") << QByteArray(R"({"format":"gatehouse-profiles","version":1,"profiles":[)");
    QTest::newRow("another format") << QByteArray(R"({"profiles":[]})");
    QTest::newRow("a newer version") << QByteArray(R"({"format":"gatehouse-profiles","version":2,"profiles":[]})");
    QTest::newRow("one bad among good") << QByteArray(R"({"format":"gatehouse-profiles","version":1,"profiles":[
            {"id":"5d21a4d2-7a4e-4c39-8f5e-9b7d0f7a1c11","name":"a","url":"https://a.example"},
            {"id":"nonsense","name":"b","url":"https://b.example"}]})");
}

void TestProfileStore::importTakesAllOrNothing()
{
    QFETCH(QByteArray, json);
    ProfileStore store(path());
    QVERIFY(store.save(profileNamed(u"mine"_s)).isOk());
    const Result<int> imported = store.importJson(json);
    QVERIFY(!imported.isOk());
    QVERIFY(!imported.error().message.isEmpty());
    QCOMPARE(store.profiles().size(), 1u);
}

QTEST_GUILESS_MAIN(TestProfileStore)
#include "tst_profilestore.moc"
