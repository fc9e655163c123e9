// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "console/connection/adminclient.h"
#include "console/models/seriesbuffer.h"
#include "console/models/timerange.h"

namespace gatehouse {

/// What the charts show: a range of time that follows the clock, stands still while paused, or was zoomed to, and the
/// samples in it. Up to a day comes from the live buffer, whose holes are asked of the server once; longer ranges come
/// from the server's history, asked anew from time to time, and so does all of one node of a cluster, as the live
/// stream is of all nodes together. GUI thread.
class HistorySource final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HistorySource)

public:
    static constexpr std::chrono::seconds kRefreshLongRanges{ 60 };
    static constexpr std::chrono::seconds kRefreshNode{ 5 };
    static constexpr int kServerPoints = 2000;
    static constexpr std::chrono::minutes kYoung{ 15 };

    /// None is owned; all must outlive the source.
    HistorySource(AdminClient &client, const Clock &clock, SeriesBuffer &buffer, QObject *parent = nullptr);

    [[nodiscard]] const TimeRange &range() const { return m_range; }
    /// The user wants another range; ends a zoom and a pause.
    void setRange(const TimeRange &range);
    /// Once per server, when its history is known: while a server has run for less than kYoung, five minutes tell more
    /// than an hour that is empty. Never changes a range that the user chose, nor one that was looked at before.
    /// `knownUntil` is where the history ends that has just come: older stretches may come first, and say nothing of
    /// it.
    void suitRange(UtcTime knownUntil);
    /// Shows a part; standing still until resetZoom().
    void zoom(UtcTime from, UtcTime to);
    void resetZoom();
    [[nodiscard]] bool isZoomed() const { return m_zoom.has_value(); }

    /// Shows one node of the cluster; empty: all together.
    void setNode(const QString &node);
    [[nodiscard]] QString node() const { return m_node; }

    void setPaused(bool isPaused);
    [[nodiscard]] bool isPaused() const { return m_pausedAt.has_value(); }
    /// Whether what is shown ends now and moves with the clock.
    [[nodiscard]] bool isFollowing() const { return !isPaused() && !isZoomed() && m_range.isFollowing(); }
    /// How far behind the newest sample the paused charts are.
    [[nodiscard]] std::chrono::seconds behind() const;

    /// The server's present, as its samples tell it: the two clocks need not agree.
    [[nodiscard]] UtcTime now() const;
    void sampleArrived(UtcTime time);
    /// Another server, or a new connection: asks for what is missing.
    void reload();
    void clear();

    [[nodiscard]] TimeInterval interval() const;
    /// The samples of interval(), in about `maxBuckets` buckets.
    [[nodiscard]] HistoryReply data(const std::vector<Metric> &metrics, int maxBuckets) const;

Q_SIGNALS:
    /// data() or interval() answer differently for another reason than the passing of time.
    void changed();

private:
    [[nodiscard]] TimeRange shownRange() const;
    [[nodiscard]] bool isFromBuffer(UtcTime now) const;
    void fetchMissing();
    void fetchLong();

    AdminClient &m_client;
    const Clock &m_clock;
    SeriesBuffer &m_buffer;
    TimeRange m_range;
    QString m_node;
    bool m_isSuited = false; ///< suitRange() had its turn with this server
    bool m_isUsersChoice = false;
    std::optional<TimeRange> m_zoom;
    std::optional<UtcTime> m_pausedAt;
    std::chrono::milliseconds m_serverOffset{}; ///< server's time minus ours
    HistoryReply m_long;                        ///< for what the buffer does not have
    QTimer m_refresh;
    quint64 m_generation = 0; ///< answers for an older range are dropped
};

} // namespace gatehouse
