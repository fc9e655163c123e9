# SPDX-License-Identifier: GPL-3.0-or-later
"""Key pairs, key files, their rotation by SIGHUP, and what a token must say besides."""
import asyncio
import base64
import hashlib
import hmac
import json
import os
import pty
import signal
import socket
import subprocess
import threading
import time
import unittest
from datetime import datetime, timedelta

import jwt
import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

from gatehouse_server import ADMIN, SECRET, GatehouseServer, ServerTestCase, eventually, exchange, make_token, receive, receive_type
from rawconnection import try_upgrade

MANY = {"MAX_CONNECTIONS_PER_IP": 1000, "MAX_RECONNECT_ATTEMPTS": 100000, "MAX_CONNECTIONS_PER_USER": 1000}


def rsa_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def private_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_jwk(key, **more):
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), **more}


def certificate(key, begins, ends):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer.example")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    signed = builder.not_valid_before(begins).not_valid_after(ends).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


def part(value):
    return base64.urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).rstrip(b"=").decode()


def hs256(head, claims, secret):
    text = f"{part(head)}.{part(claims)}"
    return f"{text}.{part(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


RSA = rsa_key()
NEXT_RSA = rsa_key()
P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())


class KeyFileCase(ServerTestCase):
    """A server with a key file and no secret. Subclasses give the first content of the file."""

    content = b""

    def setUp(self):
        self.server = GatehouseServer({"JWT_SECRET": None, **MANY, **self.settings})
        self.key_file = os.path.join(self.server._folder, "keys")
        self.server.settings["JWT_KEYS_FILE"] = self.key_file
        self.addCleanup(self.server.discard)
        self.addCleanup(self.check_alive)
        self.expect_end = False
        self.write(self.content)
        self.server.start()

    def write(self, content):
        draft = self.key_file + ".new"
        with open(draft, "wb") as file:
            file.write(content)
        os.replace(draft, self.key_file)

    def count(self, event):
        return self.server.stderr().count(event)

    def hang_up(self, event):
        """Sends SIGHUP and waits for the event in the log."""
        before = self.count(event)
        self.server.process.send_signal(signal.SIGHUP)
        self.assertTrue(eventually(lambda: self.count(event) > before), self.server.stderr()[-2000:])

    def status(self, token):
        return try_upgrade(self.server, token=token).status


class KeyPairs(KeyFileCase):
    content = public_pem(RSA) + public_pem(P256) + public_pem(P384) + certificate(
        NEXT_RSA, datetime.utcnow() - timedelta(days=1), datetime.utcnow() + timedelta(days=365)) + certificate(
        RSA, datetime.utcnow() - timedelta(days=400), datetime.utcnow() - timedelta(days=35))

    def test_a_certificate_that_has_ended_is_passed_over_by_name(self):
        self.assertRegex(self.server.stderr(), "block 5 is a certificate that expired on .* it is passed over")

    async def test_tokens_of_key_pairs_are_accepted(self):
        for algorithm, key in {"RS256": RSA, "ES256": P256, "ES384": P384}.items():
            async with self.server.connect(make_token(secret=private_pem(key), algorithm=algorithm)) as channel:
                self.assertEqual((await receive(channel))["type"], "notifications_list", algorithm)
        self.assertEqual(self.status(make_token(secret=private_pem(NEXT_RSA), algorithm="RS256")), 101)
        admin = make_token("root", private_pem(RSA), "RS256", role="admin")
        self.assertEqual(self.server.get(ADMIN + "overview", admin).status, 200)

    def test_nothing_else_is_accepted(self):
        now = int(time.time())
        claims = {"token_type": "access", "exp": now + 600, "iat": now, "user_id": "42"}
        good = make_token(secret=private_pem(RSA), algorithm="RS256")
        head, body, signature = good.split(".")
        es = make_token(secret=private_pem(P256), algorithm="ES256")
        raw = base64.urlsafe_b64decode(es.split(".")[2] + "==")
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        tokens = {name: f"{part({'alg': name})}.{part(claims)}." for name in ("none", "None", "nOnE", "")}
        for name, secret in {"PEM": public_pem(RSA), "PEM without its newline": public_pem(RSA).strip(), "nothing": b""}.items():
            tokens["HS256 with the public key as " + name] = hs256({"alg": "HS256"}, claims, secret)
        for name in ("jku", "x5u"):
            tokens[name] = make_token(secret=private_pem(RSA), algorithm="RS256", headers={name: "http://127.0.0.1:1/keys"})
        tokens.update({
            "PS256 of a key for RS256": make_token(secret=private_pem(RSA), algorithm="PS256"),
            "RS512 of a key for RS256": make_token(secret=private_pem(RSA), algorithm="RS512"),
            "unknown kid": make_token(secret=private_pem(RSA), algorithm="RS256", headers={"kid": "other"}),
            "kid that climbs": make_token(secret=private_pem(RSA), algorithm="RS256", headers={"kid": "../../../../etc/passwd"}),
            "jwk": make_token(secret=private_pem(NEXT_RSA), algorithm="RS256", headers={"jwk": public_jwk(NEXT_RSA)}),
            "x5c": make_token(secret=private_pem(RSA), algorithm="RS256", headers={"x5c": ["AAAA"]}),
            "crit": make_token(secret=private_pem(RSA), algorithm="RS256", headers={"crit": ["exp"]}),
            "ES256 in DER": es[:es.rindex(".") + 1] + part(der),
            "padding": good + "=", "truncated": good[:-2], "swapped body": f"{head}.{part(claims)}.{signature}",
            "last bits not zero": good[:-1] + chr(ord(good[-1]) + 1),
            "stranger": make_token(secret=private_pem(rsa_key()), algorithm="RS256"),
        })
        for name, token in tokens.items():
            with self.subTest(name):
                self.assert_problem(try_upgrade(self.server, token=token), 401, "token_invalid", "token")
        self.assertIn(self.status(make_token(secret=private_pem(RSA), algorithm="RS256", headers={"kid": "k" * 10240})), (401, 431))
        self.assertEqual(self.status(good), 101)

    def test_no_key_is_fetched(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(1)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/keys"
            for name in ("jku", "x5u", "kid", "iss"):
                token = make_token(secret=private_pem(NEXT_RSA), algorithm="RS256", headers={name: url})
                self.assertEqual(self.status(token), 401 if name != "iss" else 101)
            with self.assertRaises(socket.timeout):
                listener.accept()

    def test_the_token_command_says_why_it_cannot_sign(self):
        done = self.server.run("token", "--user", "42")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("only public keys", done.stderr)
        path = os.path.join(self.server._folder, "private.pem")
        with open(path, "wb") as file:
            file.write(private_pem(P256))
        done = self.server.run("token", "--user", "42", "--key", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.status(done.stdout.strip()), 101)

    def test_bench_with_a_key_pair(self):
        path = os.path.join(self.server._folder, "private.pem")
        with open(path, "wb") as file:
            file.write(private_pem(RSA))
        done = self.server.run("bench", "churn", "--url", self.server.url, "--duration", "1s", "--rounds", "1", "--json",
                               "--jwt-key", path, "--source-addresses", "20")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("rounds", json.loads(done.stdout))


class Rotation(KeyFileCase):
    content = json.dumps({"keys": [public_jwk(RSA, kid="old", alg="RS256", use="sig")]}).encode()

    def token(self, key, kid, user="42", **claims):
        return make_token(user, private_pem(key), "RS256", headers={"kid": kid}, **claims)

    async def test_old_and_new_then_new_alone(self):
        old, new = self.token(RSA, "old"), self.token(NEXT_RSA, "new")
        self.assertEqual([self.status(old), self.status(new)], [101, 401])
        channel = await self.open_channel(old)
        console = await self.server.connect_admin(self.token(RSA, "old", "root", role="admin"))
        self.addAsyncCleanup(console.close)

        both = [public_jwk(RSA, kid="old", use="sig"), public_jwk(NEXT_RSA, kid="new", use="sig")]
        self.write(json.dumps({"keys": both}).encode())
        self.hang_up("keys_reloaded")
        self.assertRegex(self.server.stderr(), r"keys_reloaded.*old,new")
        self.assertEqual([self.status(old), self.status(new)], [101, 101])

        self.write(json.dumps({"keys": both[1:]}).encode())
        self.hang_up("keys_reloaded")
        self.assertEqual([self.status(old), self.status(new)], [401, 101])
        self.assertEqual(self.server.get(ADMIN + "overview", self.token(RSA, "old", "root", role="admin")).status, 401)
        self.assertEqual(self.server.get(ADMIN + "overview", self.token(NEXT_RSA, "new", "root", role="admin")).status, 200)

        # The connection that the old key opened lives on, and needs the new key for its next token.
        self.assertEqual((await exchange(channel, {"type": "refresh", "id": 1, "token": old}))["code"], "token_invalid")
        self.assertEqual(await exchange(channel, {"type": "refresh", "id": 2, "token": new}), {"type": "ack", "id": 2})
        self.assertEqual((await exchange(channel, {"type": "ping", "id": 3}))["type"], "pong")
        self.assertTrue(console.open)

    async def test_a_hundred_reloads_of_good_and_bad_files(self):
        token = self.token(RSA, "old")
        channels = [await self.open_channel(token) for _ in range(20)]
        bad = [b"", b"{", b'{"keys":[]}', private_pem(RSA), public_pem(RSA)[:200], b"\0" * 1000, b" " * 300 * 1024,
               json.dumps({"keys": [public_jwk(RSA, d="AQAB")]}).encode()]
        good = [self.content, json.dumps({"keys": [public_jwk(RSA, kid="old"), public_jwk(NEXT_RSA, kid="new")]}).encode()]
        statuses = set()
        is_over = threading.Event()

        def keep_connecting():
            while not is_over.is_set():
                statuses.add(self.status(token))

        connecting = threading.Thread(target=keep_connecting)
        connecting.start()
        try:
            for i in range(100):
                is_bad = i % 2 == 0
                self.write(bad[i // 2 % len(bad)] if is_bad else good[i // 2 % len(good)])
                await asyncio.to_thread(self.hang_up, "keys_kept" if is_bad else "keys_reloaded")
        finally:
            is_over.set()
            connecting.join()
        self.assertEqual((self.count("keys_kept"), self.count("keys_reloaded")), (50, 50))
        self.assertEqual(statuses, {101})
        for number, channel in enumerate(channels):
            self.assertEqual((await exchange(channel, {"type": "ping", "id": number}))["id"], number)
        kept = [line for line in self.server.stderr().splitlines() if "keys_kept" in line]
        for line in kept:
            self.assertIn(self.key_file, line)
        for line in private_pem(RSA).decode().splitlines()[1:-1]:
            self.assertNotIn(line, self.server.stderr())
        self.assertEqual(self.server.stop(40), 0)
        self.expect_end = True

    def test_signals_in_a_burst(self):
        for i in range(200):
            self.write(self.content if i % 2 else b"{")
            self.server.process.send_signal(signal.SIGHUP)
        self.write(self.content)
        self.hang_up("keys_reloaded")
        self.assertEqual(self.status(self.token(RSA, "old")), 101)

    def test_a_pipe_is_not_waited_for(self):
        os.unlink(self.key_file)
        os.mkfifo(self.key_file)
        self.hang_up("keys_kept")
        self.assertEqual(self.status(self.token(RSA, "old")), 101)
        os.unlink(self.key_file)
        self.hang_up("keys_kept")
        self.assertEqual(self.server.get(ADMIN + "overview", self.token(RSA, "old", "root", role="admin")).status, 200)


class SecretFiles(ServerTestCase):
    settings = {"JWT_SECRET": None}

    def test_the_generated_secret_is_read_again(self):
        before = self.server.run("token", "--user", "42").stdout.strip()
        with open(os.path.join(self.server.state_dir, "jwt_secret"), "w", encoding="utf-8") as file:
            file.write(SECRET + "\n")
        self.assertEqual(try_upgrade(self.server, token=before).status, 101)
        self.server.process.send_signal(signal.SIGHUP)
        self.assertTrue(eventually(lambda: "keys_reloaded" in self.server.stderr()))
        self.assertEqual(try_upgrade(self.server, token=before).status, 401)
        self.assertEqual(try_upgrade(self.server, token=make_token()).status, 101)

    def test_settings_in_the_env_file_are_read_again(self):
        with open(os.path.join(self.server._folder, ".env"), "w", encoding="utf-8") as file:
            file.write(f"JWT_SECRET={SECRET}\nJWT_AUDIENCE=app\n")
        self.server.process.send_signal(signal.SIGHUP)
        self.assertTrue(eventually(lambda: "keys_reloaded" in self.server.stderr()))
        self.assertEqual(try_upgrade(self.server, token=make_token(aud="app")).status, 101)
        self.assertEqual(try_upgrade(self.server, token=make_token()).status, 401)


class Terminal(unittest.TestCase):
    def test_a_closed_terminal_ends_the_server(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        master, slave = pty.openpty()
        script = "import fcntl,os,sys,termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        with open(server.stderr_path, "ab") as stderr:
            server.process = subprocess.Popen(["/usr/bin/python3", "-c", script, *server.command("serve")], stdin=slave,
                                              stdout=subprocess.PIPE, stderr=stderr, env=server.environment(), cwd=server._folder)
        os.close(slave)
        self.assertIn(b"listening on", server.process.stdout.readline())
        os.close(master)
        self.assertEqual(server.process.wait(60), 0)
        server.process.stdout.close()


class Purpose(ServerTestCase):
    settings = {"JWT_ISSUER": "https://id.example/", "JWT_AUDIENCE": "app,mobile", "JWT_LEEWAY": "5", **MANY}

    def test_issuer_and_audience(self):
        iss = "https://id.example/"
        for token in (make_token(iss=iss, aud="app"), make_token(iss=iss, aud=["x", "mobile"])):
            self.assertEqual(try_upgrade(self.server, token=token).status, 101)
        for token in (make_token(), make_token(iss=iss), make_token(aud="app"), make_token(iss=iss, aud="x"),
                      make_token(iss=iss, aud=["x"]), make_token(iss=iss, aud=[]), make_token(iss=iss + "x", aud="app"),
                      make_token(iss=iss, aud="app", token_type="refresh")):
            self.assert_problem(try_upgrade(self.server, token=token), 401, "token_invalid", "token")

    def test_the_tools_make_tokens_that_fit(self):
        done = self.server.run("token", "--user", "42")
        self.assertEqual(try_upgrade(self.server, token=done.stdout.strip()).status, 101)
        done = self.server.run("test", "--url", self.server.url)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    async def test_leeway(self):
        rest = {"iss": "https://id.example/", "aud": "app"}
        now = int(time.time())
        self.assertEqual(try_upgrade(self.server, token=make_token(exp=now - 10, **rest)).status, 401)
        self.assertEqual(try_upgrade(self.server, token=make_token(iat=now + 3, nbf=now + 3, **rest)).status, 101)
        self.assertEqual(try_upgrade(self.server, token=make_token(iat=now + 30, **rest)).status, 401)
        # Let in by the leeway alone: it ends with the leeway, and not before.
        expires = int(time.time())
        async with self.server.connect(make_token(exp=expires, **rest)) as channel:
            with self.assertRaises(websockets.ConnectionClosed) as caught:
                while True:
                    await asyncio.wait_for(channel.recv(), 40)
        self.assertEqual(caught.exception.rcvd.code, 4001)
        self.assertGreaterEqual(time.time(), expires + 5 - 0.1)
        self.assertLess(time.time(), expires + 5 + 4)  # it is not given twice


class Expiry(ServerTestCase):
    async def test_warning_refresh_and_end(self):
        await (await self.open_channel()).close()  # the first greeting of a user is stored
        expires = int(time.time()) + 8
        channel = await self.open_channel(make_token(exp=expires, groups=["old"]))
        warning = await receive_type(channel, "token_expiring")
        self.assertIn(warning["expires_in"], range(1, 9))
        other = await exchange(channel, {"type": "refresh", "id": "a", "token": make_token("43")})
        self.assertEqual((other["type"], other["code"]), ("error", "token_invalid"))
        later = int(time.time()) + 16
        self.assertEqual(await exchange(channel, {"type": "refresh", "id": "b", "token": make_token(exp=later, groups=["new"])}),
                         {"type": "ack", "id": "b"})
        self.assertEqual((await receive_type(channel, "token_expiring"))["type"], "token_expiring")

        # The new token's groups count from now on, the old one's no more.
        for group, reached in (("old", 0), ("new", 1)):
            answer = self.server.publish({"to": {"groups": [group]}, "title": f"for the {group}", "ephemeral": True})
            self.assertEqual(answer.json()["reached"], reached)
        self.assertEqual((await receive(channel))["notification"]["title"], "for the new")

        await asyncio.sleep(max(0, expires + 1 - time.time()))
        self.assertEqual((await exchange(channel, {"type": "ping", "id": 1}))["id"], 1)  # the first token's end has passed
        with self.assertRaises(websockets.ConnectionClosed) as caught:
            while True:
                await asyncio.wait_for(channel.recv(), 40)
        self.assertEqual(caught.exception.rcvd.code, 4001)
        self.assertGreaterEqual(time.time(), later - 0.1)
        self.assertLess(time.time(), later + 4)


class BadStarts(unittest.TestCase):
    def assert_refused(self, settings, *words):
        server = GatehouseServer(settings)
        self.addCleanup(server.discard)
        started = time.monotonic()
        done = server.run("serve")
        self.assertLess(time.monotonic() - started, 20)
        self.assertEqual(done.returncode, 2, done.stderr)
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        for word in words:
            self.assertIn(word, lines[0])
        check = server.run("check")
        self.assertEqual(check.returncode, 1)
        self.assertIn(words[0], check.stdout)
        return lines[0]

    def test_bad_files_are_named(self):
        past = datetime.utcnow() - timedelta(days=400)
        expired = certificate(RSA, past, past + timedelta(days=365))
        early = certificate(RSA, datetime.utcnow() + timedelta(days=2), datetime.utcnow() + timedelta(days=9))
        garbled = certificate(RSA, past, past + timedelta(days=4000)).replace(b"MII", b"MIJ", 1)
        cases = {"expired": (expired, "block 1", "expired on"), "early": (early, "block 1", "not valid before"),
                 "garbled": (garbled, "block 1", "certificate"), "private": (private_pem(RSA), "block 1", "private key"),
                 "private JWK": (json.dumps({"keys": [public_jwk(RSA), public_jwk(NEXT_RSA, d="AQAB")]}).encode(), "key 2", "private key"),
                 "weak": (public_pem(rsa_key(1024)), "block 1", "1024-bit"), "empty": (b"", "keys"), "cut": (expired[:300], "block 1")}
        for name, (content, *words) in cases.items():
            with self.subTest(name):
                folder = GatehouseServer()
                self.addCleanup(folder.discard)
                path = os.path.join(folder._folder, "keys")
                with open(path, "wb") as file:
                    file.write(content)
                line = self.assert_refused({"JWT_KEYS_FILE": path}, "JWT_KEYS_FILE", path, *words)
                for secret in private_pem(RSA).decode().splitlines()[1:-1]:
                    self.assertNotIn(secret, line)

    def test_wrong_settings_are_named(self):
        for name, value in {"JWT_LEEWAY": "301", "JWT_ALGORITHM": "none", "JWT_SECRET": public_pem(RSA).decode()}.items():
            self.assert_refused({name: value}, name)
        self.assert_refused({"JWT_ALGORITHM": "RS256"}, "JWT_ALGORITHM", "RS256")
        self.assert_refused({"JWT_ALGORITHM": "HS512"}, "JWT_SECRET", "64")
        self.assert_refused({"JWT_KEYS_FILE": "/nonexistent/keys"}, "JWT_KEYS_FILE", "/nonexistent/keys")
        self.assert_refused({"JWT_KEYS_FILE": "/dev/zero"}, "JWT_KEYS_FILE", "not a regular file")


class LongHashes(ServerTestCase):
    settings = {"JWT_SECRET": SECRET + SECRET, "JWT_ALGORITHM": "HS512"}

    def test_only_the_configured_algorithm_counts(self):
        for algorithm, status in {"HS512": 101, "HS256": 401, "HS384": 401}.items():
            self.assertEqual(try_upgrade(self.server, token=make_token(secret=SECRET + SECRET, algorithm=algorithm)).status, status)
        done = self.server.run("token", "--user", "42")
        self.assertEqual(jwt.get_unverified_header(done.stdout.strip())["alg"], "HS512")
        self.assertEqual(try_upgrade(self.server, token=done.stdout.strip()).status, 101)


if __name__ == "__main__":
    unittest.main()
