// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include <QtCore/QJsonDocument>

#include "shared/metrics/metricsframe.h"

using namespace gatehouse;

namespace {

MetricsFrame filledFrame()
{
    MetricsFrame frame;
    for (size_t i = 0; i < kMetricCount; ++i)
        frame.values[i] = double(i) * 1234.5;
    return frame;
}

void metricsFrameEncode(benchmark::State &state)
{
    const MetricsFrame frame = filledFrame();
    for (auto _ : state)
        benchmark::DoNotOptimize(QJsonDocument(frame.toJson()).toJson(QJsonDocument::Compact));
}
BENCHMARK(metricsFrameEncode);

void metricsFrameDecode(benchmark::State &state)
{
    const QByteArray json = QJsonDocument(filledFrame().toJson()).toJson(QJsonDocument::Compact);
    const auto order = metricsOrder(metricsMetadata());
    for (auto _ : state) {
        if (!MetricsFrame::fromJson(QJsonDocument::fromJson(json).object(), order))
            state.SkipWithError("could not read its own frame");
    }
}
BENCHMARK(metricsFrameDecode);

} // namespace
