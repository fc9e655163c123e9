// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/proxyheader.h"

#include <algorithm>
#include <cstring>

#include <QtCore/QList>
#include <QtCore/QtEndian>

#include <netinet/in.h>
#include <sys/socket.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QByteArrayView kLineBegin("PROXY ");
constexpr QByteArrayView kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr qsizetype kFixedBytes = 16; // signature, version and command, family and transport, length
constexpr qsizetype kIpv4Bytes = 12;
constexpr qsizetype kIpv6Bytes = 36;

std::optional<quint16> portNumberOf(QByteArrayView text)
{
    const bool isNumber
        = !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!isNumber || text.size() > 5 || (text.size() > 1 && text.startsWith('0')))
        return std::nullopt;
    const int port = text.toByteArray().toInt();
    return port <= 0xffff ? std::optional(quint16(port)) : std::nullopt;
}

/// An address of the family that was announced: one of IPv6 may be that of an IPv4 client.
std::optional<IpAddress> addressOfFamily(QByteArrayView text, bool isIpv6)
{
    return text.contains(':') == isIpv6 ? IpAddress::parse(text) : std::nullopt;
}

IpAddress ipv6Of(const char *bytes)
{
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    std::memcpy(&address.sin6_addr, bytes, sizeof address.sin6_addr);
    sockaddr_storage storage{};
    std::memcpy(&storage, &address, sizeof address);
    return IpAddress::fromSockaddr(storage);
}

} // namespace

bool ProxyHeaderReader::isBegin(QByteArrayView bytes)
{
    return bytes.startsWith("PROXY TCP") || bytes.startsWith("PROXY UNKNOWN") || bytes.startsWith(kSignature);
}

qsizetype ProxyHeaderReader::take(QByteArrayView bytes)
{
    qsizetype taken = 0;
    while (taken < bytes.size() && m_state == State::Incomplete)
        takeByte(bytes[taken++]);
    return m_state == State::Missing ? 0 : taken;
}

void ProxyHeaderReader::takeByte(char c)
{
    if (m_bytes.size() < kFixedBytes + kIpv6Bytes || !m_bytes.startsWith(kSignature))
        m_bytes.append(c);
    const QByteArrayView begin(m_bytes);
    if (kSignature.startsWith(begin.first(std::min(begin.size(), kSignature.size()))))
        takeOfBinary();
    else if (kLineBegin.startsWith(begin.first(std::min(begin.size(), kLineBegin.size()))))
        takeOfLine();
    else
        m_state = State::Missing;
}

void ProxyHeaderReader::takeOfLine()
{
    if (m_bytes.endsWith("\r\n"))
        readLine(QByteArrayView(m_bytes).chopped(2));
    else if (m_bytes.endsWith('\n'))
        fail(u"its line does not end in CR LF"_s);
    else if (m_bytes.size() >= kMaxLineBytes)
        fail(u"its line has more than %1 bytes"_s.arg(kMaxLineBytes));
}

void ProxyHeaderReader::readLine(QByteArrayView line)
{
    if (line.startsWith("PROXY UNKNOWN") && (line.size() == 13 || line[13] == ' ')) {
        m_state = State::Complete; // whatever follows is to be ignored
        return;
    }
    const QList<QByteArray> words = line.toByteArray().split(' ');
    const bool isIpv6 = words.size() > 1 && words[1] == "TCP6";
    if (words.size() != 6 || (words[1] != "TCP4" && !isIpv6)) {
        fail(u"its line is not PROXY, TCP4 or TCP6, two addresses and two ports"_s);
        return;
    }
    const std::optional<IpAddress> address = addressOfFamily(words[2], isIpv6);
    const std::optional<quint16> port = portNumberOf(words[4]);
    if (!address || !port || !addressOfFamily(words[3], isIpv6) || !portNumberOf(words[5])) {
        fail(u"an address or a port of its line is none"_s);
        return;
    }
    m_client = Client{ *address, *port };
    m_state = State::Complete;
}

void ProxyHeaderReader::takeOfBinary()
{
    if (m_bytes.size() < kFixedBytes)
        return;
    if (m_bytes.size() == kFixedBytes && m_leftBytes == 0) {
        readFixedPart();
        if (m_state != State::Incomplete || m_leftBytes > 0)
            return;
    } else {
        --m_leftBytes;
    }
    if (m_leftBytes == 0)
        readAddresses();
}

void ProxyHeaderReader::readFixedPart()
{
    const auto command = quint8(m_bytes[12]);
    if (command != 0x20 && command != 0x21) {
        fail(u"it has a version or a command that is not known"_s);
        return;
    }
    m_leftBytes = qFromBigEndian<quint16>(m_bytes.constData() + 14);
    if (m_leftBytes > kMaxBinaryBytes)
        fail(u"it has more than %1 bytes"_s.arg(kMaxBinaryBytes));
}

void ProxyHeaderReader::readAddresses()
{
    constexpr quint8 kLocal = 0x20;
    constexpr quint8 kUnspecified = 0x00;
    constexpr quint8 kTcpOverIpv4 = 0x11;
    constexpr quint8 kTcpOverIpv6 = 0x21;
    constexpr quint8 kUnixStream = 0x31;
    const auto family = quint8(m_bytes[13]);
    const qsizetype length = qFromBigEndian<quint16>(m_bytes.constData() + 14);
    const char *addresses = m_bytes.constData() + kFixedBytes;
    m_state = State::Complete;
    if (quint8(m_bytes[12]) == kLocal || family == kUnspecified || family == kUnixStream)
        return;
    if (family == kTcpOverIpv4 && length >= kIpv4Bytes)
        m_client
            = Client{ IpAddress::fromIpv4(qFromBigEndian<quint32>(addresses)), qFromBigEndian<quint16>(addresses + 8) };
    else if (family == kTcpOverIpv6 && length >= kIpv6Bytes)
        m_client = Client{ ipv6Of(addresses), qFromBigEndian<quint16>(addresses + 32) };
    else
        fail(u"its addresses are too short, or not those of TCP"_s);
}

void ProxyHeaderReader::fail(const QString &problem)
{
    m_problem = problem;
    m_state = State::Malformed;
}

} // namespace gatehouse
