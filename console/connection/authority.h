// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include "shared/util/clock.h"
#include "shared/util/result.h"

namespace gatehouse {

/// A private certificate authority: whose certificates are trusted for one server, beside those that the system trusts.
/// A plain value.
struct Authority
{
    QByteArray pem;      ///< its certificates alone, whatever else stood in the file
    QString subject;     ///< whom they name, for people: "Example CA, Example Ltd"
    UtcTime expiresAt{}; ///< when the first of them does
};

/// Reads certificates in PEM. The error says what is wrong with the text, for the one who chose it.
[[nodiscard]] Result<Authority> readAuthority(const QByteArray &pem);
/// The same from a file; the error names it.
[[nodiscard]] Result<Authority> readAuthorityFile(const QString &path);

} // namespace gatehouse
