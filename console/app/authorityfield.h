// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

class QLineEdit;
class QPushButton;

namespace gatehouse {

/// A profile's private authority: says whom it names, lets a file be chosen, or none. The certificates themselves are
/// kept, not the path: they work on another computer too. Its parts: connect.authority, connect.authority.choose,
/// connect.authority.clear, connect.authority.file. GUI thread.
class AuthorityField final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AuthorityField)

public:
    explicit AuthorityField(QWidget *parent = nullptr);

    [[nodiscard]] const QByteArray &authority() const { return m_authority; }
    void setAuthority(const QByteArray &pem);
    [[nodiscard]] QList<QWidget *> tabOrder() const;

Q_SIGNALS:
    /// Another one was chosen, or none.
    void changed();
    /// What was chosen is none; a sentence says why.
    void refused(const QString &why);

private:
    void choose();
    void take(const QString &path);

    QByteArray m_authority;
    QLineEdit *m_name;
    QPushButton *m_choose;
    QPushButton *m_clear;
};

} // namespace gatehouse
