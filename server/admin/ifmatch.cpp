// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/ifmatch.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kNoRevision = -1; // none has it

bool isSpace(char c)
{
    return c == ' ' || c == '\t';
}

QByteArrayView withoutSpaces(QByteArrayView text)
{
    while (!text.isEmpty() && isSpace(text.front()))
        text = text.sliced(1);
    return text;
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Takes one entity-tag (RFC 9110 section 8.8.3) off the front and returns what is between its quotes, which a number
/// may lack; nullopt if none is there.
std::optional<QByteArrayView> takeTag(QByteArrayView &text)
{
    const qsizetype digits = std::find_if_not(text.begin(), text.end(), isDigit) - text.begin();
    if (digits > 0) {
        const QByteArrayView tag = text.first(digits);
        text = withoutSpaces(text.sliced(digits));
        return tag;
    }
    if (text.startsWith("W/"))
        text = text.sliced(2);
    if (!text.startsWith('"'))
        return std::nullopt;
    const qsizetype end = text.indexOf('"', 1);
    if (end < 0)
        return std::nullopt;
    const QByteArrayView tag = text.sliced(1, end - 1);
    text = withoutSpaces(text.sliced(end + 1));
    return std::all_of(tag.begin(), tag.end(), [](char c) { return uchar(c) > 0x20 && c != 0x7f; }) ? std::optional(tag)
                                                                                                    : std::nullopt;
}

qint64 revisionOf(QByteArrayView tag)
{
    const bool isNumber = !tag.isEmpty() && std::all_of(tag.begin(), tag.end(), isDigit);
    bool fits = false;
    const qint64 revision = isNumber ? tag.toByteArray().toLongLong(&fits) : 0;
    return fits ? revision : kNoRevision;
}

} // namespace

Result<std::optional<IfMatch>> IfMatch::of(const HttpRequest &request)
{
    if (!request.hasHeader("if-match"))
        return std::optional<IfMatch>();
    IfMatch result;
    const QByteArray value = request.header("if-match").trimmed();
    if (value == "*") {
        result.m_isAny = true;
        return std::optional(result);
    }
    for (QByteArrayView rest(value); !rest.isEmpty();) {
        if (rest.startsWith(',')) { // RFC 9110 section 5.6.1: empty elements count for nothing
            rest = withoutSpaces(rest.sliced(1));
            continue;
        }
        const std::optional<QByteArrayView> tag = takeTag(rest);
        if (!tag || !(rest.isEmpty() || rest.startsWith(',')))
            return Error{ u"If-Match must be *, or ETags in quotes as GET gives them"_s, u"If-Match"_s };
        result.m_revisions.push_back(revisionOf(*tag));
    }
    if (result.m_revisions.empty())
        return Error{ u"If-Match is empty"_s, u"If-Match"_s };
    return std::optional(result);
}

std::optional<qint64> IfMatch::expected(qint64 current) const
{
    if (m_isAny)
        return std::nullopt;
    const bool holdsCurrent = std::find(m_revisions.begin(), m_revisions.end(), current) != m_revisions.end();
    return holdsCurrent ? current : m_revisions.front();
}

} // namespace gatehouse
