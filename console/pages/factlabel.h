// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtWidgets/QLabel>

#include "console/models/subject.h"

namespace gatehouse {

/// The value of a fact: wraps between words, and leaves out the middle of a word that is longer than its place, which
/// its tool tip tells whole then. One that is a subject is a link: a click, Return, the right button and the menu key
/// ask for its menu. GUI thread.
class FactLabel final : public QLabel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FactLabel)

public:
    explicit FactLabel(QWidget *parent = nullptr);

    void setFact(const QString &value, const std::optional<Subject> &subject);
    [[nodiscard]] const std::optional<Subject> &subject() const { return m_subject; }
    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] bool isElided() const;

Q_SIGNALS:
    void menuRequested();

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    /// Of the longest word, in pixels.
    [[nodiscard]] int longestWord() const;

    std::optional<Subject> m_subject;
};

} // namespace gatehouse
