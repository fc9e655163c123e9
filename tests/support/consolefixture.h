// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cmath>
#include <functional>

#include <QtGui/QImage>
#include <QtTest/QTest>
#include <QtWidgets/QAbstractButton>
#include <QtWidgets/QApplication>
#include <QtWidgets/QTableView>
#include <QtWidgets/QWidget>

#include "console/look/theme.h"
#include "console/models/servermodel.h"
#include "tests/support/fakeadminclient.h"

namespace gatehouse {

/// A server model on a fake server, for tests of pages and charts.
struct ConsoleFixture
{
    FakeAdminClient client;
    Theme theme{ *qApp };
    ServerModel serverModel{ client, client.clock };

    void connectToServer() { serverModel.open(QUrl(QStringLiteral("http://127.0.0.1:8080")), QStringLiteral("token")); }
    /// One live second, ending now.
    void sample(const std::function<void(LiveSample &)> &fill = {})
    {
        LiveSample sample;
        sample.frame.time = client.clock.utc();
        if (fill)
            fill(sample);
        Q_EMIT client.frameReceived(sample);
    }
};

/// A widget's part by its object name; ends the test program if there is none.
template <typename T> T *findPart(const QWidget &widget, const QString &name)
{
    T *part = widget.findChild<T *>(name);
    if (!part)
        qFatal("there is no %s", qPrintable(name));
    return part;
}

/// Whether a table's columns fill its width, without a bar to move them.
inline bool fillsItsWidth(const QTableView &table)
{
    int width = 0;
    for (int column = 0; column < table.model()->columnCount(); ++column)
        width += table.columnWidth(column); // 0 where it is hidden
    return width == table.viewport()->width();
}

/// The first cell whose text is cut off, or empty.
inline QString cutOffText(const QTableView &table)
{
    for (int column = 0; column < table.model()->columnCount(); ++column) {
        for (int row = 0; row < table.model()->rowCount(); ++row) {
            const QModelIndex index = table.model()->index(row, column);
            if (!table.isColumnHidden(column) && table.sizeHintForIndex(index).width() > table.columnWidth(column))
                return index.data().toString();
        }
    }
    return {};
}

inline void clickPart(const QWidget &widget, const QString &name)
{
    QTest::mouseClick(findPart<QAbstractButton>(widget, name), Qt::LeftButton);
}

/// A metric's value in each bucket; NaN is a gap.
using SampleValue = std::function<double(qsizetype)>;

inline HistoryReply makeHistory(UtcTime from, std::chrono::milliseconds step, qsizetype count,
    const std::vector<std::pair<Metric, SampleValue>> &metrics)
{
    HistoryReply history;
    history.from = from;
    history.step = step;
    history.bucketCount = count;
    history.seconds.assign(size_t(count), step / std::chrono::seconds(1));
    for (const auto &[metric, value] : metrics) {
        HistorySeries series{ metric, {}, {}, {} };
        for (qsizetype i = 0; i < count; ++i) {
            series.minimum.push_back(value(i));
            series.maximum.push_back(value(i));
            series.mean.push_back(value(i));
        }
        history.series.push_back(series);
    }
    return history;
}

inline SampleValue always(double value)
{
    return [value](qsizetype) { return value; };
}

/// How far apart two colours are, 0 to 255.
inline int colorDistance(const QColor &a, const QColor &b)
{
    return std::max({ std::abs(a.red() - b.red()), std::abs(a.green() - b.green()), std::abs(a.blue() - b.blue()) });
}

/// How many pixels of an area have a colour, or one close to it.
inline int countPixels(const QImage &image, const QRectF &area, const QColor &color, int tolerance = 12)
{
    const QRect pixels = area.toAlignedRect().intersected(image.rect());
    int count = 0;
    for (int y = pixels.top(); y <= pixels.bottom(); ++y) {
        for (int x = pixels.left(); x <= pixels.right(); ++x)
            count += colorDistance(image.pixelColor(x, y), color) <= tolerance ? 1 : 0;
    }
    return count;
}

} // namespace gatehouse
