# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts and talks to a Gatehouse server for the integration tests.

Each server has a state directory and a port of its own, listens on loopback, and is ended by its process id. The program under
test is named by GATEHOUSE_BIN; without it the newest build in build/*/bin is taken.
"""
import asyncio
import http.client
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

import jwt
import websockets

from openapi import ApiDescription

SECRET = "a-shared-secret-for-tests-of-more-than-32-bytes"
HOST = "app.example.com"
ORIGIN = "https://" + HOST
CHANNEL = "/ws/notifications/"
METRICS = "/api/monitoring/websocket/metrics/"
ACTIVE = "/api/monitoring/websocket/active-connections/"
PUBLISH = "/api/notifications/"
ADMIN = "/api/admin/v1/"
ADMIN_STREAM = "/ws/admin/"
API = ApiDescription()
READY = re.compile(r"^listening on (http://(\[[^\]]+\]|[^:]+):(\d+))\s*$")
READY_SECONDS = 60
PATIENCE_SECONDS = 30  # for one answer: a machine may stand still, or its disk
ROOT = Path(__file__).resolve().parents[2]


def binary():
    """The gatehouse program to test."""
    if "GATEHOUSE_BIN" in os.environ:
        return os.environ["GATEHOUSE_BIN"]
    built = [path for path in ROOT.glob("build/*/bin/gatehouse") if os.access(path, os.X_OK)]
    if not built:
        raise unittest.SkipTest("gatehouse is not built; set GATEHOUSE_BIN")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def make_token(user="42", secret=SECRET, algorithm="HS256", drop=(), headers=None, **claims):
    """A token as djangorestframework-simplejwt issues it; `claims` adds or replaces, `drop` leaves out."""
    now = int(time.time())
    payload = {"token_type": "access", "exp": now + 3600, "iat": now, "jti": os.urandom(8).hex(), "user_id": user, **claims}
    for name in drop:
        payload.pop(name, None)
    return jwt.encode(payload, secret, algorithm=algorithm, headers=headers)


def bearer(token):
    return {"Authorization": "Bearer " + token}


class Answer:
    """One HTTP answer, read to its end."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # names in lower case
        self.body = body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"Answer({self.status}, {self.headers}, {self.body[:300]!r})"


class GatehouseServer:
    """One `gatehouse serve`. Settings are environment names; None removes one of the defaults."""

    def __init__(self, settings=None, arguments=(), state_dir=None, program_prefix=(), pass_fds=()):
        self._folder = tempfile.mkdtemp(prefix="gatehouse-test-")
        open(os.path.join(self._folder, ".env"), "w", encoding="utf-8").close()  # in place of an installed package's settings
        self.state_dir = state_dir or os.path.join(self._folder, "state")
        self.arguments = list(arguments)
        self.program_prefix = list(program_prefix)
        self.pass_fds = tuple(pass_fds)
        self.settings = {"LISTEN": "127.0.0.1:0", "STATE_DIR": self.state_dir, "JWT_SECRET": SECRET, "ALLOWED_HOSTS": HOST,
                         "WORKERS": "2", "DRAIN_SECONDS": "0"}
        self.settings.update(settings or {})
        self.process = None
        self.url = self.port = None
        self.stderr_path = os.path.join(self._folder, "stderr.txt")
        self.stdout_lines = []

    def environment(self):
        base = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS")
                if name in os.environ}
        base["HOME"] = self._folder
        base.update({name: str(value) for name, value in self.settings.items() if value is not None})
        return base

    def command(self, *arguments):
        return [*self.program_prefix, binary(), *arguments]

    def run(self, *arguments, timeout=60, input_text=None):
        """Runs another subcommand with this server's settings and waits for its end."""
        return subprocess.run(self.command(*arguments), env=self.environment(), cwd=self._folder, capture_output=True,
                              text=True, timeout=timeout, input=input_text, check=False, pass_fds=self.pass_fds)

    def start(self):
        """Starts the server and waits for its ready line."""
        stderr = open(self.stderr_path, "ab")
        with stderr:
            self.process = subprocess.Popen(self.command("serve", *self.arguments), env=self.environment(), cwd=self._folder,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr, text=True,
                                            pass_fds=self.pass_fds)
        ready = queue.Queue()
        threading.Thread(target=self._read_stdout, args=(self.process.stdout, ready), daemon=True).start()
        try:
            match = ready.get(timeout=READY_SECONDS)
        except queue.Empty:
            match = None
        if match is None:
            self.kill()
            raise AssertionError(f"the server was not ready; its stderr:\n{self.stderr()}")
        self.url, self.port = match.group(1), int(match.group(3))
        return self

    def _read_stdout(self, stream, ready):
        for line in stream:
            self.stdout_lines.append(line)
            match = READY.match(line)
            if match:
                ready.put(match)
        ready.put(None)
        stream.close()

    def stop(self, timeout=30):
        """Asks it to end (SIGTERM) and returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def restart(self, how="stop"):
        """Ends it (`stop` or `kill`) and starts it again on the same state, on a new port."""
        getattr(self, how)()
        return self.start()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def discard(self):
        """Ends the server whatever it is doing and removes its files."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def stderr(self):
        with open(self.stderr_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def everything_written(self):
        """All bytes that the server left anywhere: its log, its standard output and its state directory."""
        written = {"stderr": self.stderr().encode(), "stdout": "".join(self.stdout_lines).encode()}
        for path in Path(self.state_dir).rglob("*"):
            if path.is_file():
                written[str(path)] = path.read_bytes()
        return written

    # Talking to it

    def admin_token(self, role="admin", user="root", **claims):
        return make_token(user, role=role, **claims)

    def request(self, method, path, token=None, body=None, headers=None, source=None, timeout=PATIENCE_SECONDS,
                is_described=True):
        """One HTTP request; a body that is not bytes is sent as JSON. The answer must be one that the OpenAPI file describes."""
        all_headers = dict(headers or {})
        if token is not None:
            all_headers.update(bearer(token))
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            all_headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout,
                                                source_address=(source, 0) if source else None)
        try:
            connection.request(method, path, body=body, headers=all_headers)
            reply = connection.getresponse()
            answer = Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        finally:
            connection.close()
        if is_described:
            API.check(method, path, answer)
        return answer

    def get(self, path, token=None, **more):
        return self.request("GET", path, token if token is not None else self.admin_token(), **more)

    def limits_etag(self):
        return self.get(ADMIN + "limits").headers["etag"]

    def set_limits(self, limits, note="test", token=None):
        """Changes limits live; returns the answer."""
        return self.request("PATCH", ADMIN + "limits", token or self.admin_token(), {"limits": limits, "note": note},
                            {"If-Match": self.limits_etag()})

    def publish(self, body, token=None):
        return self.request("POST", PUBLISH, token or self.admin_token("publisher", "backend"), body)

    def connect(self, token=None, origin=ORIGIN, path=CHANNEL, source=None, query=True, **more):
        """A channel connection of the websockets library: an async context manager, or to be awaited."""
        token = make_token() if token is None else token
        address = f"ws://127.0.0.1:{self.port}{path}" + (f"?token={token}" if query else "")
        if source:
            more["local_addr"] = (source, 0)
        more.setdefault("open_timeout", PATIENCE_SECONDS)
        more.setdefault("close_timeout", 5)
        return websockets.connect(address, origin=origin, compression=None, ping_interval=None, **more)

    def connect_admin(self, token=None, **more):
        headers = {**bearer(token or self.admin_token()), **more.pop("extra_headers", {})}
        return websockets.connect(f"ws://127.0.0.1:{self.port}{ADMIN_STREAM}", extra_headers=headers, compression=None,
                                  ping_interval=None, open_timeout=PATIENCE_SECONDS, close_timeout=5, **more)


async def receive(socket, timeout=PATIENCE_SECONDS):
    """The next message of a channel, decoded."""
    return json.loads(await asyncio.wait_for(socket.recv(), timeout))


async def receive_type(socket, kind, timeout=PATIENCE_SECONDS):
    """The next message of that type; others are passed over."""
    deadline = time.monotonic() + timeout
    while True:
        message = await receive(socket, max(0.01, deadline - time.monotonic()))
        if message.get("type") == kind:
            return message


async def exchange(socket, message, timeout=PATIENCE_SECONDS):
    """Sends a command and returns the next message."""
    await socket.send(json.dumps(message))
    return await receive(socket, timeout)


def eventually(condition, timeout=20, interval=0.05):
    """Asks until the answer is true, and returns it; the last answer when time is up."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(interval)


class GatehouseTestCase(unittest.IsolatedAsyncioTestCase):
    """What tests of the server assert, whoever starts it."""

    def assert_problem(self, answer, status, code, guard=None):
        """An RFC 9457 answer that says what it should; returns it decoded."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers.get("content-type"), "application/problem+json", answer)
        problem = answer.json()
        self.assertEqual(problem.get("code"), code, problem)
        self.assertEqual(problem.get("status"), status, problem)
        self.assertEqual(problem.get("type"), "/api/problems/" + code, problem)
        for name in ("title", "detail"):
            self.assertTrue(problem.get(name), f"{name} is missing in {problem}")
        if guard:
            self.assertEqual(problem.get("guard"), guard, problem)
        return problem


class ServerTestCase(GatehouseTestCase):
    """A test case in which each test has a fresh server with the class's settings; it must survive the test."""

    settings = {}
    arguments = ()

    def setUp(self):
        self.server = GatehouseServer(self.settings, self.arguments)
        self.addCleanup(self.server.discard)
        self.addCleanup(self.check_alive)
        self.server.start()
        self.expect_end = False

    def check_alive(self):
        if not self.expect_end:
            self.assertTrue(self.server.is_running(),
                            f"the server ended by itself with {self.server.process.poll()}:\n{self.server.stderr()[-2000:]}")

    async def open_channel(self, *arguments, **more):
        """An open channel connection, closed at the end of the test; its first message has been read."""
        socket = await self.server.connect(*arguments, **more)
        self.addAsyncCleanup(socket.close)
        socket.first = await receive(socket)
        return socket
