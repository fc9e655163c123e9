// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/channel/channelrequests.h"
#include "server/channel/servedpaths.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

Q_DECLARE_METATYPE(gatehouse::PathOwner)
Q_DECLARE_METATYPE(gatehouse::PathKind)

class TestServedPaths : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhoAnswersAndWhere_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<PathOwner>("owner");
        QTest::addColumn<PathKind>("everywhere");
        QTest::addColumn<PathKind>("forClients");
        QTest::addColumn<PathKind>("forOperators");
        const auto add = [](const char *path, PathOwner owner, PathKind kind, bool forClients, bool forOperators) {
            QTest::newRow(path) << QByteArray(path) << owner << kind << (forClients ? kind : PathKind::NotServed)
                                << (forOperators ? kind : PathKind::NotServed);
        };
        add("/ws/notifications/", PathOwner::Channel, PathKind::WebSocket, true, false);
        add("/ws/notifications", PathOwner::Channel, PathKind::WebSocket, true, false);
        add("/ws/notifications/preflight/", PathOwner::ChannelRequests, PathKind::OnWorker, true, false);
        add("/ws/notifications/preflight", PathOwner::ChannelRequests, PathKind::OnWorker, true, false);
        add("/api/ticket", PathOwner::ChannelRequests, PathKind::OnWorker, true, false);
        add("/ws/admin/", PathOwner::LiveStream, PathKind::WebSocket, false, true);
        add("/ws/admin", PathOwner::LiveStream, PathKind::WebSocket, false, true);
        add("/healthz", PathOwner::Routes, PathKind::OnMainThread, true, true);
        add("/readyz", PathOwner::Routes, PathKind::OnMainThread, true, true);
        add("/api/notifications/", PathOwner::Routes, PathKind::OnMainThread, true, true);
        add("/api/notifications", PathOwner::Routes, PathKind::OnMainThread, true, true);
        add("/api/problems/not_found", PathOwner::Routes, PathKind::OnMainThread, true, true);
        add("/metrics", PathOwner::Routes, PathKind::OnMainThread, false, true);
        add("/api/monitoring/websocket/metrics/", PathOwner::Routes, PathKind::OnMainThread, false, true);
        add("/api/admin/v1/limits", PathOwner::Routes, PathKind::OnMainThread, false, true);
        // What nobody serves is the routes' to refuse.
        for (const char *path :
            { "", "/", "/lemons", "/ws", "/ws/notifications//", "/ws/admin/x", "/ws/notifications/x" })
            add(path, PathOwner::Routes, PathKind::OnMainThread, false, true);
    }
    void saysWhoAnswersAndWhere()
    {
        QFETCH(const QByteArray, path);
        QTEST(servedPath(path).owner, "owner");
        QTEST(kindOfPath(path, ListenScope::Everything), "everywhere");
        QTEST(kindOfPath(path, ListenScope::ChannelOnly), "forClients");
        QTEST(kindOfPath(path, ListenScope::AdminOnly), "forOperators");
    }

    void everyRouteIsReached()
    {
        const AdminFixture fixture;
        for (const Route &route : fixture.api->routes())
            QVERIFY2(servedPath(AdminFixture::pathOf(route)).owner == PathOwner::Routes, route.pattern.data());
        for (const QString &route : ChannelRequests::routes()) {
            const QByteArray path = route.section(u' ', 1).toLatin1();
            QVERIFY2(servedPath(path).owner == PathOwner::ChannelRequests, path.constData());
        }
    }

    void everyRowIsReached()
    {
        for (const ServedPath &row : servedPaths()) {
            QVERIFY2(&servedPath(QByteArray(row.path.data())) == &row, row.path.data());
            QVERIFY2(row.isForClients || row.isForOperators, row.path.data());
        }
    }

    void thePathsOfClientsAreFew()
    {
        const AdminFixture fixture;
        QStringList reached;
        for (const Route &route : fixture.api->routes()) {
            if (kindOfPath(AdminFixture::pathOf(route), ListenScope::ChannelOnly) != PathKind::NotServed)
                reached.append(route.pattern);
        }
        QCOMPARE(
            reached, QStringList({ u"/healthz"_s, u"/readyz"_s, u"/api/notifications/"_s, u"/api/problems/{code}"_s }));
    }
};

QTEST_GUILESS_MAIN(TestServedPaths)
#include "tst_servedpaths.moc"
