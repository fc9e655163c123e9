// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/storereporter.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

StoreReporter::StoreReporter(Log &log)
    : m_log(log)
{
}

void StoreReporter::observe(const StoreCondition &condition)
{
    if (condition.detail != m_detail) {
        if (condition.detail.isEmpty())
            m_log.log(
                LogLevel::Info, "state_file_well"_L1, { { "detail"_L1, u"the state file can be written again"_s } });
        else
            m_log.log(LogLevel::Error, "state_file_trouble"_L1, { { "detail"_L1, condition.detail } });
        m_detail = condition.detail;
    }
    if (!condition.losses)
        return;
    for (const LossReport &loss : *condition.losses) {
        if (m_told.insert(loss.sentence()).second)
            m_log.log(
                LogLevel::Error, "state_file_loss"_L1, { { "file"_L1, loss.file }, { "detail"_L1, loss.sentence() } });
    }
}

} // namespace gatehouse
