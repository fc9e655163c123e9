#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures nodes that share a Redis beside a server that is alone. Started by tests/bench/run --cluster."""
import argparse
import contextlib
import json
import os
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import peers  # noqa: E402 - finds tests/support first
import results  # noqa: E402
from crowd import Crowd  # noqa: E402
from gatehouse_server import GatehouseServer, eventually  # noqa: E402
from redis_server import FaultProxy, RedisServer  # noqa: E402
from steadyload import SteadyLoad  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
READY_SECONDS = 120
REDIS_CPU, SHARED_PART = "redis_cpu_us_per_operation", "judged_by_redis_percent"

TABLES = [
    ("CPU of nodes and Redis per delivery, handshake or publish", "cpu_us_per_operation", "µs"),
    ("Of it Redis", REDIS_CPU, "µs"),
    ("A second: deliveries, handshakes, publishes", "per_second", "1/s"),
    ("Latency p50: publish until the last delivery; handshake until greeted; steady: from when it was due until each delivery", "latency_p50_ms", "ms"),
    ("Latency p99", "latency_p99_ms", "ms"),
    ("Handshakes that Redis judged in time; the others were judged by the node itself", SHARED_PART, "%"),
]


class Setup:
    """How many nodes there are, where is published and where is listened. Named as the peers of the suite are."""

    def __init__(self, name, title, nodes, listening, fsync=None):
        self.name = name
        self.title = title
        self.nodes = nodes
        self.listening = listening  # indices; published is at the first node
        self.fsync = fsync  # appendfsync of Redis; None: no Redis


SETUPS = [
    Setup("alone", "no Redis", 1, (0,)),
    Setup("one", "one node", 1, (0,), "always"),
    Setup("remote", "two nodes, listeners at the other", 2, (1,), "always"),
    Setup("both", "two nodes, listeners at both", 2, (0, 1), "always"),
    Setup("everysec", "one node, Redis syncs every second", 1, (0,), "everysec"),
    Setup("both-everysec", "two nodes, listeners at both, Redis syncs every second", 2, (0, 1), "everysec"),
]


class Mode:
    """A line of load. `run(running, seconds)` gives a report like those of `gatehouse bench`. Where limits are shared, it begins once they are."""

    def __init__(self, title, run, setups, shares_limits=False):
        self.title = title
        self.run = run
        self.setups = setups
        self.shares_limits = shares_limits


class Running:
    """The servers of a setup, ended when it is left. Redis is `distance` seconds away, each way."""

    def __init__(self, setup, shares_limits, distance=0.0):
        self.setup = setup
        self.distance = distance
        self.shares_limits = shares_limits
        self.redis = None
        self.nodes = []
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            settings = {**peers.GATEHOUSE, "WORKERS": "1", "LOG_LEVEL": "info"}
            if self.setup.fsync is not None:
                self.redis = RedisServer(f"appendfsync {self.setup.fsync}")
                stack.callback(self.redis.discard)
                self.redis.start()
                settings["REDIS_URL"] = self.redis.url()
                if self.distance:
                    proxy = FaultProxy(self.redis.port)
                    stack.callback(proxy.close)
                    proxy.delay = self.distance
                    settings["REDIS_URL"] = proxy.url()
            for number in range(self.setup.nodes):
                node = GatehouseServer({**settings, "NODE_NAME": f"node-{number}"} if self.redis else settings)
                stack.callback(node.discard)
                self.nodes.append(node.start())
            for node in self.nodes:
                self._wait_until_ready(node)
            self._stack = stack.pop_all()
        return self

    def _wait_until_ready(self, node):
        """Until it stores, knows all the others, and judges with them if it is to: on a machine that is busy this takes its time."""
        def is_ready():
            if node.publish({"to": {"users": ["nobody"]}, "title": "ready"}).status != 202:
                return False
            if self.redis is None:
                return True
            known = node.get("/api/admin/v1/nodes").json()["nodes"]
            return len(known) == self.setup.nodes and all(
                each["state"] == "up" and not (each["alone"] and self.shares_limits) for each in known)
        if not eventually(is_ready, READY_SECONDS):
            raise RuntimeError(f"a node is not ready:\n{node.stderr()[-2000:]}")

    def __exit__(self, *_):
        self._stack.close()

    def pids(self):
        return [each.process.pid for each in [*self.nodes, self.redis] if each is not None]


def cpu_seconds(pids):
    """User and system time of processes."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def bench(running, mode, node, *arguments, seconds):
    """The report of one round of `gatehouse bench` at `node`, and the CPU seconds of Redis meanwhile, the time of connecting included."""
    pids = [part for pid in running.pids() for part in ("--pid", str(pid))]
    redis = [running.redis.process.pid] if running.redis else []
    before = cpu_seconds(redis)
    done = node.run("bench", mode, "--url", node.url, "--source-addresses", str(peers.SOURCES), "--duration", f"{seconds}s", "--rounds", "1",
                    "--json", *pids, *arguments, timeout=120 + 4 * seconds)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}")
    report = json.loads(done.stdout)
    if report["median"].get("deliveries_missed", 0) or report["median"].get("lost", 0):
        raise RuntimeError(f"implausible: {report['median']}")
    return report, cpu_seconds(redis) - before


def sent(node):
    return node.get("/api/monitoring/websocket/metrics/?node=node-0").json()["messages_sent"]


def fanout(connections, *arguments):
    """Listeners are spread evenly over the nodes that listen. Only those of the last are looked at; what the others are sent is counted by
    their node."""
    def run(running, seconds):
        first, last = running.nodes[0], running.nodes[running.setup.listening[-1]]
        parts = len(running.setup.listening)
        each = connections // parts
        more = ["--connections", str(each), *arguments]
        if last is not first:
            more += ["--publish-url", first.url]
        with contextlib.ExitStack() as stack:
            if parts > 1:
                stack.enter_context(Crowd(first, each, peers.SOURCES))
                before = sent(first)
            report, _ = bench(running, "fanout", last, *more, seconds=seconds)
            measured = report["median"]
            if parts > 1:
                # Each of them got a greeting before, and every publish.
                if not eventually(lambda: sent(first) - before >= measured["messages_received"], 30):
                    raise RuntimeError(f"{sent(first) - before} messages were sent to the crowd, {measured['messages_received']} expected")
                measured["per_second"] *= parts
                measured["cpu_us_per_operation"] /= parts
        return report
    return run


def churn(in_flight):
    """Handshakes at the last node, one after the other `in_flight` times at once."""
    def run(running, seconds):
        node = running.nodes[-1]
        before = judged_by_redis(node) if running.redis else 0
        report, redis_seconds = bench(running, "churn", node, "--in-flight", str(in_flight), seconds=seconds)
        if running.redis:
            handshakes = report["median"]["operations"]
            report["median"][REDIS_CPU] = 1e6 * redis_seconds / handshakes
            report["median"][SHARED_PART] = 100 * min(1.0, (judged_by_redis(node) - before) / handshakes)
        return report
    return run


def judged_by_redis(node):
    """How many attempts Redis has judged in time, as the node counts them."""
    text = node.get("/metrics", is_described=False).body.decode()
    values = {name: float(value) for name, value in re.findall(r"^(gatehouse_cluster_admission\w+) (\S+)$", text, re.MULTILINE)}
    return values["gatehouse_cluster_admission_seconds_count"] - values["gatehouse_cluster_admissions_unanswered_total"]


def steady(per_second, is_ephemeral):
    def run(running, seconds):
        load = SteadyLoad(running.nodes[0], [running.nodes[index] for index in running.setup.listening], per_second=per_second,
                          is_ephemeral=is_ephemeral)
        redis = [running.redis.process.pid] if running.redis else []
        try:
            load.run(0.5)  # nothing is cold any more
            before, redis_before = cpu_seconds(running.pids()), cpu_seconds(redis)
            measured = load.run(seconds)
            used, redis_used = cpu_seconds(running.pids()) - before, cpu_seconds(redis) - redis_before
        finally:
            load.close()
        if measured["deliveries_missed"]:
            raise RuntimeError(f"{measured['deliveries_missed']} deliveries missed")
        measured["cpu_us_per_operation"] = 1e6 * used / measured["operations"]
        if redis:
            measured[REDIS_CPU] = 1e6 * redis_used / measured["operations"]
        return {"median": measured}
    return run


def modes(quick):
    """Name → Mode. With `quick` the same with tiny numbers."""
    many, rate = (20, 100) if quick else (1000, 1000)
    everywhere = ("alone", "one", "remote", "both")
    return {
        "fanout": Mode(f"fan-out to {many:,}, ephemeral, one at a time", fanout(many, "--ephemeral"), everywhere),
        "fanout-8": Mode(f"fan-out to {many:,}, ephemeral, 8 in flight", fanout(many, "--ephemeral", "--in-flight", "8"), everywhere),
        "stored": Mode(f"stored, then to {many:,}, one at a time", fanout(many), (*everywhere, "everysec", "both-everysec")),
        "stored-8": Mode(f"stored, then to {many:,}, 8 in flight", fanout(many, "--in-flight", "8"), (*everywhere, "everysec", "both-everysec")),
        "steady": Mode(f"steady: {rate:,} ephemeral publishes a second, each to one user", steady(rate, True), everywhere),
        "steady-stored": Mode(f"steady: {rate:,} stored publishes a second, each to one user", steady(rate, False), (*everywhere, "everysec", "both-everysec")),
        "churn-1": Mode("handshakes, one at a time", churn(1), ("alone", "one", "remote", "everysec", "both-everysec"), True),
        "churn-50": Mode("handshakes, 50 at a time", churn(50), ("alone", "one", "remote", "everysec", "both-everysec"), True),
    }


def load_average():
    return " ".join(Path("/proc/loadavg").read_text(encoding="utf-8").split()[:3])


def run_rounds(setups, chosen, rounds, seconds, distance=0.0):
    """(setup, mode) → reports, and the failures as texts. One round of everything after the other, each on servers of its own."""
    reports, failures = {}, []
    for number in range(rounds):
        for setup in setups:
            for name, mode in chosen.items():
                if setup.name not in mode.setups:
                    continue
                print(f"round {number + 1} of {rounds}, load {load_average()}: {setup.title}: {mode.title}", flush=True)
                try:
                    with Running(setup, mode.shares_limits, distance) as running:
                        reports.setdefault((setup.name, name), []).append(mode.run(running, seconds))
                except (RuntimeError, AssertionError, OSError) as error:
                    failures.append(f"{setup.title}, {mode.title}: {error}")
                    print(f"  failed: {error}", flush=True)
    return reports, failures


def document(setups, chosen, reports, failures, conditions):
    lines = ["# Results of tests/bench/run --cluster", "", "## Conditions", "", *(f"- {each}" for each in conditions), ""]
    for title, key, unit in TABLES:
        lines += results.table(title, unit, key, list(chosen), setups, chosen, reports)
    if failures:
        lines += ["## Not measured", "", *(f"- {each}" for each in failures), ""]
    return "\n".join(lines)


def pick(text, known, what):
    names = text.split(",") if text else list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"tests/bench/run --cluster: {what} \"{unknown[0]}\" is unknown; there are {', '.join(known)}")
    return names


def main(arguments):
    parser = argparse.ArgumentParser(prog="tests/bench/run --cluster", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny numbers, one round of a second: are the reports right?")
    parser.add_argument("--setups", help="comma-separated; by default all")
    parser.add_argument("--modes", help="comma-separated; by default all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of one measurement")
    parser.add_argument("--distance", type=float, default=0.0, metavar="MS", help="how far away Redis is, each way; behind a proxy that costs time of its own")
    parser.add_argument("--output", type=Path, help="where to write the tables; by default they are printed")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds = options.seconds = 1
    if options.rounds < 1 or options.seconds < 1:
        parser.error("--rounds and --seconds must be at least 1")
    if not 0 <= options.distance <= 1000:
        parser.error("--distance must be from 0 to 1000")
    known = modes(options.quick)
    chosen = {name: known[name] for name in pick(options.modes, known, "mode")}
    by_name = {setup.name: setup for setup in SETUPS}
    setups = [by_name[name] for name in pick(options.setups, by_name, "setup")]
    load = [load_average()]
    reports, failures = run_rounds(setups, chosen, options.rounds, options.seconds, options.distance / 1000)
    load.append(load_average())
    conditions = [
        f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores, shared by nodes, Redis and load; loopback; load average {load[0]} at the "
        f"beginning, {load[1]} at the end (the measurements' own included)",
        f"{options.rounds} interleaved rounds of {options.seconds} s; each value is the median of the rounds, in brackets its ratio to the "
        "first column",
        "one worker a node; guards, JWT, metrics and decision log on, limits raised so that they do not bite; Redis with appendonly yes and "
        "appendfsync always, except where it says every second. Without Redis, stored means fsync of the state file",
        f"Redis {options.distance:g} ms away, each way",
        peers.output_of(os.environ.get("GATEHOUSE_BIN", "gatehouse"), "--version") + "; " + peers.output_of("redis-server", "--version")]
    text = document(setups, chosen, reports, failures, conditions)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
        print(f"written to {options.output}")
    else:
        print(text)
    return 1 if failures or not reports else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
