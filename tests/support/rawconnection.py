# SPDX-License-Identifier: GPL-3.0-or-later
"""A TCP connection that says exactly what a test wants it to say: malformed heads, odd frames, silence."""
import base64
import os
import socket
import struct
import time

from gatehouse_server import CHANNEL, HOST, ORIGIN, PATIENCE_SECONDS, Answer, eventually, make_token

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0


def new_key():
    return base64.b64encode(os.urandom(16)).decode()


def upgrade_head(token=None, path=CHANNEL, origin=ORIGIN, method="GET", version="HTTP/1.1", host=HOST, key=None,
                 websocket_version="13", extra=(), query=True):
    """The head of a WebSocket handshake as text; None leaves a field out. `extra` are whole lines."""
    if query:
        path += "?token=" + (make_token() if token is None else token)
    fields = [("Host", host), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
              ("Sec-WebSocket-Key", new_key() if key is None else key), ("Sec-WebSocket-Version", websocket_version),
              ("Origin", origin)]
    lines = [f"{method} {path} {version}"] + [f"{name}: {value}" for name, value in fields if value is not None]
    return "\r\n".join([*lines, *extra]) + "\r\n\r\n"


def frame(opcode, payload=b"", final=True, mask=True, reserved=0, length=None):
    """One WebSocket frame; `length` claims another length than the payload has."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    bit = 0x80 if mask else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if not mask:
        return head + payload
    key = os.urandom(4)
    repeated = (key * (len(payload) // 4 + 1))[:len(payload)]
    masked = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(len(payload), "big")
    return head + key + masked


class Closed(Exception):
    """The peer closed the connection."""


class RawConnection:
    """Use as a context manager. Reading waits at most `timeout` seconds in all per call."""

    def __init__(self, server, source=None, timeout=PATIENCE_SECONDS):
        self.timeout = timeout
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout,
                                               source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.opened_at = time.monotonic()
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def age(self):
        return time.monotonic() - self.opened_at

    def send(self, data):
        self.socket.sendall(data.encode("latin-1") if isinstance(data, str) else data)
        return self

    def _fill(self, deadline):
        self.socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            data = self.socket.recv(65536)
        except ConnectionError as error:
            raise Closed(str(error)) from error
        if not data:
            raise Closed("end of stream")
        self.buffer += data

    def _take(self, count, deadline):
        while len(self.buffer) < count:
            self._fill(deadline)
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def read_answer(self, timeout=None):
        """One HTTP answer. Raises Closed when the peer closes without a whole one."""
        deadline = time.monotonic() + (timeout or self.timeout)
        while b"\r\n\r\n" not in self.buffer:
            self._fill(deadline)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()
        status = int(lines[0].split(" ")[1])
        body = b""
        if status != 101 and status != 204:
            body = self._take(int(headers.get("content-length", "0")), deadline)
        return Answer(status, headers, body)

    def read_frame(self, timeout=None):
        """One frame as (opcode, payload)."""
        deadline = time.monotonic() + (timeout or self.timeout)
        first, second = self._take(2, deadline)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self._take(2, deadline))[0]
        elif size == 127:
            size = struct.unpack(">Q", self._take(8, deadline))[0]
        return first & 0x0F, self._take(size, deadline)

    def read_close(self, timeout=None):
        """The close code of the next close frame, other frames are passed over; None when the connection just ends."""
        deadline = time.monotonic() + (timeout or self.timeout)
        try:
            while True:
                opcode, payload = self.read_frame(max(0.001, deadline - time.monotonic()))
                if opcode == CLOSE:
                    return struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
        except Closed:
            return None

    def wait_for_end(self, timeout=None):
        """The connection's age when the peer ends it; everything it sends before is kept in `buffer`."""
        deadline = time.monotonic() + (timeout or self.timeout)
        try:
            while True:
                self._fill(deadline)
        except Closed:
            return self.age()

    def upgrade(self, **more):
        """Shakes hands; returns the answer."""
        return self.send(upgrade_head(**more)).read_answer()

    def open(self, **more):
        """Shakes hands and reads the first message; for tests of what comes after."""
        answer = self.upgrade(**more)
        if answer.status != 101:
            raise AssertionError(f"not admitted: {answer}")
        self.read_frame()
        return self


def try_upgrade(server, source=None, **more):
    """One attempt whose connection is closed at once: the answer."""
    with RawConnection(server, source) as connection:
        return connection.upgrade(**more)


def try_upgrade_when_free(server, source=None, **more):
    """The same, asked again while connections that were closed a moment ago still hold their places."""
    answers = []

    def is_judged():
        answers.append(try_upgrade(server, source, **more))
        return answers[-1].status != 429 or answers[-1].json()["code"] != "too_many_connections"
    eventually(is_judged)
    return answers[-1]
