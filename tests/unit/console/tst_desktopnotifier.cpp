// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/desktopnotifier.h"

#include <QtTest/QtTest>

#include <QtDBus/QDBusConnection>

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// A desktop that writes down what it is asked to show.
class RecordingDesktop : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")

public:
    struct Shown
    {
        QString application;
        quint32 replaces = 0;
        QString title;
        QString text;
        QVariantMap hints;
    };
    std::vector<Shown> shown;

public Q_SLOTS:
    quint32 Notify(const QString &application, quint32 replaces, const QString &, const QString &title,
        const QString &text, const QStringList &, const QVariantMap &hints, int)
    {
        shown.push_back({ application, replaces, title, text, hints });
        return 7;
    }
};

} // namespace

/// Over a bus of its own, where the desktop is one of ours.
class TestDesktopNotifier : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();
    void asksTheDesktop();
    void saysThatNobodyShowsIt();
    void saysThatThereIsNoBus();

private:
    QProcess m_daemon;
    QString m_bus;
};

void TestDesktopNotifier::initTestCase()
{
    m_daemon.start(u"dbus-daemon"_s, { u"--session"_s, u"--nofork"_s, u"--print-address"_s });
    if (!m_daemon.waitForStarted())
        QSKIP("dbus-daemon is not installed");
    QTRY_VERIFY(m_daemon.canReadLine());
    m_bus = QString::fromUtf8(m_daemon.readLine()).trimmed();
}

void TestDesktopNotifier::cleanupTestCase()
{
    m_daemon.terminate();
    m_daemon.waitForFinished();
}

void TestDesktopNotifier::asksTheDesktop()
{
    RecordingDesktop desktop;
    QDBusConnection bus = QDBusConnection::connectToBus(m_bus, u"desktop"_s);
    QVERIFY(bus.registerObject(u"/org/freedesktop/Notifications"_s, &desktop, QDBusConnection::ExportAllSlots));
    QVERIFY(bus.registerService(u"org.freedesktop.Notifications"_s));
    DesktopNotifier notifier(m_bus);
    QVERIFY(notifier.isAvailable());
    QSignalSpy shown(&notifier, &DesktopNotifier::shown);
    notifier.show(u"Gatehouse alert"_s, u"Refusals <b>120</b> & more"_s);
    QTRY_COMPARE(shown.count(), 1);
    QCOMPARE(desktop.shown.size(), 1U);
    QCOMPARE(desktop.shown[0].application, u"Gatehouse"_s);
    QCOMPARE(desktop.shown[0].title, u"Gatehouse alert"_s);
    QCOMPARE(desktop.shown[0].text, u"Refusals &lt;b&gt;120&lt;/b&gt; &amp; more"_s); // it is taken for markup
    QCOMPARE(desktop.shown[0].hints.value(u"urgency"_s).value<uchar>(), uchar(2));
    QCOMPARE(desktop.shown[0].replaces, 0U);
    notifier.show(u"Gatehouse alert"_s, u"another"_s);
    QTRY_COMPARE(shown.count(), 2);
    QCOMPARE(desktop.shown[1].replaces, 7U); // no pile of them
    bus.unregisterService(u"org.freedesktop.Notifications"_s);
    QDBusConnection::disconnectFromBus(u"desktop"_s);
}

void TestDesktopNotifier::saysThatNobodyShowsIt()
{
    DesktopNotifier notifier(m_bus);
    QSignalSpy failed(&notifier, &DesktopNotifier::failed);
    notifier.show(u"a"_s, u"b"_s);
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(!failed[0][0].toString().isEmpty());
}

void TestDesktopNotifier::saysThatThereIsNoBus()
{
    DesktopNotifier notifier(u"unix:path=/nonexistent/bus"_s);
    QVERIFY(!notifier.isAvailable());
    QSignalSpy failed(&notifier, &DesktopNotifier::failed);
    notifier.show(u"a"_s, u"b"_s);
    QCOMPARE(failed.count(), 1);
}

QTEST_GUILESS_MAIN(TestDesktopNotifier)
#include "tst_desktopnotifier.moc"
