#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others wait while somebody asks for much: publishes to a user who is quiet, and greetings of users who come, first while nobody
else is there and then beside the load. Started by tests/bench/run --greed.

The loads: `herd`, users with full inboxes who all come back at once with an old cursor and take everything; `greedy`, one user in many
groups, with as many connections and commands as the default limits allow, who asks for lists and marks.
"""
import argparse
import contextlib
import json
import multiprocessing
import selectors
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from gatehouse_server import PUBLISH, GatehouseServer, bearer, eventually, make_token  # noqa: E402 - finds tests/support first
from listcounter import ListCounter  # noqa: E402
from rawconnection import PONG, TEXT, RawConnection, frame, upgrade_head  # noqa: E402
from redis_server import RedisServer  # noqa: E402
from steadyload import percentile  # noqa: E402

MARK = b'"title":"full-'
READY_SECONDS = 60
PAUSE_SECONDS = 0.01  # between two things that are measured
RAISED = {name: "1000000" for name in ("MAX_RECONNECT_ATTEMPTS", "MAX_CONNECTIONS_PER_IP")}


class Load:
    """Who loads, with what. `messages` are sent at once by each connection that has been greeted."""

    def __init__(self, users, groups, unread, bytes_each, connections, with_cursor, messages=()):
        self.users = users
        self.groups = [f"group-{number}" for number in range(groups)]
        self.unread = unread  # of each user, and of each group
        self.bytes_each = bytes_each
        self.connections = connections  # of each user
        self.with_cursor = with_cursor
        self.messages = messages

    def token(self, user):
        return make_token(f"full-{user}", groups=self.groups)

    def fill(self, node):
        """Makes the users known and fills their inboxes. Returns a cursor from before that."""
        for user in range(self.users):
            with RawConnection(node, source(user)) as connection:
                connection.upgrade(token=self.token(user))
                cursor = json.loads(connection.read_frame()[1])["cursor"]
        everybody = [f"full-{user}" for user in range(self.users)]
        portion = max(1, min(self.unread, 900_000 // (self.bytes_each + 300 + 15 * self.users)))
        for audience in [{"users": everybody}, *({"groups": [group]} for group in self.groups)]:
            for first in range(0, self.unread, portion):
                batch = [{"to": audience, "title": f"full-{number}", "data": "d" * self.bytes_each}
                         for number in range(first, min(first + portion, self.unread))]
                answer = node.publish(batch)
                if answer.status != 202:
                    raise RuntimeError(f"an inbox could not be filled: {answer}")
        return cursor


def source(number):
    return f"127.8.{number // 200}.{number % 200 + 1}"


def crowd(node_port, load, cursor, seconds, results):
    """A process of its own: connects everybody, and takes what comes for `seconds`, or until all have everything."""
    selector = selectors.DefaultSelector()
    readers, asking = {}, set()
    begun = time.monotonic()
    all_messages = b"".join(frame(TEXT, text.encode()) for text in load.messages)
    for number in range(load.users * load.connections):
        user = number % load.users
        peer = socket.socket()
        peer.bind((source(number), 0))
        peer.connect(("127.0.0.1", node_port))
        path = "/ws/notifications/?" + (f"cursor={cursor}&" if load.with_cursor else "") + "token=" + load.token(user)
        peer.sendall(upgrade_head(path=path, query=False).encode())
        readers[peer] = ListCounter(MARK)
        selector.register(peer, selectors.EVENT_READ)
    greeted, all_done, lost = [], None, 0
    wanted = load.unread * (1 + len(load.groups)) if load.with_cursor else None
    while time.monotonic() - begun < seconds and not all_done and lost < len(readers):
        for key, _ in selector.select(0.1):
            peer, reader = key.fileobj, readers[key.fileobj]
            try:
                data = peer.recv(1 << 20)
            except ConnectionError:
                data = b""
            if not data:
                lost += 1
                selector.unregister(peer)
                continue
            for _ in range(reader.take(data)):
                peer.sendall(frame(PONG))
            if reader.is_greeted and peer not in asking:
                asking.add(peer)
                greeted.append(time.monotonic() - begun)
                peer.sendall(all_messages)
        if wanted and all(reader.listed >= wanted for reader in readers.values()):
            all_done = time.monotonic() - begun
    results.send({"listed": sum(reader.listed for reader in readers.values()), "greeted": len(greeted), "lost": lost,
                  "greeted_p50_s": percentile(greeted, 0.5), "greeted_max_s": max(greeted, default=None), "all_s": all_done})


class Meter:
    """Publishes to a quiet user and connects as others at a steady rate, whatever the server does, and measures from the moment at which
    each was due until it is answered, or greeted."""

    def __init__(self, node):
        self.node = node
        body = json.dumps({"to": {"users": ["quiet"]}, "title": "quiet"})
        fields = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": str(len(body)),
                  **bearer(node.admin_token("publisher", "backend"))}
        self.publish = (f"POST {PUBLISH} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
                        + "\r\n" + body).encode()
        self.free = []  # connections that publish
        self.come = 0
        self.lost = 0  # closed without an answer

    def _publish(self):
        peer = self.free.pop() if self.free else socket.create_connection(("127.0.0.1", self.node.port), READY_SECONDS)
        peer.sendall(self.publish)
        return peer

    def _come(self):
        self.come += 1
        address = f"127.7.{self.come // 200 % 200}.{self.come % 200 + 1}"
        peer = socket.create_connection(("127.0.0.1", self.node.port), READY_SECONDS, source_address=(address, 0))
        peer.sendall(upgrade_head(token=make_token(f"other-{self.come}")).encode())
        return peer

    def run(self, goes_on):
        """Milliseconds of publishes, and of greetings."""
        selector = selectors.DefaultSelector()
        took = {self._publish: [], self._come: []}
        number, start = 0, time.perf_counter()
        while (is_on := goes_on()) or selector.get_map():
            due = start + number * PAUSE_SECONDS
            if is_on and due <= time.perf_counter():
                action = self._come if number % 2 else self._publish
                number += 1
                selector.register(action(), selectors.EVENT_READ, [action, due, b""])
                continue
            for key, _ in selector.select(max(0.0, due - time.perf_counter()) if is_on else 1):
                key.data[2] += key.fileobj.recv(65536)
                self._look(selector, key, took)
        return took[self._publish], took[self._come]

    def _look(self, selector, key, took):
        action, due, answer = key.data
        if action == self._publish and b"ids" in answer:
            self.free.append(key.fileobj)
        elif action == self._come and b"notifications_list" in answer:
            key.fileobj.close()
        elif answer:
            return
        else:
            self.lost += 1
        selector.unregister(key.fileobj)
        took[action].append(1000 * (time.perf_counter() - due))


def summary(values):
    return {"count": len(values), "p50_ms": round(percentile(values, 0.5), 2), "p99_ms": round(percentile(values, 0.99), 2),
            "max_ms": round(max(values), 2)}


def measure(node, load, seconds):
    """Quiet, then busy: a report, with the ratios of the 99th percentiles."""
    cursor = load.fill(node)
    meter = Meter(node)
    end = time.monotonic() + 2
    meter.run(lambda: time.monotonic() < end - 1.5)  # nothing is cold any more
    end = time.monotonic() + 3
    quiet = meter.run(lambda: time.monotonic() < end)
    receiver, sender = multiprocessing.Pipe(False)
    process = multiprocessing.Process(target=crowd, args=(node.port, load, cursor, seconds, sender))
    process.start()
    busy = meter.run(lambda: not receiver.poll())
    taken = receiver.recv()
    process.join()
    report = {"crowd": taken, "lost": meter.lost}
    for name, before, beside in zip(("publish", "greeting"), quiet, busy):
        report[name] = {"quiet": summary(before), "busy": summary(beside),
                        "p99_ratio": round(percentile(beside, 0.99) / percentile(before, 0.99), 2)}
    return report


def loads(quick):
    few = 20 if quick else 200
    many = 100 if quick else 1000
    commands = ['{"type":"get_notifications","limit":1000}', '{"type":"mark_read","ids":["01ARZ3NDEKTSV4RRFFQ69G5FAV"],"id":1}'] * 30
    return {"herd": Load(few, 0, many, 16_000, 1, True),
            "greedy": Load(1, 2 if quick else 20, many, 400, 20, False, commands)}


def alone_counts(node):
    text = node.get("/metrics", is_described=False).body.decode()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("gatehouse_cluster_admission"))
            if name in ("gatehouse_cluster_admissions_unanswered_total", "gatehouse_cluster_admission_seconds_count")}


def main(arguments):
    parser = argparse.ArgumentParser(prog="tests/bench/run --greed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny numbers: are the reports right?")
    parser.add_argument("--loads", help="comma-separated; by default all")
    parser.add_argument("--cluster", action="store_true", help="one node with a Redis instead of a server alone")
    parser.add_argument("--seconds", type=int, default=60, help="of one load at most")
    options = parser.parse_args(arguments)
    known = loads(options.quick)
    reports = {}
    for name in options.loads.split(",") if options.loads else known:
        if name not in known:
            parser.error(f'load "{name}" is unknown; there are {", ".join(known)}')
        with contextlib.ExitStack() as stack:
            settings = {**RAISED, "LOG_LEVEL": "error"}
            if options.cluster:
                redis = RedisServer(durable=False).start()
                stack.callback(redis.discard)
                settings.update(REDIS_URL=redis.url(), NODE_NAME="node")
            node = GatehouseServer(settings)
            stack.callback(node.discard)
            node.start()
            if not eventually(lambda: node.publish({"to": {"users": ["nobody"]}, "title": "ready"}).status == 202, READY_SECONDS):
                raise RuntimeError(node.stderr()[-2000:])
            before = alone_counts(node)
            reports[name] = measure(node, known[name], options.seconds)
            if options.cluster:
                reports[name]["judged"] = {key: value - before.get(key, 0) for key, value in alone_counts(node).items()}
            print(name, json.dumps(reports[name]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
