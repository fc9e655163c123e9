// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHash>
#include <QtCore/QUrl>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslConfiguration>
#include <QtNetwork/QSslError>

namespace gatehouse {

/// Whose certificates are trusted for which server: the system's authorities, and one's own for a server that was told
/// of. A server is scheme, host and port. Nothing is ever accepted that these do not vouch for. GUI thread.
class TlsTrust final
{
public:
    /// From now on these (PEM) are trusted beside the system's, for this server alone; empty: none. Returns whether
    /// that is another answer than before.
    bool set(const QUrl &server, const QByteArray &authorities);
    /// How to connect to it.
    [[nodiscard]] QSslConfiguration configuration(const QUrl &server) const;

private:
    QHash<QString, QByteArray> m_authorities;
};

/// Whom a certificate names, for people: common name and organisation.
[[nodiscard]] QString subjectOf(const QSslCertificate &certificate);

/// Why a server's certificate is not accepted, and what to do about it: a sentence in the user's language.
[[nodiscard]] QString untrustedText(const QUrl &server, const QList<QSslError> &errors);

} // namespace gatehouse
