# SPDX-License-Identifier: GPL-3.0-or-later
"""`gatehouse bench`: each mode against a real server with small numbers, and what it says when things go wrong. Counts must agree with
one another and with the server's own; no speed is asserted."""
import asyncio
import json
import os
import re
import signal
import subprocess
import threading
import unittest

import websockets

from gatehouse_server import METRICS, GatehouseServer, ServerTestCase, eventually, make_token

RAISED = {name: "1000000" for name in ("MAX_CONNECTIONS_PER_IP", "MAX_RECONNECT_ATTEMPTS", "MAX_MESSAGES_PER_MINUTE",
                                       "MAX_CONNECTIONS_PER_USER", "MAX_CONNECTIONS")}


LONG = "3s"  # for what waits for the disk each time


class BenchTestCase(ServerTestCase):
    settings = RAISED

    def bench(self, mode, *arguments, code=0, duration="1s"):
        """Runs one short round and returns (report, its only round, stderr)."""
        done = self.server.run("bench", mode, "--url", self.server.url, "--pid", str(self.server.process.pid), "--duration", duration,
                               "--rounds", "1", "--json", *arguments, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if not done.stdout:
            return None, None, done.stderr
        report = json.loads(done.stdout)
        self.assertEqual(report["mode"], mode)
        self.assertEqual(len(report["rounds"]), 1)
        self.assertEqual(report["rounds"][0], report["median"])
        self.assertFalse(report["interrupted"])
        return report, report["rounds"][0], done.stderr

    def start(self, mode, *arguments):
        """Starts one of many minutes; returns once its first round has seen something happen."""
        bench = subprocess.Popen(self.server.command("bench", mode, "--url", self.server.url, "--duration", "600s", "--json", *arguments),
                                 env=self.server.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(bench.kill)
        said = []
        for line in iter(bench.stderr.readline, ""):
            said.append(line)
            if re.match(r"round 1 of 3: [1-9]\d* ", line):
                return bench
        self.fail(f"it ended: {said}")

    def connections_today(self):
        return self.server.get(METRICS).json()["connections_today"]


class Modes(BenchTestCase):
    def test_idle(self):
        report, measured, _ = self.bench("idle", "--connections", "50")
        self.assertEqual(report["connections"], 50)
        self.assertEqual((measured["connections"], measured["lost"]), (50, 0))
        self.assertGreaterEqual(measured["seconds"], 1)
        for name in ("rss_before_kib", "rss_during_kib", "rss_after_kib"):
            self.assertGreater(measured[name], 1000)
        self.assertEqual(eventually(lambda: self.server.get(METRICS).json()["active_connections"] == 0), True)
        self.assertEqual(self.connections_today(), 50)

    def test_churn(self):
        _, measured, _ = self.bench("churn", "--in-flight", "5", "--source-addresses", "3", duration=LONG)
        self.assertGreater(measured["operations"], 10)
        self.assertEqual(measured["lost"], 0)
        self.assertGreater(measured["cpu_us_per_operation"], 0)
        self.assertGreater(measured["latency_p50_ms"], 0)
        self.assertTrue(eventually(lambda: self.connections_today() == measured["operations"]), self.connections_today())

    def test_echo(self):
        for in_flight in ("1", "7"):
            with self.subTest(in_flight=in_flight):
                _, measured, _ = self.bench("echo", "--connections", "4", "--in-flight", in_flight)
                self.assertGreater(measured["messages_sent"], 100)
                self.assertEqual(measured["messages_received"], measured["messages_sent"])
                self.assertEqual(measured["operations"], measured["messages_received"])
                self.assertLessEqual(measured["latency_p50_ms"], measured["latency_p99_ms"])
                self.assertLessEqual(measured["latency_p99_ms"], measured["latency_max_ms"])

    def test_fanout(self):
        for arguments in ((), ("--in-flight", "4"), ("--ephemeral", "--body-bytes", "500")):
            with self.subTest(arguments=arguments):
                _, measured, _ = self.bench("fanout", "--connections", "20", *arguments, duration=LONG)
                self.assertGreater(measured["publishes"], 0)
                self.assertEqual(measured["deliveries_expected"], measured["publishes"] * 20)
                self.assertEqual(measured["messages_received"], measured["deliveries_expected"])
                self.assertEqual(measured["deliveries_missed"], 0)
                self.assertGreater(measured["accepted_p50_ms"], 0)

    def test_refusals(self):
        for kind in ("token", "origin"):
            with self.subTest(kind):
                _, measured, _ = self.bench("refusals", "--in-flight", "5", "--refused-by", kind)
                self.assertGreater(measured["operations"], 10)
                self.assertEqual((measured["admitted"], measured["lost"]), (0, 0))
        self.assertEqual(self.connections_today(), 0)

    def test_slow(self):
        _, measured, _ = self.bench("slow", "--connections", "6", "--slow", "2", "--in-flight", "1", duration=LONG)
        self.assertEqual(measured["listeners_stopped"], 2)
        self.assertIn(measured["listeners_cut"], (0, 1, 2))
        self.assertEqual((measured["deliveries_missed"], measured["lost"]), (0, 0))
        self.assertEqual(measured["messages_received"], measured["publishes"] * 4)
        self.assertGreater(measured["baseline_p50_ms"], 0)

    def test_table_and_progress(self):
        done = self.server.run("bench", "echo", "--url", self.server.url, "--connections", "2", "--duration", "2s", "--rounds", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"round 1 of 2: \d+ messages\n(.*\n)*round 2 of 2: \d+ messages\n")
        lines = done.stdout.splitlines()
        self.assertIn("2 connections, 1 in flight, 2 rounds of 2 s", lines[0])
        self.assertEqual(lines[1].split(), ["median", "lowest", "highest"])
        self.assertTrue(any(line.startswith("messages received") for line in lines), done.stdout)
        self.assertFalse(any("server CPU" in line for line in lines), "without --pid nothing is known of the server")


class Limits(BenchTestCase):
    settings = {**RAISED, "MAX_CONNECTIONS_PER_IP": "12", "MAX_MESSAGES_PER_MINUTE": "60", "MESSAGE_LIMIT_STRIKES_MODE": "off"}

    def test_refused_by_the_limit(self):
        _, measured, _ = self.bench("refusals", "--in-flight", "5", "--refused-by", "limit")
        self.assertGreater(measured["operations"], 10)
        self.assertEqual((measured["admitted"], measured["lost"]), (0, 0))
        self.assertEqual(self.connections_today(), 12)

    def test_overlimit(self):
        _, measured, _ = self.bench("overlimit", "--connections", "3")
        self.assertGreaterEqual(measured["operations"], 3000)
        self.assertEqual(measured["messages_sent"], measured["operations"])
        self.assertEqual(measured["admitted"], 3 * 60)
        self.assertGreater(measured["answered"], 0)
        self.assertLessEqual(measured["answered"], measured["operations"] - 3 * 60)
        self.assertEqual(measured["closed"], 0)

    def test_overlimit_until_closed(self):
        self.server.set_limits({"message_limit_strikes": {"value": 20, "mode": "enforce"}})
        _, measured, _ = self.bench("overlimit", "--connections", "3")
        self.assertGreater(measured["closed"], 3)
        self.assertGreater(measured["operations"], 0)

    def test_echo_that_meets_the_limit(self):
        _, measured, stderr = self.bench("echo", "--connections", "2", code=1)
        self.assertIn("MAX_MESSAGES_PER_MINUTE", stderr)
        self.assertLessEqual(measured["messages_received"], 2 * 60)

    def test_too_many_connections(self):
        report, _, stderr = self.bench("echo", "--connections", "13", code=1)
        self.assertIsNone(report)
        self.assertIn("status 429", stderr)
        self.assertIn("MAX_CONNECTIONS_PER_IP", stderr)


class Trouble(BenchTestCase):
    def test_wrong_secret(self):
        path = os.path.join(self.server.state_dir, "token")
        with open(path, "w", encoding="utf-8") as file:
            file.write(make_token(secret="another-secret-that-is-long-enough-for-HS256"))
        report, _, stderr = self.bench("echo", "--token-file", path, code=1)
        self.assertIsNone(report)
        self.assertIn("status 401", stderr)

    def test_token_file(self):
        path = os.path.join(self.server.state_dir, "token")
        with open(path, "w", encoding="utf-8") as file:
            file.write(make_token("backend", role="publisher") + "\n")
        _, measured, _ = self.bench("fanout", "--connections", "5", "--token-file", path)
        self.assertEqual(measured["messages_received"], measured["publishes"] * 5)
        with open(path, "w", encoding="utf-8") as file:
            file.write(make_token("listener"))
        _, _, stderr = self.bench("fanout", "--connections", "5", "--token-file", path, code=1)
        self.assertIn("role publisher", stderr)

    def test_foreign_origin(self):
        _, _, stderr = self.bench("churn", "--origin", "https://foreign.example", code=1)
        self.assertIn("status 403", stderr)

    def test_server_goes_away(self):
        self.expect_end = True
        bench = self.start("echo", "--connections", "5")
        self.server.kill()
        out, err = bench.communicate(timeout=60)
        self.assertEqual(bench.returncode, 1, out + err)
        self.assertRegex(err, r"the server ended \d of 5 connections")
        self.assertGreater(json.loads(out)["rounds"][0]["messages_received"], 0)

    def test_interrupted(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                bench = self.start("echo", "--connections", "5")
                bench.send_signal(number)
                out, err = bench.communicate(timeout=60)
                self.assertEqual(bench.returncode, 0, out + err)
                report = json.loads(out)
                self.assertTrue(report["interrupted"])
                self.assertEqual(len(report["rounds"]), 1)
                self.assertGreater(report["median"]["messages_received"], 0)

    def test_interrupted_fanout_misses_nothing(self):
        bench = self.start("fanout", "--connections", "20", "--in-flight", "8")
        bench.send_signal(signal.SIGINT)
        out, err = bench.communicate(timeout=60)
        self.assertEqual(bench.returncode, 0, out + err)
        measured = json.loads(out)["median"]
        self.assertEqual(measured["deliveries_missed"], 0)
        self.assertEqual(measured["messages_received"], measured["deliveries_expected"])

    def test_bad_arguments(self):
        for arguments, word in ((["echo", "--connections", "-4"], "--connections"), (["dance"], "dance"),
                                (["echo", "--url", "http://192.0.2.7:80"], "--yes-i-own-this-server"),
                                (["echo", "--pid", "4194304"], "--pid"), (["echo", "--nonsense"], "--nonsense"),
                                (["slow", "--slow", "0"], "--slow"), ([], "mode")):
            with self.subTest(arguments=arguments):
                done = self.server.run("bench", *arguments, *([] if "--url" in arguments else ["--url", self.server.url]))
                if not arguments:
                    done = self.server.run("bench")
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn(word, done.stderr)
                self.assertEqual(done.stdout, "")


class OtherServers(unittest.TestCase):
    """--contract plain, against a server of the websockets library."""

    def setUp(self):
        self.tool = GatehouseServer()
        self.addCleanup(self.tool.discard)
        self.listeners = set()
        ready = threading.Event()
        self.loop = asyncio.new_event_loop()

        async def serve():
            server = await websockets.serve(self.handle, "127.0.0.1", 0, compression=None)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            return server

        def run():
            asyncio.set_event_loop(self.loop)
            server = self.loop.run_until_complete(serve())
            self.loop.run_forever()
            server.close()
            self.loop.run_until_complete(server.wait_closed())
            self.loop.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.assertTrue(ready.wait(10))
        self.addCleanup(thread.join, 10)
        self.addCleanup(self.loop.call_soon_threadsafe, self.loop.stop)

    async def handle(self, socket, path):
        self.listeners.add(socket)
        try:
            if path == "/greets":
                await socket.send('{"type":"hello"}')
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "ping":
                    await socket.send('{"type":"pong"}')
                else:
                    websockets.broadcast(self.listeners, json.dumps({"type": "notification", "notification": message["body"]}))
        except websockets.ConnectionClosed:
            pass  # the bench hangs up without a goodbye when it is done
        finally:
            self.listeners.discard(socket)

    def bench(self, mode, *arguments):
        done = self.tool.run("bench", mode, "--contract", "plain", "--url", f"ws://127.0.0.1:{self.port}", "--duration", "1s",
                             "--rounds", "1", "--json", *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(json.loads(done.stdout)["contract"], "plain")
        return json.loads(done.stdout)["median"]

    def test_modes(self):
        echo = self.bench("echo", "--connections", "3", "--path", "/greets")
        self.assertGreater(echo["messages_sent"], 10)
        self.assertEqual(echo["messages_sent"], echo["messages_received"])
        fanout = self.bench("fanout", "--connections", "10", "--in-flight", "2", "--path", "/greets")
        self.assertGreater(fanout["publishes"], 2)
        self.assertEqual(fanout["messages_received"], fanout["publishes"] * 10)
        self.assertGreater(self.bench("churn", "--in-flight", "2", "--path", "/greets")["operations"], 5)
        silent = self.bench("idle", "--connections", "5", "--path", "/silent", "--no-greeting")
        self.assertEqual(silent["connections"], 5)

    def test_makes_no_secret(self):
        self.bench("idle", "--connections", "1", "--path", "/greets")
        self.assertFalse(os.path.exists(self.tool.state_dir))


if __name__ == "__main__":
    unittest.main()
