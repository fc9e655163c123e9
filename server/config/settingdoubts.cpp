// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/settingdoubts.h"

#include <algorithm>

#include <QtCore/QSet>

#include "server/net/forwardedfor.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kFewestDifferentBytes = 8; // of 32 random ones there are hardly fewer than 20

bool isWhite(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool isHex(const QByteArray &text)
{
    return std::all_of(text.begin(), text.end(),
        [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

/// How many random bytes the text was made of by base64; 0 if it was not, as far as can be seen.
qsizetype base64Bytes(const QByteArray &text)
{
    const bool isUrlForm = text.contains('-') || text.contains('_');
    const QByteArray::Base64Options options = QByteArray::AbortOnBase64DecodingErrors
        | (isUrlForm ? QByteArray::Base64UrlEncoding : QByteArray::Base64Encoding);
    const auto decoded = QByteArray::fromBase64Encoding(text, options);
    const bool isKeySize
        = decoded && (decoded.decoded.size() == 32 || decoded.decoded.size() == 48 || decoded.decoded.size() == 64);
    return isKeySize && !isHex(text) ? decoded.decoded.size() : 0;
}

bool isOfThisMachine(const IpAddress &address)
{
    static const std::optional<IpAddress> kIpv6 = IpAddress::parse("::1");
    constexpr size_t kFirstOfIpv4 = 12;
    constexpr quint8 kLoopback = 127;
    return address.isIpv4() ? address.bytes()[kFirstOfIpv4] == kLoopback : address == *kIpv6;
}

bool isForEverybody(const Network &network)
{
    constexpr int kAllOfIpv4 = 96; // ::ffff:0:0/96
    return network.prefixBits == 0 || (network.address.isIpv4() && network.prefixBits <= kAllOfIpv4);
}

} // namespace

std::optional<QString> whyKnownSecret(const QByteArray &secret)
{
    const QByteArray lower = secret.toLower();
    if (lower.startsWith("django-insecure-"))
        return u"is the one that Django makes for development (django-insecure-…); set a new one there and here"_s;
    static const QByteArrayList kExamples{ "your site signs its tokens with this", "your-256-bit-secret", "your-secret",
        "your_secret", "change-me", "changeme", "change_me", "replace-me", "example-secret", "secret-key-goes-here",
        "a-string-secret-at-least-256-bits-long" };
    const bool isExample = std::any_of(
        kExamples.begin(), kExamples.end(), [&lower](const QByteArray &example) { return lower.contains(example); });
    if (isExample)
        return u"is an example of a documentation, which everybody knows"_s;
    const QSet<char> different(secret.begin(), secret.end());
    if (different.size() < kFewestDifferentBytes)
        return u"is made of %1 different characters, so it can be guessed"_s.arg(different.size());
    return std::nullopt;
}

QStringList doubtsAboutSecret(const QByteArray &secret)
{
    QStringList doubts;
    if (secret.isEmpty())
        return doubts;
    const char first = secret.front();
    const char last = secret.back();
    if (isWhite(first) || isWhite(last))
        doubts.append(
            u"JWT_SECRET: begins or ends with a blank or a line end, which count as a part of it; who signs must have them too"_s);
    if (secret.size() > 1 && first == last && (first == '"' || first == '\''))
        doubts.append(
            u"JWT_SECRET: is in quotes, which count as a part of it (Docker's --env-file passes them on); who signs must have them too"_s);
    if (const qsizetype bytes = base64Bytes(secret.trimmed()); bytes > 0)
        doubts.append(
            u"JWT_SECRET: looks like base64 of %1 bytes, and its characters are the secret, as for simplejwt; for a signer that decodes it, JWT_KEYS_FILE takes a JWK of kty \"oct\""_s
                .arg(bytes));
    return doubts;
}

QStringList doubtsAboutProxies(const Settings &settings)
{
    QStringList doubts;
    const std::vector<Network> &proxies = settings.trustedProxies;
    if (std::any_of(proxies.begin(), proxies.end(), isForEverybody))
        doubts.append(u"TRUSTED_PROXIES: holds every address, so any client can choose the one it is counted by"_s);
    const bool isUnix = !settings.listen.unixPath.isEmpty();
    if (isUnix && !isTrusted(IpAddress(), proxies))
        doubts.append(
            u"TRUSTED_PROXIES: does not hold unix, so all clients of the socket count as one, with the limits of one"_s);
    else if (!isUnix && isOfThisMachine(settings.listen.address) && !settings.isDebug
        && !isTrusted(settings.listen.address, proxies))
        doubts.append(
            u"TRUSTED_PROXIES: does not hold %1, so all clients of a proxy on this machine count as one, with the limits of one"_s
                .arg(settings.listen.address.toString()));
    return doubts;
}

} // namespace gatehouse
