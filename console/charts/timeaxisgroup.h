// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QHash>
#include <QtCore/QObject>

#include "shared/util/clock.h"

namespace gatehouse {

/// What several charts share: the range of time they show, the crosshair, and the width that their value labels need,
/// so that their plot areas are in line. GUI thread; owned by the page; the charts hold a reference.
class TimeAxisGroup final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TimeAxisGroup)

public:
    explicit TimeAxisGroup(QObject *parent = nullptr);

    [[nodiscard]] UtcTime from() const { return m_from; }
    [[nodiscard]] UtcTime to() const { return m_to; }
    /// The present, which says whether times need their date.
    [[nodiscard]] UtcTime now() const { return m_now; }
    /// Sets the range; ignored unless `from` is before `to`. The charts follow when they are given their samples.
    void setRange(UtcTime from, UtcTime to, UtcTime now);

    [[nodiscard]] std::optional<UtcTime> crosshair() const { return m_crosshair; }
    void setCrosshair(std::optional<UtcTime> time);

    /// The widest of what the charts asked for, in pixels.
    [[nodiscard]] int labelWidth() const { return m_labelWidth; }
    void requestLabelWidth(const QObject *chart, int width);

    /// A chart's user selected a stretch of time, or asked for the whole range again.
    void requestZoom(UtcTime from, UtcTime to) { Q_EMIT zoomRequested(from, to); }
    void requestReset() { Q_EMIT resetRequested(); }

Q_SIGNALS:
    void crosshairChanged();
    void labelWidthChanged();
    void zoomRequested(gatehouse::UtcTime from, gatehouse::UtcTime to);
    void resetRequested();

private:
    UtcTime m_from{};
    UtcTime m_to{ std::chrono::hours(1) };
    UtcTime m_now = m_to;
    std::optional<UtcTime> m_crosshair;
    QHash<const QObject *, int> m_widths;
    int m_labelWidth = 0;
};

} // namespace gatehouse
