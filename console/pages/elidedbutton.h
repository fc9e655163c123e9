// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QPushButton>

namespace gatehouse {

/// A button whose text is of others: where there is no room for all of it, a part is left out, so that it pushes no
/// window wide. Its text() is whole. GUI thread.
class ElidedButton final : public QPushButton
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ElidedButton)

public:
    /// At most as wide as `most` letters, and never asks for more than `fewest`.
    ElidedButton(Qt::TextElideMode mode, int fewest, int most, QWidget *parent = nullptr);

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    /// What the frame and the icon take.
    [[nodiscard]] int around() const;
    [[nodiscard]] int widthOf(int letters) const;

    Qt::TextElideMode m_mode;
    int m_fewest;
    int m_most;
};

} // namespace gatehouse
