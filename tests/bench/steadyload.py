# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes at a steady rate, whatever the server does, and measures from the moment at which each publish was due until a listener has it.

`gatehouse bench` publishes as fast as it is answered; this shows what somebody notices whose server is not at its limit.
"""
import json
import re
import selectors
import socket
import time

from gatehouse_server import PUBLISH, bearer, make_token
from rawconnection import RawConnection

PUBLISHERS = 256  # connections; one that waits for its answer is passed over
SETTLING_SECONDS = 10  # for what was published last, by a Redis that waits for its disk
MARK = re.compile(rb'"title":"steady-(\d{9})"')
MARK_BYTES = 32


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else None


class _Listener:
    def __init__(self, node, user):
        self.connection = RawConnection(node, f"127.1.0.{1 + user % 250}").open(token=make_token(f"steady-{user}"))
        self.socket = self.connection.socket
        self.rest = b""

    def marks(self):
        """The numbers of the notifications that have come."""
        data = self.rest + self.socket.recv(262144)
        found = list(MARK.finditer(data))
        self.rest = data[max(found[-1].end() if found else 0, len(data) - MARK_BYTES):]
        return [int(each.group(1)) for each in found]


class _Publisher:
    def __init__(self, node, token):
        self.socket = socket.create_connection(("127.0.0.1", node.port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fields = {"Host": "localhost", "Content-Type": "application/json", **bearer(token)}
        self.head = f"POST {PUBLISH} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.is_free = True

    def publish(self, number, user, is_ephemeral):
        body = json.dumps({"to": {"users": [f"steady-{user}"]}, "title": f"steady-{number:09}", "body": "x" * 64, "ephemeral": is_ephemeral})
        self.socket.sendall(f"{self.head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        self.is_free = False

    def take_answer(self):
        answer = self.socket.recv(65536)
        if not answer.startswith(b"HTTP/1.1 202"):
            raise RuntimeError(f"a publish was answered with {answer[:300]!r}")
        self.is_free = True


class SteadyLoad:
    """`per_second` publishes at `node` for `seconds`, to `users` users in turn, each with one connection at every one of `listening`."""

    def __init__(self, node, listening, users=50, per_second=1000, is_ephemeral=False):
        self.users = users
        self.per_second = per_second
        self.is_ephemeral = is_ephemeral
        self.nodes = len(listening)
        self.published_before = 0  # in earlier runs: what still comes of that is not this run's
        self.selector = selectors.DefaultSelector()
        self.listeners = [_Listener(each, user) for each in listening for user in range(users)]
        token = make_token("backend", role="publisher")
        self.make_publisher = lambda: _Publisher(node, token)
        self.publishers = []  # made when they are needed: of idle connections one address may have only so many
        for each in self.listeners:
            self.selector.register(each.socket, selectors.EVENT_READ, each)

    def run(self, seconds):
        """What was published, delivered, and how long that took in ms: a report like those of `gatehouse bench`."""
        total = int(seconds * self.per_second)
        start = time.perf_counter() + 0.05
        due = [start + number / self.per_second for number in range(total)]
        latencies = []
        published = 0
        end = due[-1] + SETTLING_SECONDS
        while time.perf_counter() < end:
            now = time.perf_counter()
            while published < total and due[published] <= now:
                free = self._free_publisher()
                if free is None:
                    break  # the server is behind: what is due waits, and its time counts
                free.publish(self.published_before + published, published % self.users, self.is_ephemeral)
                published += 1
            pause = due[published] - time.perf_counter() if published < total else 0.05
            for key, _ in self.selector.select(max(0.0, min(pause, 0.05))):
                self._take(key.data, due, latencies)
            if published == total and len(latencies) == total * self.nodes and all(each.is_free for each in self.publishers):
                break
        self.published_before += published
        elapsed = time.perf_counter() - start
        missed = total * self.nodes - len(latencies)
        return {"operations": published, "seconds": elapsed, "per_second": published / elapsed, "deliveries_missed": missed,
                "latency_p50_ms": percentile(latencies, 0.5), "latency_p99_ms": percentile(latencies, 0.99),
                "latency_max_ms": max(latencies, default=None)}

    def _free_publisher(self):
        free = next((each for each in self.publishers if each.is_free), None)
        if free is None and len(self.publishers) < PUBLISHERS:
            free = self.make_publisher()
            self.publishers.append(free)
            self.selector.register(free.socket, selectors.EVENT_READ, free)
        return free

    def _take(self, source, due, latencies):
        if isinstance(source, _Publisher):
            source.take_answer()
            return
        marks = source.marks()
        now = time.perf_counter()
        latencies += [1000 * (now - due[number - self.published_before]) for number in marks if number >= self.published_before]

    def close(self):
        self.selector.close()
        for each in self.listeners:
            each.connection.close()
        for each in self.publishers:
            each.socket.close()
