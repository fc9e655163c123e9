// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/httphead.h"
#include "server/net/httptarget.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

constexpr char kGood[]
    = "GET /ws/notifications/?token=a%2Eb&x=1+2&flag HTTP/1.1\r\nHost: example.com\r\nX-Thing:  two words \r\n\r\n";

int statusOf(QByteArrayView bytes)
{
    const HeadVerdict verdict = parseHttpHead(bytes);
    if (const MalformedRequest *refused = std::get_if<MalformedRequest>(&verdict))
        return refused->problem.status;
    return std::holds_alternative<ParsedHead>(verdict) ? 200 : 0;
}

QByteArray head(const QByteArray &fields, const QByteArray &line = "GET / HTTP/1.1")
{
    return QByteArray(line + "\r\n" + fields + "\r\n");
}

} // namespace

class TestHttpHead : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parsesAGoodHead()
    {
        const HeadVerdict verdict = parseHttpHead(QByteArray(kGood).append("rest"));
        QVERIFY(std::holds_alternative<ParsedHead>(verdict));
        const ParsedHead &parsed = std::get<ParsedHead>(verdict);
        QCOMPARE(parsed.headBytes, qsizetype(sizeof kGood) - 1);
        QCOMPARE(parsed.body.lengthBytes, 0);
        QCOMPARE(parsed.request.method, "GET");
        QCOMPARE(parsed.request.path, "/ws/notifications/");
        QCOMPARE(parsed.request.queryValue("token"), std::optional<QByteArray>("a.b"));
        QCOMPARE(parsed.request.queryValue("x"), std::optional<QByteArray>("1 2"));
        QCOMPARE(parsed.request.queryValue("flag"), std::optional<QByteArray>(""));
        QVERIFY(!parsed.request.queryValue("none"));
        QCOMPARE(parsed.request.header("x-thing"), "two words");
        QVERIFY(parsed.request.isKeepAlive);
        QVERIFY(!parsed.request.isUpgrade);
    }

    void countsTheEmptyLineBeforeIt()
    {
        const HeadVerdict verdict = parseHttpHead(QByteArray("\r\n").append(kGood).append("rest"));
        QVERIFY(std::holds_alternative<ParsedHead>(verdict));
        QCOMPARE(std::get<ParsedHead>(verdict).headBytes, qsizetype(sizeof kGood) + 1);
    }

    void waitsForEveryIncompletePrefix()
    {
        const QByteArray good(kGood);
        for (qsizetype size = 0; size < good.size(); ++size)
            QCOMPARE(statusOf(good.first(size)), 0);
    }

    void judges_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        const auto row
            = [](const char *name, const QByteArray &bytes, int status) { QTest::newRow(name) << bytes << status; };
        const QByteArray host = "Host: a\r\n";
        row("plain", head(host), 200);
        row("an empty line before", "\r\n" + head(host), 200);
        row("two empty lines before", "\r\n\r\n" + head(host), 400);
        row("an empty line of a bare LF before", "\n" + head(host), 400);
        row("bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400);
        row("bare LF in one line", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400);
        row("bare LF first line only", "GET / HTTP/1.1\nHost: a\r\n", 400);
        row("CR in a value", head(host + "X: a\rb\r\n"), 400);
        row("NUL in a value", head(host + QByteArray("X: a\0b\r\n", 8)), 400);
        row("space before colon", head("Host : a\r\n"), 400);
        row("folded line", head(host + "X: a\r\n b\r\n"), 400);
        row("folded with tab", head(host + "X: a\r\n\tb\r\n"), 400);
        row("HTTP/1.0", head(host, "GET / HTTP/1.0"), 200);
        row("HTTP/1.0 without a host", head("", "GET / HTTP/1.0"), 200);
        row("HTTP/1.0 with an empty host", head("Host:\r\n", "GET / HTTP/1.0"), 400);
        row("HTTP/2.0", head(host, "GET / HTTP/2.0"), 505);
        row("HTTP/1.2", head(host, "GET / HTTP/1.2"), 505);
        row("HTTP/0.9", head(host, "GET / HTTP/0.9"), 505);
        row("preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
        row("HTTP/1.10", head(host, "GET / HTTP/1.10"), 400);
        row("http/1.1", head(host, "GET / http/1.1"), 400);
        row("XYZ/1.1", head(host, "GET / XYZ/1.1"), 400);
        row("absolute target", head(host, "GET http://a/ HTTP/1.1"), 200);
        row("absolute target without a host", head(host, "GET http:///a HTTP/1.1"), 400);
        row("absolute target with a port alone", head(host, "GET http://:80/a HTTP/1.1"), 400);
        row("absolute target with a user", head(host, "GET http://me@a/ HTTP/1.1"), 400);
        row("absolute target with a fragment", head(host, "GET http://a/#x HTTP/1.1"), 400);
        row("absolute target of another scheme", head(host, "GET ftp://a/ HTTP/1.1"), 400);
        row("absolute target without Host", head("X: a\r\n", "GET http://a/ HTTP/1.1"), 400);
        row("asterisk target", head(host, "OPTIONS * HTTP/1.1"), 400);
        row("authority target", head(host, "CONNECT a:80 HTTP/1.1"), 400);
        row("fragment in target", head(host, "GET /#x HTTP/1.1"), 400);
        row("two spaces", head(host, "GET  / HTTP/1.1"), 400);
        row("no target", head(host, "GET HTTP/1.1"), 400);
        row("no host", head("X: a\r\n"), 400);
        row("empty host", head("Host:\r\n"), 400);
        row("two hosts", head(host + host), 400);
        row("two origins", head(host + "Origin: a\r\norigin: b\r\n"), 400);
        row("two authorizations", head(host + "Authorization: a\r\nAuthorization: b\r\n"), 400);
        row("two keys", head(host + "Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: a\r\n"), 400);
        row("two versions", head(host + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n"), 400);
        row("two lengths", head(host + "Content-Length: 1\r\nContent-Length: 1\r\n"), 400);
        row("length and encoding", head(host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400);
        row("encoding and length", head(host + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), 400);
        row("encoding alone", head(host + "Transfer-Encoding: chunked\r\n"), 200);
        row("encoding in capitals", head(host + "TRANSFER-ENCODING: Chunked\r\n"), 200);
        row("another encoding", head(host + "Transfer-Encoding: gzip\r\n"), 501);
        row("another before", head(host + "Transfer-Encoding: gzip, chunked\r\n"), 501);
        row("almost chunked", head(host + "Transfer-Encoding: xchunked\r\n"), 501);
        row("identity", head(host + "Transfer-Encoding: identity\r\n"), 501);
        row("empty encoding", head(host + "Transfer-Encoding:\r\n"), 400);
        row("two encodings", head(host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
        row("encoding in HTTP/1.0", head(host + "Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"), 400);
        row("expects to go on", head(host + "Expect: 100-Continue\r\n"), 200);
        row("expects something else", head(host + "Expect: 200-ok\r\n"), 417);
        row("expects twice", head(host + "Expect: 100-continue, 100-continue\r\n"), 417);
        row("expects in HTTP/1.0", head(host + "Expect: something\r\n", "GET / HTTP/1.0"), 200);
        row("PROXY protocol", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + head(host), 400);
        row("TLS, before its end", QByteArray("\x16\x03\x01", 3), 400);
        row("negative length", head(host + "Content-Length: -1\r\n"), 400);
        row("signed length", head(host + "Content-Length: +1\r\n"), 400);
        row("length is no number", head(host + "Content-Length: abc\r\n"), 400);
        row("length list", head(host + "Content-Length: 1, 1\r\n"), 400);
        row("empty length", head(host + "Content-Length:\r\n"), 400);
        row("largest body", head(host + "Content-Length: 1048576\r\n"), 200);
        row("body too large", head(host + "Content-Length: 1048577\r\n"), 413);
        row("length overflows", head(host + "Content-Length: 99999999999999999999999\r\n"), 400);
        row("nameless field", head(host + ": a\r\n"), 400);
        row("bad method", head(host, "G@T / HTTP/1.1"), 400);
        row("TLS hello", QByteArray("\x16\x03\x01\x02\x00\x01\x00\n", 8), 400);
    }
    void judges()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        QCOMPARE(statusOf(bytes), status);
    }

    void namesTheKind_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<MalformedKind>("kind");
        const auto row = [](const char *name, const QByteArray &bytes, MalformedKind kind) {
            QTest::newRow(name) << bytes << kind;
        };
        row("nonsense", "hello\r\n\r\n", MalformedKind::Syntax);
        row("no host", "GET / HTTP/1.1\r\n\r\n", MalformedKind::Syntax);
        row("TLS", "\x16\x03\x01\x02", MalformedKind::Tls);
        row("PROXY protocol", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            MalformedKind::Proxy);
        row("PROXY protocol, unknown", "PROXY UNKNOWN\r\n", MalformedKind::Proxy);
        row("PROXY protocol 2", QByteArray("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\0", 16), MalformedKind::Proxy);
        row("PROXY protocol, behind an empty line", "\r\nPROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", MalformedKind::Proxy);
        row("TLS, behind an empty line", "\r\n\x16\x03\x01\x02", MalformedKind::Tls);
        row("a method of that name", "PROXY / HTTP/1.1\r\n\r\n", MalformedKind::Syntax);
        row("version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", MalformedKind::Version);
        row("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", MalformedKind::Version);
        row("head", "GET / HTTP/1.1\r\nHost: a\r\nX: " + QByteArray(9000, 'x') + "\r\n\r\n", MalformedKind::HeadSize);
        row("large body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", MalformedKind::Body);
        row("coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", MalformedKind::Body);
        const QByteArray post = "POST / HTTP/1.1\r\nHost: a\r\n";
        row("length is no number", post + "Content-Length: abc\r\n\r\n", MalformedKind::Body);
        row("length overflows", post + "Content-Length: 99999999999999999999999\r\n\r\n", MalformedKind::Body);
        row("empty length", post + "Content-Length:\r\n\r\n", MalformedKind::Body);
        row("length list", post + "Content-Length: 1, 1\r\n\r\n", MalformedKind::Body);
        row("two lengths", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", MalformedKind::Body);
        row("length and coding", post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", MalformedKind::Body);
        row("coding and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", MalformedKind::Body);
        row("two codings", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            MalformedKind::Body);
        row("empty coding", post + "Transfer-Encoding:\r\n\r\n", MalformedKind::Body);
        row("coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", MalformedKind::Body);
        row("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", MalformedKind::Syntax);
        row("expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n", MalformedKind::Expectation);
    }
    void namesTheKind()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(MalformedKind, kind);
        const HeadVerdict verdict = parseHttpHead(bytes);
        QVERIFY(std::holds_alternative<MalformedRequest>(verdict));
        QCOMPARE(std::get<MalformedRequest>(verdict).kind, kind);
    }

    void readsTargets_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("host");
        const auto row = [](const QByteArray &target, const char *path, const char *query, const char *host) {
            QTest::newRow(target.constData()) << target << QByteArray(path) << QByteArray(query) << QByteArray(host);
        };
        row("/a/b?x=1", "/a/b", "1", "example.com");
        row("http://other.example/a?x=1", "/a", "1", "other.example");
        row("HTTPS://other.example:8443/a", "/a", "", "other.example:8443");
        row("ws://[2001:db8::1]:80/a", "/a", "", "[2001:db8::1]:80");
        row("http://other.example", "/", "", "other.example");
        row("http://other.example?x=1", "/", "1", "other.example");
        row("http://other.example?x=/", "/", "/", "other.example");
    }
    void readsTargets()
    {
        QFETCH(const QByteArray, target);
        QFETCH(const QByteArray, path);
        QFETCH(const QByteArray, query);
        QFETCH(const QByteArray, host);
        const HeadVerdict verdict = parseHttpHead(head("Host: example.com\r\n", "GET " + target + " HTTP/1.1"));
        QVERIFY(std::holds_alternative<ParsedHead>(verdict));
        const HttpRequest &request = std::get<ParsedHead>(verdict).request;
        QCOMPARE(request.path, path);
        QCOMPARE(request.queryValue("x").value_or(QByteArray()), query);
        QCOMPARE(request.header("host"), host);
    }

    void knowsWhatIsKept_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("connection");
        QTest::addColumn<bool>("isKept");
        const QByteArray now = "GET / HTTP/1.1";
        const QByteArray old = "GET / HTTP/1.0";
        QTest::newRow("1.1") << now << QByteArray() << true;
        QTest::newRow("1.1, close") << now << QByteArray("Close") << false;
        QTest::newRow("1.1, both") << now << QByteArray("keep-alive, close") << false;
        QTest::newRow("1.0") << old << QByteArray() << false;
        QTest::newRow("1.0, kept") << old << QByteArray("Keep-Alive") << true;
        QTest::newRow("1.0, close") << old << QByteArray("close") << false;
    }
    void knowsWhatIsKept()
    {
        QFETCH(const QByteArray, line);
        QFETCH(const QByteArray, connection);
        QFETCH(bool, isKept);
        const QByteArray field = connection.isEmpty() ? QByteArray() : "Connection: " + connection + "\r\n";
        const HeadVerdict verdict = parseHttpHead(head("Host: a\r\n" + field, line));
        QCOMPARE(std::get<ParsedHead>(verdict).request.isKeepAlive, isKept);
        QCOMPARE(std::get<ParsedHead>(verdict).request.isHttp10, line.endsWith("1.0"));
    }

    void boundsTheHead()
    {
        QByteArray manyFields = "Host: a\r\n";
        for (int i = 0; i < kMaxHeadFields - 1; ++i)
            manyFields += "X-" + QByteArray::number(i) + ": a\r\n";
        QCOMPARE(statusOf(head(manyFields)), 200);
        QCOMPARE(statusOf(head(manyFields + "Y: a\r\n")), 431);
        QCOMPARE(statusOf(head("Host: a\r\nX: " + QByteArray(7900, 'a') + "\r\n")), 200);
        QCOMPARE(statusOf(head("Host: a\r\nX: " + QByteArray(8000, 'a') + "\r\n")), 431);
        // 17 KiB of a head that never ends.
        QByteArray endless = "GET / HTTP/1.1\r\n";
        for (int i = 0; i < 17; ++i)
            endless += "X-" + QByteArray::number(i) + ": " + QByteArray(1024, 'a') + "\r\n";
        QCOMPARE(statusOf(endless), 431);
    }

    void joinsListFields()
    {
        const HeadVerdict verdict
            = parseHttpHead(head("Host: a\r\nX-Forwarded-For: 1.1.1.1\r\nx-forwarded-for: 2.2.2.2, 3.3.3.3\r\n"));
        QCOMPARE(std::get<ParsedHead>(verdict).request.header("x-forwarded-for"), "1.1.1.1, 2.2.2.2, 3.3.3.3");
    }

    void recognisesAnUpgrade_data()
    {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<bool>("isUpgrade");
        QTest::newRow("usual") << QByteArray("Connection: Upgrade\r\nUpgrade: websocket\r\n") << true;
        QTest::newRow("list, other case")
            << QByteArray("Connection: keep-alive, UPGRADE\r\nUpgrade: WebSocket\r\n") << true;
        QTest::newRow("no connection") << QByteArray("Upgrade: websocket\r\n") << false;
        QTest::newRow("other protocol") << QByteArray("Connection: Upgrade\r\nUpgrade: h2c\r\n") << false;
        QTest::newRow("part of a word") << QByteArray("Connection: notupgrade\r\nUpgrade: websocket\r\n") << false;
    }
    void recognisesAnUpgrade()
    {
        QFETCH(QByteArray, fields);
        QFETCH(bool, isUpgrade);
        QCOMPARE(std::get<ParsedHead>(parseHttpHead(head("Host: a\r\n" + fields))).request.isUpgrade, isUpgrade);
    }

    void parsesQueries_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("plain") << QByteArray("a=1&b=2") << QByteArray("1");
        QTest::newRow("first wins") << QByteArray("a=1&a=2") << QByteArray("1");
        QTest::newRow("escaped") << QByteArray("%61=%2f%2F") << QByteArray("//");
        QTest::newRow("cut escape") << QByteArray("a=%4") << QByteArray("%4");
        QTest::newRow("bad escape") << QByteArray("a=%zz") << QByteArray("%zz");
        QTest::newRow("equals in value") << QByteArray("a=b=c") << QByteArray("b=c");
        QTest::newRow("empty pairs") << QByteArray("&&a=1&") << QByteArray("1");
    }
    void parsesQueries()
    {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, value);
        HttpRequest request;
        request.query = parseQuery(query);
        QCOMPARE(request.queryValue("a"), std::optional(value));
    }

    void readsBearerTokens()
    {
        HttpRequest request;
        const auto token = [&request](const QByteArray &value) {
            request.headers = { { "authorization", value } };
            return request.bearerToken();
        };
        QCOMPARE(token("Bearer abc"), "abc");
        QCOMPARE(token("bearer  abc "), "abc");
        QCOMPARE(token("Basic abc"), "");
        QCOMPARE(token("Bearer"), "");
        QCOMPARE(token(""), "");
    }
};

QTEST_APPLESS_MAIN(TestHttpHead)
#include "tst_httphead.moc"
