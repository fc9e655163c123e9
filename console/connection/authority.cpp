// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/authority.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QDateTime>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtNetwork/QSslCertificate>

#include "console/connection/tlstrust.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kMaxAuthorityBytes = 256 * 1024;

struct AuthorityTexts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::Authority)
};

} // namespace

Result<Authority> readAuthority(const QByteArray &pem)
{
    if (pem.size() > kMaxAuthorityBytes)
        return Error{ AuthorityTexts::tr("It is too large for certificates."), u"authority"_s };
    Authority authority;
    QStringList subjects;
    for (const QSslCertificate &certificate : QSslCertificate::fromData(pem, QSsl::Pem)) {
        if (certificate.isNull())
            continue;
        authority.pem += certificate.toPem();
        const UtcTime end{ std::chrono::milliseconds(certificate.expiryDate().toMSecsSinceEpoch()) };
        if (subjects.isEmpty() || end < authority.expiresAt)
            authority.expiresAt = end;
        subjects << subjectOf(certificate);
    }
    if (!subjects.isEmpty()) {
        subjects.removeDuplicates();
        authority.subject = subjects.join(u"; "_s);
        return authority;
    }
    if (pem.contains("PRIVATE KEY"))
        return Error{ AuthorityTexts::tr("It holds a private key and no certificate. Choose the authority's "
                                         "certificate; its key never leaves the authority."),
            u"authority"_s };
    if (pem.contains("BEGIN CERTIFICATE REQUEST"))
        return Error{ AuthorityTexts::tr("It holds a request for a certificate, and no certificate."), u"authority"_s };
    return Error{ AuthorityTexts::tr("It holds no certificate in PEM: that begins with -----BEGIN CERTIFICATE-----."),
        u"authority"_s };
}

Result<Authority> readAuthorityFile(const QString &path)
{
    QFile file(path);
    if (QFileInfo(path).isDir() || !file.open(QIODevice::ReadOnly)) {
        const QString why = file.errorString();
        return Error{ AuthorityTexts::tr("%1 cannot be read: %2").arg(path, why), u"authority"_s };
    }
    const Result<Authority> authority = readAuthority(file.read(kMaxAuthorityBytes + 1));
    if (!authority)
        return Error{ QFileInfo(path).fileName() + ": "_L1 + authority.error().message, u"authority"_s };
    return authority;
}

} // namespace gatehouse
