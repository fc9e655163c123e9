# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide's two scripts and the other subcommands."""
import json
import os
import subprocess
import time
import unittest

import jwt

from gatehouse_server import SECRET, GatehouseServer, ServerTestCase


class Check(unittest.TestCase):
    def check(self, **settings):
        server = GatehouseServer(settings)
        self.addCleanup(server.discard)
        return server.run("check")

    def test_the_guides_four_lines(self):
        done = self.check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        lines = done.stdout.splitlines()
        for line in ("✅ Rate limiting middleware: Available", "✅ Monitoring middleware: Available", "✅ Cache configuration: Working",
                     "✅ Production middleware will be used"):
            self.assertTrue(any(each.startswith(line) for each in lines), done.stdout)

    def test_rollback_fails_the_check_with_the_reason(self):
        for settings in ({"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE": "false"}, {"DEBUG": "true"}):
            with self.subTest(settings):
                done = self.check(**settings)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn("❌", done.stdout)
                self.assertIn(list(settings)[0], done.stdout)

    def test_unusable_state_fails_the_check(self):
        done = self.check(STATE_DIR="/proc/gatehouse")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/proc/gatehouse", done.stdout + done.stderr)


    def test_a_state_file_that_a_start_could_not_use_fails_the_check(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        server.start()
        self.assertEqual(server.run("check").returncode, 0, "beside a running server")
        self.assertEqual(server.stop(), 0)
        with open(os.path.join(server.state_dir, "gatehouse.db"), "r+b") as file:
            file.seek(60)  # the format's version, big-endian
            file.write((99).to_bytes(4, "big"))
        done = server.run("check")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("❌ Cache configuration: Not working", done.stdout)
        self.assertIn("newer version", done.stdout)


class Test(ServerTestCase):
    def test_the_guides_four_lines(self):
        done = self.server.run("test", "--url", self.server.url)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        lines = done.stdout.splitlines()
        for line in ("✅ WebSocket connection: SUCCESS", "✅ Received message", "✅ Metrics collection: WORKING",
                     "✅ All tests passed!"):
            self.assertTrue(any(each.startswith(line) for each in lines), done.stdout)

    def test_without_a_server_it_fails(self):
        self.expect_end = True
        self.server.kill()
        done = self.server.run("test", "--url", self.server.url)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("❌", done.stdout)


class Token(unittest.TestCase):
    def setUp(self):
        self.server = GatehouseServer()
        self.addCleanup(self.server.discard)

    def test_prints_the_token_alone(self):
        done = self.server.run("token", "--user", "42", "--role", "operator", "--expires", "2h")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        claims = jwt.decode(done.stdout.strip(), SECRET, algorithms=["HS256"])
        self.assertEqual((claims["user_id"], claims["role"], claims["token_type"]), ("42", "operator", "access"))
        self.assertAlmostEqual(claims["exp"], time.time() + 7200, delta=10)
        self.assertTrue(claims["jti"])

    def test_bad_arguments_are_named(self):
        for arguments, word in ((["--user", "42", "--role", "boss"], "boss"), (["--user", "42", "--expires", "soon"], "soon"),
                                (["--user", ""], "--user"), (["--user", "42", "--nonsense"], "--nonsense")):
            with self.subTest(arguments=arguments):
                done = self.server.run("token", *arguments)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn(word, done.stderr)
                self.assertEqual(done.stdout, "")


class Output(unittest.TestCase):
    def test_what_cannot_be_printed_is_a_failure(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        for arguments in (["token", "--user", "42"], ["config"], ["check"], ["--help"]):
            with self.subTest(arguments=arguments), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run(server.command(*arguments), env=server.environment(), stdout=full, stderr=subprocess.PIPE,
                                      text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("cannot write to standard output", done.stderr)


class Config(unittest.TestCase):
    def test_every_value_with_its_source(self):
        server = GatehouseServer({"MAX_CONNECTIONS_PER_IP": "9"})
        self.addCleanup(server.discard)
        with open(os.path.join(server._folder, ".env"), "w", encoding="utf-8") as file:
            file.write("MAX_CONNECTIONS=123\n")
        done = server.run("config", "--max-messages-per-minute", "77")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.split()}
        self.assertIn("9", lines["MAX_CONNECTIONS_PER_IP"])
        self.assertIn("123", lines["MAX_CONNECTIONS"])
        self.assertIn("77", lines["MAX_MESSAGES_PER_MINUTE"])
        sources = {lines[name].replace(value, "") for name, value in (
            ("MAX_CONNECTIONS_PER_IP", "9"), ("MAX_CONNECTIONS", "123"), ("MAX_MESSAGES_PER_MINUTE", "77"))}
        self.assertEqual(len(sources), 3)
        self.assertNotIn(SECRET, done.stdout)

    def test_json(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        done = server.run("config", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        json.loads(done.stdout)


class Usage(unittest.TestCase):
    def test_help_version_and_mistakes(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        done = server.run("--help")
        self.assertEqual(done.returncode, 0)
        for command in ("serve", "check", "test", "token", "bench", "config"):
            self.assertIn(command, done.stdout)
        self.assertEqual(server.run("--version").returncode, 0)
        for arguments in ([], ["dance"], ["--nonsense"]):
            with self.subTest(arguments=arguments):
                done = server.run(*arguments)
                self.assertEqual(done.returncode, 2)
                self.assertTrue(done.stderr)


if __name__ == "__main__":
    unittest.main()
