// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include "server/auth/jwtkey.h"
#include "server/cluster/admission/admissionterms.h"
#include "server/log/loglevel.h"
#include "server/net/listenaddress.h"
#include "server/net/network.h"
#include "server/redis/redisurl.h"
#include "shared/limits/limitprofile.h"
#include "shared/protocol/accessrule.h"

namespace gatehouse {

/// Everything that the server is told at its start, checked. A plain value; what may change live is in the
/// LimitSnapshot instead.
struct Settings
{
    ListenAddress listen;
    std::optional<ListenAddress> adminListen;
    QString stateDir;
    QByteArray jwtSecret; ///< what new tokens are signed with: the first secret of jwtKeys; empty if all are public
    std::vector<JwtKey> jwtKeys;              ///< every key whose tokens are accepted; never empty
    std::optional<JwtAlgorithm> jwtAlgorithm; ///< of keys that do not say; nullopt: the usual one of their type
    QString jwtIssuer;                        ///< what iss must be; empty: anything
    QStringList jwtAudience;                  ///< one of them must be in aud; empty: anything
    std::chrono::seconds jwtLeeway{ 1 };      ///< how far the clocks of issuer and server may be apart
    QString jwtUserClaim;                     ///< empty: user_id, else sub
    QStringList allowedHosts;
    bool allowsMissingOrigin = false;
    QStringList servedHosts; ///< patterns without scheme or port; empty: any Host
    bool isDebug = false;
    bool isGuarding = true; ///< from USE_PRODUCTION_WEBSOCKET_MIDDLEWARE and DEBUG, as the switch table says
    QStringList adminUsers;
    bool hasPublicMetrics = false;
    std::vector<Network> trustedProxies;
    bool usesProxyProtocol = false; ///< at LISTEN, by the trusted proxies, which are not empty then
    QByteArray timeZone = "UTC";    ///< an IANA name that exists
    int workers = 1;
    std::optional<qint64> memoryBudgetBytes; ///< 0: none; nullopt: by what the cgroup allows
    LogLevel logLevel = LogLevel::Info;
    LogFormat logFormat = LogFormat::Text;
    int metricsRetentionDays = 30;
    std::chrono::seconds drainWindow{ 20 };
    QString alertWebhookUrl;
    std::optional<RedisUrl> redis;               ///< nullopt: this server is no node of a cluster
    QString redisText;                           ///< as REDIS_URL says it: a secret
    std::optional<RedisUrl> ingestRedis;         ///< where a server alone takes what backends append; nullopt: nowhere
    AdmissionTerms admission;                    ///< how it judges with the other nodes
    QString nodeName;                            ///< empty: the host name and the listening port
    int ipv6PrefixBits = IpAddress::kBucketBits; ///< of what limits take for one address
    ExemptNetworks exemptNetworks; ///< that the limits of addresses do not count, or by a number of their own
    LimitProfile limitProfile = LimitProfile::Guide;
    LimitSet limits;                        ///< configured values and modes; the profile's elsewhere
    std::vector<LimitKey> configuredLimits; ///< those whose value or mode came from flags, environment or .env
};

} // namespace gatehouse
