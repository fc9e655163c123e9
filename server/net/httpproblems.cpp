// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpproblems.h"

#include "server/net/httpbounds.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

Problem badRequest(const QString &detail)
{
    return { 400, u"bad_request"_s, u"Bad request"_s, detail };
}

Problem unsupportedVersion(const QString &detail)
{
    return { 505, u"unsupported_version"_s, u"HTTP version not supported"_s, detail };
}

Problem headTooLarge(const QString &detail)
{
    return { 431, u"head_too_large"_s, u"Request header fields too large"_s, detail };
}

Problem bodyTooLarge()
{
    return { 413, u"body_too_large"_s, u"Content too large"_s,
        u"the body has more than %1 bytes"_s.arg(kMaxBodyBytes) };
}

Problem noRoomForBody()
{
    Problem problem{ 503, u"server_busy"_s, u"Too much at once"_s,
        u"too many bodies are being received; send this one again in a moment"_s };
    problem.retryAfterSeconds = 1;
    return problem;
}

} // namespace gatehouse
