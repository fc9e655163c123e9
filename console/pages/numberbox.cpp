// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/numberbox.h"

#include <QtGui/QWheelEvent>
#include <QtWidgets/QLineEdit>

#include "console/models/numbertext.h"

namespace gatehouse {

NumberBox::NumberBox(QWidget *parent)
    : QSpinBox(parent)
{
    connect(lineEdit(), &QLineEdit::textEdited, this, [this](const QString &text) {
        m_isAsTyped = !numberOf(text);
        Q_EMIT textEdited(text);
    });
}

std::optional<int> NumberBox::numberOf(const QString &text) const
{
    if (!specialValueText().isEmpty() && text == specialValueText())
        return minimum();
    const std::optional<qint64> number = readWholeNumber(text);
    return number && *number >= minimum() && *number <= maximum() ? std::optional(int(*number)) : std::nullopt;
}

bool NumberBox::isReadable() const
{
    return numberOf(lineEdit()->text()).has_value();
}

void NumberBox::setNumber(qint64 number)
{
    if (numberOf(lineEdit()->text()) == number)
        return; // perhaps just being typed: the value follows
    m_isAsTyped = false;
    setValue(int(number));
}

void NumberBox::showAsTyped(const QString &text)
{
    m_isAsTyped = true;
    if (lineEdit()->text().trimmed() != text.trimmed())
        lineEdit()->setText(text);
}

void NumberBox::stepBy(int steps)
{
    m_isAsTyped = false;
    QSpinBox::stepBy(steps);
    Q_EMIT textEdited(lineEdit()->text());
}

void NumberBox::wheelEvent(QWheelEvent *event)
{
    event->ignore();
}

QValidator::State NumberBox::validate(QString &, int &) const
{
    return QValidator::Acceptable;
}

int NumberBox::valueFromText(const QString &text) const
{
    return numberOf(text).value_or(value());
}

QString NumberBox::textFromValue(int value) const
{
    return m_isAsTyped ? lineEdit()->text() : QSpinBox::textFromValue(value);
}

} // namespace gatehouse
