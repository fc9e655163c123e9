// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpresponsebytes.h"

#include "server/net/httpbounds.h"

namespace gatehouse {

QByteArray encodeResponse(const HttpResponse &response, bool isHead, bool keepsAlive)
{
    QByteArray bytes = "HTTP/1.1 " + QByteArray::number(response.status) + ' ' + reasonPhrase(response.status) + "\r\n";
    if (!response.contentType.isEmpty())
        bytes += "Content-Type: " + response.contentType + "\r\n";
    if (response.status != 204)
        bytes += "Content-Length: " + QByteArray::number(response.body.size()) + "\r\n";
    // Answers are for one caller and one moment, and some are read in a browser.
    bytes += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
    QByteArray connection;
    for (const auto &[name, value] : response.headers) {
        if (name == "Connection")
            connection = value + ", "; // one field, as some read only one
        else
            bytes += name + ": " + value + "\r\n";
    }
    // Clients of HTTP/1.0 must be told that it is kept, and all are told for how long.
    bytes += "Connection: " + connection + (keepsAlive ? "keep-alive\r\nKeep-Alive: timeout=" : "close\r\n");
    if (keepsAlive)
        bytes += QByteArray::number(qint64(kIdleDeadline.count())) + "\r\n";
    bytes += "\r\n";
    if (!isHead)
        bytes += response.body;
    return bytes;
}

} // namespace gatehouse
