// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "shared/limits/limitset.h"

namespace gatehouse {

/// What every guard decides by: an immutable set of limits and the switch. Shared between threads, replaced as a whole.
struct LimitSnapshot
{
    LimitSet limits;
    bool isGuarding = true; ///< false: rate limits and monitoring are off (the guide's rollback)
};
using LimitSnapshotPtr = std::shared_ptr<const LimitSnapshot>;

} // namespace gatehouse
