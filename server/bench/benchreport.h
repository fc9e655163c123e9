// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QJsonObject>

#include "server/bench/benchplan.h"
#include "server/bench/measures.h"

namespace gatehouse::bench {

/// What a whole bench measured, and its two forms: a table for people and JSON for programs. A plain value.
struct BenchReport
{
    BenchPlan plan;
    std::vector<Round> rounds;
    bool isInterrupted = false;

    /// {"mode", "operation", "server", "contract", "connections", …, "interrupted", "rounds": [{…}], "median": {…}}; a
    /// round has only what was measured, by the names of measureDescriptors().
    [[nodiscard]] QJsonObject toJson() const;
    /// One line a measure: median, and lowest and highest where there are several rounds.
    [[nodiscard]] QString toTable() const;
};

} // namespace gatehouse::bench
