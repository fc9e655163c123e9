// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "server/store/lossreport.h"

namespace gatehouse {

/// How the store is, as seen by who asks. A plain value.
struct StoreCondition
{
    enum class Trouble : quint8
    {
        None,
        CannotWrite, ///< the last commit failed; it is tried again
        Hanging,     ///< the disk does not answer
        FileGone,    ///< the state file has been deleted or replaced
        Damaged,     ///< a page cannot be read; everything else is served
    };

    Trouble trouble = Trouble::None;
    QString detail;                                        ///< one sentence; empty without a trouble
    std::shared_ptr<const std::vector<LossReport>> losses; ///< that nobody has put away yet; null: none

    /// Whether what is asked for now can be stored.
    [[nodiscard]] bool canStore() const { return trouble == Trouble::None || trouble == Trouble::Damaged; }
    /// How many there are: a trouble, and each loss.
    [[nodiscard]] qint64 problems() const;
    /// Whether bans or limits are missing, and nobody has said that this may be.
    [[nodiscard]] bool isUnguarded() const;
    /// Everything that somebody should know of, in one sentence; empty if all is well.
    [[nodiscard]] QString summary() const;
};

} // namespace gatehouse
