// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QLineEdit>

namespace gatehouse {

/// Where the user writes what a list is to be filtered by: says so when they pause or press Enter, not at each key.
class FilterField final : public QLineEdit
{
    Q_OBJECT

public:
    explicit FilterField(QWidget *parent = nullptr);

Q_SIGNALS:
    void settled(const QString &filter);

private:
    QTimer m_typing;
};

} // namespace gatehouse
