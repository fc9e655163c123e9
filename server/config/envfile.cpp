// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/envfile.h"

#include <algorithm>

#include <QtCore/QStringDecoder>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

bool isBlank(QChar c)
{
    return c == u' ' || c == u'\t';
}

bool isDigit(QChar c)
{
    return c >= u'0' && c <= u'9';
}

/// What shells take for a name, and dots and dashes, which others write.
bool isUsualName(QStringView name)
{
    return !isDigit(name.front()) && std::all_of(name.begin(), name.end(), [](QChar c) {
        const bool isLetter = (c >= u'A' && c <= u'Z') || (c >= u'a' && c <= u'z');
        return isLetter || isDigit(c) || c == u'_' || c == u'.' || c == u'-';
    });
}

/// Walks once over the text; each function leaves m_at behind what it read.
class EnvParser
{
public:
    explicit EnvParser(QString text)
        : m_text(std::move(text))
    {
    }

    EnvFile run()
    {
        while (m_at < m_text.size()) {
            skipBlanks();
            if (isComment())
                skipLine();
            if (atLineEnd())
                nextLine();
            else
                readStatement();
        }
        return std::move(m_file);
    }

private:
    [[nodiscard]] QChar peek() const { return m_at < m_text.size() ? m_text[m_at] : QChar(u'\n'); }
    [[nodiscard]] bool atLineEnd() const { return peek() == u'\n'; }
    [[nodiscard]] bool isComment() const { return peek() == u'#' || peek() == u';'; } // the second one is systemd's

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
        m_file.passedOver.push_back({ m_name, what, line, false });
        return false;
    }

    void readStatement()
    {
        EnvEntry entry;
        entry.line = m_line;
        const qsizetype begin = m_at;
        if (!readName() || !readValue(entry.value) || !readLineEnd()) {
            // With the next line, however far a quote has led astray: it may be one of ours.
            m_at = begin;
            m_line = entry.line;
            skipLine();
            nextLine();
            return;
        }
        entry.name = m_name;
        if (isUsualName(entry.name))
            m_file.entries.push_back(std::move(entry));
        else
            failAt(entry.line, isDigit(entry.name.front()) ? u"begins with a digit"_s : u"is no name of a variable"_s);
    }

    /// Everything up to a blank, = or #; python-dotenv also takes it in single quotes.
    QString readWord()
    {
        const qsizetype from = m_at;
        while (!atLineEnd() && !isBlank(peek()) && peek() != u'=' && peek() != u'#')
            ++m_at;
        const QStringView word = QStringView(m_text).mid(from, m_at - from);
        const bool isQuoted = word.size() > 2 && word.startsWith(u'\'') && word.endsWith(u'\'');
        return (isQuoted ? word.mid(1).chopped(1) : word).toString();
    }

    bool readName()
    {
        m_name = readWord();
        if (m_name == "export"_L1 && isBlank(peek())) {
            skipBlanks();
            m_name = readWord();
        }
        if (m_name.isEmpty())
            return fail(u"expected NAME=value"_s);
        skipBlanks();
        if (atLineEnd() || peek() == u'#') {
            m_file.passedOver.push_back({ m_name, u"has no value"_s, m_line, true });
            return false;
        }
        if (peek() != u'=')
            return fail(u"is not followed by \"=\""_s);
        ++m_at;
        return true;
    }

    bool readValue(QString &value)
    {
        // "A= # none" is empty, as for a shell; "A=#x" is "#x", as for everybody.
        const bool isCommentPossible = isBlank(peek());
        skipBlanks();
        if (peek() == u'\'' || peek() == u'"')
            return readQuoted(value, peek());
        while (!atLineEnd()) {
            const bool isAfterBlank = value.isEmpty() ? isCommentPossible : isBlank(value.back());
            if (peek() == u'#' && isAfterBlank)
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
            if (c == quote && !isEscapedApostrophe(quote)) {
                ++m_at;
                return true;
            }
            if (c == u'\n')
                ++m_line;
            const bool isEscape = c == u'\\' && quote == u'"' && m_at + 1 < m_text.size();
            if (isEscape)
                appendEscape(value, m_text[++m_at]);
            else if (c == quote)
                value.back() = c; // in place of the backslash
            else
                value += c;
        }
        return failAt(opened, u"has a quote that is never closed"_s);
    }

    /// In single quotes \' is an apostrophe for python-dotenv, a backslash and the end for a shell: the end it is where
    /// the line ends too.
    [[nodiscard]] bool isEscapedApostrophe(QChar quote) const
    {
        if (quote != u'\'' || m_text[m_at - 1] != u'\\')
            return false;
        qsizetype next = m_at + 1;
        while (next < m_text.size() && isBlank(m_text[next]))
            ++next;
        return next < m_text.size() && m_text[next] != u'\n' && (next == m_at + 1 || m_text[next] != u'#');
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
            return fail(u"has text after the quotes of its value"_s);
        nextLine();
        return true;
    }

    QString m_text;
    QString m_name;
    qsizetype m_at = 0;
    int m_line = 1;
    EnvFile m_file;
};

} // namespace

Result<EnvFile> parseEnvFile(const QByteArray &text, const QString &fileName)
{
    if (text.startsWith("\xff\xfe") || text.startsWith("\xfe\xff"))
        return Error{ u"%1: is UTF-16 text; save it as UTF-8"_s.arg(fileName), {} };
    if (const qsizetype nul = text.indexOf('\0'); nul >= 0)
        return Error{ u"%1:%2: holds a NUL byte"_s.arg(fileName).arg(text.left(nul).count('\n') + 1), {} };
    QStringDecoder decoder(QStringDecoder::Utf8); // skips a byte order mark
    QString decoded = decoder(text);
    decoded.replace("\r\n"_L1, "\n"_L1);
    decoded.replace(u'\r', u'\n');
    return EnvParser(std::move(decoded)).run();
}

} // namespace gatehouse
