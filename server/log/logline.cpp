// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/logline.h"

#include <array>

#include <QtCore/QJsonArray>
#include <QtCore/QRegularExpression>

#include "server/log/journal.h"
#include "shared/util/compactjson.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxValueChars = 1024;

/// Blanks what looks like a JWT, wherever it came from.
QString withoutTokens(QString text)
{
    static const QRegularExpression kJwt(u"eyJ[A-Za-z0-9_-]{5,}(\\.[A-Za-z0-9_-]*)*"_s);
    if (text.contains("eyJ"_L1)) // every encoded JSON object begins so; spares the others the expression
        text.replace(kJwt, u"[token]"_s);
    return text;
}

QString cut(const QString &text, qsizetype length)
{
    return text.size() > length ? text.left(length) + u'…' : text;
}

bool isUnsafe(QChar c)
{
    switch (c.category()) {
    case QChar::Other_Control:
    case QChar::Other_Format: // among them the marks that turn the direction of text
    case QChar::Other_Surrogate:
    case QChar::Separator_Line:
    case QChar::Separator_Paragraph:
        return true;
    default:
        return false;
    }
}

QString escapedChar(QChar c)
{
    switch (c.unicode()) {
    case u'\n':
        return u"\\n"_s;
    case u'\r':
        return u"\\r"_s;
    case u'\t':
        return u"\\t"_s;
    default:
        return u"\\u%1"_s.arg(uint(c.unicode()), 4, 16, QChar(u'0'));
    }
}

/// The text as it stands in a text line: bare if it is one harmless word, else in quotes.
QString quoted(const QString &text)
{
    QString result;
    bool needsQuotes = text.isEmpty();
    for (qsizetype i = 0; i < text.size(); ++i) {
        const QChar c = text[i];
        const bool isPair = c.isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate();
        if (isPair) {
            result += c;
            result += text[++i];
        } else if (isUnsafe(c)) {
            result += escapedChar(c);
            needsQuotes = true;
        } else {
            if (c == u'"' || c == u'\\')
                result += u'\\';
            result += c;
            needsQuotes = needsQuotes || c == u'"' || c == u'\\' || c == u'=' || c.isSpace();
        }
    }
    return needsQuotes ? QString(u'"' + result + u'"') : result;
}

QByteArray jsonText(const QJsonValue &value)
{
    const QByteArray inArray = compactJson(QJsonArray{ value });
    return inArray.sliced(1).chopped(1);
}

/// The value with its text made fit for a log; arrays and objects become their JSON text.
QJsonValue fit(const QJsonValue &value)
{
    if (value.isString())
        return cut(withoutTokens(value.toString()), kMaxValueChars);
    if (value.isArray() || value.isObject())
        return cut(withoutTokens(QString::fromUtf8(jsonText(value))), kMaxValueChars);
    return value;
}

} // namespace

QLatin1StringView logLevelName(LogLevel level)
{
    static constexpr std::array kNames{ "debug"_L1, "info"_L1, "warning"_L1, "error"_L1 };
    return kNames[size_t(level)];
}

QByteArray logLine(UtcTime time, LogLevel level, QLatin1StringView event, const LogFields &fields, LogFormat format)
{
    QByteArray line;
    if (format == LogFormat::Json) {
        line = R"({"time":")" + isoMillis(time).toLatin1() + R"(","level":")" + QByteArray(logLevelName(level).data())
            + R"(","event":)" + jsonText(QString(event));
        for (const LogField &field : fields)
            line += ',' + jsonText(QString(field.name)) + ':' + jsonText(fit(field.value));
        return line + "}\n";
    }
    if (format == LogFormat::Journal)
        line.append(journalPrefix(level));
    line
        += isoMillis(time).toLatin1() + ' ' + logLevelName(level).data() + ' ' + QByteArray(event.data(), event.size());
    for (const LogField &field : fields) {
        const QJsonValue value = fit(field.value);
        line += ' ' + QByteArray(field.name.data(), field.name.size()) + '='
            + (value.isString() ? quoted(value.toString()).toUtf8() : jsonText(value));
    }
    return line + '\n';
}

} // namespace gatehouse
