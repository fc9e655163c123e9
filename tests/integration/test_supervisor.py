# SPDX-License-Identifier: GPL-3.0-or-later
"""The real supervisord with the program section that the package brings."""
import http.client
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import websockets

from gatehouse_server import ORIGIN, ROOT, SECRET, binary, eventually, make_token, receive, receive_type
from redis_server import free_port

SECTION = ROOT / "packaging/supervisor/gatehouse.conf"
SUPERVISORD = """
[unix_http_server]
file={folder}/supervisor.sock
[supervisord]
logfile={folder}/supervisord.log
pidfile={folder}/supervisord.pid
nodaemon=true
minfds=4096
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{folder}/supervisor.sock
"""


class UnderSupervisor(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gatehouse-supervisor-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.port = free_port()
        self.log = Path(self.folder, "gatehouse.log")
        self.write_settings(DRAIN_SECONDS=1)
        # The section as it is, but for the places that only root may write to, and the user.
        places = {"/usr/bin/gatehouse": binary(), "/etc/gatehouse/gatehouse.env": f"{self.folder}/gatehouse.env",
                  "/var/lib/gatehouse": self.folder, "/var/log/supervisor/gatehouse.log": str(self.log)}
        section = SECTION.read_text(encoding="utf-8")
        for place, ours in places.items():
            self.assertIn(place, section)
            section = section.replace(place, ours)
        section = re.sub(r"^user=gatehouse\n", "", section, flags=re.MULTILINE)
        self.configuration = Path(self.folder, "supervisord.conf")
        self.configuration.write_text(SUPERVISORD.format(folder=self.folder) + section, encoding="utf-8")

    def write_settings(self, **more):
        settings = {"STATE_DIR": self.folder + "/state", "LISTEN": f"127.0.0.1:{self.port}", "JWT_SECRET": SECRET, "ALLOWED_HOSTS": "app.example.com",
                    "WORKERS": 1, **more}
        Path(self.folder, "gatehouse.env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")

    def start(self):
        environment = {"PATH": os.environ["PATH"], "HOME": self.folder}
        self.daemon = subprocess.Popen([shutil.which("supervisord") or "/usr/bin/supervisord", "-c", self.configuration], env=environment,
                                       cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end_daemon)

    def end_daemon(self):
        self.daemon.terminate()
        self.daemon.wait(60)

    def control(self, *words):
        done = subprocess.run([shutil.which("supervisorctl") or "/usr/bin/supervisorctl", "-c", self.configuration, *words], capture_output=True,
                              text=True, timeout=60, check=False)
        return done.stdout

    def pid(self):
        match = re.search(r"gatehouse +RUNNING +pid (\d+)", self.control("status"))
        return int(match.group(1)) if match else None

    def wait_running(self, other_than=None):
        """Until it is up and listens: supervisord calls it RUNNING after two seconds, whatever it does then."""
        self.assertTrue(eventually(lambda: self.pid() not in (None, other_than), 60), self.control("status"))
        self.assertTrue(eventually(self.is_ready), self.read_log())
        return self.pid()

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def read_log(self):
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    async def connect(self):
        socket = await websockets.connect(f"ws://127.0.0.1:{self.port}/ws/notifications/?token={make_token()}", origin=ORIGIN, open_timeout=30)
        self.addAsyncCleanup(socket.close)
        self.assertEqual((await receive(socket))["type"], "notifications_list")
        return socket

    async def test_it_runs_restarts_and_reloads(self):
        self.start()
        first = self.wait_running()
        client = await self.connect()
        self.assertIn("gatehouse: signalled", self.control("signal", "HUP", "gatehouse"))
        self.assertTrue(eventually(lambda: "keys_reloaded" in self.read_log()), self.read_log())
        self.assertEqual(self.pid(), first)
        self.assertIn("gatehouse: started", self.control("restart", "gatehouse"))
        with self.assertRaises(websockets.ConnectionClosed) as closed:
            await receive_type(client, "never")
        self.assertEqual(closed.exception.rcvd.code, 1012, "it was to be told that the server restarts")
        second = self.wait_running(first)
        os.kill(second, signal.SIGKILL)
        self.wait_running(second)
        await self.connect()
        self.assertIn("gatehouse: stopped", self.control("stop", "gatehouse"))
        self.assertRegex(self.control("status"), r"gatehouse +STOPPED")

    def test_a_wrong_setting_is_said_in_the_log_and_given_up(self):
        self.write_settings(MAX_CONNECTIONS="many")
        self.start()
        self.assertTrue(eventually(lambda: "FATAL" in self.control("status"), 60, 1), self.control("status"))
        self.assertTrue(eventually(lambda: "MAX_CONNECTIONS" in self.read_log()), self.read_log())

    def test_it_has_the_time_that_a_drain_takes(self):
        seconds = int(re.search(r"^stopwaitsecs=(\d+)$", SECTION.read_text(encoding="utf-8"), re.MULTILINE).group(1))
        self.assertGreaterEqual(seconds, 20 + 10, "DRAIN_SECONDS, and the time to store what is queued")


if __name__ == "__main__":
    unittest.main()
