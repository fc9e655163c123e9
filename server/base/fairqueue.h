// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

#include <QtCore/QString>

namespace gatehouse {

/// Whose turn it is, where many ask for much: a line for each user, and a round that goes over the users, so that
/// nobody waits for all that another one has asked for. Who has not been served lately comes first (but for every fifth
/// turn, which is the round's): a newcomer does not wait for a whole round of those who have had theirs. A user has one
/// turn at a time, and their items come in the order of asking. Bounded for each user and in all. Not thread-safe.
template <typename Item> class FairQueue final
{
public:
    struct Turn
    {
        QString who;
        Item item;
    };

    /// The most items of one user and in all, those that have their turn included.
    FairQueue(qsizetype mostOfOne, qsizetype mostInAll)
        : m_mostOfOne(mostOfOne)
        , m_mostInAll(mostInAll)
    {
    }

    /// False if there is no room: then the item is not queued.
    [[nodiscard]] bool add(const QString &who, Item item)
    {
        if (m_count >= m_mostInAll || countOf(who) >= m_mostOfOne)
            return false;
        addBeyondBounds(who, std::move(item));
        return true;
    }
    /// For those who must be heard and are few.
    void addBeyondBounds(const QString &who, Item item)
    {
        const auto [line, isNew] = m_lines.try_emplace(who);
        line->second.items.push_back(std::move(item));
        ++m_count;
        if (isNew)
            m_newcomers.push_back(who);
    }

    /// The next item; its user has no further turn until again() or done(). nullopt while there is none.
    [[nodiscard]] std::optional<Turn> next()
    {
        while (!m_newcomers.empty() || !m_round.empty()) {
            const bool isOfNewcomer = !m_newcomers.empty() && (m_round.empty() || m_newcomersInRow < kNewcomersInRow);
            std::deque<QString> &from = isOfNewcomer ? m_newcomers : m_round;
            const auto line = m_lines.find(from.front());
            from.pop_front();
            if (line->second.items.empty()) { // has asked for nothing since the last turn
                m_lines.erase(line);
                continue;
            }
            m_newcomersInRow = isOfNewcomer ? m_newcomersInRow + 1 : 0;
            Turn turn{ line->first, std::move(line->second.items.front()) };
            line->second.items.pop_front();
            line->second.isServed = true;
            return turn;
        }
        return std::nullopt;
    }
    /// The turn is over, and the item goes on with the user's next one.
    void again(const QString &who, Item item)
    {
        m_lines.find(who)->second.items.push_front(std::move(item));
        endTurn(who);
    }
    /// The turn is over, and so is the item.
    void done(const QString &who)
    {
        --m_count;
        endTurn(who);
    }

    /// Items that wait or have their turn.
    [[nodiscard]] qsizetype count() const { return m_count; }

private:
    static constexpr int kNewcomersInRow = 4;

    struct Line
    {
        std::deque<Item> items;
        bool isServed = false; ///< one more has its turn
    };

    [[nodiscard]] qsizetype countOf(const QString &who) const
    {
        const auto line = m_lines.find(who);
        return line == m_lines.end() ? 0 : qsizetype(line->second.items.size()) + (line->second.isServed ? 1 : 0);
    }
    /// Also a line without items stays until its place in the round: who asks in between is no newcomer.
    void endTurn(const QString &who)
    {
        m_lines.find(who)->second.isServed = false;
        m_round.push_back(who);
    }

    qsizetype m_mostOfOne;
    qsizetype m_mostInAll;
    qsizetype m_count = 0;
    std::unordered_map<QString, Line> m_lines;
    std::deque<QString> m_newcomers; ///< in the order of their coming
    std::deque<QString> m_round;     ///< of the others, in the order of their turns; none that has its turn
    int m_newcomersInRow = 0;
};

} // namespace gatehouse
