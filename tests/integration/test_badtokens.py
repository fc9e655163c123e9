# SPDX-License-Identifier: GPL-3.0-or-later
"""What tokens that are bad cost, and whom: floods of them from one address and from ever new ones, of every algorithm, on every way in."""
import base64
import http.client
import json
import os
import unittest
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gatehouse_server import ADMIN, ADMIN_STREAM, PUBLISH, GatehouseServer, ServerTestCase, bearer, make_token
from rawconnection import try_upgrade
from test_keys import private_pem

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEYS = [ec.generate_private_key(ec.SECP384R1()) for _ in range(15)]
NOTE = json.dumps({"to": {"users": ["ann"]}, "title": "hello", "ephemeral": True}).encode()
TRIALS = 5 + 30  # bad tokens of an address that are verified within a minute
MINUTE = 60


def number(value, size):
    return base64.urlsafe_b64encode(value.to_bytes(size, "big")).rstrip(b"=").decode()


def jwk(key, kid):
    public = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return {"kty": "RSA", "alg": "RS512", "kid": kid, "n": number(public.n, 256), "e": number(public.e, 3)}
    return {"kty": "EC", "crv": "P-384", "alg": "ES384", "kid": kid, "x": number(public.x, 48), "y": number(public.y, 48)}


def forged(algorithm, key, **more):
    """A token that nobody but the server's key would tell from a good one."""
    return make_token("mallory", private_pem(key), algorithm, role="admin", **more)


class KeptConnection:
    """Requests one after the other on one connection."""

    def __init__(self, server, source=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60,
                                                     source_address=(source, 0) if source else None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, method, path, token, body=None, headers=None):
        self.connection.request(method, path, body, {**bearer(token), **(headers or {})})
        reply = self.connection.getresponse()
        reply.read()
        return reply.status


class BadTokens(ServerTestCase):
    def setUp(self):
        self.server = GatehouseServer({"JWT_SECRET": None, "TRUSTED_PROXIES": "127.9.0.0/16", "LOG_LEVEL": "error",
                                       "MAX_RECONNECT_ATTEMPTS": 1000})  # else strangers at the channel are told to wait
        keys = os.path.join(self.server._folder, "keys.json")
        rows = [jwk(RSA_KEY, "rsa")] + [jwk(key, f"ec{n}") for n, key in enumerate(EC_KEYS)]
        with open(keys, "w", encoding="utf-8") as file:
            json.dump({"keys": rows}, file)
        self.server.settings["JWT_KEYS_FILE"] = keys
        self.addCleanup(self.server.discard)
        self.addCleanup(self.check_alive)
        self.expect_end = False
        self.server.start()
        self.publisher = self.good("publisher")

    def good(self, role, user="root"):
        return make_token(user, private_pem(EC_KEYS[0]), "ES384", headers={"kid": "ec0"}, role=role)

    def publish(self, token=None, source=None):
        return self.server.request("POST", PUBLISH, token or self.publisher, NOTE, source=source).status

    def flood(self, token, count, source="127.8.0.1", method="GET", path=ADMIN + "overview", body=None, new_addresses=None):
        """How often which status was the answer. `new_addresses`: makes the address of each from its number."""
        with KeptConnection(self.server, source) as stranger:
            return Counter(stranger.ask(method, path, token, body,
                                        {"X-Forwarded-For": new_addresses(n)} if new_addresses else None) for n in range(count))

    def cpu_ticks(self, thread=""):
        with open(f"/proc/{self.server.process.pid}/{thread}stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def test_every_algorithm_is_refused_five_times_and_then_unread(self):
        tokens = {"no kid, fifteen keys": forged("ES384", ec.generate_private_key(ec.SECP384R1())),
                  "RS512": forged("RS512", rsa.generate_private_key(public_exponent=65537, key_size=2048), headers={"kid": "rsa"}),
                  "EdDSA": forged("EdDSA", ed25519.Ed25519PrivateKey.generate()),
                  "expired": make_token("ann", private_pem(EC_KEYS[1]), "ES384", headers={"kid": "ec1"}, exp=1)}
        for number, (name, token) in enumerate(tokens.items()):
            with self.subTest(name):
                source = f"127.8.1.{number + 1}"
                self.assertEqual(self.flood(token, 300, source), {401: 5, 429: 295})

    def test_every_way_in_counts_with_the_others(self):
        bad = forged("ES384", ec.generate_private_key(ec.SECP384R1()))
        ways = [("POST", PUBLISH, NOTE, None), ("GET", ADMIN + "overview", None, None), ("POST", "/api/ticket/", b"", None),
                ("GET", ADMIN_STREAM, None, {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                                             "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})]
        for number, (method, path, body, headers) in enumerate(ways):
            with self.subTest(path):
                source = f"127.8.2.{number + 1}"
                answers = Counter()
                for _ in range(60):
                    with KeptConnection(self.server, source) as stranger:  # a refused upgrade ends its connection
                        answers[stranger.ask(method, path, bad, body, headers)] += 1
                self.assertEqual(answers, {401: 5, 429: 55})
                for other, where, more, _ in ways[:3]:
                    self.assertEqual(self.server.request(other, where, bad, more, source=source).status, 429)

    def test_who_was_good_before_is_served_beside_a_flood_of_the_same_address(self):
        bad = forged("ES384", ec.generate_private_key(ec.SECP384R1()))
        viewer = self.good("viewer")
        source = "127.8.3.1"
        self.assertEqual(self.publish(source=source), 202)
        self.assertEqual(self.server.get(ADMIN + "overview", viewer).status, 200)  # from elsewhere: it is the token that is known
        self.assertEqual(self.flood(bad, 10, source), {401: 5, 429: 5})
        self.assertEqual(self.publish(self.good("publisher", "new"), source), 202)  # neighbours fail now and then
        self.flood(bad, TRIALS, source)
        self.assertEqual(self.publish(source=source), 202)
        self.assertEqual(self.server.get(ADMIN + "overview", viewer, source=source).status, 200)
        newcomer = self.good("publisher", "newer")
        refused = self.server.request("POST", PUBLISH, newcomer, NOTE, source=source)
        self.assert_problem(refused, 429, "too_many_failures")
        self.assertLessEqual(int(refused.headers["retry-after"]), MINUTE)
        self.assertEqual(self.publish(newcomer, "127.8.3.2"), 202)
        self.assertEqual(self.publish(newcomer, source), 202)

    def test_no_token_of_a_stranger_is_verified_by_the_thread_that_publishes(self):
        bad = forged("ES384", ec.generate_private_key(ec.SECP384R1()))
        pid = self.server.process.pid
        for name, address in {"ever new networks": lambda n: f"2001:db8:{n:x}::1", "IPv4": lambda n: f"198.51.{n >> 8}.{n & 255}"}.items():
            for method, path, body in (("GET", ADMIN + "overview", None), ("POST", PUBLISH, NOTE)):
                with self.subTest(f"{name} {method}"):
                    main, all_threads = self.cpu_ticks(f"task/{pid}/"), self.cpu_ticks()
                    answers = self.flood(bad, 100, "127.9.0.1", method, path, body, address)
                    self.assertEqual(set(answers), {401})
                    main, all_threads = self.cpu_ticks(f"task/{pid}/") - main, self.cpu_ticks() - all_threads
                    self.assertGreater(all_threads, 20)  # ticks: fifteen keys for each were tried
                    self.assertLess(main, all_threads / 4)
                    self.assertEqual(self.publish(), 202)

    def side_verifier(self):
        """The thread that verifies the tokens of suspects."""
        tasks = f"/proc/{self.server.process.pid}/task"
        for thread in os.listdir(tasks):
            with open(f"{tasks}/{thread}/comm", encoding="utf-8") as file:
                if file.read().strip() == "side-verifier":
                    return f"task/{thread}/"
        return self.fail("there is no such thread")

    async def test_bad_tokens_of_the_channel_are_verified_aside(self):
        """Nobody is locked out of the channel; what a flood of it costs, it costs a thread that serves nobody else."""
        bad = forged("ES384", ec.generate_private_key(ec.SECP384R1()))
        side, all_threads = self.cpu_ticks(self.side_verifier()), self.cpu_ticks()
        for _ in range(5):
            with ThreadPoolExecutor(12) as strangers:
                answers = list(strangers.map(lambda _: try_upgrade(self.server, "127.8.5.1", token=bad), range(12)))
            self.assertEqual({answer.status for answer in answers}, {401})  # none takes another one's place while it waits
        side, all_threads = self.cpu_ticks(self.side_verifier()) - side, self.cpu_ticks() - all_threads
        self.assertGreater(all_threads, 20)
        self.assertGreater(side, all_threads / 2)
        good = self.good("publisher", "ann")
        for source in ("127.8.5.1", "127.8.5.2"):  # its neighbours too
            channel = await self.open_channel(good, source=source)
            self.assertEqual(channel.first["type"], "notifications_list")
        self.assertEqual(self.publish(source="127.8.5.1"), 202)

    def test_a_whole_site_is_one_stranger(self):
        bad = forged("RS512", rsa.generate_private_key(public_exponent=65537, key_size=2048))
        answers = self.flood(bad, 500, "127.9.0.1", new_addresses=lambda n: f"2001:db8:7:{n:x}::1")
        self.assertEqual(answers, {401: 50, 429: 450})
        answers = self.flood(bad, 5, "127.9.0.1", new_addresses=lambda n: "2001:db8:8::1")
        self.assertEqual(answers, {401: 5})


if __name__ == "__main__":
    unittest.main()
