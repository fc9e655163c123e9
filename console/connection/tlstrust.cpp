// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/tlstrust.h"

#include <algorithm>

#include <QtCore/QCoreApplication>
#include <QtCore/QLocale>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct TrustTexts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::TlsTrust)
};

QString keyOf(const QUrl &server)
{
    const bool isTls = server.scheme() == "https"_L1 || server.scheme() == "wss"_L1;
    return u"%1:%2:%3"_s.arg(isTls ? u"tls"_s : u"plain"_s, server.host()).arg(server.port(isTls ? 443 : 80));
}

/// The first error of these kinds.
const QSslError *findError(const QList<QSslError> &errors, std::initializer_list<QSslError::SslError> kinds)
{
    const auto found = std::find_if(errors.begin(), errors.end(), [kinds](const QSslError &error) {
        return std::find(kinds.begin(), kinds.end(), error.error()) != kinds.end();
    });
    return found != errors.end() ? &*found : nullptr;
}

QString namesOf(const QSslCertificate &certificate)
{
    QStringList names;
    for (const QString &name : certificate.subjectAlternativeNames())
        names << name;
    return names.isEmpty() ? subjectOf(certificate) : names.join(u", "_s);
}

QString dayOf(const QDateTime &time)
{
    return QLocale().toString(time.date(), QLocale::ShortFormat);
}

} // namespace

bool TlsTrust::set(const QUrl &server, const QByteArray &authorities)
{
    const QString key = keyOf(server);
    if (m_authorities.value(key) == authorities)
        return false;
    if (authorities.isEmpty())
        m_authorities.remove(key);
    else
        m_authorities.insert(key, authorities);
    return true;
}

QSslConfiguration TlsTrust::configuration(const QUrl &server) const
{
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    const QByteArray own = m_authorities.value(keyOf(server));
    if (!own.isEmpty()) {
        // Said in full: what is set by hand is all that Qt then looks at.
        configuration.setCaCertificates(
            QSslConfiguration::systemCaCertificates() + QSslCertificate::fromData(own, QSsl::Pem));
    }
    return configuration;
}

QString subjectOf(const QSslCertificate &certificate)
{
    QStringList parts
        = certificate.subjectInfo(QSslCertificate::CommonName) + certificate.subjectInfo(QSslCertificate::Organization);
    parts.removeDuplicates();
    return parts.isEmpty() ? QString::fromLatin1(certificate.serialNumber()) : parts.join(u", "_s);
}

QString untrustedText(const QUrl &server, const QList<QSslError> &errors)
{
    const QString name = server.port() < 0 ? server.host() : u"%1:%2"_s.arg(server.host()).arg(server.port());
    if (const QSslError *unknown = findError(errors,
            { QSslError::UnableToGetLocalIssuerCertificate, QSslError::UnableToGetIssuerCertificate,
                QSslError::SelfSignedCertificate, QSslError::SelfSignedCertificateInChain,
                QSslError::UnableToVerifyFirstCertificate, QSslError::CertificateUntrusted })) {
        QStringList issuer = unknown->certificate().issuerInfo(QSslCertificate::CommonName);
        if (issuer.isEmpty())
            issuer = unknown->certificate().issuerInfo(QSslCertificate::Organization);
        return TrustTexts::tr("This computer does not know who issued the certificate of %1: “%2”. If that is an "
                              "authority of your own, choose its certificate at “Authority” in the server's profile. "
                              "Else somebody may be in between: do not connect.")
            .arg(name, issuer.join(u", "_s));
    }
    if (const QSslError *other = findError(errors, { QSslError::HostNameMismatch }))
        return TrustTexts::tr("The certificate of %1 is for another name: %2. Enter the address that it is for.")
            .arg(name, namesOf(other->certificate()));
    if (const QSslError *old = findError(errors, { QSslError::CertificateExpired }))
        return TrustTexts::tr("The certificate of %1 ended on %2. It has to be renewed there.")
            .arg(name, dayOf(old->certificate().expiryDate()));
    if (const QSslError *early = findError(errors, { QSslError::CertificateNotYetValid }))
        return TrustTexts::tr("The certificate of %1 begins on %2. Is the clock of this computer right?")
            .arg(name, dayOf(early->certificate().effectiveDate()));
    const QString why = errors.isEmpty() ? QString() : errors.constFirst().errorString();
    return TrustTexts::tr("The certificate of %1 is not accepted: %2").arg(name, why);
}

} // namespace gatehouse
