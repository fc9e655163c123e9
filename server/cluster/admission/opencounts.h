// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// What this node counts of one kind (address buckets, or users) for the other nodes, and what of it may be different
/// in Redis. Holds keys with open connections, unanswered questions or news only. Pure; one thread.
template <typename Key, typename Hasher> class OpenCounts final
{
public:
    /// A key with its count: what Redis is to hold.
    using Row = std::pair<Key, qint64>;

    /// A question that may make Redis count one more is on its way.
    void asked(const Key &key) { ++m_entries[key].inFlight; }
    void answered(const Key &key)
    {
        const auto found = m_entries.find(key);
        --found->second.inFlight;
        forgetIfBlank(found);
    }
    /// This node counts so many more; Redis is to be told.
    void add(const Key &key, qint64 change)
    {
        const auto found = m_entries.try_emplace(key).first;
        found->second.open += change;
        markNew(found);
    }
    /// What Redis holds is not known.
    void doubt(const Key &key) { markNew(m_entries.try_emplace(key).first); }

    [[nodiscard]] qint64 open(const Key &key) const
    {
        const auto found = m_entries.find(key);
        return found == m_entries.end() ? 0 : found->second.open;
    }
    [[nodiscard]] size_t size() const { return m_entries.size(); }

    /// Begins a round: what is news now is to be told.
    void beginRound()
    {
        m_round.insert(m_round.end(), m_news.begin(), m_news.end());
        m_news.clear();
    }
    [[nodiscard]] bool isRoundOver() const { return m_round.empty(); }
    /// Takes up to `most` keys of the round, with their counts. One with a question on its way stays for the next
    /// round: whether Redis counts that before or after this number is not known.
    [[nodiscard]] std::vector<Row> takeNews(size_t most)
    {
        std::vector<Row> rows;
        while (!m_round.empty() && rows.size() < most) {
            const auto found = m_entries.find(m_round.back());
            m_round.pop_back();
            if (found->second.inFlight > 0) {
                m_news.push_back(found->first);
                continue;
            }
            rows.emplace_back(found->first, found->second.open);
            found->second.isNew = false;
            forgetIfBlank(found);
        }
        return rows;
    }
    /// Everything, and there is no news any more: for telling it from the beginning.
    [[nodiscard]] std::vector<Row> takeAll()
    {
        std::vector<Row> rows;
        rows.reserve(m_entries.size());
        m_news.clear();
        m_round.clear();
        for (auto entry = m_entries.begin(); entry != m_entries.end();) {
            entry->second.isNew = false;
            if (entry->second.open > 0)
                rows.emplace_back(entry->first, entry->second.open);
            if (entry->second.inFlight > 0)
                markNew(entry);
            entry = isBlank(entry->second) ? m_entries.erase(entry) : std::next(entry);
        }
        return rows;
    }

private:
    struct Entry
    {
        qint64 open = 0;
        qint32 inFlight = 0;
        bool isNew = false; ///< it is in m_news or m_round
    };
    using Map = std::unordered_map<Key, Entry, Hasher>;

    [[nodiscard]] static bool isBlank(const Entry &entry)
    {
        return entry.open == 0 && entry.inFlight == 0 && !entry.isNew;
    }
    void markNew(typename Map::iterator entry)
    {
        if (!std::exchange(entry->second.isNew, true))
            m_news.push_back(entry->first);
    }
    void forgetIfBlank(typename Map::iterator entry)
    {
        if (isBlank(entry->second))
            m_entries.erase(entry);
    }

    Map m_entries;
    std::vector<Key> m_news;
    std::vector<Key> m_round; ///< of the news, what is being told
};

} // namespace gatehouse
