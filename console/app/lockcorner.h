// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

class EditLock;

/// The corner of the window that shows that a production server is read-only, and lets the user unlock it. What they do
/// anywhere in the application keeps it unlocked. GUI thread; the window owns it.
class LockCorner final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LockCorner)

public:
    /// `lock` must outlive it.
    explicit LockCorner(EditLock &lock, QWidget *parent = nullptr);

    void toggle();

protected:
    /// Of the whole application.
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void refresh();

    EditLock &m_lock;
    QLabel *m_environment;
    QPushButton *m_button;
};

} // namespace gatehouse
