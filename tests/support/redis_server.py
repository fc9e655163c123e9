# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Redis servers, replicas and Sentinels for the integration tests, and a TCP proxy that misbehaves.

Each server has a directory and a free port on loopback of its own, and is ended by its process id.
"""
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import redis

READY_SECONDS = 60
ATTEMPTS, PAUSE_SECONDS = 10, 0.2
PORTS = range(10000, 32000)  # below those that systems give to outgoing connections: one of these must not sit on it at a restart


def free_port():
    """A port that nobody has at this moment. Another program may take it before it is used: start() tries again."""
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", random.choice(PORTS)))
            except OSError:
                continue
            return probe.getsockname()[1]


def wait_until(what, condition, seconds=READY_SECONDS, pause=0.02):
    """What `condition` returns once it is true; AssertionError with `what` when it stays false."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)


class _Process:
    """A program of Redis with a configuration file, a directory and a port."""

    program = "redis-server"

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="gatehouse-redis-"))
        self.port = None
        self.process = None
        self.password = None
        self.environment = {}

    def command(self):
        raise NotImplementedError

    def start(self):
        """Starts it, the first time on a free port, later on the same one, and waits until it answers."""
        for attempt in range(ATTEMPTS):
            time.sleep(PAUSE_SECONDS if attempt else 0)
            if self.port is None or (attempt and not self._was_ready):
                self.port = free_port()
            with open(self.directory / "log.txt", "ab") as log:
                self.process = subprocess.Popen(self.command(), cwd=self.directory, stdin=subprocess.DEVNULL, stdout=log,
                                                stderr=log, env={**os.environ, **self.environment})
            if self._becomes_ready():
                self._was_ready = True
                return self
        raise AssertionError(f"{self.program} did not start:\n{self.log()}")

    _was_ready = False

    def _becomes_ready(self):
        end = time.monotonic() + READY_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            if self.is_answering():
                return True
            time.sleep(0.02)
        self.kill()
        return False

    def is_answering(self):
        """Whether it answers, also while it loads. Another server that sits on its port is not taken for it."""
        try:
            with redis.Redis("127.0.0.1", self.port, password=self.password, socket_timeout=1) as probe:
                return probe.info("server").get("process_id") == self.process.pid
        except redis.RedisError:
            return False

    def client(self, **options):
        """A client of redis-py, with text instead of bytes."""
        options.setdefault("password", self.password)
        return redis.Redis("127.0.0.1", self.port, decode_responses=True, socket_timeout=10, **options)

    def log(self):
        return (self.directory / "log.txt").read_text(encoding="utf-8", errors="replace")

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """Asks it to end and waits; what it has in memory is stored as its options say."""
        if self.is_running():
            self.resume()
            self.process.terminate()
            try:
                self.process.wait(READY_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self):
        """kill -9, as a crash."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def freeze(self):
        """SIGSTOP: connections stay open and nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def discard(self):
        """Ends it and removes its directory."""
        if self.is_running():
            self.resume()
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


class RedisServer(_Process):
    """One redis-server. Everything is on disk as soon as it is answered unless `durable` is false. `options` are those of redis.conf,
    one per argument: "maxmemory 10mb". `environment` is what it has besides."""

    def __init__(self, *options, password=None, durable=True, replica_of=None, environment=None):
        super().__init__()
        self.environment = dict(environment or {})
        self.password = password
        self.replica_of = replica_of  # another RedisServer
        self.options = list(options)
        self.durable = durable
        self.unix_path = str(self.directory / "redis.sock")
        self._more = []  # arguments of the next start

    def command(self):
        lines = ["bind 127.0.0.1", f"port {self.port}", "save ''", f"unixsocket {self.unix_path}", "daemonize no",
                 f"dir {self.directory}", f"appendonly {'yes' if self.durable else 'no'}", "appendfsync always",
                 "repl-diskless-sync-delay 0", "repl-ping-replica-period 1"]
        if self.password:
            lines += [f"requirepass {self.password}", f"masterauth {self.password}"]
        if self.replica_of:
            lines.append(f"replicaof 127.0.0.1 {self.replica_of.port}")
        conf = self.directory / "redis.conf"
        if not self._was_ready:  # later Sentinel, or the server itself, may have rewritten it
            conf.write_text("\n".join(lines + self.options) + "\n", encoding="utf-8")
        return ["redis-server", str(conf), *self._more]

    def url(self, database=0):
        """As REDIS_URL takes it."""
        credentials = f":{quote(self.password, safe='')}@" if self.password else ""
        return f"redis://{credentials}127.0.0.1:{self.port}/{database}"

    def unix_url(self, database=0):
        credentials = f":{quote(self.password, safe='')}@" if self.password else ""
        return f"redis+unix://{credentials}{self.unix_path}?db={database}"

    def start_loading(self):
        """Starts it, after fill_to_load() and kill(), so that it loads until finish_loading()."""
        self._more = ["--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024"]
        try:
            return self.start()
        finally:
            self._more = []

    def fill_to_load(self, keys=600):
        """Fills it, so that loading takes a minute when a key takes 100 ms. It must be durable."""
        client = self.client()
        for number in range(keys):
            client.set(f"filling:{number}", "x" * 2000)
        client.bgrewriteaof()  # one file in the format that is loaded key by key
        wait_until("the file is written anew", lambda: not any(
            client.info("persistence")[name] for name in ("aof_rewrite_in_progress", "aof_rewrite_scheduled")))

    def finish_loading(self):
        self.client().config_set("key-load-delay", 0)
        wait_until("it has loaded everything", lambda: self.client().info("persistence")["loading"] == 0)

    def role(self):
        """master or slave; None while it does not say."""
        try:
            return self.client().execute_command("ROLE")[0]
        except redis.ConnectionError:  # also when it changes its role: it cuts its clients then
            return None

    def wait_for_replica(self):
        """Until a replica has caught up with this master."""
        def is_caught_up():
            info = self.client().info("replication")
            first = info.get("slave0")
            return first and first["state"] == "online" and first["offset"] >= info["master_repl_offset"]
        wait_until("a replica has caught up", is_caught_up)


class RedisSentinel(_Process):
    """One redis-sentinel that watches `master` under the name "main"; a quorum of one, and half a second until it is held for dead."""

    program = "redis-sentinel"

    def __init__(self, master, *options, password=None):
        super().__init__()
        self.master = master
        self.options = list(options)
        self.password = password

    def command(self):
        conf = self.directory / "sentinel.conf"
        if not self._was_ready:
            lines = ["bind 127.0.0.1", f"port {self.port}", "daemonize no", f"dir {self.directory}",
                     f"sentinel monitor main 127.0.0.1 {self.master.port} 1", "sentinel down-after-milliseconds main 500",
                     "sentinel failover-timeout main 3000"]
            if self.master.password:
                lines.append(f"sentinel auth-pass main {self.master.password}")
            if self.password:
                lines.append(f"requirepass {self.password}")
            conf.write_text("\n".join(lines + self.options) + "\n", encoding="utf-8")
        return ["redis-sentinel", str(conf)]

    def url(self, database=0):
        credentials = f":{quote(self.master.password, safe='')}@" if self.master.password else ""
        own = f"?sentinel_password={quote(self.password, safe='')}" if self.password else ""
        return f"redis+sentinel://{credentials}127.0.0.1:{self.port}/main/{database}{own}"

    def master_port(self):
        return int(self.client().execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", "main")[1])

    def wait_for_replica(self):
        """Until it knows a replica that it could promote."""
        def knows():
            return any(each["flags"] == "slave" and each["master-link-status"] == "ok"
                       for each in map(_pairs, self.client().execute_command("SENTINEL REPLICAS", "main")))
        wait_until("Sentinel knows a good replica", knows)


def _pairs(flat):
    if isinstance(flat, dict):
        return flat
    return dict(zip(flat[::2], flat[1::2]))


class FaultProxy:
    """A TCP proxy on loopback in front of a port: passes bytes on, late if told so, or not at all.

    delay: seconds that each piece waits, in both directions. hold(): nothing is passed on (as a network that loses everything) until
    release(). drop(): all connections are cut. refuse(): those and new ones too, until accept(). arrivals: when each connection came,
    refused ones included, in seconds of the monotonic clock.
    """

    def __init__(self, port):
        self.target = port
        self.delay = 0.0
        self.arrivals = []
        self._open = threading.Event()
        self._open.set()
        self._is_refusing = False
        self._is_closed = False
        self._pairs = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, database=0, password=None):
        credentials = f":{quote(password, safe='')}@" if password else ""
        return f"redis://{credentials}127.0.0.1:{self.port}/{database}"

    def hold(self):
        self._open.clear()

    def release(self):
        self._open.set()

    def drop(self):
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for each in pair:
                _shut(each)

    def refuse(self):
        self._is_refusing = True
        self.drop()

    def accept(self):
        self._is_refusing = False

    def close(self):
        self._is_closed = True
        self._open.set()
        _shut(self._listener)
        self._listener.close()
        self.drop()

    def _accept(self):
        while not self._is_closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.arrivals.append(time.monotonic())
            if self._is_refusing:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                near.close()
                continue
            for each in (near, far):
                each.settimeout(None)
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._pairs.add((near, far))
            threading.Thread(target=self._serve, args=(near, far), daemon=True).start()

    def _serve(self, near, far):
        """One connection, until nothing moves in either direction any more."""
        pumps = [threading.Thread(target=self._pump, args=pair, daemon=True) for pair in ((near, far), (far, near))]
        for pump in pumps:
            pump.start()
        for pump in pumps:
            pump.join()
        with self._lock:
            self._pairs.discard((near, far))
        near.close()
        far.close()

    def _pump(self, source, sink):
        """Passes on what comes from `source` until its end. Two threads: one reads and stamps, one writes when the time has come, so that a
        delay does not add up piece by piece. What need not wait is passed on by the first, so that the proxy itself costs little time."""
        pieces = []
        arrived = threading.Condition()

        def pass_on(piece):
            try:
                sink.sendall(piece)
            except OSError:
                _shut(source)  # the reader ends by that

        def write():
            while True:
                with arrived:
                    arrived.wait_for(lambda: pieces)
                    due, piece = pieces[0]
                time.sleep(max(0.0, due - time.monotonic()))
                self._open.wait()
                if piece is None:
                    _shut(sink)
                    return
                pass_on(piece)
                with arrived:
                    pieces.pop(0)

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        piece = True
        while piece:
            try:
                piece = source.recv(65536)
            except OSError:
                piece = b""
            with arrived:
                may_pass = piece and not pieces and not self.delay and self._open.is_set()
                if not may_pass:
                    pieces.append((time.monotonic() + self.delay, piece or None))
                    arrived.notify()
            if may_pass:
                pass_on(piece)
        writer.join()


def _shut(each):
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def make_certificates(directory):
    """An own authority and certificates for 127.0.0.1 and localhost, made with openssl: paths by ca, cert, key, client_cert, client_key."""
    directory = Path(directory)

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-days", "2", "-subj", "/CN=Gatehouse test authority", "-addext", "basicConstraints=critical,CA:TRUE")
    for name, extension in (("server", "subjectAltName=IP:127.0.0.1,DNS:localhost"), ("client", "extendedKeyUsage=clientAuth")):
        (directory / f"{name}.ext").write_text(extension + "\n", encoding="utf-8")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile",
                f"{name}.ext", "-out", f"{name}.pem")
    return {"ca": str(directory / "ca.pem"), "cert": str(directory / "server.pem"), "key": str(directory / "server.key"),
            "client_cert": str(directory / "client.pem"), "client_key": str(directory / "client.key")}
