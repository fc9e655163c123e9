// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/settingsources.h"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRegularExpression>

#include "server/config/envfile.h"
#include "server/config/settingdescriptor.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QLatin1StringView kEnvFileFlag("--env-file");
constexpr QLatin1StringView kVerbatim("JWT_SECRET"); // whose every character counts
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

/// Docker's --env-file passes quotes on as a part of the value. No setting has any around it, but a secret may: who
/// signs with it may have got it in the same way.
void takeDockersQuotes(const QString &name, QString &value, QStringList &warnings)
{
    const bool isQuoted
        = value.size() > 1 && (value.front() == u'"' || value.front() == u'\'') && value.back() == value.front();
    if (!isQuoted || name == kVerbatim)
        return;
    value = value.mid(1).chopped(1);
    warnings.append(
        u"%1 is in quotes in the environment, as Docker's --env-file passes it; they are left out"_s.arg(name));
}

void addEnvironment(const QProcessEnvironment &environment, RawSettings &raw)
{
    const QStringList names = environment.keys();
    for (const QString &name : names) {
        if (findSetting(name) && !raw.values.contains(name)) {
            QString value = environment.value(name);
            takeDockersQuotes(name, value, raw.warnings);
            raw.values.insert(name, { value, u"environment"_s, name });
        }
        warnIfMisspelt(name, {}, raw.warnings);
    }
}

/// The setting that a line without the form of an assignment was meant to set, as in "LISTEN 8080" or "LISTEN: 8080".
const SettingDescriptor *settingMeantBy(const QString &name)
{
    const auto end = std::find_if_not(name.begin(), name.end(),
        [](QChar c) { return (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9') || c == u'_'; });
    return findSetting(QStringView(name).left(end - name.begin()));
}

/// Lines that are none of ours are for others who read the same file. Each is told of, as it may be a mistake, but not
/// what is in it: it may be a secret.
class OddLines
{
public:
    OddLines(const QString &path, RawSettings &raw)
        : m_path(path)
        , m_raw(raw)
    {
    }

    Status add(const EnvOddity &oddity)
    {
        const QString place = u"%1:%2: "_s.arg(m_path).arg(oddity.line);
        const bool isPassedOn = oddity.isNameAlone && m_raw.values.contains(oddity.name);
        if (isPassedOn) // for Docker such a line says that the environment has the value
            return ok();
        if (const SettingDescriptor *own = settingMeantBy(oddity.name))
            return Error{ place + own->name + u' ' + oddity.what, own->name };
        if (const SettingDescriptor *closest = closestSetting(oddity.name)) {
            m_raw.warnings.append(u"%1%2 %3, and is not a setting; did you mean %4?"_s.arg(
                place, oddity.name, oddity.what, closest->name));
        } else if (++m_count <= kMostNamed) {
            // Base32 and hexadecimal digits look like a name too, but for the underscore.
            static const QRegularExpression kPlainName(u"^(?=[A-Z0-9]*_)[A-Z0-9_]{1,40}$"_s);
            const bool isName = kPlainName.match(oddity.name).hasMatch();
            m_raw.warnings.append(isName ? u"%1%2 %3; the line is passed over"_s.arg(place, oddity.name, oddity.what)
                                         : u"%1is not NAME=value; the line is passed over"_s.arg(place));
        }
        return ok();
    }

    void end()
    {
        if (m_count > kMostNamed)
            m_raw.warnings.append(
                u"%1: %2 more lines are not NAME=value and are passed over"_s.arg(m_path).arg(m_count - kMostNamed));
    }

private:
    static constexpr int kMostNamed = 10;
    const QString &m_path;
    RawSettings &m_raw;
    int m_count = 0;
};

/// A quote that somebody forgot to close ends at the next one, and what is between is not read.
void warnOfSwallowed(const EnvEntry &foreign, const QString &path, QStringList &warnings)
{
    static const QRegularExpression kAssignment(u"^\\s*(?:export\\s+)?([A-Z0-9_]+)\\s*="_s);
    const QStringList lines = foreign.value.split(u'\n');
    for (qsizetype i = 1; i < lines.size(); ++i) {
        const QRegularExpressionMatch match = kAssignment.match(lines[i]);
        if (match.hasMatch() && findSetting(match.capturedView(1)))
            warnings.append(u"%1:%2: %3 is inside of the quotes that %4 opens, and is not read"_s.arg(path)
                                .arg(foreign.line + i)
                                .arg(match.captured(1), foreign.name));
    }
}

Status addEnvEntries(const std::vector<EnvEntry> &entries, const QString &path, RawSettings &raw)
{
    QHash<QString, RawSetting> own;
    for (const EnvEntry &entry : entries) {
        const QString place = u"%1:%2"_s.arg(path).arg(entry.line);
        warnIfMisspelt(entry.name, place + u": "_s, raw.warnings);
        if (!findSetting(entry.name)) {
            warnOfSwallowed(entry, path, raw.warnings);
            continue;
        }
        if (entry.value.contains(QChar(QChar::ReplacementCharacter)))
            return Error{ u"%1: %2 is not UTF-8 text"_s.arg(place, entry.name), entry.name };
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
    return ok();
}

/// The error of looking at a path: 0 for a file, EISDIR for a directory, which .env may well be: a virtualenv.
int lookFor(const QString &path)
{
    struct stat info
    {
    };
    if (::stat(QFile::encodeName(path).constData(), &info) != 0)
        return errno;
    return S_ISDIR(info.st_mode) ? EISDIR : 0;
}

/// The file to read; empty if there is none.
QString chooseEnvFile(
    const std::optional<QString> &given, const QString &workingDirectory, const QString &installedFile)
{
    const QString path = QDir::cleanPath(QDir(workingDirectory).filePath(given.value_or(u".env"_s)));
    if (given || lookFor(path) == 0)
        return path;
    // One that may not be looked at is there all the same: without it other settings would be taken than the service's.
    const int error = installedFile.isEmpty() ? ENOENT : lookFor(installedFile);
    return error == 0 || error == EACCES ? installedFile : QString();
}

Status addEnvFile(const QString &path, bool isGiven, RawSettings &raw)
{
    QFile file(path);
    if (QFileInfo(path).isDir() || !file.open(QIODevice::ReadOnly))
        return Error{ u"%1: cannot be read (%2)%3"_s.arg(path,
                          QFileInfo(path).isDir() ? u"it is a directory"_s : file.errorString(),
                          isGiven
                              ? QString()
                              : u"; run this as root or as the server's user, or name another file with --env-file"_s),
            kEnvFileFlag };
    raw.envFile = path;
    const QByteArray text = file.read(kMaxEnvFileBytes + 1);
    if (text.size() > kMaxEnvFileBytes)
        return Error{ u"%1: is larger than 1 MiB"_s.arg(path), kEnvFileFlag };
    const Result<EnvFile> read = parseEnvFile(text, path);
    if (!read)
        return read.error();
    OddLines odd(path, raw); // before the file's values are there: what they are passed on from is not the file
    for (const EnvOddity &oddity : read->passedOver) {
        if (const Status status = odd.add(oddity); !status)
            return status;
    }
    odd.end();
    return addEnvEntries(read->entries, path, raw);
}

} // namespace

Result<RawSettings> collectSettings(const QStringList &arguments, const QProcessEnvironment &environment,
    const QString &workingDirectory, const QString &installedFile)
{
    RawSettings raw;
    const Result<std::optional<QString>> given = ArgumentReader(arguments, raw).run();
    if (!given)
        return given.error();
    addEnvironment(environment, raw);
    const QString path = chooseEnvFile(*given, workingDirectory, installedFile);
    if (path.isEmpty())
        return raw;
    if (const Status status = addEnvFile(path, given->has_value(), raw); !status)
        return status.error();
    return raw;
}

} // namespace gatehouse
