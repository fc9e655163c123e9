// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <bit>

#include <QtCore/QRandomGenerator>

namespace gatehouse {

/// SipHash-1-3 under a random key, of a 64-bit word and a byte. Whoever knows the program but not the key cannot name
/// two words that meet in a table, nor learn the key from answers; a multiply-and-mix hash is a few nanoseconds cheaper
/// but is undone by algebra once a collision shows in the timing. Immutable; any thread.
class KeyedHash final
{
public:
    using Key = std::array<quint64, 2>;

    KeyedHash()
        : m_key{ QRandomGenerator::system()->generate64(), QRandomGenerator::system()->generate64() }
    {
    }
    explicit KeyedHash(const Key &key)
        : m_key(key)
    {
    }

    /// The hash of the nine bytes of `word`, the lowest first, and `last`.
    [[nodiscard]] quint64 operator()(quint64 word, quint8 last) const
    {
        State state{ m_key[0] ^ 0x736f6d6570736575U, m_key[1] ^ 0x646f72616e646f6dU, m_key[0] ^ 0x6c7967656e657261U,
            m_key[1] ^ 0x7465646279746573U };
        absorb(state, word);
        absorb(state, quint64(9) << 56 | last);
        state.c ^= 0xff;
        for (int i = 0; i < 3; ++i)
            stir(state);
        return state.a ^ state.b ^ state.c ^ state.d;
    }

private:
    struct State
    {
        quint64 a, b, c, d;
    };
    static void absorb(State &state, quint64 word)
    {
        state.d ^= word;
        stir(state);
        state.a ^= word;
    }
    static void stir(State &state)
    {
        state.a += state.b;
        state.c += state.d;
        state.b = std::rotl(state.b, 13) ^ state.a;
        state.d = std::rotl(state.d, 16) ^ state.c;
        state.a = std::rotl(state.a, 32) + state.d;
        state.c += state.b;
        state.d = std::rotl(state.d, 21) ^ state.a;
        state.b = std::rotl(state.b, 17) ^ state.c;
        state.c = std::rotl(state.c, 32);
    }

    Key m_key;
};

} // namespace gatehouse
