// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/apitypes.h"
#include "console/connection/connectionstatus.h"

#include <QtTest/QtTest>

#include "shared/limits/limitset.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestApiTypes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void patchesAreWhatTheServerReads();
    void queriesNameOnlyWhatIsSet();
    void queriesEncodeEveryCharacter();
    void connectionsAreSortedByTheServer();
    void everyStateHasATitle();
};

void TestApiTypes::patchesAreWhatTheServerReads()
{
    const QJsonObject json = toJson(
        { { u"max_connections_per_ip"_s, 10, std::nullopt }, { u"max_messages_per_minute"_s, 120, LimitMode::Observe },
            { u"max_connections"_s, std::nullopt, LimitMode::Off } });
    const LimitEdits edits = parseLimitEdits(json);
    QVERIFY(edits.errors.empty());
    const LimitSet set = applyEdits(LimitSet(), edits.edits);
    QCOMPARE(set[LimitKey::MaxConnectionsPerIp], (LimitValue{ 10, LimitMode::Enforce }));
    QCOMPARE(set[LimitKey::MaxMessagesPerMinute], (LimitValue{ 120, LimitMode::Observe }));
    QCOMPARE(set[LimitKey::MaxConnections], (LimitValue{ 10'000, LimitMode::Off }));
}

void TestApiTypes::queriesNameOnlyWhatIsSet()
{
    DecisionQuery query;
    QCOMPARE(query.toQuery().toString(), u"limit=200"_s);
    query.guard = u"origin"_s;
    query.from = UtcTime(std::chrono::seconds(1'762'776'000));
    query.limit = 5;
    QCOMPARE(query.toQuery().toString(QUrl::FullyEncoded), u"guard=origin&from=2025-11-10T12%3A00%3A00.000Z&limit=5"_s);
}

void TestApiTypes::queriesEncodeEveryCharacter()
{
    ConnectionQuery query;
    query.filter = u"a+b & c=ไทย%"_s;
    QUrl url(u"http://h/"_s);
    url.setQuery(query.toQuery());
    const QByteArray encoded = url.query(QUrl::FullyEncoded).toLatin1();
    QVERIFY(encoded.startsWith("filter=a%2Bb%20%26%20c%3D"));
    QCOMPARE(QString::fromUtf8(QByteArray::fromPercentEncoding(encoded.mid(7, encoded.indexOf("&limit") - 7))),
        query.filter);
}

void TestApiTypes::connectionsAreSortedByTheServer()
{
    ConnectionQuery query;
    query.sort = u"messages_in"_s;
    query.isDescending = true;
    query.cursor = u"c2"_s;
    query.limit = 50;
    QCOMPARE(query.toQuery().toString(), u"sort=-messages_in&cursor=c2&limit=50"_s);
    for (const OffenderKind kind :
        { OffenderKind::Address, OffenderKind::User, OffenderKind::Origin, OffenderKind::Reason })
        QVERIFY(!offenderKindName(kind).isEmpty());
}

void TestApiTypes::everyStateHasATitle()
{
    QSet<QString> titles;
    for (const ConnectionState state :
        { ConnectionState::Disconnected, ConnectionState::Connecting, ConnectionState::Live, ConnectionState::Stale,
            ConnectionState::WaitingToRetry, ConnectionState::AuthFailed })
        titles.insert(connectionStateTitle(state));
    QCOMPARE(titles.size(), 6);
}

QTEST_GUILESS_MAIN(TestApiTypes)
#include "tst_apitypes.moc"
