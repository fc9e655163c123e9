// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/fuzzymatch.h"

#include <algorithm>

#include <QtCore/QStringList>

namespace gatehouse {

namespace {

constexpr int kWholeText = 1000;
constexpr int kBeginning = 400;
constexpr int kWordBeginning = 300;
constexpr int kWithin = 150;
constexpr int kInitials = 100; ///< the letters that words begin with
constexpr int kScattered = 20;

bool beginsWord(const QString &text, qsizetype at)
{
    return at == 0 || !text[at - 1].isLetterOrNumber();
}

/// The letters in this order, with others between; nullopt if they are not.
std::optional<int> scattered(const QString &word, const QString &text)
{
    qsizetype at = 0;
    int beginnings = 0;
    for (const QChar letter : word) {
        at = text.indexOf(letter, at);
        if (at < 0)
            return std::nullopt;
        beginnings += beginsWord(text, at) ? 1 : 0;
        ++at;
    }
    if (beginnings == word.size())
        return kInitials;
    // A short word is scattered over nearly every text: that finds nothing.
    return word.size() >= 4 && beginnings > 0 ? std::optional(kScattered) : std::nullopt;
}

std::optional<int> scoreOfWord(const QString &word, const QString &text)
{
    std::optional<int> best;
    for (qsizetype at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
        const int score = at == 0 ? kBeginning : beginsWord(text, at) ? kWordBeginning : kWithin;
        best = std::max(best.value_or(0), score);
    }
    return best ? best : scattered(word, text);
}

} // namespace

std::optional<int> fuzzyScore(const QString &query, const QString &text)
{
    const QString folded = text.toCaseFolded();
    const QString wanted = query.simplified().toCaseFolded();
    if (wanted.isEmpty())
        return 0;
    if (wanted == folded)
        return kWholeText;
    int sum = 0;
    const QStringList words = wanted.split(u' ');
    for (const QString &word : words) {
        const std::optional<int> score = scoreOfWord(word, folded);
        if (!score)
            return std::nullopt;
        sum += *score;
    }
    // Of two that fit alike the shorter one says less else.
    return sum / int(words.size()) - int(std::min<qsizetype>(folded.size(), 19)) / 4;
}

} // namespace gatehouse
