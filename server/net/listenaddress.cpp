// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/listenaddress.h"

#include <sys/un.h>

#include "server/base/plainnumber.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

Result<ListenAddress> unixListen(QStringView path)
{
    constexpr size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;
    if (!path.startsWith(u'/'))
        return Error{ u"the path after unix: must be absolute"_s, {} };
    if (size_t(path.toLocal8Bit().size()) > kLongestPath)
        return Error{ u"the path after unix: is longer than %1 bytes"_s.arg(kLongestPath), {} };
    ListenAddress listen;
    listen.unixPath = path.toString();
    return listen;
}

} // namespace

Result<ListenAddress> parseListenAddress(QStringView text)
{
    if (text.startsWith("unix:"_L1))
        return unixListen(text.mid(5));
    const Error invalid{
        u"\"%1\" is not an address to listen on; use 127.0.0.1:8080, [::1]:8080, :8080 or unix:/path"_s.arg(
            text.toString()),
        {}
    };
    const qsizetype colon = text.lastIndexOf(u':');
    if (colon < 0)
        return invalid;
    const std::optional<int> port = plainNumber(text.mid(colon + 1), 65535);
    if (!port)
        return invalid;
    QStringView host = text.left(colon);
    ListenAddress listen{ IpAddress(), quint16(*port), {} };
    if (host.isEmpty())
        return listen;
    const bool isBracketed = host.startsWith(u'[') && host.endsWith(u']');
    if (isBracketed)
        host = host.mid(1).chopped(1);
    if (isBracketed != host.contains(u':'))
        return invalid;
    if (host == "localhost"_L1)
        host = u"127.0.0.1";
    const std::optional<IpAddress> address = IpAddress::parse(host.toUtf8());
    if (!address)
        return invalid;
    listen.address = *address;
    return listen;
}

} // namespace gatehouse
