// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

namespace gatehouse {

/// Where a token comes from: a sentence, and the command that prints one, to be copied. Its parts are named after it:
/// "<name>.command", "<name>.copy". GUI thread.
class TokenHelp final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TokenHelp)

public:
    explicit TokenHelp(const QString &objectName, QWidget *parent = nullptr);

    /// Run where the server runs, with its settings.
    [[nodiscard]] static QString command();
    /// Where Tab goes through it.
    [[nodiscard]] QList<QWidget *> tabOrder() const { return { m_command, m_copy }; }

private:
    QWidget *m_command;
    QWidget *m_copy;
};

} // namespace gatehouse
