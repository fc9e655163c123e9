// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/net/httpmessage.h"
#include "shared/util/result.h"

namespace gatehouse {

/// Which state a change is to be made from, as its If-Match says: RFC 9110 section 13.1.1. A plain value.
///
/// Where that section wants tags that are equal to the letter, a weak one (`W/"7"`) is taken for the strong one here:
/// our tags are numbers of revisions, and proxies that compress an answer make its tag weak on its way to the client.
class IfMatch final
{
public:
    /// nullopt if there is no such field; an error that names it if it is none of `*`, a tag, or a list of tags.
    [[nodiscard]] static Result<std::optional<IfMatch>> of(const HttpRequest &request);

    /// The revision that a change is to be made from: nullopt for any. Of a list that holds the current one it is that;
    /// else it is one that it cannot be made from.
    [[nodiscard]] std::optional<qint64> expected(qint64 current) const;

private:
    bool m_isAny = false;
    std::vector<qint64> m_revisions; ///< kNoRevision for a tag that is none of ours
};

} // namespace gatehouse
