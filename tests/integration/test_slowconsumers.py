# SPDX-License-Identifier: GPL-3.0-or-later
"""Who does not listen is cut: by the age of what waits for it, whatever it says or trickles meanwhile."""
import json
import socket
import struct
import threading
import time

from gatehouse_server import ADMIN, ORIGIN, ServerTestCase, eventually, make_token
from rawconnection import CLOSE, PING, PONG, TEXT, Closed, RawConnection, frame

DEADLINE = 10  # seconds that something may wait, as operations.md says
SLACK = 4  # for a busy machine; without the deadline it takes 25 more
LIST = frame(TEXT, b'{"type":"get_notifications","limit":1000}')
BLIND_PONG = frame(PONG)


def small_connection(server, source=None, takes=2048):
    """A client whose kernel takes little that it does not read."""
    client = RawConnection.__new__(RawConnection)
    client.timeout = 20
    client.socket = socket.socket()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
    if source:
        client.socket.bind((source, 0))
    client.socket.connect(("127.0.0.1", server.port))
    client.opened_at = time.monotonic()
    client.buffer = b""
    return client


def head_of(user):
    return (f"GET /ws/notifications/?token={make_token(user)} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Origin: {ORIGIN}\r\n\r\n")


def queued_of(server):
    """What waits for each user, by the server's own account."""
    listed = server.get(ADMIN + "connections?limit=1000", server.admin_token()).json()["connections"]
    return {row["user"]: row["queued_bytes"] for row in listed}


STILL = 5  # looks, 0.2 s apart: a kernel that packs what it holds more tightly takes more a moment later


def block(test, clients, ask=LIST):
    """Lets them ask for lists until their kernels take no more and go on taking nothing."""
    looks = {user: [] for user in clients}

    def are_blocked():
        queued = queued_of(test.server)
        for user, client in clients.items():
            looks[user] = [*looks[user][1 - STILL:], queued.get(user)]
            if queued.get(user) == 0:
                client.send(ask)
        time.sleep(0.2)
        return all(len(seen) == STILL and len(set(seen)) == 1 and seen[0] != 0 for seen in looks.values())
    test.assertTrue(eventually(are_blocked, 60), looks)


class SlowConsumers(ServerTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 100, "MAX_RECONNECT_ATTEMPTS_MODE": "off", "MAX_MESSAGES_PER_MINUTE_MODE": "off"}

    def setUp(self):
        super().setUp()
        self.stops = []
        self.addCleanup(lambda: [stop() for stop in self.stops])

    def queued(self):
        return queued_of(self.server)

    def wait_for_cut(self, user, ask):
        """Fails once the same bytes wait for longer than promised; what the kernel takes after all is asked for again."""
        last, since = None, time.monotonic()
        while user in (queued := self.queued()):
            if queued[user] == 0:
                ask()
            if queued[user] != last:
                last, since = queued[user], time.monotonic()
            self.assertLess(time.monotonic() - since, DEADLINE + SLACK, queued)
            time.sleep(0.2)

    def kernel_holds(self):
        """Bytes that the kernel still offers to the clients of the server, connected or not."""
        port = f":{self.server.port:04X}"
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [row.split() for row in table.readlines()[1:]]
        return sum(int(row[4].split(":")[0], 16) for row in rows if row[1].endswith(port) and row[3] != "0A")

    def metric(self, line):
        text = self.server.get("/metrics", self.server.admin_token()).body.decode()
        return float(next(row.split()[-1] for row in text.splitlines() if row.startswith(line)))

    def fill_inbox(self):
        """Of everybody whom the server knows: lists of half a megabyte."""
        for number in range(32):
            answer = self.server.publish({"to": "all", "title": f"n{number}", "data": "d" * 16000})
            self.assertEqual(answer.status, 202, answer)

    def make_known(self, *users):
        for user in users:
            with RawConnection(self.server) as connection:
                connection.open(token=make_token(user))

    def keep(self, action, every):
        """Repeats it in a thread until the connection breaks or the test ends."""
        stopped = threading.Event()

        def run():
            while not stopped.wait(every):
                try:
                    action()
                except (OSError, Closed):
                    return
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.stops.append(lambda: (stopped.set(), thread.join()))

    def test_whoever_does_not_read_is_cut_after_ten_seconds(self):
        users = ["deaf", "blind", "trickle", "talker", "bytewise"]
        self.make_known(*users, "good")
        self.fill_inbox()
        good = RawConnection(self.server)
        self.addCleanup(good.close)
        good.open(token=make_token("good"))
        heard = []

        def listen():
            opcode, payload = good.read_frame(1)
            heard.append(opcode)
            if opcode == PING:
                good.send(frame(PONG, payload))
        self.keep(lambda: self.ignore_silence(listen), 0.01)
        clients = {}
        for number, user in enumerate(users):
            clients[user] = small_connection(self.server, f"127.1.3.{number + 1}")
            self.addCleanup(clients[user].close)
            clients[user].send(head_of(user))
        block(self, clients)
        self.keep(lambda: clients["blind"].send(BLIND_PONG), 0.5)
        self.keep(lambda: clients["trickle"].socket.recv(200), 1)
        self.keep(lambda: clients["bytewise"].socket.recv(1), 0.2)
        self.keep(lambda: clients["talker"].send(frame(TEXT, b'{"type":"ping"}')), 1)
        self.assertTrue(eventually(lambda: set(self.queued()) == {"good"}, DEADLINE + SLACK), self.queued())
        counted = self.metric('gatehouse_guard_refusals_total{guard="queue",reason="slow_consumer",mode="enforce"}')
        self.assertEqual(counted, len(users))
        self.assertEqual(self.metric('gatehouse_closes_total{code="4132",initiator="server"}'), len(users))
        self.assertTrue(eventually(lambda: self.metric("gatehouse_send_queue_bytes") == 0))
        self.assertTrue(eventually(lambda: self.kernel_holds() < 100000), self.kernel_holds())
        self.assertEqual(self.server.publish({"to": {"users": ["good"]}, "title": "still here"}).json()["reached"], 1)
        self.check_alive()

    def ignore_silence(self, listen):
        try:
            listen()
        except TimeoutError:
            pass

    def test_a_slow_consumer_is_told_why_once_it_reads(self):
        self.make_known("slow")
        for number in range(32):  # small ones: what is begun is soon read to its end
            self.assertEqual(self.server.publish({"to": {"users": ["slow"]}, "title": f"{number}", "data": "d" * 6000}).status, 202)
        client = small_connection(self.server, takes=65536)
        self.addCleanup(client.close)
        client.send(head_of("slow"))
        self.assertEqual(client.read_answer().status, 101)
        ask = frame(TEXT, b'{"type":"get_notifications","limit":1}') * 40
        block(self, {"slow": client}, ask)
        self.wait_for_cut("slow", lambda: client.send(ask))
        closed = None
        deadline = time.monotonic() + 5
        while closed is None:
            opcode, payload = client.read_frame(deadline - time.monotonic())
            closed = payload if opcode == CLOSE else None
        self.assertEqual(struct.unpack(">H", closed[:2])[0], 4132)
        reason = json.loads(closed[2:])
        self.assertEqual(reason["r"], "slow_consumer")
        decisions = self.server.get(ADMIN + "decisions?limit=50", self.server.admin_token()).json()["decisions"]
        self.assertIn(reason["id"], [row["id"] for row in decisions])

    def test_a_deaf_console_is_cut_too(self):
        console = small_connection(self.server)
        self.addCleanup(console.close)
        token = self.server.admin_token("viewer")
        console.send("GET /ws/admin/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                     f"Authorization: Bearer {token}\r\n\r\n")
        self.assertEqual(console.read_answer().status, 101)
        console.send(frame(TEXT, b'{"type":"subscribe","topics":["metrics","decisions","connections"]}'))
        self.keep(lambda: console.send(BLIND_PONG), 0.5)
        # What it is answered is what blocks it: each command is.
        nonsense = frame(TEXT, json.dumps({"type": "subscribe", "topics": ["x" * 60] * 60}).encode())

        def is_blocked():
            for _ in range(1000):
                console.send(nonsense)
            return self.metric("gatehouse_send_queue_bytes") > 0
        try:
            self.assertTrue(eventually(is_blocked, 60))
        except (BrokenPipeError, ConnectionResetError):
            return  # more than 1 MiB waited: cut for that
        since = time.monotonic()
        with self.assertRaises((OSError, Closed)):
            while time.monotonic() - since < DEADLINE + SLACK:
                console.send(BLIND_PONG)
                time.sleep(0.2)

    def test_a_ping_wants_its_own_answer(self):
        """The heartbeat of 25 s, with as many clients as there are ways to get it wrong."""
        def answer(client, with_what):
            opcode, payload = client.read_frame(30)
            self.assertEqual(opcode, PING)
            self.assertGreaterEqual(len(payload), 8)
            client.send(frame(PONG, with_what(payload)))
            return payload
        clients = {name: RawConnection(self.server, f"127.1.4.{number}") for number, name in
                   enumerate(["good", "empty", "other", "longer"], 1)}
        for name, client in clients.items():
            self.addCleanup(client.close)
            client.open(token=make_token(name))
        self.assertEqual(len({answer(clients["good"], lambda payload: payload),
                              answer(clients["empty"], lambda payload: b""),
                              answer(clients["other"], lambda payload: payload[::-1]),
                              answer(clients["longer"], lambda payload: payload + b"x")}), 4)
        for name in ("empty", "other", "longer"):
            self.assertIsNone(clients[name].read_close(DEADLINE + SLACK))
        clients["good"].send(frame(TEXT, b'{"type":"ping","id":1}'))
        self.assertEqual(json.loads(clients["good"].read_frame()[1]), {"type": "pong", "id": 1})
