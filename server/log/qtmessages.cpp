// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/qtmessages.h"

#include <mutex>

#include "server/log/log.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

// Qt takes a plain function as handler, so where it leads has to be kept beside it.
std::mutex routeMutex;
Log *routeTarget = nullptr;

LogLevel levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return LogLevel::Debug;
    case QtInfoMsg:
        return LogLevel::Info;
    case QtWarningMsg:
        return LogLevel::Warning;
    case QtCriticalMsg:
    case QtFatalMsg:
        break;
    }
    return LogLevel::Error;
}

void handleMessage(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const std::lock_guard lock(routeMutex);
    if (routeTarget)
        routeTarget->log(levelOf(type), "qt_message"_L1,
            { { "category"_L1, QString::fromUtf8(context.category) }, { "message"_L1, message } });
}

} // namespace

QtMessageRoute::QtMessageRoute(Log &log)
{
    const std::lock_guard lock(routeMutex);
    routeTarget = &log;
    m_previous = qInstallMessageHandler(handleMessage);
}

QtMessageRoute::~QtMessageRoute()
{
    const std::lock_guard lock(routeMutex);
    qInstallMessageHandler(m_previous);
    routeTarget = nullptr;
}

} // namespace gatehouse
