// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/settingsources.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

#include "server/config/envfile.h"
#include "server/config/settingdescriptor.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QLatin1StringView kEnvFileFlag("--env-file");
constexpr qint64 kMaxEnvFileBytes = 1024 * 1024;

Error unknownArgument(const QString &argument, const QString &name)
{
    if (!argument.startsWith(u'-'))
        return { u"unexpected argument \"%1\""_s.arg(argument), argument };
    const QString asVariable = name.mid(2).toUpper().replace(u'-', u'_');
    if (const SettingDescriptor *secret = findSetting(asVariable); secret && secret->isSecret)
        return { u"%1 is not offered, because other users can see arguments; set %2 in the environment or .env"_s.arg(
                     name, secret->name),
            name };
    const SettingDescriptor *closest = closestSetting(QStringView(name).mid(2));
    if (closest && !closest->flag.isEmpty())
        return { u"unknown option %1; did you mean %2?"_s.arg(name, closest->flag), name };
    return { u"unknown option %1"_s.arg(name), name };
}

/// Reads `--flag value`, `--flag=value`, and a bare `--flag` for booleans.
class ArgumentReader
{
public:
    ArgumentReader(const QStringList &arguments, RawSettings &raw)
        : m_arguments(arguments)
        , m_raw(raw)
    {
    }

    /// The path given by --env-file; nullopt if there is none.
    Result<std::optional<QString>> run()
    {
        while (m_at < m_arguments.size()) {
            if (const Status status = readOne(m_arguments[m_at++]); !status)
                return status.error();
        }
        return m_envFile;
    }

private:
    Status readOne(const QString &argument)
    {
        const qsizetype equals = argument.indexOf(u'=');
        const QString name = equals < 0 ? argument : argument.left(equals);
        const SettingDescriptor *setting = findSettingByFlag(name);
        if (!setting && name != kEnvFileFlag)
            return unknownArgument(argument, name);

        QString value;
        if (equals >= 0)
            value = argument.mid(equals + 1);
        else if (setting && setting->kind == SettingKind::Boolean)
            value = u"true"_s;
        else if (m_at < m_arguments.size() && !m_arguments[m_at].startsWith("--"_L1))
            value = m_arguments[m_at++];
        else
            return Error{ u"%1 needs a value"_s.arg(name), name };

        if (!setting)
            return keepEnvFile(value);
        if (m_raw.values.contains(setting->name))
            return Error{ u"%1 is given twice"_s.arg(name), name };
        m_raw.values.insert(setting->name, { value, u"command line"_s, u"%1 (%2)"_s.arg(name, setting->name) });
        return ok();
    }

    Status keepEnvFile(const QString &path)
    {
        if (m_envFile || path.isEmpty())
            return Error{ u"%1 needs the path of one file"_s.arg(kEnvFileFlag), kEnvFileFlag };
        m_envFile = path;
        return ok();
    }

    const QStringList &m_arguments;
    RawSettings &m_raw;
    qsizetype m_at = 0;
    std::optional<QString> m_envFile;
};

void warnIfMisspelt(const QString &name, const QString &where, QStringList &warnings)
{
    const SettingDescriptor *closest = findSetting(name) ? nullptr : closestSetting(name);
    if (closest)
        warnings.append(u"%1%2 is not a setting and is ignored; did you mean %3?"_s.arg(where, name, closest->name));
}

void addEnvironment(const QProcessEnvironment &environment, RawSettings &raw)
{
    const QStringList names = environment.keys();
    for (const QString &name : names) {
        if (findSetting(name) && !raw.values.contains(name))
            raw.values.insert(name, { environment.value(name), u"environment"_s, name });
        warnIfMisspelt(name, {}, raw.warnings);
    }
}

void addEnvEntries(const std::vector<EnvEntry> &entries, const QString &path, RawSettings &raw)
{
    QHash<QString, RawSetting> own;
    for (const EnvEntry &entry : entries) {
        const QString place = u"%1:%2"_s.arg(path).arg(entry.line);
        warnIfMisspelt(entry.name, place + u": "_s, raw.warnings);
        if (!findSetting(entry.name))
            continue;
        if (own.contains(entry.name))
            raw.warnings.append(u"%1: %2 is set again; this line counts"_s.arg(place, entry.name));
        if (entry.value.contains("${"_L1))
            raw.warnings.append(u"%1: %2 holds ${…}, which is not expanded"_s.arg(place, entry.name));
        own.insert(entry.name, { entry.value, place, place + u": "_s + entry.name });
    }
    for (auto setting = own.cbegin(); setting != own.cend(); ++setting) {
        if (!raw.values.contains(setting.key()))
            raw.values.insert(setting.key(), setting.value());
    }
}

Status addEnvFile(const QString &path, bool isRequired, RawSettings &raw)
{
    if (!isRequired && !QFile::exists(path))
        return ok();
    QFile file(path);
    if (QFileInfo(path).isDir() || !file.open(QIODevice::ReadOnly))
        return Error{ u"%1: cannot be read (%2)"_s.arg(
                          path, QFileInfo(path).isDir() ? u"it is a directory"_s : file.errorString()),
            kEnvFileFlag };
    const QByteArray text = file.read(kMaxEnvFileBytes + 1);
    if (text.size() > kMaxEnvFileBytes)
        return Error{ u"%1: is larger than 1 MiB"_s.arg(path), kEnvFileFlag };
    Result<std::vector<EnvEntry>> entries = parseEnvFile(text, path);
    if (!entries)
        return entries.error();
    addEnvEntries(*entries, path, raw);
    return ok();
}

} // namespace

Result<RawSettings> collectSettings(
    const QStringList &arguments, const QProcessEnvironment &environment, const QString &workingDirectory)
{
    RawSettings raw;
    const Result<std::optional<QString>> envFile = ArgumentReader(arguments, raw).run();
    if (!envFile)
        return envFile.error();
    addEnvironment(environment, raw);
    const QString path = QDir(workingDirectory).filePath(envFile->value_or(u".env"_s));
    if (const Status status = addEnvFile(QDir::cleanPath(path), envFile->has_value(), raw); !status)
        return status.error();
    return raw;
}

} // namespace gatehouse
