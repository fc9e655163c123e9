// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/pemkeys.h"

#include <QtCore/QDateTime>

#include <openssl/err.h>

#include "server/auth/opensslhandles.h"
#include "server/auth/publickey.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct PemBlock
{
    QByteArray label;   ///< what stands behind BEGIN
    QByteArray content; ///< null if it is not base64, or has no end
    QString keyId;
};

std::vector<PemBlock> splitBlocks(const QByteArray &pem)
{
    std::vector<PemBlock> blocks;
    QByteArray base64;
    QString keyId;
    bool isInside = false;
    for (const QByteArray &rawLine : pem.split('\n')) {
        const QByteArray line = rawLine.trimmed();
        if (line.startsWith("-----BEGIN ") && line.endsWith("-----")) {
            blocks.push_back({ line.mid(11).chopped(5), {}, std::exchange(keyId, {}) });
            base64.clear();
            isInside = true;
        } else if (isInside && line == "-----END " + blocks.back().label + "-----") {
            const auto decoded = QByteArray::fromBase64Encoding(base64, QByteArray::AbortOnBase64DecodingErrors);
            if (decoded)
                blocks.back().content = decoded.decoded;
            isInside = false;
        } else if (isInside) {
            base64 += line;
        } else if (line.startsWith("kid:")) {
            keyId = QString::fromUtf8(line.mid(4)).trimmed();
        }
    }
    return blocks;
}

const unsigned char *derBytes(const QByteArray &content)
{
    return reinterpret_cast<const unsigned char *>(content.constData());
}

UtcTime toUtc(const ASN1_TIME *time)
{
    tm parts{};
    ASN1_TIME_to_tm(time, &parts);
    const QDateTime utc(QDate(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday),
        QTime(parts.tm_hour, parts.tm_min, parts.tm_sec), Qt::UTC);
    return UtcTime(std::chrono::milliseconds(utc.toMSecsSinceEpoch()));
}

QString dateOf(UtcTime time)
{
    return QDateTime::fromMSecsSinceEpoch(time.time_since_epoch().count(), Qt::UTC).toString(Qt::ISODate);
}

/// What a certificate says beside its key.
struct Validity
{
    std::optional<UtcTime> until{};
    QString warning{}; ///< that this is not for long
    bool isNow = true; ///< false: not yet, or no more
};

Result<PublicKey> readCertificate(const QByteArray &content, UtcTime now, Validity &validity)
{
    const unsigned char *next = derBytes(content);
    const OpenSslPtr<X509> certificate(d2i_X509(nullptr, &next, long(content.size())));
    EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
    ERR_clear_error();
    if (!key || next != derBytes(content) + content.size())
        return Error{ u"is a certificate that cannot be read"_s, {} };
    const UtcTime begins = toUtc(X509_get0_notBefore(certificate.get()));
    const UtcTime ends = toUtc(X509_get0_notAfter(certificate.get()));
    validity.isNow = now >= begins && now < ends;
    if (now >= ends)
        return Error{ u"is a certificate that expired on %1"_s.arg(dateOf(ends)), {} };
    if (now < begins)
        return Error{ u"is a certificate that is not valid before %1"_s.arg(dateOf(begins)), {} };
    if (now + kCertificateEndsSoon >= ends)
        validity.warning
            = u"is a certificate that expires on %1; no start or reload will take it after that"_s.arg(dateOf(ends));
    validity.until = ends;
    return readPublicKey(key);
}

Result<PublicKey> readPlainKey(const QByteArray &content, bool isPkcs1)
{
    const unsigned char *next = derBytes(content);
    const long length = long(content.size());
    const OpenSslPtr<EVP_PKEY> key(
        isPkcs1 ? d2i_PublicKey(EVP_PKEY_RSA, nullptr, &next, length) : d2i_PUBKEY(nullptr, &next, length));
    ERR_clear_error();
    if (!key || next != derBytes(content) + content.size())
        return Error{ u"is a public key that cannot be read"_s, {} };
    return readPublicKey(key.get());
}

Result<PublicKey> readBlock(const PemBlock &block, UtcTime now, Validity &validity)
{
    if (block.label.contains("PRIVATE KEY"))
        return Error{
            u"is a private key; tokens are verified with the public one, and only their issuer may have this one"_s, {}
        };
    if (block.content.isEmpty())
        return Error{ u"is not whole, or not base64"_s, {} };
    if (block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE")
        return readCertificate(block.content, now, validity);
    if (block.label == "PUBLIC KEY" || block.label == "RSA PUBLIC KEY")
        return readPlainKey(block.content, block.label.startsWith("RSA"));
    return Error{ u"is neither a public key nor a certificate"_s, {} };
}

} // namespace

Result<JwtKeys> parsePemKeys(
    const QByteArray &pem, const QString &fileName, std::optional<JwtAlgorithm> preferred, UtcTime now)
{
    JwtKeys read;
    std::optional<Error> untimely;
    const std::vector<PemBlock> blocks = splitBlocks(pem);
    for (size_t i = 0; i < blocks.size(); ++i) {
        const QString which = u"%1: block %2 "_s.arg(fileName).arg(i + 1);
        Validity validity;
        Result<PublicKey> key = readBlock(blocks[i], now, validity);
        if (!key && validity.isNow)
            return Error{ which + key.error().message, {} };
        if (!key) { // the one before or after it may be there too: so keys are exchanged
            read.warnings.append(which + key.error().message + u"; it is passed over"_s);
            if (!untimely)
                untimely = Error{ which + key.error().message, {} };
            continue;
        }
        if (!validity.warning.isEmpty())
            read.warnings.append(which + validity.warning);
        const JwtAlgorithm algorithm = algorithmFor(key->type, preferred);
        read.keys.push_back({ blocks[i].keyId, {}, algorithm, *std::move(key), validity.until });
    }
    if (read.keys.empty() && untimely)
        return *std::move(untimely);
    return read;
}

} // namespace gatehouse
