// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/lossreport.h"

#include <QtCore/QDateTime>
#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QSaveFile>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QJsonArray namesToJson(const QByteArrayList &names)
{
    QJsonArray array;
    for (const QByteArray &name : names)
        array.append(QString::fromUtf8(name));
    return array;
}

QByteArrayList namesIn(const QJsonValue &value)
{
    QByteArrayList names;
    for (const QJsonValue &name : value.toArray())
        names.append(name.toString().toUtf8());
    return names;
}

QString listed(const QByteArrayList &names)
{
    return QString::fromUtf8(names.join(", "));
}

} // namespace

QString LossReport::sentence() const
{
    QString text = file.isEmpty() ? u"the state file was gone"_s : u"the state file was damaged (now %1)"_s.arg(file);
    if (!incomplete.isEmpty())
        text += "; not all could be read of "_L1 + listed(incomplete);
    if (!fromCopy.isEmpty())
        text += "; taken from the copy: "_L1 + listed(fromCopy);
    if (!unguarded.isEmpty())
        text += "; bans or limits may be missing, as there is no copy of "_L1 + listed(unguarded);
    return incomplete.isEmpty() && fromCopy.isEmpty() && unguarded.isEmpty() ? text + "; nothing was lost"_L1 : text;
}

Status LossReport::save(const QString &stateFile) const
{
    const QString time
        = QDateTime::fromMSecsSinceEpoch(toEpochMillis(at), Qt::UTC).toString(u"yyyyMMdd'T'HHmmsszzz'Z'");
    QSaveFile report(stateFile + ".loss-"_L1 + time + ".json"_L1);
    const QByteArray text = QJsonDocument(
        QJsonObject{ { "at"_L1, isoMillis(at) }, { "file"_L1, file }, { "incomplete"_L1, namesToJson(incomplete) },
            { "from_copy"_L1, namesToJson(fromCopy) }, { "unguarded"_L1, namesToJson(unguarded) },
            { "summary"_L1,
                sentence() } }).toJson();
    if (report.open(QIODevice::WriteOnly)) {
        report.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        if (report.write(text) == text.size() && report.commit())
            return ok();
    }
    return Error{ u"cannot write %1: %2"_s.arg(report.fileName(), report.errorString()), u"STATE_DIR"_s };
}

std::vector<LossReport> LossReport::loadAll(const QString &stateFile)
{
    const QFileInfo state(stateFile);
    std::vector<LossReport> reports;
    for (const QFileInfo &found :
        state.dir().entryInfoList({ state.fileName() + ".loss-*.json"_L1 }, QDir::Files, QDir::Name)) {
        QFile report(found.filePath());
        LossReport loss;
        const QJsonObject object
            = report.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(report.readAll()).object() : QJsonObject();
        loss.at = parseIso(object.value("at"_L1).toString()).value_or(UtcTime{});
        loss.file = object.contains("at"_L1) ? object.value("file"_L1).toString() : found.filePath();
        loss.incomplete = namesIn(object.value("incomplete"_L1));
        loss.fromCopy = namesIn(object.value("from_copy"_L1));
        loss.unguarded = namesIn(object.value("unguarded"_L1));
        reports.push_back(std::move(loss));
    }
    return reports;
}

} // namespace gatehouse
