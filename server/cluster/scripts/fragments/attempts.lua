-- SPDX-License-Identifier: GPL-3.0-or-later
-- How the list of a client's attempts is read. An entry is the moment of one attempt, or "first:last:how many" of several
-- that were joined.
-- Leaves: parse(entry): first, last, how many

local function parse(entry)
    local moment = tonumber(entry)
    if moment then return moment, moment, 1 end
    local first, last, count = string.match(entry, '^(%d+):(%d+):(%d+)$')
    return tonumber(first) or 0, tonumber(last) or 0, tonumber(count) or 0
end
