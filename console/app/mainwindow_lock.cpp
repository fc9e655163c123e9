// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the window that keeps a production server read-only: its button, its key, and what counts as being at the
// desk.
#include "console/app/mainwindow.h"

#include <algorithm>

#include <QtCore/QEvent>
#include <QtGui/QShortcut>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMenuBar>
#include <QtWidgets/QPushButton>

#include "console/look/icons.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kLockButtonSpace = 56; ///< pixels for the icon and the edges

} // namespace

void MainWindow::makeLock()
{
    m_environment = new QLabel;
    m_environment->setObjectName(u"environment"_s);
    m_environment->setProperty("role", u"badge"_s);
    m_lock = new QPushButton;
    m_lock->setObjectName(u"lock"_s);
    m_lock->setAutoDefault(false);
    m_lock->setIcon(themedIcon(u"lock"_s));
    auto *corner = new QWidget;
    auto *row = new QHBoxLayout(corner);
    row->setContentsMargins(0, 2, 16, 2);
    row->setSpacing(8);
    row->addWidget(m_environment, 0, Qt::AlignVCenter);
    row->addWidget(m_lock);
    menuBar()->setCornerWidget(corner);
    auto *shortcut = new QShortcut(QKeySequence(u"Ctrl+L"_s), this);
    connect(shortcut, &QShortcut::activated, this, &MainWindow::toggleLock);
    connect(m_lock, &QPushButton::clicked, this, &MainWindow::toggleLock);
    connect(&m_session.editLock(), &EditLock::changed, this, &MainWindow::refreshLock);
    refreshLock();
}

void MainWindow::toggleLock()
{
    EditLock &lock = m_session.editLock();
    lock.isLocked() ? lock.unlock() : lock.lock();
}

void MainWindow::refreshLock()
{
    const EditLock &lock = m_session.editLock();
    m_environment->setVisible(lock.isProtected());
    m_lock->setVisible(lock.isProtected());
    m_environment->setText(environmentTitle(Environment::Production).toUpper());
    const QString closed = tr("Read-only: unlock");
    const QString open = tr("Changes allowed: lock");
    m_lock->setText(lock.isLocked() ? closed : open);
    // The menu bar does not make room for a text that grows.
    const QFontMetrics metrics(m_lock->font());
    m_lock->setMinimumWidth(
        std::max(metrics.horizontalAdvance(closed), metrics.horizontalAdvance(open)) + kLockButtonSpace);
    m_lock->setToolTip(tr("A production server is read-only until you unlock it (Ctrl+L), and again after %n minute(s) "
                          "without a key or click.",
        nullptr, int(EditLock::kIdle.count())));
}

bool MainWindow::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::KeyPress:
    case QEvent::MouseButtonPress:
    case QEvent::Wheel:
        m_session.editLock().touch();
        break;
    default:
        break;
    }
    return QMainWindow::eventFilter(watched, event);
}

} // namespace gatehouse
