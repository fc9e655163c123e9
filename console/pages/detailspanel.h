// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtWidgets/QFrame>

QT_BEGIN_NAMESPACE
class QFormLayout;
class QHBoxLayout;
class QLabel;
QT_END_NAMESPACE

namespace gatehouse {

/// A card with a title, rows of name and value that can be selected and copied, and one or two rows of buttons.
class DetailsPanel final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DetailsPanel)

public:
    struct Fact
    {
        QString name;
        QString value;
    };

    /// `hint` is shown while there are no facts.
    DetailsPanel(const QString &title, const QString &hint, QWidget *parent = nullptr);

    /// Facts with an empty value are left out. What stays as it was is not touched: text that is selected in it stays
    /// selected.
    void setFacts(const std::vector<Fact> &facts);
    /// What is to be known beside the facts, as that they are of the past; empty: nothing.
    void setNote(const QString &note);
    [[nodiscard]] QHBoxLayout *buttonRow() { return m_buttons; }
    /// Below the other, for what does not fit beside it.
    [[nodiscard]] QHBoxLayout *secondButtonRow() { return m_moreButtons; }

private:
    struct Row
    {
        QString name;
        QLabel *value;
    };
    void insertRow(size_t place, const Fact &fact);

    QLabel *m_hint;
    QLabel *m_note;
    std::vector<Row> m_rows; ///< as in m_form
    QFormLayout *m_form;
    QWidget *m_formBox;
    QHBoxLayout *m_buttons;
    QHBoxLayout *m_moreButtons;
};

} // namespace gatehouse
