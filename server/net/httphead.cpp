// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httphead.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "server/net/httpproblems.h"
#include "server/net/httptarget.h"
#include "server/net/proxyheader.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

namespace http = boost::beast::http;

using MaybeMalformed = std::optional<MalformedRequest>;

MalformedRequest badSyntax(const QString &detail)
{
    return { MalformedKind::Syntax, badRequest(detail) };
}

MalformedRequest badHeadSize(const QString &detail)
{
    return { MalformedKind::HeadSize, headTooLarge(detail) };
}

/// Of a field that says where the body ends.
bool isFraming(QByteArrayView lowerCaseName)
{
    return lowerCaseName == "content-length" || lowerCaseName == "transfer-encoding";
}

/// What Beast lets pass and two readers could disagree about. `head` includes the empty line.
MaybeMalformed checkLines(QByteArrayView head)
{
    int fields = -1; // the request line is none
    for (qsizetype begin = 0; begin < head.size();) {
        const qsizetype end = head.indexOf('\n', begin);
        const QByteArrayView line = head.sliced(begin, end - begin);
        if (!line.endsWith('\r') || line.chopped(1).contains('\r'))
            return badSyntax(u"a line of the head does not end in CR LF"_s);
        if (line.contains('\0'))
            return badSyntax(u"the head contains a NUL"_s);
        if (line.startsWith(' ') || line.startsWith('\t'))
            return badSyntax(u"the head has a folded line"_s);
        if (line.size() > kMaxFieldBytes)
            return badHeadSize(u"a line of the head has more than %1 bytes"_s.arg(kMaxFieldBytes));
        if (line.size() > 1 && ++fields > kMaxHeadFields)
            return badHeadSize(u"the head has more than %1 fields"_s.arg(kMaxHeadFields));
        begin = end + 1;
    }
    return std::nullopt;
}

bool isUnique(std::string_view lowerCaseName)
{
    static constexpr std::array<std::string_view, 9> kUnique{ "host", "origin", "authorization", "content-length",
        "transfer-encoding", "sec-websocket-key", "sec-websocket-version", "upgrade" };
    return std::find(kUnique.begin(), kUnique.end(), lowerCaseName) != kUnique.end();
}

/// Whether a comma-separated field holds a token, in any case.
bool hasToken(const QByteArray &field, QByteArrayView lowerCaseToken)
{
    const QList<QByteArray> parts = field.split(',');
    return std::any_of(parts.begin(), parts.end(),
        [lowerCaseToken](const QByteArray &part) { return part.trimmed().toLower() == lowerCaseToken; });
}

MaybeMalformed readFields(const http::request_header<> &head, HttpRequest &request)
{
    for (const auto &field : head) {
        QByteArray name = QByteArray(field.name_string().data(), qsizetype(field.name_string().size())).toLower();
        QByteArray value(field.value().data(), qsizetype(field.value().size()));
        if (request.hasHeader(name)) {
            if (isUnique(std::string_view(name.constData(), size_t(name.size()))))
                return MalformedRequest{ isFraming(name) ? MalformedKind::Body : MalformedKind::Syntax,
                    badRequest(u"the head has more than one %1"_s.arg(QString::fromLatin1(name))) };
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

/// RFC 9110 section 10.1.1.
std::optional<Problem> readExpectation(const HttpRequest &request, bool &expectsContinue)
{
    if (!request.hasHeader("expect") || request.isHttp10)
        return std::nullopt;
    expectsContinue = request.header("expect").toLower() == "100-continue";
    if (expectsContinue)
        return std::nullopt;
    return Problem{ 417, u"expectation_failed"_s, u"Expectation failed"_s,
        u"Expect must be 100-continue, or be left out"_s };
}

/// What is no HTTP at all, and is waited for in vain: a handshake of TLS has no lines.
MaybeMalformed judgeFirstBytes(QByteArrayView bytes)
{
    if (bytes.startsWith("\x16\x03")) // a handshake record
        return MalformedRequest{ MalformedKind::Tls,
            badRequest(u"this is TLS, and the server speaks plain HTTP: a proxy in front of it ends TLS"_s) };
    if (ProxyHeaderReader::isBegin(bytes))
        return MalformedRequest{ MalformedKind::Proxy,
            badRequest(u"this is the PROXY protocol, and PROXY_PROTOCOL is not true"_s) };
    return std::nullopt;
}

/// Beast reads the length and the coding of a body, which are not left to it, with the other fields.
bool isAboutBody(const boost::beast::error_code &error)
{
    return error == http::error::bad_content_length || error == http::error::bad_transfer_encoding;
}

/// A version that is well-formed and none of ours. Beast tells it from nonsense no further.
bool hasOtherVersion(QByteArrayView head)
{
    const QByteArrayView line = head.first(head.indexOf("\r\n"));
    const QByteArrayView version = line.sliced(line.lastIndexOf(' ') + 1);
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    return version.size() == 8 && version.startsWith("HTTP/") && version[6] == '.' && isDigit(version[5])
        && isDigit(version[7]) && version != "HTTP/1.1" && version != "HTTP/1.0";
}

/// What can be said before the head is complete, so that garbage is not waited for.
HeadVerdict judgeIncomplete(QByteArrayView bytes)
{
    const qsizetype lineEnd = bytes.indexOf('\n');
    if (bytes.size() > kMaxHeadBytes)
        return badHeadSize(u"the head has more than %1 bytes"_s.arg(kMaxHeadBytes));
    if (lineEnd >= 0 && (lineEnd == 0 || bytes[lineEnd - 1] != '\r'))
        return badSyntax(u"a line of the head does not end in CR LF"_s);
    return HeadIncomplete{};
}

/// What target and fields mean for the request.
MaybeMalformed readMeaning(QByteArrayView target, ParsedHead &head)
{
    HttpRequest &request = head.request;
    // An empty Host has no host; one in HTTP/1.0 may be missing.
    if (request.header("host").isEmpty() && (!request.isHttp10 || request.hasHeader("host")))
        return badSyntax(u"the head has no Host"_s);
    if (const std::optional<Problem> problem = readTarget(target, request))
        return MalformedRequest{ MalformedKind::Syntax, *problem };
    if (const std::optional<Problem> problem = readFraming(request, head.body))
        return MalformedRequest{ MalformedKind::Body, *problem };
    if (const std::optional<Problem> problem = readExpectation(request, head.expectsContinue))
        return MalformedRequest{ MalformedKind::Expectation, *problem };
    head.expectsContinue = head.expectsContinue && head.body.hasBody();
    const QByteArray connection = request.header("connection");
    request.isUpgrade = hasToken(connection, "upgrade") && hasToken(request.header("upgrade"), "websocket");
    request.isKeepAlive = !hasToken(connection, "close") && (!request.isHttp10 || hasToken(connection, "keep-alive"));
    return std::nullopt;
}

} // namespace

HeadVerdict parseHttpHead(QByteArrayView bytes)
{
    if (MaybeMalformed foreign = judgeFirstBytes(bytes))
        return *foreign;
    // One empty line before the request is passed over: RFC 9112 section 2.2.
    if (bytes.size() > 2 && bytes.size() <= kMaxHeadBytes && bytes.startsWith("\r\n") && bytes[2] != '\r') {
        HeadVerdict verdict = parseHttpHead(bytes.sliced(2));
        if (ParsedHead *head = std::get_if<ParsedHead>(&verdict))
            head->headBytes += 2;
        return verdict;
    }
    // Both line ends, so that a head of bare LFs is judged (and refused) instead of being waited for.
    const std::string_view text(bytes.data(), size_t(bytes.size()));
    const size_t strictEnd = text.find("\r\n\r\n");
    if (text.substr(0, strictEnd).find("\n\n") != std::string_view::npos)
        return badSyntax(u"a line of the head does not end in CR LF"_s);
    if (strictEnd == std::string_view::npos)
        return judgeIncomplete(bytes);
    ParsedHead result;
    result.headBytes = qsizetype(strictEnd) + 4;
    if (result.headBytes > kMaxHeadBytes)
        return badHeadSize(u"the head has more than %1 bytes"_s.arg(kMaxHeadBytes));
    const QByteArrayView head = bytes.first(result.headBytes);
    if (MaybeMalformed bad = checkLines(head))
        return *bad;

    if (hasOtherVersion(head))
        return MalformedRequest{ MalformedKind::Version,
            unsupportedVersion(u"the protocol must be HTTP/1.1 or HTTP/1.0"_s) };
    http::request_parser<http::empty_body> parser;
    parser.header_limit(std::uint32_t(kMaxHeadBytes));
    parser.body_limit(std::numeric_limits<std::uint64_t>::max()); // ours is judged below, with an answer of its own
    boost::beast::error_code error;
    parser.put(boost::asio::buffer(head.data(), size_t(head.size())), error);
    if ((error && error != http::error::need_more) || !parser.is_header_done())
        return MalformedRequest{ isAboutBody(error) ? MalformedKind::Body : MalformedKind::Syntax,
            badRequest(u"the head is malformed: %1"_s.arg(QString::fromStdString(error.message()))) };
    const auto &message = parser.get();
    result.request.isHttp10 = message.version() == 10;
    result.request.method = QByteArray(message.method_string().data(), qsizetype(message.method_string().size()));
    if (MaybeMalformed bad = readFields(message.base(), result.request))
        return *bad;
    if (MaybeMalformed bad
        = readMeaning(QByteArrayView(message.target().data(), qsizetype(message.target().size())), result))
        return *bad;
    return result;
}

} // namespace gatehouse
