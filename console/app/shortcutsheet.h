// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

#include <QtCore/QList>
#include <QtWidgets/QDialog>

namespace gatehouse {

/// The keys of the console, as F1 shows them. Named "shortcuts". GUI thread.
class ShortcutSheet final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ShortcutSheet)

public:
    /// `pages` are the pages' titles in the order of Ctrl+1, Ctrl+2, …
    explicit ShortcutSheet(const QStringList &pages, QWidget *parent = nullptr);

    /// Key and what it does, a heading where the key is empty.
    [[nodiscard]] static QList<std::pair<QString, QString>> entries(const QStringList &pages);
};

} // namespace gatehouse
