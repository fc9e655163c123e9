// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHash>
#include <QtCore/QMetaObject>

#include "console/connection/tokenvault.h"

namespace gatehouse {

/// A TokenVault without a keychain: keeps tokens until the program ends.
class MemoryVault final : public TokenVault
{
public:
    using TokenVault::TokenVault;

    /// From now on every call fails with this message, as with a keychain that does not work.
    void failWith(const QString &message) { m_failure = message; }

    void read(const QString &profileId, QObject *context, TokenRead done) override
    {
        const Result<QString> result = m_failure.isEmpty() ? Result<QString>(m_tokens.value(profileId))
                                                           : Result<QString>(Error{ m_failure, {} });
        QMetaObject::invokeMethod(
            context, [done, result] { done(result); }, Qt::QueuedConnection);
    }
    void write(const QString &profileId, const QString &token, QObject *context, Done done) override
    {
        if (m_failure.isEmpty())
            m_tokens.insert(profileId, token);
        finish(context, done);
    }
    void remove(const QString &profileId, QObject *context, Done done) override
    {
        if (m_failure.isEmpty())
            m_tokens.remove(profileId);
        finish(context, done);
    }

private:
    void finish(QObject *context, const Done &done) const
    {
        const Status status = m_failure.isEmpty() ? ok() : Status(Error{ m_failure, {} });
        QMetaObject::invokeMethod(
            context, [done, status] { done(status); }, Qt::QueuedConnection);
    }

    QHash<QString, QString> m_tokens;
    QString m_failure;
};

} // namespace gatehouse
