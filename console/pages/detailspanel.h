// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtWidgets/QFrame>

#include "console/models/subject.h"

QT_BEGIN_NAMESPACE
class QFormLayout;
class QHBoxLayout;
class QLabel;
QT_END_NAMESPACE

namespace gatehouse {

class FactLabel;
class SubjectMenu;

/// A card with a title, rows of name and value that can be selected and copied, and one or two rows of buttons. Where
/// it is too low for its facts they scroll; a value that is too long for its place has its middle left out, and is told
/// whole by its tool tip.
class DetailsPanel final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DetailsPanel)

public:
    struct Fact
    {
        QString name;
        QString value;
        std::optional<Subject> subject{}; ///< of the value, which leads to its menu then
    };

    /// `hint` is shown while there are no facts.
    DetailsPanel(const QString &title, const QString &hint, QWidget *parent = nullptr);

    /// Facts with an empty value are left out. What stays as it was is not touched: text that is selected in it stays
    /// selected.
    void setFacts(const std::vector<Fact> &facts);
    /// What is to be known beside the facts, as that they are of the past; empty: nothing.
    void setNote(const QString &note);
    /// Opened by the values that are subjects: a click, the right button, or Return.
    void setSubjectMenu(SubjectMenu *menu) { m_menu = menu; }
    [[nodiscard]] QHBoxLayout *buttonRow() { return m_buttons; }
    /// Below the other, for what does not fit beside it.
    [[nodiscard]] QHBoxLayout *secondButtonRow() { return m_moreButtons; }

private:
    struct Row
    {
        QString name;
        FactLabel *value;
    };
    void insertRow(size_t place, const Fact &fact);
    void showMenu(const FactLabel &fact);

    QLabel *m_hint;
    QLabel *m_note;
    std::vector<Row> m_rows; ///< as in m_form
    QFormLayout *m_form;
    QWidget *m_formBox;
    QWidget *m_scroller;
    QHBoxLayout *m_buttons;
    QHBoxLayout *m_moreButtons;
    SubjectMenu *m_menu = nullptr;
};

} // namespace gatehouse
