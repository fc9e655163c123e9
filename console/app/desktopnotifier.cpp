// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/desktopnotifier.h"

#include <QtCore/QStringList>
#include <QtCore/QVariantMap>
#ifdef GATEHOUSE_DBUS
#include <QtDBus/QDBusConnection>
#include <QtDBus/QDBusMessage>
#include <QtDBus/QDBusPendingCallWatcher>
#include <QtDBus/QDBusPendingReply>
#endif

using namespace Qt::StringLiterals;

namespace gatehouse {

#ifdef GATEHOUSE_DBUS

namespace {

constexpr int kAsLongAsTheDesktopLikes = -1;
constexpr uchar kUrgent = 2;

} // namespace

DesktopNotifier::DesktopNotifier(const QString &bus, QObject *parent)
    : QObject(parent)
{
    const QDBusConnection connection
        = bus.isEmpty() ? QDBusConnection::sessionBus() : QDBusConnection::connectToBus(bus, u"notifier "_s + bus);
    if (connection.isConnected())
        m_connection = connection.name();
}

bool DesktopNotifier::isAvailable() const
{
    return !m_connection.isEmpty();
}

void DesktopNotifier::show(const QString &title, const QString &text)
{
    if (!isAvailable()) {
        Q_EMIT failed(u"there is no session bus"_s);
        return;
    }
    QDBusMessage call = QDBusMessage::createMethodCall(u"org.freedesktop.Notifications"_s,
        u"/org/freedesktop/Notifications"_s, u"org.freedesktop.Notifications"_s, u"Notify"_s);
    // The body is taken for markup.
    const QVariantMap hints{ { u"urgency"_s, QVariant::fromValue(kUrgent) },
        { u"desktop-entry"_s, u"gatehouse-console"_s } };
    call << u"Gatehouse"_s << m_last << u"gatehouse-console"_s << title << text.toHtmlEscaped() << QStringList()
         << hints << kAsLongAsTheDesktopLikes;
    auto *watcher = new QDBusPendingCallWatcher(QDBusConnection(m_connection).asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        watcher->deleteLater();
        const QDBusPendingReply<quint32> reply = *watcher;
        if (reply.isError()) {
            Q_EMIT failed(reply.error().message());
            return;
        }
        m_last = reply.value();
        Q_EMIT shown();
    });
}

#else

DesktopNotifier::DesktopNotifier(const QString &, QObject *parent)
    : QObject(parent)
{
}

bool DesktopNotifier::isAvailable() const
{
    return false;
}

void DesktopNotifier::show(const QString &, const QString &)
{
    Q_EMIT failed(u"the console was built without Qt DBus"_s);
}

#endif

} // namespace gatehouse
