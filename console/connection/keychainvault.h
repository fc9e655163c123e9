// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/connection/tokenvault.h"

namespace gatehouse {

/// The system's keychain (Secret Service, KWallet, …) through QtKeychain. Where none works every call fails with an
/// error that says so, in the user's language.
class KeychainVault final : public TokenVault
{
    Q_OBJECT

public:
    explicit KeychainVault(QObject *parent = nullptr);

    void read(const QString &profileId, QObject *context, TokenRead done) override;
    void write(const QString &profileId, const QString &token, QObject *context, Done done) override;
    void remove(const QString &profileId, QObject *context, Done done) override;
};

} // namespace gatehouse
