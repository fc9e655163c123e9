# SPDX-License-Identifier: GPL-3.0-or-later
"""What others get while many who have full inboxes come back at once, or one user asks for very much. Counts what was served before, never
time."""
import json
import selectors
import socket
import unittest

from cluster import ClusterTestCase
from gatehouse_server import PATIENCE_SECONDS, PUBLISH, ServerTestCase, bearer, make_token
from listcounter import ListCounter
from rawconnection import PONG, TEXT, RawConnection, frame, upgrade_head

RAISED = {name: "1000000" for name in ("MAX_CONNECTIONS_PER_IP", "MAX_RECONNECT_ATTEMPTS", "MAX_MESSAGES_PER_MINUTE", "MAX_CONNECTIONS_PER_USER")}
MARK = b'"title":"full-'
PIECE_BYTES = 16 * 1024  # that the crowd reads of a connection before it looks at the others
PUBLISHES, GREETINGS = 5, 3


def source(number):
    return f"127.8.{number // 200}.{number % 200 + 1}"


def send_handshake(node, number, user, cursor=None):
    peer = socket.create_connection(("127.0.0.1", node.port), PATIENCE_SECONDS, source_address=(source(number), 0))
    path = "/ws/notifications/?token=" + make_token(user) + (f"&cursor={cursor}" if cursor else "")
    peer.sendall(upgrade_head(path=path, query=False).encode())
    return peer


class Crowd:
    """Connections that take everything, a piece of each at a time, on the thread that also asks for the others: so what is counted does not
    depend on who is faster."""

    def __init__(self, node):
        self.node = node
        self.selector = selectors.DefaultSelector()
        self.counters = {}
        self.others = 0  # answers that are awaited

    def add(self, peer):
        self.counters[peer] = ListCounter(MARK)
        self.selector.register(peer, selectors.EVENT_READ, self._take)

    def listed(self):
        return sum(each.listed for each in self.counters.values())

    def _take(self, peer):
        data = peer.recv(PIECE_BYTES)
        if not data:
            raise AssertionError("a connection of the crowd was closed")
        for _ in range(self.counters[peer].take(data)):
            peer.sendall(frame(PONG))

    def ask(self, peer, is_answered):
        """Waits for an answer while the crowd goes on."""
        received = b""

        def take(peer):
            nonlocal received
            data = peer.recv(65536)
            if not data:
                raise AssertionError(f"closed after {received[:300]!r}")
            received += data

        self.selector.register(peer, selectors.EVENT_READ, take)
        self.turn_until(lambda: is_answered(received))
        self.selector.unregister(peer)

    def turn_until(self, condition):
        while not condition():
            ready = self.selector.select(PATIENCE_SECONDS)
            if not ready:
                raise AssertionError(f"nothing comes any more; {self.listed()} were listed")
            for key, _ in ready:
                key.data(key.fileobj)

    def close(self):
        self.selector.close()
        for peer in self.counters:
            peer.close()


class GreedTests:
    """For one node: `self.node`."""

    def fill(self, users, unread, data_bytes):
        """Makes them known, and fills their inboxes. A cursor of before."""
        for number, user in enumerate(users):
            with RawConnection(self.node, source(number)) as connection:
                connection.upgrade(token=make_token(user))
                cursor = json.loads(connection.read_frame()[1])["cursor"]
        portion = 900_000 // (data_bytes + 300 + 15 * len(users))  # a body is a mebibyte at most
        for first in range(0, unread, portion):
            batch = [{"to": {"users": users}, "title": f"full-{number}", "data": "d" * data_bytes}
                     for number in range(first, min(first + portion, unread))]
            self.assertEqual(self.node.publish(batch).status, 202)
        return cursor

    def serve_others(self, crowd):
        """Publishes and greetings, one after the other."""
        body = json.dumps({"to": {"users": ["quiet"]}, "title": "quiet"})
        fields = {"Host": "localhost", "Content-Type": "application/json", "Content-Length": len(body),
                  **bearer(self.node.admin_token("publisher", "backend"))}
        request = f"POST {PUBLISH} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n" + body
        with socket.create_connection(("127.0.0.1", self.node.port), PATIENCE_SECONDS) as publisher:
            for _ in range(PUBLISHES):
                publisher.sendall(request.encode())
                crowd.ask(publisher, lambda received: b'"reached"' in received)
        for number in range(GREETINGS):
            with send_handshake(self.node, 300 + number, f"other-{number}") as other:
                crowd.ask(other, lambda received: b"notifications_list" in received)

    def test_full_inboxes_come_back_at_once(self):
        users, unread = [f"full-{number}" for number in range(self.users)], 300
        cursor = self.fill(users, unread, 4000)
        crowd = Crowd(self.node)
        self.addCleanup(crowd.close)
        for number, user in enumerate(users):
            crowd.add(send_handshake(self.node, number, user, cursor))
        crowd.turn_until(lambda: crowd.listed() > 0)
        self.serve_others(crowd)
        listed = crowd.listed()
        crowd.turn_until(lambda: crowd.listed() >= self.users * unread)
        # Each of them gets everything, once; and the others did not have to wait for it.
        self.assertEqual({each.listed for each in crowd.counters.values()}, {unread})
        self.assertLess(listed, self.users * unread // 2)

    def test_one_user_asks_for_very_much(self):
        self.fill(["full-0"], 1000, 300)
        crowd = Crowd(self.node)
        self.addCleanup(crowd.close)
        for number in range(5):
            crowd.add(send_handshake(self.node, number, "full-0"))
        crowd.turn_until(lambda: all(each.is_greeted for each in crowd.counters.values()))
        before, lists = crowd.listed(), 8
        for peer in crowd.counters:  # none of the ids is there: everything is looked through
            for _ in range(lists):
                peer.sendall(frame(TEXT, b'{"type":"get_notifications","limit":1000}'))
                peer.sendall(frame(TEXT, b'{"type":"mark_read","ids":["01ARZ3NDEKTSV4RRFFQ69G5FAV"],"id":1}'))
        self.serve_others(crowd)
        listed = crowd.listed() - before
        self.assertLess(listed, 5 * lists * 1000 // 2)


class GreedAlone(GreedTests, ServerTestCase):
    settings = RAISED
    users = 200

    @property
    def node(self):
        return self.server


class GreedInACluster(GreedTests, ClusterTestCase):
    settings = RAISED
    node_names = ("alpha",)
    is_durable = False
    users = 100

    @property
    def node(self):
        return self.nodes[0]


if __name__ == "__main__":
    unittest.main()
