# SPDX-License-Identifier: GPL-3.0-or-later
"""packaging/cluster-demo, without the console: it starts everything, a publish crosses nodes, and nothing of it is left at its end."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

import websockets

from gatehouse_server import ADMIN, PUBLISH, ROOT, bearer, binary, eventually, receive, receive_type

READY_SECONDS = 60
CLOSE_SECONDS = 30


def children_of(pid):
    """All processes that it or its children started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has just ended
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        new = parents.get(waiting.pop(), [])
        found += new
        waiting += new
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Demo:
    """The demo as a user starts it, and what it prints."""

    def __init__(self, folder, *arguments):
        self.folder = Path(folder)
        self.output = self.folder / "output.txt"
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [ROOT / "packaging/cluster-demo", "--headless", "--bin-dir", str(Path(binary()).parent), *arguments],
                env={**os.environ, "TMPDIR": folder}, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)

    def text(self):
        return self.output.read_text(encoding="utf-8")

    def wait_ready(self):
        eventually(lambda: "Ctrl+C stops everything." in self.text() or self.process.poll() is not None, READY_SECONDS)
        text = self.text()
        if "Ctrl+C stops everything." not in text:
            raise AssertionError(f"the demo did not start:\n{text}")
        self.port = int(re.search(r"is on http://127\.0\.0\.1:(\d+) ", text).group(1))
        self.nodes = {name: (int(port), int(pid)) for name, port, pid
                      in re.findall(r"(node-\d)  http://127\.0\.0\.1:(\d+), process (\d+)", text)}
        self.redis = int(re.search(r"Redis .*, process (\d+)", text).group(1))
        self.admin_token = re.search(r" TOKEN=(\S+)", text).group(1)
        self.user_token = re.search(r" USER_TOKEN=(\S+)", text).group(1)
        return self

    def wait_joined(self):
        """Until each node has heard of the other one, and is answered by it: one that has not reported yet is known to nobody."""
        for port, _ in self.nodes.values():
            if not eventually(lambda port=port: list(self.states(port).values()) == ["up", "up"]):
                raise AssertionError(f"the node on port {port} knows of {self.states(port)}")
            if not eventually(lambda port=port: self.request("GET", ADMIN + "connections", port=port)[1]["missing_nodes"] == []):
                raise AssertionError(f"the node on port {port} gets no answers")
        return self

    def request(self, method, path, body=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        try:
            connection.request(method, path, json.dumps(body) if body else None,
                               {**bearer(self.admin_token), "Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def states(self, port=None):
        return {node["name"]: node["state"] for node in self.request("GET", ADMIN + "nodes", port=port)[1]["nodes"]}

    def connect(self, source):
        return websockets.connect(f"ws://127.0.0.1:{self.port}/ws/notifications/?token={self.user_token}", origin="http://localhost",
                                  local_addr=(source, 0), open_timeout=30, close_timeout=5)

    def holders(self):
        """The addresses of the open connections of each node."""
        return {name: {each["address"] for each in self.request("GET", ADMIN + f"connections?filter=42&node={name}")[1]["connections"]}
                for name in self.nodes}


class ClusterDemo(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        for program in ("redis-server", "nginx"):
            if not (shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")):
                self.skipTest(f"{program} is not installed")

    def start(self, *arguments):
        folder = tempfile.mkdtemp(prefix="gatehouse-demo-")
        self.addCleanup(shutil.rmtree, folder, True)
        os.chmod(folder, 0o711)  # nginx' workers are another user's when root starts it
        demo = Demo(folder, *arguments)
        self.addCleanup(self.end, demo)
        return demo

    def end(self, demo, how=signal.SIGINT):
        """Ends it, and holds it to having left nothing."""
        if demo.process.poll() is not None:
            return
        started = children_of(demo.process.pid)
        demo.process.send_signal(how)
        demo.process.wait(CLOSE_SECONDS)
        self.assert_nothing_left(demo, started)

    def assert_nothing_left(self, demo, started):
        self.assertTrue(eventually(lambda: not any(map(is_alive, started))), [pid for pid in started if is_alive(pid)])
        self.assertEqual([path.name for path in demo.folder.iterdir()], ["output.txt"])

    async def on_two_nodes(self, demo):
        """Connections of user 42 through nginx, the first two of them on different nodes."""
        channels = {}
        for number in range(1, 9):
            source = f"127.9.0.{number}"
            channel = await demo.connect(source)
            self.addAsyncCleanup(channel.close)
            await receive(channel)
            channels[source] = channel
            holders = demo.holders()
            found = [next((source for source in channels if source in holders[node]), None) for node in demo.nodes]
            if all(found):
                return [channels[source] for source in found]
        self.fail(f"nginx used one node alone: {holders}")

    async def test_a_publish_through_nginx_reaches_clients_of_both_nodes(self):
        demo = self.start("--port", "0", "--clients", "4").wait_ready().wait_joined()
        channels = await self.on_two_nodes(demo)
        status, _ = demo.request("POST", PUBLISH, {"to": {"users": ["42"]}, "title": "Hello"})
        self.assertEqual(status, 202)
        for channel in channels:
            self.assertEqual((await receive_type(channel, "notification"))["notification"]["title"], "Hello")
        started = children_of(demo.process.pid)
        self.assertGreaterEqual(len(started), 6)  # Redis, two nodes, nginx and its worker, the clients
        self.end(demo)
        self.assertEqual(demo.process.returncode, 0, demo.text())

    async def test_one_xadd_publishes(self):
        demo = self.start("--port", "0", "--clients", "0").wait_ready()
        channel = await demo.connect("127.9.0.1")
        self.addAsyncCleanup(channel.close)
        await receive(channel)
        command = re.search(r"^ *(redis-cli .* XADD .*)$", demo.text(), re.MULTILINE).group(1)
        subprocess.run(["bash", "-c", command], check=True, capture_output=True, timeout=10)
        self.assertEqual((await receive_type(channel, "notification"))["notification"]["title"], "Hello from Redis")

    async def test_a_node_dies_and_comes_back(self):
        demo = self.start("--port", "0", "--clients", "0").wait_ready().wait_joined()
        name, (port, pid) = next(iter(demo.nodes.items()))
        os.kill(pid, signal.SIGKILL)
        self.assertTrue(eventually(lambda: f"{name} ended (exit code 137)" in demo.text()), demo.text())
        self.assertTrue(eventually(lambda: demo.states()[name] == "lost", 20), demo.states())
        async with demo.connect("127.9.0.1") as channel:  # the other one serves
            self.assertEqual((await receive(channel))["type"], "notifications_list")
        demo.process.send_signal(signal.SIGUSR1)
        self.assertTrue(eventually(lambda: f"{name} is back" in demo.text(), 20), demo.text())
        self.assertTrue(eventually(lambda: demo.states()[name] == "up", 20), demo.states())

        def gets_connections():
            with socket.create_connection(("127.0.0.1", port), 5):
                return "down" not in next(demo.folder.glob("*/nginx/balance.conf")).read_text(encoding="utf-8")
        self.assertTrue(eventually(gets_connections))

    def test_all_ends_when_redis_does(self):
        demo = self.start("--port", "0", "--clients", "0").wait_ready()
        started = children_of(demo.process.pid)
        os.kill(demo.redis, signal.SIGKILL)
        self.assertEqual(demo.process.wait(CLOSE_SECONDS), 1)
        self.assertIn("cluster-demo: Redis ended by itself", demo.text())
        self.assert_nothing_left(demo, started)

    def test_a_taken_port_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            demo = self.start("--port", str(port))
            self.assertEqual(demo.process.wait(READY_SECONDS), 1)
        self.assertIn(f"port {port} is taken", demo.text())
        self.assert_nothing_left(demo, [])

    def test_wrong_usage(self):
        for arguments, named in ((["--port", "65536"], "--port"), (["--port"], "--port"), (["--clients", "x"], "--clients"),
                                 (["--nodes"], "--nodes"), (["--bin-dir", "/nowhere"], "--bin-dir")):
            with self.subTest(arguments):
                demo = self.start(*arguments)
                self.assertEqual(demo.process.wait(READY_SECONDS), 2)
                self.assertIn(named, demo.text())
                self.assert_nothing_left(demo, [])


if __name__ == "__main__":
    unittest.main()
