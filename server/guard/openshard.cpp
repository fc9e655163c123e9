// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/openshard.h"

#include <algorithm>

namespace gatehouse {

void OpenShard::close(OpenEntry &entry)
{
    setOpen(entry, entry.open - 1);
    if (entry.open == 0)
        m_map.erase(entry);
}

std::vector<OpenShard::OpenCount>::iterator OpenShard::firstFrom(quint32 open)
{
    return std::lower_bound(
        m_opens.begin(), m_opens.end(), open, [](const OpenCount &row, quint32 value) { return row.open < value; });
}

void OpenShard::setOpen(OpenEntry &entry, quint32 open)
{
    if (entry.open > 0) {
        const auto row = firstFrom(entry.open);
        if (--row->addresses == 0)
            m_opens.erase(row);
    }
    entry.open = open & OpenEntry::kMostOpen;
    if (open == 0)
        return;
    const auto row = firstFrom(open);
    if (row != m_opens.end() && row->open == open)
        ++row->addresses;
    else
        m_opens.insert(row, { open, 1 });
}

qint64 OpenShard::withAtLeast(qint64 open) const
{
    qint64 sum = 0;
    for (const OpenCount &row : m_opens)
        sum += qint64(row.open) >= open ? row.addresses : 0;
    return sum;
}

std::optional<AddressKey> OpenShard::withMostOpen() const
{
    const qint64 most = mostOpen();
    for (size_t place = 0; most > 0 && place < m_map.capacity(); ++place) {
        const OpenEntry *entry = m_map.at(place);
        if (entry && entry->open == most)
            return entry->key();
    }
    return std::nullopt;
}

} // namespace gatehouse
