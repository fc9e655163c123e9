// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHash>
#include <QtCore/QStringList>

namespace gatehouse {

/// Hashes of what strangers choose, under a seed that they do not know: the process' own by default. Qt's qHash() of a
/// list and qHashMulti() hash each element with the seed 0, so that who knows two elements that meet there has lists
/// that meet under every seed. Here each element is hashed with what came before it as its seed.
template <typename Value> [[nodiscard]] size_t seededHash(const Value &value, size_t seed = QHashSeed::globalSeed())
{
    return qHash(value, seed);
}

[[nodiscard]] inline size_t seededHash(const QStringList &texts, size_t seed = QHashSeed::globalSeed())
{
    for (const QString &text : texts)
        seed = qHash(text, seed);
    return qHash(texts.size(), seed);
}

} // namespace gatehouse
