// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/configcommand.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "server/config/settingsloader.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QString asJson(const LoadedSettings &loaded)
{
    QJsonArray settings;
    for (const SettingRow &row : loaded.rows)
        settings.append(QJsonObject{ { "name"_L1, row.name }, { "value"_L1, row.value }, { "source"_L1, row.source } });
    const QJsonObject object{ { "settings"_L1, settings },
        { "warnings"_L1, QJsonArray::fromStringList(loaded.warnings) } };
    return QString::fromUtf8(QJsonDocument(object).toJson()).trimmed();
}

QString asTable(const LoadedSettings &loaded)
{
    qsizetype nameWidth = 0;
    qsizetype valueWidth = 0;
    for (const SettingRow &row : loaded.rows) {
        nameWidth = std::max(nameWidth, row.name.size());
        valueWidth = std::max(valueWidth, std::min<qsizetype>(row.value.size(), 40));
    }
    QStringList lines;
    for (const SettingRow &row : loaded.rows)
        lines.append(
            row.name.leftJustified(nameWidth) + u"  "_s + row.value.leftJustified(valueWidth) + u"  "_s + row.source);
    return lines.join(u'\n');
}

int runConfig(const CliContext &context, const Options &options)
{
    const Result<LoadedSettings> loaded
        = readSettings(options.rest(), context.environment, context.workingDirectory, context.installedEnvFile);
    if (!loaded) {
        context.err(u"gatehouse config: %1"_s.arg(loaded.error().message));
        return kExitUsage;
    }
    if (options.has(u"--json"_s)) {
        context.out(asJson(*loaded));
        return kExitOk;
    }
    context.out(asTable(*loaded));
    for (const QString &warning : loaded->warnings)
        context.err(u"warning: %1"_s.arg(warning));
    return kExitOk;
}

} // namespace

Command configCommand()
{
    return { u"config"_s, u"Prints every setting, its value and where it came from; secrets are masked."_s,
        { { u"--json"_s, {}, u"As JSON."_s } }, true, runConfig };
}

} // namespace gatehouse
