// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace gatehouse {

class Log;

/// Sends what Qt itself has to say to a log, as long as this object lives; then the previous handler is back. One at a
/// time; the log must outlive it.
class QtMessageRoute final
{
public:
    explicit QtMessageRoute(Log &log);
    ~QtMessageRoute();
    Q_DISABLE_COPY_MOVE(QtMessageRoute)

private:
    QtMessageHandler m_previous;
};

} // namespace gatehouse
