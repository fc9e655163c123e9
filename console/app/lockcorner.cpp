// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/lockcorner.h"

#include <algorithm>

#include <QtCore/QEvent>
#include <QtWidgets/QApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/connection/serverprofile.h"
#include "console/look/icons.h"
#include "console/models/editlock.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kLockButtonSpace = 56; ///< pixels for the icon and the edges

} // namespace

LockCorner::LockCorner(EditLock &lock, QWidget *parent)
    : QWidget(parent)
    , m_lock(lock)
    , m_environment(new QLabel)
    , m_button(new QPushButton)
{
    m_environment->setObjectName(u"environment"_s);
    m_environment->setProperty("role", u"badge"_s);
    m_button->setObjectName(u"lock"_s);
    m_button->setAutoDefault(false);
    m_button->setIcon(themedIcon(u"lock"_s));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 2, 16, 2);
    row->setSpacing(8);
    row->addWidget(m_environment, 0, Qt::AlignVCenter);
    row->addWidget(m_button);
    connect(m_button, &QPushButton::clicked, this, &LockCorner::toggle);
    connect(&m_lock, &EditLock::changed, this, &LockCorner::refresh);
    qApp->installEventFilter(this);
    refresh();
}

void LockCorner::toggle()
{
    m_lock.isLocked() ? m_lock.unlock() : m_lock.lock();
}

void LockCorner::refresh()
{
    m_environment->setVisible(m_lock.isProtected());
    m_button->setVisible(m_lock.isProtected());
    m_environment->setText(environmentTitle(Environment::Production).toUpper());
    const QString closed = tr("Read-only: unlock");
    const QString open = tr("Changes allowed: lock");
    m_button->setText(m_lock.isLocked() ? closed : open);
    // The menu bar does not make room for a text that grows.
    const QFontMetrics metrics(m_button->font());
    m_button->setMinimumWidth(
        std::max(metrics.horizontalAdvance(closed), metrics.horizontalAdvance(open)) + kLockButtonSpace);
    m_button->setToolTip(
        tr("A production server is read-only until you unlock it (Ctrl+L), and again after %n minute(s) "
           "without a key or click.",
            nullptr, int(EditLock::kIdle.count())));
}

bool LockCorner::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::KeyPress:
    case QEvent::MouseButtonPress:
    case QEvent::Wheel:
        m_lock.touch();
        break;
    default:
        break;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace gatehouse
