// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QSet>

namespace gatehouse {

/// Lets equal texts share their memory: thousands of clients send a handful of Origins and User-Agents. Bounded; a
/// worker's own, used on its thread.
template <typename Text> class StringPool final
{
public:
    static constexpr qsizetype kMaxTexts = 4096;

    /// The same text, shared with all who asked for it before. Beyond the bound texts are forgotten and begin to be
    /// shared anew.
    [[nodiscard]] Text shared(const Text &text)
    {
        if (text.isEmpty())
            return {};
        if (const auto known = m_texts.constFind(text); known != m_texts.constEnd())
            return *known;
        if (m_texts.size() >= kMaxTexts)
            m_texts.clear();
        Text own = text;
        own.squeeze();
        m_texts.insert(own);
        return own;
    }

private:
    QSet<Text> m_texts;
};

} // namespace gatehouse
