// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/envfile.h"

#include <optional>

#include <QtCore/QStringDecoder>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

bool isNameStart(QChar c)
{
    return (c >= u'A' && c <= u'Z') || (c >= u'a' && c <= u'z') || c == u'_';
}

bool isBlank(QChar c)
{
    return c == u' ' || c == u'\t';
}

/// Walks once over the text; each function leaves m_at behind what it read.
class EnvParser
{
public:
    EnvParser(QString text, const QString &fileName)
        : m_text(std::move(text))
        , m_fileName(fileName)
    {
    }

    Result<std::vector<EnvEntry>> run()
    {
        std::vector<EnvEntry> entries;
        while (m_at < m_text.size()) {
            skipBlanks();
            if (peek() == u'#')
                skipLine();
            if (atLineEnd()) {
                nextLine();
                continue;
            }
            EnvEntry entry;
            entry.line = m_line;
            if (!readName(entry.name) || !readValue(entry.value) || !readLineEnd())
                return *m_error;
            entries.push_back(std::move(entry));
        }
        return entries;
    }

private:
    [[nodiscard]] QChar peek() const { return m_at < m_text.size() ? m_text[m_at] : QChar(u'\n'); }
    [[nodiscard]] bool atLineEnd() const { return peek() == u'\n'; }

    void skipBlanks()
    {
        while (isBlank(peek()))
            ++m_at;
    }
    void skipLine()
    {
        while (!atLineEnd())
            ++m_at;
    }
    void nextLine()
    {
        ++m_at;
        ++m_line;
    }
    bool fail(const QString &what) { return failAt(m_line, what); }
    bool failAt(int line, const QString &what)
    {
        m_error = Error{ u"%1:%2: %3"_s.arg(m_fileName).arg(line).arg(what), {} };
        return false;
    }

    QString readWord()
    {
        const qsizetype from = m_at;
        while (isNameStart(peek())
            || (m_at > from && ((peek() >= u'0' && peek() <= u'9') || peek() == u'.' || peek() == u'-')))
            ++m_at;
        return m_text.mid(from, m_at - from);
    }

    bool readName(QString &name)
    {
        name = readWord();
        if (name == "export"_L1 && isBlank(peek())) {
            skipBlanks();
            name = readWord();
        }
        if (name.isEmpty())
            return fail(u"expected NAME=value"_s);
        skipBlanks();
        if (peek() != u'=')
            return fail(u"expected \"=\" after %1"_s.arg(name));
        ++m_at;
        skipBlanks();
        m_name = name;
        return true;
    }

    bool readValue(QString &value)
    {
        if (peek() == u'\'' || peek() == u'"')
            return readQuoted(value, peek());
        while (!atLineEnd()) {
            const bool isComment = peek() == u'#' && (value.isEmpty() || isBlank(value.back()));
            if (isComment)
                break;
            value += peek();
            ++m_at;
        }
        value = value.trimmed();
        return true;
    }

    bool readQuoted(QString &value, QChar quote)
    {
        const int opened = m_line;
        for (++m_at; m_at < m_text.size(); ++m_at) {
            const QChar c = m_text[m_at];
            if (c == quote) {
                ++m_at;
                return true;
            }
            if (c == u'\n')
                ++m_line;
            const bool isEscape = c == u'\\' && quote == u'"' && m_at + 1 < m_text.size();
            if (isEscape)
                appendEscape(value, m_text[++m_at]);
            else
                value += c;
        }
        return failAt(opened, u"the quote that opens the value of %1 is never closed"_s.arg(m_name));
    }

    void appendEscape(QString &value, QChar c)
    {
        switch (c.unicode()) {
        case u'n':
            value += u'\n';
            break;
        case u'r':
            value += u'\r';
            break;
        case u't':
            value += u'\t';
            break;
        case u'"':
        case u'\\':
        case u'$':
            value += c;
            break;
        case u'\n': // a line continued
            ++m_line;
            break;
        default:
            value += u'\\';
            value += c;
        }
    }

    bool readLineEnd()
    {
        skipBlanks();
        if (peek() == u'#')
            skipLine();
        if (!atLineEnd())
            return fail(u"unexpected text after the value of %1"_s.arg(m_name));
        nextLine();
        return true;
    }

    QString m_text;
    QString m_fileName;
    QString m_name;
    qsizetype m_at = 0;
    int m_line = 1;
    std::optional<Error> m_error;
};

} // namespace

Result<std::vector<EnvEntry>> parseEnvFile(const QByteArray &text, const QString &fileName)
{
    if (const qsizetype nul = text.indexOf('\0'); nul >= 0)
        return Error{ u"%1:%2: holds a NUL byte"_s.arg(fileName).arg(text.left(nul).count('\n') + 1), {} };
    QStringDecoder decoder(QStringDecoder::Utf8); // skips a byte order mark
    QString decoded = decoder(text);
    if (decoder.hasError())
        return Error{ u"%1: is not UTF-8 text"_s.arg(fileName), {} };
    decoded.replace("\r\n"_L1, "\n"_L1);
    return EnvParser(std::move(decoded), fileName).run();
}

} // namespace gatehouse
