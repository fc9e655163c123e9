// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/keychainvault.h"

#include <qt6keychain/keychain.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QLatin1StringView kService("gatehouse-console");

/// Never the plain-text file that QtKeychain may fall back to.
void prepare(QKeychain::Job &job, const QString &profileId)
{
    job.setKey(profileId);
    job.setInsecureFallback(false);
    job.setAutoDelete(true);
}

Error errorOf(const QKeychain::Job &job)
{
    switch (job.error()) {
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
        return { KeychainVault::tr("There is no keychain on this system, so the token cannot be stored safely."), {} };
    case QKeychain::AccessDeniedByUser:
    case QKeychain::AccessDenied:
        return { KeychainVault::tr("Access to the keychain was denied."), {} };
    default:
        return { KeychainVault::tr("The keychain does not work: %1").arg(job.errorString()), {} };
    }
}

} // namespace

KeychainVault::KeychainVault(QObject *parent)
    : TokenVault(parent)
{
}

void KeychainVault::read(const QString &profileId, QObject *context, TokenRead done)
{
    auto *job = new QKeychain::ReadPasswordJob(kService, this);
    prepare(*job, profileId);
    connect(job, &QKeychain::Job::finished, context, [job, done = std::move(done)] {
        if (job->error() == QKeychain::NoError)
            done(job->textData());
        else if (job->error() == QKeychain::EntryNotFound)
            done(QString());
        else
            done(errorOf(*job));
    });
    job->start();
}

void KeychainVault::write(const QString &profileId, const QString &token, QObject *context, Done done)
{
    auto *job = new QKeychain::WritePasswordJob(kService, this);
    prepare(*job, profileId);
    job->setTextData(token);
    connect(job, &QKeychain::Job::finished, context,
        [job, done = std::move(done)] { done(job->error() == QKeychain::NoError ? ok() : Status(errorOf(*job))); });
    job->start();
}

void KeychainVault::remove(const QString &profileId, QObject *context, Done done)
{
    auto *job = new QKeychain::DeletePasswordJob(kService, this);
    prepare(*job, profileId);
    connect(job, &QKeychain::Job::finished, context, [job, done = std::move(done)] {
        const bool isGone = job->error() == QKeychain::NoError || job->error() == QKeychain::EntryNotFound;
        done(isGone ? ok() : Status(errorOf(*job)));
    });
    job->start();
}

} // namespace gatehouse
