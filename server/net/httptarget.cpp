// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httptarget.h"

#include <algorithm>

#include "server/net/hexdigit.h"
#include "server/net/httpproblems.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// The value of a field that may be missing.
void setHeader(HttpRequest &request, const QByteArray &lowerCaseName, const QByteArray &value)
{
    for (auto &[name, present] : request.headers) {
        if (name == lowerCaseName) {
            present = value;
            return;
        }
    }
    request.headers.emplace_back(lowerCaseName, value);
}

/// Takes scheme and host off a target in absolute form, as clients send it to a proxy. Its host is the one that counts,
/// whatever Host says: RFC 9112 section 3.2.2.
std::optional<Problem> takeAuthority(QByteArrayView &target, HttpRequest &request)
{
    const qsizetype mark = target.indexOf("://");
    const QByteArray scheme = target.first(std::max<qsizetype>(mark, 0)).toByteArray().toLower();
    if (scheme != "http" && scheme != "https" && scheme != "ws" && scheme != "wss")
        return badRequest(u"the request target must be a path, or an http or ws address"_s);
    const QByteArrayView rest = target.sliced(mark + 3);
    const auto end = std::find_if(rest.begin(), rest.end(), [](char c) { return c == '/' || c == '?'; });
    const QByteArrayView authority = rest.first(end - rest.begin());
    if (authority.isEmpty() || authority.startsWith(':') || authority.contains('@'))
        return badRequest(u"the request target must name a host, and no user"_s);
    setHeader(request, "host", authority.toByteArray());
    target = rest.sliced(authority.size());
    return std::nullopt;
}

QByteArray percentDecoded(QByteArrayView text)
{
    if (!text.contains('%') && !text.contains('+'))
        return text.toByteArray(); // a token, most often
    QByteArray result;
    result.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hexDigit(text[i + 1]) >= 0 && hexDigit(text[i + 2]) >= 0) {
            result += char(hexDigit(text[i + 1]) << 4 | hexDigit(text[i + 2]));
            i += 2;
        } else {
            result += text[i] == '+' ? ' ' : text[i];
        }
    }
    return result;
}

} // namespace

std::optional<Problem> readTarget(QByteArrayView target, HttpRequest &request)
{
    if (target.contains('#'))
        return badRequest(u"the request target has a fragment"_s);
    if (!target.startsWith('/')) {
        if (std::optional<Problem> problem = takeAuthority(target, request))
            return problem;
        if (!target.startsWith('/')) { // nothing, or a query alone
            request.path = "/";
            if (!target.isEmpty())
                request.query = parseQuery(target.sliced(1));
            return std::nullopt;
        }
    }
    const qsizetype mark = target.indexOf('?');
    request.path = (mark < 0 ? target : target.first(mark)).toByteArray();
    if (mark >= 0)
        request.query = parseQuery(target.sliced(mark + 1));
    return std::nullopt;
}

std::vector<std::pair<QByteArray, QByteArray>> parseQuery(QByteArrayView query)
{
    std::vector<std::pair<QByteArray, QByteArray>> result;
    for (qsizetype begin = 0; begin < query.size();) {
        qsizetype end = query.indexOf('&', begin);
        if (end < 0)
            end = query.size();
        const QByteArrayView pair = query.sliced(begin, end - begin);
        const qsizetype mark = pair.indexOf('=');
        if (mark >= 0)
            result.emplace_back(percentDecoded(pair.first(mark)), percentDecoded(pair.sliced(mark + 1)));
        else if (!pair.isEmpty())
            result.emplace_back(percentDecoded(pair), QByteArray());
        begin = end + 1;
    }
    return result;
}

} // namespace gatehouse
