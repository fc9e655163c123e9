-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a sequence is, and how one is written: as text, since Lua's own would round it.
-- Leaves: largestSequence, textOf(number)

local largestSequence = 4503599627370496 -- RedisHistory::kLargestSequence
local function textOf(number) return string.format('%.0f', number) end
