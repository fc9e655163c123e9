// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/forwardingcheck.h"

#include <QtCore/QDeadlineTimer>
#include <QtCore/QJsonDocument>
#include <QtNetwork/QLocalSocket>
#include <QtNetwork/QTcpSocket>

#include "server/bench/wireformat.h"
#include "server/config/keysettings.h"
#include "shared/protocol/adminmessages.h"
#include "shared/protocol/apipaths.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr std::chrono::milliseconds kServerPatience = 3s;
constexpr qsizetype kMaxServerAnswerBytes = 1024 * 1024;

struct ServerAnswer
{
    int status = 0; ///< 0: none
    QByteArray body{};
};

/// Null if nobody is there.
std::unique_ptr<QIODevice> connectedServer(const ListenAddress &listen)
{
    if (!listen.unixPath.isEmpty()) {
        auto socket = std::make_unique<QLocalSocket>();
        socket->connectToServer(listen.unixPath);
        return socket->waitForConnected(int(kServerPatience.count())) ? std::move(socket) : nullptr;
    }
    auto socket = std::make_unique<QTcpSocket>();
    const bool isEverywhere = listen.isEverywhere() || listen.address == IpAddress::fromIpv4(0);
    socket->connectToHost(isEverywhere ? u"127.0.0.1"_s : listen.address.toString(), listen.port);
    return socket->waitForConnected(int(kServerPatience.count())) ? std::move(socket) : nullptr;
}

/// One GET, on a connection that is for it alone. `token` may be empty.
ServerAnswer askServer(QIODevice &server, QLatin1StringView path, const QByteArray &token)
{
    server.write("GET " + QByteArray(path.data(), path.size()) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        + (token.isEmpty() ? QByteArray() : QByteArray("Authorization: Bearer " + token + "\r\n")) + "\r\n");
    QByteArray bytes;
    for (const QDeadlineTimer end(kServerPatience); !end.hasExpired() && bytes.size() < kMaxServerAnswerBytes;) {
        const std::optional<bench::AnswerHead> head = bench::scanAnswerHead(bytes);
        if (head && bytes.size() >= head->size + std::max<qsizetype>(0, head->bodyBytes))
            return { head->status, bytes.mid(head->size) };
        if (!server.waitForReadyRead(int(end.remainingTime())))
            break;
        bytes += server.readAll();
    }
    return {};
}

QString forwardingSentence(const NotForwarded &seen)
{
    const QString what
        = seen.header == "missing"_L1 ? u"without X-Forwarded-For"_s : u"with an X-Forwarded-For that is no address"_s;
    return u"warning: TRUSTED_PROXIES: the running server says that %1 came through the proxy %2 %3, at last at %4: "
           "all visitors of that proxy share its address, and its limits"_s.arg(
               seen.count == 1 ? u"one page"_s : u"%1 pages"_s.arg(seen.count), seen.proxy, what,
               isoMillis(seen.lastAt));
}

} // namespace

std::optional<QString> forwardingDoubt(const CliContext &context, const Settings &settings)
{
    // A listener that wants the PROXY protocol answers proxies alone.
    if (settings.trustedProxies.empty() || (settings.usesProxyProtocol && !settings.adminListen))
        return std::nullopt;
    const std::unique_ptr<QIODevice> server = connectedServer(settings.adminListen.value_or(settings.listen));
    if (!server)
        return std::nullopt;
    const Result<JwtSigner> signer = jwtSignerOf(settings);
    Result<QByteArray> token = signer
        ? signer->sign({ u"gatehouse-check"_s, Role::Viewer, {}, 60s }, context.clock.utc())
        : Result<QByteArray>(signer.error());
    const ServerAnswer answer = askServer(*server, paths::kOverview, token ? *token : QByteArray());
    if (answer.status == 404) // somebody else's port, or that of another listener
        return std::nullopt;
    if (answer.status != 200) {
        const QString why = !token ? token.error().message
            : answer.status == 0   ? u"it does not answer within %1 s"_s.arg(kServerPatience / 1s)
                                   : u"it answers %1"_s.arg(answer.status);
        return u"note: what the running server has seen of the proxies is not known: "_s + why;
    }
    const QJsonObject overview = QJsonDocument::fromJson(answer.body).object();
    const std::optional<NotForwarded> seen = ServerInfo::fromJson(overview.value("server"_L1).toObject()).notForwarded;
    return seen ? std::optional(forwardingSentence(*seen)) : std::nullopt;
}

} // namespace gatehouse
