// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/storecondition.h"

#include <algorithm>

#include <QtCore/QStringList>

using namespace Qt::StringLiterals;

namespace gatehouse {

qint64 StoreCondition::problems() const
{
    return (trouble == Trouble::None ? 0 : 1) + (losses ? qint64(losses->size()) : 0);
}

bool StoreCondition::isUnguarded() const
{
    return losses && std::any_of(losses->begin(), losses->end(), [](const LossReport &loss) {
        return !loss.unguarded.isEmpty();
    });
}

QString StoreCondition::summary() const
{
    QStringList sentences;
    if (!detail.isEmpty())
        sentences.append(detail);
    for (const LossReport &loss : losses ? *losses : std::vector<LossReport>())
        sentences.append(loss.sentence());
    return sentences.join("; "_L1);
}

} // namespace gatehouse
