# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that tests/bench/run measures: how each is started, what it can do, and its version. One process each."""
import contextlib
import glob
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SECRET = "a-secret-of-the-benchmarks-that-has-more-than-32-bytes"
READY_SECONDS = 30
FOLDER_MARK = "@FOLDER@"  # in settings and arguments: the folder of that server
EVERYTHING = ("idle", "churn", "echo", "fanout", "fanout-8")
# What only Gatehouse does. Measured with one worker: with two, server and load would share two cores.
OURS = ("churn-rs256", "stored", "stored-256", "echo-unguarded", "echo-crowded", "idle-19000", "refused-token", "refused-origin", "refused-limit", "overlimit", "slow")

# Guards, JWT, metrics and the decision log are on, as delivered; the limits are where they do not bite. Connects of one address an hour
# have the highest bound that there is, so the bench comes from several addresses.
GATEHOUSE = {
    "MAX_CONNECTIONS_PER_IP": "1000000", "MAX_RECONNECT_ATTEMPTS": "1000000", "MAX_MESSAGES_PER_MINUTE": "1000000",
    "MAX_CONNECTIONS_PER_USER": "1000000", "MAX_CONNECTIONS": "1000000", "ALLOWED_HOSTS": "app.example.com",
    "USE_PRODUCTION_WEBSOCKET_MIDDLEWARE": "true", "LOG_LEVEL": "warning"}
SOURCES = 64


def free_port():
    """A port that nobody has at this moment: none of those that are given to outgoing connections, such as the load's."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", random.randrange(10000, 32000)))
            return probe.getsockname()[1]


def is_listening(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def output_of(*command):
    """What a command prints, first line; empty if there is no such command."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return ""
    return (done.stdout.strip() or done.stderr.strip()).splitlines()[0] if done.stdout or done.stderr else ""


class Server:
    """A running server of a peer, in a folder of its own; ended by its process id."""

    def __init__(self, peer, settings=None, prepare=None):
        self.peer = peer
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix="gatehouse-bench-")
        if prepare:
            prepare(self.folder)
        self.environment = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        self.environment["HOME"] = self.folder
        self.environment.update(peer.environment(self))
        self.environment.update({name: value.replace(FOLDER_MARK, self.folder) for name, value in (settings or {}).items()})
        self.log_path = os.path.join(self.folder, "log.txt")
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(peer.command(self), env=self.environment, cwd=peer.folder or self.folder,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait_until_ready()

    def _wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while not is_listening(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                log = self.log()
                self.stop()
                raise RuntimeError(f"{self.peer.name} did not start:\n{log[-2000:]}")
            time.sleep(0.05)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Peer:
    """One kind of server. `modes` are those that make sense for it."""

    modes = EVERYTHING
    folder = None
    contract = ("--contract", "plain")

    def __init__(self, name, title):
        self.name = name
        self.title = title

    def missing(self):
        """What has to be installed or built first; empty if nothing."""
        return ""

    def environment(self, server):
        return {}

    def command(self, server):
        raise NotImplementedError

    def bench_arguments(self, server):
        return [*self.contract, "--url", f"http://127.0.0.1:{server.port}", "--pid", str(server.process.pid)]

    def version(self):
        return ""


class Gatehouse(Peer):
    contract = ()

    def __init__(self, workers):
        super().__init__(f"gatehouse-{workers}", f"Gatehouse, {workers} worker" + ("s" if workers > 1 else ""))
        self.workers = workers
        if workers == 1:
            self.modes = (*EVERYTHING, *OURS)

    def missing(self):
        return "" if os.access(os.environ.get("GATEHOUSE_BIN", ""), os.X_OK) else "gatehouse (set GATEHOUSE_BIN)"

    def environment(self, server):
        return {**GATEHOUSE, "JWT_SECRET": SECRET, "STATE_DIR": os.path.join(server.folder, "state"),
                "LISTEN": f"127.0.0.1:{server.port}", "WORKERS": str(self.workers)}

    def command(self, server):
        return [os.environ["GATEHOUSE_BIN"], "serve"]

    def bench_arguments(self, server):
        return [*super().bench_arguments(server), "--source-addresses", str(SOURCES)]

    def version(self):
        return output_of(os.environ["GATEHOUSE_BIN"], "--version")


class Ws(Peer):
    def __init__(self, build):
        super().__init__("ws", "npm ws")
        self.program = build / "bench-peers" / "ws" / "server.js"

    def missing(self):
        if not shutil.which("node"):
            return "node"
        return "" if (self.program.parent / "node_modules" / "ws").is_dir() else "npm's ws"

    def command(self, server):
        return ["node", str(self.program), str(server.port)]

    def version(self):
        found = re.search(r'"version": "([^"]+)"', (self.program.parent / "node_modules/ws/package.json").read_text(encoding="utf-8"))
        return f"ws {found.group(1)} on node {output_of('node', '--version')}"


class Nchan(Peer):
    modes = ("idle", "fanout", "fanout-8")
    program = "/usr/sbin/nginx"

    def __init__(self):
        super().__init__("nchan", "nginx + nchan")
        self.module = (glob.glob("/usr/lib/nginx/modules/ngx_nchan_module.so") or [""])[0]

    def missing(self):
        return "" if self.module and os.access(self.program, os.X_OK) else "nginx with nchan"

    def command(self, server):
        text = (FOLDER / "peers" / "nchan" / "nginx.conf.in").read_text(encoding="utf-8")
        for name, value in (("MODULE", self.module), ("FOLDER", server.folder), ("PORT", str(server.port))):
            text = text.replace(f"@{name}@", value)
        path = os.path.join(server.folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return [self.program, "-c", path, "-e", os.path.join(server.folder, "error.log")]

    def bench_arguments(self, server):
        return [*super().bench_arguments(server), "--path", "/listen", "--no-greeting"]

    def version(self):
        nchan = output_of("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan")
        return output_of(self.program, "-v").replace("nginx version: ", "") + f", nchan {nchan}"


class Channels(Peer):
    """Django Channels on an ASGI server."""

    folder = FOLDER / "peers" / "channels"

    def __init__(self, name, *options):
        super().__init__(name, f"Channels + {name}")
        self.options = options

    def missing(self):
        done = subprocess.run([sys.executable, "-c", f"import channels, {self.name}"], capture_output=True, check=False)
        return "" if done.returncode == 0 else f"channels and {self.name}"

    def environment(self, server):
        return {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.folder)}

    def command(self, server):
        return [sys.executable, "-m", self.name, *(option.replace("@PORT@", str(server.port)) for option in self.options),
                "application:application"]

    def version(self):
        return output_of(sys.executable, "-c", f"import django, channels, {self.name}; print('Django', django.__version__, 'Channels', "
                                               f"channels.__version__, '{self.name}', {self.name}.__version__)")


class Built(Peer):
    """A program of tests/bench/peers, built with Gatehouse."""

    def __init__(self, name, title, build):
        super().__init__(name, title)
        self.program = build / "bin" / f"{name}peer"

    def missing(self):
        return "" if os.access(self.program, os.X_OK) else f"{self.program.name} (GATEHOUSE_BENCHMARKS)"

    def command(self, server):
        return [str(self.program), str(server.port)]


class Kernel(Built):
    """What no server can be below: system calls alone."""

    def __init__(self, build):
        super().__init__("kernel", "system calls alone", build)

    def version(self):
        return "tests/bench/peers/kernel: no checks, no protocol, answers made in advance"


class QWebSocket(Built):
    def __init__(self, build):
        super().__init__("qwebsocket", "plain QWebSocketServer", build)

    def version(self):
        return "Qt " + output_of("dpkg-query", "-W", "-f", "${Version}", "libqt6websockets6")


def all_peers(build):
    """Every peer, in the order of the tables; ours first."""
    build = Path(build).resolve()
    workers = sorted({1, os.cpu_count() or 1})
    return [*(Gatehouse(count) for count in workers), Kernel(build), Ws(build), Nchan(), QWebSocket(build),
            Channels("daphne", "-v", "0", "-b", "127.0.0.1", "-p", "@PORT@"),
            Channels("uvicorn", "--host", "127.0.0.1", "--port", "@PORT@", "--log-level", "warning", "--no-access-log", "--lifespan",
                     "off", "--backlog", "4096")]
