// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QHBoxLayout;
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

/// What a page's list is narrowed to, one chip for each thing, which closes on a click; and at its end whether what is
/// shown is live. It is always as high, so that the page below does not move. GUI thread.
class ScopeBar final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ScopeBar)

public:
    enum class State : quint8
    {
        Live,
        NotLive, ///< paused, over, or without a connection
    };

    /// The state is named `name`.state.
    explicit ScopeBar(const QString &name, QWidget *parent = nullptr);

    /// A place for one, in the order in which they are added; hidden until it has a text.
    void addChip(const QString &name, const QString &help);
    /// Shows the chip with this text, shortened where it is long; empty: hides it.
    void setChip(const QString &name, const QString &text);
    void setState(State state, const QString &text);
    /// Puts it behind the state.
    void addAtEnd(QWidget *widget);

Q_SIGNALS:
    /// The user closes the chip.
    void closed(const QString &name);

private:
    QHBoxLayout *m_layout;
    std::map<QString, QPushButton *> m_chips;
    QLabel *m_hint; ///< stands there while no chip does
    QLabel *m_state;
};

} // namespace gatehouse
