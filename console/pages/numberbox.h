// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtWidgets/QSpinBox>

namespace gatehouse {

/// A field for a whole number that keeps what was typed. Qt's own quietly makes another number of what it cannot read,
/// and goes back to the last one when it is emptied. It changes only by what the user does on purpose: a wheel that
/// scrolls the page must not change it. GUI thread.
class NumberBox final : public QSpinBox
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NumberBox)

public:
    explicit NumberBox(QWidget *parent = nullptr);

    /// Whether what stands there is a number; else value() is the one before.
    [[nodiscard]] bool isReadable() const;
    /// Shows a number, unless the text that stands there means it.
    void setNumber(qint64 number);
    /// Shows a text that is no number of its range.
    void showAsTyped(const QString &text);

    void stepBy(int steps) override;

Q_SIGNALS:
    /// The user typed, or went up or down.
    void textEdited(const QString &text);

protected:
    void wheelEvent(QWheelEvent *event) override;
    QValidator::State validate(QString &text, int &position) const override;
    int valueFromText(const QString &text) const override;
    QString textFromValue(int value) const override;

private:
    [[nodiscard]] std::optional<int> numberOf(const QString &text) const;

    bool m_isAsTyped = false;
};

} // namespace gatehouse
