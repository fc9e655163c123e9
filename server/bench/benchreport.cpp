// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/benchreport.h"

#include <cmath>

#include <QtCore/QJsonArray>

#include "server/bench/modes.h"

using namespace Qt::StringLiterals;

namespace gatehouse::bench {

namespace {

constexpr int kTitleWidth = 38;
constexpr int kNumberWidth = 14;

/// Digits in groups of three, as in 1,234,567.8.
QString grouped(double value, int decimals)
{
    QString text = QString::number(std::abs(value), 'f', decimals);
    const qsizetype point = text.indexOf(u'.');
    for (qsizetype at = (point < 0 ? text.size() : point) - 3; at > 0; at -= 3)
        text.insert(at, u',');
    return value < 0 ? QString(u'-' + text) : text;
}

double rounded(double value, int decimals)
{
    const double scale = std::pow(10.0, decimals);
    return std::round(value * scale) / scale;
}

QString titleOf(const MeasureDescriptor &descriptor, const ModeDescriptor &mode)
{
    QString title = QString::fromUtf8(descriptor.title.data(), descriptor.title.size());
    title.replace("%1"_L1, mode.operation);
    title.replace("%2"_L1, mode.operations);
    return title;
}

QString plural(qsizetype count, const QString &noun)
{
    return u"%1 %2%3"_s.arg(count).arg(noun, count == 1 ? QString() : u"s"_s);
}

QString headline(const BenchReport &report)
{
    const BenchPlan &plan = report.plan;
    const ModeDescriptor &mode = modeDescriptor(plan.mode);
    QString text = u"gatehouse bench %1: %2"_s.arg(mode.name, plan.target.text);
    if (mode.usesConnections)
        text += u", "_s + plural(plan.connections, u"connection"_s);
    if (mode.usesInFlight)
        text += u", %1 in flight"_s.arg(plan.inFlight);
    return text + u", "_s + plural(qsizetype(report.rounds.size()), u"round"_s)
        + u" of %1 s"_s.arg(double(plan.duration.count()) / 1000.0);
}

} // namespace

QJsonObject BenchReport::toJson() const
{
    const ModeDescriptor &mode = modeDescriptor(plan.mode);
    QJsonArray all;
    QJsonObject medians;
    for (const Round &round : rounds) {
        QJsonObject object;
        for (const MeasureDescriptor &descriptor : measureDescriptors()) {
            if (const std::optional<double> value = round.value(descriptor.measure))
                object.insert(descriptor.name, rounded(*value, std::max(descriptor.decimals, 3)));
        }
        all.append(object);
    }
    for (const MeasureDescriptor &descriptor : measureDescriptors()) {
        if (const std::optional<double> value = median(rounds, descriptor.measure))
            medians.insert(descriptor.name, rounded(*value, std::max(descriptor.decimals, 3)));
    }
    QJsonObject object{ { "mode"_L1, mode.name }, { "operation"_L1, mode.operation }, { "server"_L1, plan.target.text },
        { "contract"_L1, plan.contract == Contract::Gatehouse ? "gatehouse"_L1 : "plain"_L1 },
        { "round_seconds"_L1, double(plan.duration.count()) / 1000.0 }, { "interrupted"_L1, isInterrupted },
        { "rounds"_L1, all }, { "median"_L1, medians } };
    if (mode.usesConnections)
        object.insert("connections"_L1, plan.connections);
    if (mode.usesInFlight)
        object.insert("in_flight"_L1, plan.inFlight);
    return object;
}

QString BenchReport::toTable() const
{
    const bool hasSpread = rounds.size() > 1;
    QString text = headline(*this) + (isInterrupted ? u", interrupted\n"_s : u"\n"_s);
    QString head = QString(kTitleWidth, u' ') + (hasSpread ? u"median"_s : u"value"_s).rightJustified(kNumberWidth);
    if (hasSpread)
        head += u"lowest"_s.rightJustified(kNumberWidth) + u"highest"_s.rightJustified(kNumberWidth);
    text += head + u'\n';
    for (const MeasureDescriptor &descriptor : measureDescriptors()) {
        const std::optional<double> middle = median(rounds, descriptor.measure);
        if (!middle)
            continue;
        text += titleOf(descriptor, modeDescriptor(plan.mode)).leftJustified(kTitleWidth)
            + grouped(*middle, descriptor.decimals).rightJustified(kNumberWidth);
        if (hasSpread) {
            text += grouped(*lowest(rounds, descriptor.measure), descriptor.decimals).rightJustified(kNumberWidth)
                + grouped(*highest(rounds, descriptor.measure), descriptor.decimals).rightJustified(kNumberWidth);
        }
        text += u'\n';
    }
    return text.chopped(1);
}

} // namespace gatehouse::bench
