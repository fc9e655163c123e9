# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a channel connection that is sent very much, without decoding it: what is listed is counted by a mark in it."""
from rawconnection import PING


class ListCounter:
    """What one connection has received, its answer to the handshake included. `mark` stands once in each notification that counts."""

    def __init__(self, mark):
        self.mark = mark
        self.listed = 0
        self.is_greeted = False  # the first frame has begun
        self.has_head = False
        self.left = 0  # of the frame that is being read
        self.rest = b""

    def take(self, data):
        """Takes received bytes. Returns the number of pings in them, which are to be answered."""
        data, self.rest, pings = self.rest + data, b"", 0
        if not self.has_head:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return 0
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                raise AssertionError(f"not admitted: {head[:300]!r}")
            self.has_head = True
        while data:
            if self.left == 0:
                size = data[1] & 0x7F if len(data) > 1 else 0
                head = 2 + {126: 2, 127: 8}.get(size, 0)
                if len(data) < head:
                    break
                pings += data[0] & 0x0F == PING
                self.left = int.from_bytes(data[2:head], "big") if head > 2 else size
                self.is_greeted = True
                data = data[head:]
                continue
            part, data = data[:self.left], data[self.left:]
            if len(part) < self.left and len(part) < len(self.mark):
                data = part
                break
            self.listed += part.count(self.mark)
            kept = 0 if len(part) == self.left else len(self.mark) - 1  # a mark may be cut in two
            self.left -= len(part) - kept
            if kept:
                data = part[-kept:]
                break
        self.rest = data
        return pings
