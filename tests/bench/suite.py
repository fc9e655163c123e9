#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures servers with `gatehouse bench` in interleaved rounds and writes the results. Started by tests/bench/run."""
import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import peers
import results

ROOT = Path(__file__).resolve().parents[2]
QUICK_MODES = ("idle", "churn", "echo", "fanout", "refused-token", "overlimit")


class Mode:
    """One line of load: arguments of `gatehouse bench`, how often, and the server's settings where they must differ."""

    def __init__(self, *arguments, title, rounds=None, seconds=None, settings=None, crowd=0, prepare=None):
        self.arguments = arguments
        self.title = title
        self.rounds = rounds  # at most; None: as many as asked for
        self.seconds = seconds  # None: as asked for
        self.settings = settings
        self.crowd = crowd  # idle connections that are there meanwhile
        self.prepare = prepare  # called with the server's folder before it starts


def make_rsa_keys(folder):
    """A pair of RSA keys of 2048 bits: rsa.pem and its public half rsa.pub.pem."""
    private, public = os.path.join(folder, "rsa.pem"), os.path.join(folder, "rsa.pub.pem")
    for command in (("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", private),
                    ("openssl", "pkey", "-in", private, "-pubout", "-out", public)):
        subprocess.run(command, check=True, capture_output=True, timeout=60)


def modes(quick):
    """Name → Mode. With `quick` the same with tiny numbers."""
    few, many, crowd = (20, 20, 50) if quick else (2000, 1000, 18_000)
    strict = {"MAX_MESSAGES_PER_MINUTE": "60", "MESSAGE_LIMIT_STRIKES_MODE": "off"}
    return {
        "idle": Mode("idle", "--connections", str(few), title=f"{few:,} idle listeners", rounds=1),
        "churn": Mode("churn", title="handshakes, 50 at a time"),
        "churn-rs256": Mode("churn", "--jwt-key", f"{peers.FOLDER_MARK}/rsa.pem", title="the same, tokens signed with RS256", rounds=3,
                            settings={"JWT_KEYS_FILE": f"{peers.FOLDER_MARK}/rsa.pub.pem"}, prepare=make_rsa_keys),
        "echo": Mode("echo", title="echo, 100 clients"),
        "echo-unguarded": Mode("echo", title="echo, 100 clients, rate limits, monitoring and decision log off",
                               settings={"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE": "false"}),
        "fanout": Mode("fanout", "--connections", str(many), "--ephemeral", title=f"fan-out to {many:,}, one at a time"),
        "fanout-8": Mode("fanout", "--connections", str(many), "--in-flight", "8", "--ephemeral",
                         title=f"fan-out to {many:,}, 8 in flight"),
        "stored": Mode("fanout", "--connections", str(many), title=f"stored, then to {many:,}, one at a time"),
        "stored-256": Mode("fanout", "--connections", "1", "--in-flight", "256", title="stored, 256 in flight, 1 listener"),
        "echo-crowded": Mode("echo", title=f"echo, 100 clients among {crowd:,} idle ones", rounds=3, crowd=crowd),
        "idle-19000": Mode("idle", "--connections", "19000", title="19,000 idle listeners, 30 s of heartbeats", rounds=1, seconds=30),
        "refused-token": Mode("refusals", "--refused-by", "token", title="refused: token", rounds=3),
        "refused-origin": Mode("refusals", "--refused-by", "origin", title="refused: Origin", rounds=3, seconds=1),
        "refused-limit": Mode("refusals", "--refused-by", "limit", title="refused: connections of one address", rounds=3,
                              seconds=1, settings={"MAX_CONNECTIONS_PER_IP": "100"}),
        "overlimit": Mode("overlimit", title="messages over the limit", rounds=3, seconds=1, settings=strict),
        # Large bodies to few listeners: the kernel's buffers are full within a second, and the server's queue soon after.
        "slow": Mode("slow", "--connections", "200", "--slow", "5", "--body-bytes", "4000", title="5 of 200 listeners stop reading",
                     rounds=3, seconds=6),
    }


def implausible(mode, report):
    """Why a report cannot be right, whatever the speed; empty if it can."""
    measured = report["median"]
    problems = [f"{name} is missing" for name in ("mode", "operation", "rounds", "server") if not report.get(name)]
    if not measured.get("seconds", 0) > 0:
        problems.append("no time was measured")
    if mode.arguments[0] != "idle" and not measured.get("operations", 0) > 0:
        problems.append("nothing was done")
    if mode.arguments[0] == "idle" and measured.get("connections") != report.get("connections"):
        problems.append("not all connections were open")
    if mode.arguments[0] == "echo" and measured.get("messages_sent") != measured.get("messages_received"):
        problems.append(f"{measured.get('messages_sent')} messages sent, {measured.get('messages_received')} received")
    if mode.arguments[0] in ("fanout", "slow"):
        if measured.get("deliveries_missed") != 0 or measured.get("messages_received") != measured.get("deliveries_expected"):
            problems.append(f"{measured.get('deliveries_missed')} deliveries missed")
    if mode.arguments[0] == "refusals" and measured.get("admitted") != 0:
        problems.append(f"{measured.get('admitted')} handshakes were admitted")
    if measured.get("lost", 0) != 0:
        problems.append(f"{measured['lost']} connections were lost")
    return "; ".join(problems)


class Crowd:
    """Idle connections in the background, for as long as the object is entered."""

    def __init__(self, server, count):
        self.command = bench_command(server, ["idle", "--connections", str(count)], 600)
        self.environment = server.environment
        self.count = count
        self.process = None

    def __enter__(self):
        if self.count:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                            text=True)
            for line in self.process.stderr:  # "round 1 …" comes once all are connected
                if line.startswith("round "):
                    break
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.communicate(timeout=60)


def bench_command(server, arguments, seconds):
    extra = list(server.peer.bench_arguments(server))
    if server.peer.name == "nchan" and arguments[0] == "fanout":
        extra += ["--publish-path", "/publish"]
    arguments = [argument.replace(peers.FOLDER_MARK, server.folder) for argument in arguments]
    return [os.environ["GATEHOUSE_BIN"], "bench", *arguments, *extra, "--duration", f"{seconds}s", "--rounds", "1", "--json"]


def measure(server, mode, seconds):
    """One round. Raises RuntimeError with what the bench said."""
    seconds = mode.seconds if mode.seconds and seconds > 1 else seconds
    with Crowd(server, mode.crowd):
        done = subprocess.run(bench_command(server, mode.arguments, seconds), env=server.environment, capture_output=True, text=True,
                              timeout=120 + 4 * seconds, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise RuntimeError(said[-1] if said else f"exit code {done.returncode}")
    report = json.loads(done.stdout)
    problem = implausible(mode, report)
    if problem:
        raise RuntimeError("implausible: " + problem)
    return report


def run_rounds(chosen_peers, chosen_modes, rounds, seconds):
    """(peer, mode) → reports, and the failures as texts. One round of all peers after the other, so that a noisy minute hits all."""
    reports, failures = {}, []
    for number in range(rounds):
        for peer in chosen_peers:
            for name, mode in chosen_modes.items():
                if name in peer.modes and number < (mode.rounds or rounds):
                    print(f"round {number + 1} of {rounds}: {peer.title}: {mode.title}", flush=True)
                    try:
                        reports.setdefault((peer.name, name), []).append(measure_fresh(peer, mode, seconds))
                    except (RuntimeError, subprocess.TimeoutExpired) as error:
                        failures.append(f"{peer.title}, {mode.title}: {error}")
                        print(f"  failed: {error}", flush=True)
    return {key: each for key, each in reports.items() if each}, failures


def measure_fresh(peer, mode, seconds):
    """One round on a server of its own: what an earlier one left behind, memory above all, would count for the next."""
    with peers.Server(peer, mode.settings, mode.prepare) as server:
        return measure(server, mode, seconds)


def run_micro(build, rounds):
    """Google Benchmark's JSON, with medians of at least three repetitions; None if it is not built."""
    program = Path(build) / "bin" / "microbench"
    if not os.access(program, os.X_OK):
        return None
    print("micro-benchmarks", flush=True)
    done = subprocess.run([str(program), "--benchmark_format=json", f"--benchmark_repetitions={max(3, rounds)}",
                           "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.05"],
                          capture_output=True, text=True, timeout=600, check=True)
    return json.loads(done.stdout)


def pick(text, known, what):
    names = text.split(",") if text else list(known)
    for name in names:
        if name not in known:
            print(f"tests/bench/run: {what} \"{name}\" is unknown; there are {', '.join(known)}", file=sys.stderr)
            sys.exit(2)
    return names


def newest_binary():
    built = [path for path in ROOT.glob("build/*/bin/gatehouse") if os.access(path, os.X_OK)]
    if not built:
        sys.exit("tests/bench/run: gatehouse is not built; build it, or set GATEHOUSE_BIN")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def positive(text):
    number = int(text)
    if not 1 <= number <= 100:
        raise argparse.ArgumentTypeError("must be 1 to 100")
    return number


def parse(arguments, names_of_peers, names_of_modes):
    parser = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__, epilog=f"Peers: {', '.join(names_of_peers)}. "
                                     f"Modes: {', '.join(names_of_modes)}.")
    parser.add_argument("--quick", action="store_true", help="a few seconds of our server alone, with tiny numbers; prints the results")
    parser.add_argument("--micro", action="store_true", help="only the micro-benchmarks; prints the results")
    parser.add_argument("--peers", help="comma-separated; by default all that are installed")
    parser.add_argument("--modes", help="comma-separated; by default all")
    parser.add_argument("--rounds", type=positive, default=5)
    parser.add_argument("--seconds", type=positive, default=2, help="of one measurement")
    parser.add_argument("--output", type=Path, help="by default tests/bench/RESULTS.md for a whole run, else standard output")
    parser.add_argument("--json", type=Path, help="also writes every single report there")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"), help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def write(options, is_whole, text, reports):
    if options.json:
        single = [{"peer": peer, "mode": mode, "reports": each} for (peer, mode), each in reports.items()]
        options.json.write_text(json.dumps(single, indent=1), encoding="utf-8")
    output = options.output or (ROOT / "tests" / "bench" / "RESULTS.md" if is_whole else None)
    if output:
        output.write_text(text, encoding="utf-8")
        print(f"written to {output}")
    else:
        print(text)


def main(arguments):
    build = next((each for flag, each in zip(arguments, arguments[1:]) if flag == "--build"), ROOT / "build" / "release")
    known_peers = {peer.name: peer for peer in peers.all_peers(build)}
    options = parse(arguments, known_peers, modes(False))
    os.environ.setdefault("GATEHOUSE_BIN", newest_binary() if options.quick else str(Path(build) / "bin" / "gatehouse"))
    if options.quick:
        options.peers, options.modes = options.peers or "gatehouse-1", options.modes or ",".join(QUICK_MODES)
        options.rounds, options.seconds = 1, 1
    known_modes = modes(options.quick)
    chosen_modes = {name: known_modes[name] for name in pick(options.modes, known_modes, "mode")}
    chosen = [known_peers[name] for name in pick(options.peers, known_peers, "peer")]
    absent = [f"{peer.title}: {peer.missing()} is missing" for peer in chosen if peer.missing() and not options.micro]
    chosen = [] if options.micro else [peer for peer in chosen if not peer.missing()]
    started = time.monotonic()
    reports, failures = run_rounds(chosen, chosen_modes, options.rounds, options.seconds)
    micro = None if options.quick or (options.peers or options.modes) and not options.micro else run_micro(build, options.rounds)
    text = results.document(chosen, chosen_modes, reports, micro, absent + failures, options)
    is_whole = not (options.quick or options.micro or options.peers or options.modes)
    write(options, is_whole, text, reports)
    print(f"{len(reports)} measurements of {len(chosen)} servers in {time.monotonic() - started:.0f} s, {len(failures)} failures")
    return 1 if failures or not (reports or micro) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
