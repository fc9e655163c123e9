// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QtWidgets/QWidget>

#include "console/connection/serverprofile.h"

class QCheckBox;
class QComboBox;
class QGridLayout;
class QLabel;
class QLineEdit;

namespace gatehouse {

class AuthorityField;
class TokenHelp;

/// The fields of a server: each with a line that explains it, which says what is wrong where something is. Named
/// connect.name, connect.url, connect.token, connect.environment, connect.authority, connect.store, connect.start; the
/// lines are <name>.note. GUI thread.
class ServerForm final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ServerForm)

public:
    enum class Field : quint8
    {
        Name,
        Url,
        Token,
        Environment,
        Authority,
        Store,
        Start,
    };

    explicit ServerForm(QWidget *parent = nullptr);

    /// Fills the fields; the token is left empty.
    void setProfile(const ServerProfile &profile);
    [[nodiscard]] QString token() const;
    void setToken(const QString &token);
    void setStoresToken(bool isStored);
    /// What is in the fields; nullopt if something is wrong, which is said beside the field that causes it and gets the
    /// focus.
    [[nodiscard]] std::optional<ServerProfile> read();
    /// Says what is wrong beside a field, until it is edited.
    void tellError(Field field, const QString &text);
    void clearErrors();
    /// The focus to where a newcomer begins.
    void begin();
    /// In the order of reading.
    [[nodiscard]] QList<QWidget *> tabOrder() const;

private:
    struct Row
    {
        QWidget *field = nullptr;
        QLabel *note = nullptr;
        QString hint{};
    };
    void addRow(Field field, QGridLayout &grid, const QString &title, QWidget *widget, const QString &hint);
    void makeFields(QGridLayout &grid);
    void makeChoices(QGridLayout &grid);
    void showNote(Field field, const QString &error);
    void followEnvironment();

    ServerProfile m_profile; ///< as it was given
    std::array<Row, 7> m_rows;
    QLineEdit *m_name;
    QLineEdit *m_url;
    QLineEdit *m_token;
    TokenHelp *m_help;
    QComboBox *m_environment;
    AuthorityField *m_authority;
    QCheckBox *m_store;
    QCheckBox *m_start;
};

} // namespace gatehouse
