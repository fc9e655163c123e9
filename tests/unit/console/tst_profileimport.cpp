// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/profileimport.h"

#include <QtTest/QtTest>

#include "console/connection/profilestore.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

ServerProfile profileNamed(const QString &name, const QString &url = u"https://gate.example.org"_s)
{
    return ServerProfile::create(name, QUrl(url));
}

} // namespace

class TestProfileImport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void readsWhatWasExported();
    void importedTwiceIsTheSame();
    void asksAboutOneOfTheSameId();
    void asksAboutOneOfTheSameName();
    void aStoredTokenIsNotSentElsewhere();
    void nothingConnectsByItselfBecauseOfAnImport();
    void namesWhatItDoesNotKnow();
    void importTakesAllOrNothing_data();
    void importTakesAllOrNothing();

private:
    [[nodiscard]] QByteArray exported(const std::vector<ServerProfile> &profiles) const;
    std::unique_ptr<QTemporaryDir> m_directory;
};

void TestProfileImport::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
}

QByteArray TestProfileImport::exported(const std::vector<ServerProfile> &profiles) const
{
    ProfileStore store(m_directory->filePath(u"theirs.ini"_s));
    return store.replaceAll(profiles) ? store.exportJson() : QByteArray();
}

void TestProfileImport::readsWhatWasExported()
{
    const std::vector<ServerProfile> theirs{ profileNamed(u"One"_s), profileNamed(u"Two"_s) };
    const QByteArray json = exported(theirs);
    QVERIFY(!json.contains("eyJ")); // as tokens begin
    const auto imported = readProfiles(json, {});
    QVERIFY(imported.isOk());
    QCOMPARE(mergeProfiles({}, *imported), theirs);
}

void TestProfileImport::importedTwiceIsTheSame()
{
    const std::vector<ServerProfile> theirs{ profileNamed(u"One"_s), profileNamed(u"Two"_s) };
    const auto imported = readProfiles(exported(theirs), theirs);
    QVERIFY(imported.isOk());
    QVERIFY(imported->at(0).isSame);
    QCOMPARE(mergeProfiles(theirs, *imported), theirs);
}

void TestProfileImport::asksAboutOneOfTheSameId()
{
    const ServerProfile mine = profileNamed(u"Mine"_s);
    ServerProfile theirs = mine;
    theirs.name = u"Theirs"_s;
    auto imported = readProfiles(exported({ theirs }), { mine });
    QVERIFY(imported.isOk());
    QCOMPARE(imported->at(0).clash, std::optional(mine));
    QVERIFY(!imported->at(0).isSame);
    imported.value()[0].choice = ImportChoice::Replace;
    QCOMPARE(mergeProfiles({ mine }, *imported), std::vector{ theirs }); // with the id that the stored token is of
    imported.value()[0].choice = ImportChoice::Skip;
    QCOMPARE(mergeProfiles({ mine }, *imported), std::vector{ mine });
    imported.value()[0].choice = ImportChoice::KeepBoth;
    const std::vector<ServerProfile> both = mergeProfiles({ mine }, *imported);
    QCOMPARE(both.size(), 2U);
    QVERIFY(both[0].id != both[1].id);
}

void TestProfileImport::asksAboutOneOfTheSameName()
{
    const ServerProfile mine = profileNamed(u"Production"_s);
    auto imported = readProfiles(exported({ profileNamed(u"production"_s) }), { mine });
    QVERIFY(imported.isOk());
    QCOMPARE(imported->at(0).clash, std::optional(mine));
    QCOMPARE(imported->at(0).choice, ImportChoice::KeepBoth);
    const std::vector<ServerProfile> both = mergeProfiles({ mine }, *imported);
    QCOMPARE(both.size(), 2U);
    QCOMPARE(both[1].name, u"production (2)"_s);
    imported.value()[0].choice = ImportChoice::Replace;
    const std::vector<ServerProfile> one = mergeProfiles({ mine }, *imported);
    QCOMPARE(one.size(), 1U);
    QCOMPARE(one[0].id, mine.id);
}

void TestProfileImport::aStoredTokenIsNotSentElsewhere()
{
    const ServerProfile mine = profileNamed(u"Production"_s);
    ServerProfile theirs = mine;
    theirs.url = QUrl(u"https://evil.example"_s);
    auto imported = readProfiles(exported({ theirs }), { mine });
    QVERIFY(imported.isOk());
    imported.value()[0].choice = ImportChoice::Replace;
    const std::vector<ServerProfile> merged = mergeProfiles({ mine }, *imported);
    QCOMPARE(merged.size(), 1U);
    QVERIFY(merged[0].id != mine.id); // by which the keychain knows the token
}

void TestProfileImport::nothingConnectsByItselfBecauseOfAnImport()
{
    ServerProfile theirs = profileNamed(u"One"_s);
    theirs.connectsAtStart = true;
    const auto imported = readProfiles(exported({ theirs }), {});
    QVERIFY(imported.isOk());
    QVERIFY(!mergeProfiles({}, *imported)[0].connectsAtStart);
}

void TestProfileImport::namesWhatItDoesNotKnow()
{
    ServerProfile theirs = profileNamed(u"One"_s);
    theirs.unknown = { { u"group"_s, u"Bangkok"_s } };
    const auto imported = readProfiles(exported({ theirs }), {});
    QVERIFY(imported.isOk());
    QCOMPARE(imported->at(0).profile.unknown.keys(), QStringList{ u"group"_s });
    QVERIFY(exported(mergeProfiles({}, *imported)).contains("Bangkok")); // handed on
}

void TestProfileImport::importTakesAllOrNothing_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("words");
    QTest::newRow("empty") << QByteArray() << u"JSON"_s;
    QTest::newRow("truncated") << QByteArray(R"({"format":"gatehouse-profiles","version":1,"profiles":[)") << u"JSON"_s;
    QTest::newRow("another format") << QByteArray(R"({"profiles":[]})") << u"profiles"_s;
    QTest::newRow("a newer version") << QByteArray(R"({"format":"gatehouse-profiles","version":2,"profiles":[]})")
                                     << u"profiles"_s;
    QTest::newRow("a member of the frame")
        << QByteArray(R"({"format":"gatehouse-profiles","version":1,"profiles":[],"tabs":[]})") << u"tabs"_s;
    QTest::newRow("one bad among good") << QByteArray(R"({"format":"gatehouse-profiles","version":1,"profiles":[
            {"id":"5d21a4d2-7a4e-4c39-8f5e-9b7d0f7a1c11","name":"a","url":"https://a.example"},
            {"id":"nonsense","name":"b","url":"https://b.example"}]})")
                                        << u"Profile 2"_s;
    QTest::newRow("a token") << QByteArray(R"({"format":"gatehouse-profiles","version":1,"profiles":[
            {"id":"5d21a4d2-7a4e-4c39-8f5e-9b7d0f7a1c11","name":"a","url":"https://a.example","token":"x"}]})")
                             << u"“token”"_s;
    QTest::newRow("twice") << QByteArray(R"({"format":"gatehouse-profiles","version":1,"profiles":[
            {"id":"5d21a4d2-7a4e-4c39-8f5e-9b7d0f7a1c11","name":"a","url":"https://a.example"},
            {"id":"5d21a4d2-7a4e-4c39-8f5e-9b7d0f7a1c11","name":"b","url":"https://b.example"}]})")
                           << u"twice"_s;
}

void TestProfileImport::importTakesAllOrNothing()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, words);
    const auto imported = readProfiles(json, { profileNamed(u"mine"_s) });
    QVERIFY(!imported.isOk());
    QVERIFY2(imported.error().message.contains(words), qPrintable(imported.error().message));
}

QTEST_GUILESS_MAIN(TestProfileImport)
#include "tst_profileimport.moc"
