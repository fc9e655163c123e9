// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/titles.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QLocale>

#include "shared/alerts/alertruledescriptor.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct Texts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::Titles)
};

/// The translation of an English text from the shared tables. They are marked there, for lupdate.
QString translated(QLatin1StringView english)
{
    return QCoreApplication::translate("gatehouse::Titles", QByteArray(english.data(), english.size()).constData());
}

QString translated(const QString &english)
{
    return QCoreApplication::translate("gatehouse::Titles", english.toUtf8().constData());
}

} // namespace

QString metricTitle(Metric metric)
{
    return translated(metricDescriptor(metric).title);
}

QString metricUnit(Metric metric)
{
    return translated(metricDescriptor(metric).unit);
}

QString guardTitle(const QString &guard)
{
    const GuardDescriptor *descriptor = findGuard(guard);
    return descriptor ? translated(descriptor->title) : guard;
}

QString reasonTitle(Reason reason)
{
    return translated(reasonDescriptor(reason).title);
}

QString limitTitle(const QString &key, const QString &serverTitle)
{
    if (!serverTitle.isEmpty())
        return translated(serverTitle);
    const LimitDescriptor *descriptor = findLimit(key);
    return descriptor ? translated(descriptor->title) : key;
}

QString limitHelp(const QString &key, const QString &serverHelp)
{
    if (!serverHelp.isEmpty())
        return translated(serverHelp);
    const LimitDescriptor *descriptor = findLimit(key);
    return descriptor ? translated(descriptor->help) : QString();
}

QString limitModeTitle(LimitMode mode)
{
    switch (mode) {
    case LimitMode::Enforce:
        return Texts::tr("Enforce");
    case LimitMode::Observe:
        return Texts::tr("Observe");
    case LimitMode::Off:
        break;
    }
    return Texts::tr("Off");
}

QString accessKindTitle(const AccessRule &rule)
{
    switch (rule.kind) {
    case AccessKind::Address:
        return Texts::tr("Address");
    case AccessKind::Cidr:
        return Texts::tr("Network");
    case AccessKind::User:
        return rule.issuedBefore ? Texts::tr("Tokens of a user") : Texts::tr("User");
    case AccessKind::TokenId:
        break;
    }
    return Texts::tr("Token id");
}

QString unitTitle(const QString &unit)
{
    return unit.isEmpty() ? unit : translated(unit);
}

QString alertTitle(const QString &rule, const QString &serverTitle)
{
    if (const AlertRuleDescriptor *descriptor = findAlertRule(rule))
        return translated(descriptor->title);
    return serverTitle.isEmpty() ? rule : serverTitle;
}

QString alertUnit(const QString &rule)
{
    const AlertRuleDescriptor *descriptor = findAlertRule(rule);
    return descriptor ? translated(descriptor->unit) : QString();
}

QString problemText(const Problem &problem)
{
    QStringList parts;
    if (problem.code == "revision_conflict"_L1)
        parts << Texts::tr("Somebody else changed the limits meanwhile.");
    else if (problem.status == 401)
        parts << Texts::tr("The server does not accept the token (401).");
    else if (problem.status == 403)
        parts << Texts::tr("This token does not allow it (403).");
    else if (problem.status == 404)
        parts << Texts::tr("The server does not know it (404).");
    else if (problem.status >= 500)
        parts << Texts::tr("The server failed (%1).").arg(problem.status);
    for (const Error &field : problem.fields)
        parts << field.message;
    if (problem.fields.empty()) {
        const QString said = problem.detail.isEmpty() ? problem.title : problem.detail;
        if (!said.isEmpty())
            parts << said;
    }
    if (problem.retryAfterSeconds)
        parts << Texts::tr("Try again in %1.").arg(durationText(std::chrono::seconds(*problem.retryAfterSeconds)));
    if (parts.isEmpty())
        parts << Texts::tr("The call failed (%1).").arg(problem.status);
    return parts.join(u' ');
}

QDateTime toDateTime(UtcTime time)
{
    return QDateTime::fromMSecsSinceEpoch(toEpochMillis(time));
}

QString dateAndTime(UtcTime time)
{
    return toDateTime(time).toString(u"yyyy-MM-dd HH:mm:ss");
}

QString recentTime(UtcTime time, UtcTime now)
{
    const QDateTime local = toDateTime(time);
    const QString clock = local.toString(u"HH:mm:ss");
    return local.date() == toDateTime(now).date() ? clock : QLocale().toString(local.date(), u"d MMM") + u' ' + clock;
}

QString intervalText(const TimeInterval &interval, UtcTime now)
{
    return recentTime(interval.from, now) + " – "_L1 + recentTime(interval.to, now);
}

QString durationText(std::chrono::milliseconds duration)
{
    const qint64 seconds = std::max<qint64>(0, duration.count() / 1000);
    if (seconds < 60)
        return Texts::tr("%1 s").arg(seconds);
    if (seconds < 3600)
        return Texts::tr("%1 min").arg(seconds / 60);
    if (seconds < 86'400)
        return Texts::tr("%1 h %2 min").arg(seconds / 3600).arg(seconds % 3600 / 60);
    return Texts::tr("%1 d %2 h").arg(seconds / 86'400).arg(seconds % 86'400 / 3600);
}

QString bytesText(qint64 bytes)
{
    return QLocale().formattedDataSize(bytes, 1);
}

} // namespace gatehouse
