// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QObject>

#include "shared/util/result.h"

namespace gatehouse {

/// Where tokens rest between two runs. Never in plain text: a vault that cannot keep a secret says so with an error,
/// and the user is offered not to store it. Asynchronous: a keychain may ask the user to unlock it. GUI thread;
/// callbacks are not run when `context` is gone.
class TokenVault : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TokenVault)

public:
    using TokenRead = std::function<void(const Result<QString> &)>;
    using Done = std::function<void(const Status &)>;

    using QObject::QObject;

    /// The token of a profile; an empty string if none is stored.
    virtual void read(const QString &profileId, QObject *context, TokenRead done) = 0;
    virtual void write(const QString &profileId, const QString &token, QObject *context, Done done) = 0;
    /// Forgetting a token that is not stored is no error.
    virtual void remove(const QString &profileId, QObject *context, Done done) = 0;
};

} // namespace gatehouse
