// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httphead.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

namespace http = boost::beast::http;

Problem badRequest(const QString &detail)
{
    return { 400, u"bad_request"_s, u"Bad request"_s, detail };
}

Problem headTooLarge(const QString &detail)
{
    return { 431, u"head_too_large"_s, u"Request header fields too large"_s, detail };
}

/// What Beast lets pass and two readers could disagree about. `head` includes the empty line.
std::optional<Problem> checkLines(QByteArrayView head)
{
    int fields = -1; // the request line is none
    for (qsizetype begin = 0; begin < head.size();) {
        const qsizetype end = head.indexOf('\n', begin);
        const QByteArrayView line = head.sliced(begin, end - begin);
        if (!line.endsWith('\r') || line.chopped(1).contains('\r'))
            return badRequest(u"a line of the head does not end in CR LF"_s);
        if (line.contains('\0'))
            return badRequest(u"the head contains a NUL"_s);
        if (line.startsWith(' ') || line.startsWith('\t'))
            return badRequest(u"the head has a folded line"_s);
        if (line.size() > kMaxFieldBytes)
            return headTooLarge(u"a line of the head has more than %1 bytes"_s.arg(kMaxFieldBytes));
        if (line.size() > 1 && ++fields > kMaxHeadFields)
            return headTooLarge(u"the head has more than %1 fields"_s.arg(kMaxHeadFields));
        begin = end + 1;
    }
    return std::nullopt;
}

bool isUnique(std::string_view lowerCaseName)
{
    static constexpr std::array<std::string_view, 9> kUnique{ "host", "origin", "authorization", "content-length",
        "transfer-encoding", "sec-websocket-key", "sec-websocket-version", "if-match", "upgrade" };
    return std::find(kUnique.begin(), kUnique.end(), lowerCaseName) != kUnique.end();
}

/// Whether a comma-separated field holds a token, in any case.
bool hasToken(const QByteArray &field, QByteArrayView lowerCaseToken)
{
    const QList<QByteArray> parts = field.split(',');
    return std::any_of(parts.begin(), parts.end(),
        [lowerCaseToken](const QByteArray &part) { return part.trimmed().toLower() == lowerCaseToken; });
}

std::optional<Problem> readFields(const http::request_header<> &head, HttpRequest &request)
{
    for (const auto &field : head) {
        QByteArray name = QByteArray(field.name_string().data(), qsizetype(field.name_string().size())).toLower();
        QByteArray value(field.value().data(), qsizetype(field.value().size()));
        if (request.hasHeader(name)) {
            if (isUnique(std::string_view(name.constData(), size_t(name.size()))))
                return badRequest(u"the head has more than one %1"_s.arg(QString::fromLatin1(name)));
            for (auto &[known, joined] : request.headers) { // RFC 9110 section 5.3: a list over several lines
                if (known == name)
                    joined += ", " + value;
            }
            continue;
        }
        request.headers.emplace_back(std::move(name), std::move(value));
    }
    return std::nullopt;
}

std::optional<Problem> readTarget(QByteArrayView target, HttpRequest &request)
{
    if (!target.startsWith('/') || target.contains('#'))
        return badRequest(u"the request target must be a path"_s);
    const qsizetype mark = target.indexOf('?');
    request.path = (mark < 0 ? target : target.first(mark)).toByteArray();
    if (mark >= 0)
        request.query = parseQuery(target.sliced(mark + 1));
    return std::nullopt;
}

std::optional<Problem> readBodyLength(const HttpRequest &request, qsizetype &bodyBytes)
{
    if (request.hasHeader("transfer-encoding")) {
        if (request.hasHeader("content-length"))
            return badRequest(u"the head has both Content-Length and Transfer-Encoding"_s);
        return Problem{ 411, u"length_required"_s, u"Length required"_s,
            u"Transfer-Encoding is not supported; send Content-Length"_s };
    }
    const QByteArray length = request.header("content-length");
    if (length.isEmpty())
        return request.hasHeader("content-length") ? std::optional(badRequest(u"Content-Length is empty"_s))
                                                   : std::nullopt;
    if (!std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; }))
        return badRequest(u"Content-Length is not a number"_s);
    bool isNumber = false;
    bodyBytes = length.toLongLong(&isNumber);
    if (!isNumber || bodyBytes > kMaxBodyBytes)
        return Problem{ 413, u"body_too_large"_s, u"Content too large"_s,
            u"the body has more than %1 bytes"_s.arg(kMaxBodyBytes) };
    return std::nullopt;
}

/// What can be said before the head is complete, so that garbage is not waited for.
HeadVerdict judgeIncomplete(QByteArrayView bytes)
{
    const qsizetype lineEnd = bytes.indexOf('\n');
    if (bytes.size() > kMaxHeadBytes)
        return headTooLarge(u"the head has more than %1 bytes"_s.arg(kMaxHeadBytes));
    if (lineEnd >= 0 && (lineEnd == 0 || bytes[lineEnd - 1] != '\r'))
        return badRequest(u"a line of the head does not end in CR LF"_s);
    return HeadIncomplete{};
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
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

HeadVerdict parseHttpHead(QByteArrayView bytes)
{
    // Both line ends, so that a head of bare LFs is judged (and refused) instead of being waited for.
    const std::string_view text(bytes.data(), size_t(bytes.size()));
    const size_t strictEnd = text.find("\r\n\r\n");
    if (text.substr(0, strictEnd).find("\n\n") != std::string_view::npos)
        return badRequest(u"a line of the head does not end in CR LF"_s);
    if (strictEnd == std::string_view::npos)
        return judgeIncomplete(bytes);
    ParsedHead result;
    result.headBytes = qsizetype(strictEnd) + 4;
    if (result.headBytes > kMaxHeadBytes)
        return headTooLarge(u"the head has more than %1 bytes"_s.arg(kMaxHeadBytes));
    const QByteArrayView head = bytes.first(result.headBytes);
    if (std::optional<Problem> problem = checkLines(head))
        return *problem;

    http::request_parser<http::empty_body> parser;
    parser.header_limit(std::uint32_t(kMaxHeadBytes));
    parser.body_limit(std::numeric_limits<std::uint64_t>::max()); // ours is judged below, with an answer of its own
    boost::beast::error_code error;
    parser.put(boost::asio::buffer(head.data(), size_t(head.size())), error);
    if ((error && error != http::error::need_more) || !parser.is_header_done())
        return badRequest(u"the head is malformed: %1"_s.arg(QString::fromStdString(error.message())));
    const auto &message = parser.get();
    if (message.version() != 11)
        return badRequest(u"the protocol must be HTTP/1.1"_s);
    result.request.method = QByteArray(message.method_string().data(), qsizetype(message.method_string().size()));
    std::optional<Problem> problem = readFields(message.base(), result.request);
    if (!problem)
        problem
            = readTarget(QByteArrayView(message.target().data(), qsizetype(message.target().size())), result.request);
    if (!problem)
        problem = readBodyLength(result.request, result.bodyBytes);
    if (!problem && result.request.header("host").isEmpty())
        problem = badRequest(u"the head has no Host"_s);
    if (problem)
        return *problem;
    const QByteArray connection = result.request.header("connection");
    result.request.isUpgrade
        = hasToken(connection, "upgrade") && hasToken(result.request.header("upgrade"), "websocket");
    result.request.isKeepAlive = !hasToken(connection, "close");
    return result;
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
