# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes whose Redis is not there, slow, loading, a replica, or does not let them in: each holds the limits by itself, in full or divided,
says so, and shares again by itself when Redis is back."""
import re
import time
import unittest

from cluster import LimitsTestCase
from gatehouse_server import eventually, make_token
from rawconnection import RawConnection
from redis_server import FaultProxy, RedisServer, wait_until

OUTAGE_SECONDS = 12  # after which links wait as long between two attempts as they ever do
LONGEST_PAUSE = 5.0
LINKS = 2 * 7  # of two nodes: guard, data, stream, reports, control, subscriber, ingest
DELAY_SECONDS = 3.0  # a link that is silent for 5 s is held for dead
PAUSE_SECONDS = 4


def percentile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


class AwayTestCase(LimitsTestCase):
    limit_alone = 6  # of each node by itself
    settings = {"MAX_CONNECTIONS_PER_IP": 6, "MAX_RECONNECT_ATTEMPTS": 100000, "MAX_CONNECTIONS_PER_USER": 100000}

    def setUp(self):
        super().setUp()
        self.learn_how_many()

    def learn_how_many(self):
        """Each node is told with an admission that there are two: one that Redis has judged in time."""
        for node in self.nodes:
            before = self.judged(node)
            for _ in self.tries(node):
                self.admit(node, "127.8.8.8").close()
                if self.judged(node) > before:
                    break
            self.assertGreater(self.judged(node), before)
        wait_until("nothing is open", lambda: self.counts() == {})

    def metric(self, node, name):
        text = node.get("/metrics").body.decode()
        return int(float(re.search(rf"^gatehouse_cluster_{name} (\S+)$", text, re.MULTILINE).group(1)))

    def judged(self, node):
        """How many attempts Redis has judged in time."""
        return self.metric(node, "admission_seconds_count") - self.metric(node, "admissions_unanswered_total")

    def asked(self):
        """How many attempts the node has asked Redis about, and after how many of them it had gone on within 2 ms, answered or not."""
        return [self.metric(self.server, "admission_seconds_" + name) for name in ("count", r'bucket\{le="0.002"\}')]

    def shake_hands(self, number):
        """One handshake, which must succeed, from an address that only some of them have: how long it took, in ms."""
        with RawConnection(self.server, f"127.0.{2 + number // 200}.{1 + number % 200}") as connection:
            began = time.monotonic()
            self.assertEqual(connection.upgrade(token=make_token(str(number))).status, 101)
            return 1000 * (time.monotonic() - began)

    def time_handshakes(self, what, count=200):
        """Every one succeeds; how long they took is printed, not judged: the machine may be busy."""
        before = self.asked()
        times = [self.shake_hands(number) for number in range(count)]
        print(f"\n{what}: handshake p50 {percentile(times, 0.5):.2f} ms, p99 {percentile(times, 0.99):.2f} ms, "
              f"max {max(times):.2f} ms", end="")
        asked, soon = [now - then for now, then in zip(self.asked(), before)]
        print(f"; Redis was asked about {asked}, {soon} of them went on within 2 ms", flush=True)

    def check_limit(self):
        """The node lets in as many as it holds by itself, and no more."""
        opened = [self.open(self.server) for _ in range(self.limit_alone)]
        self.assertTrue(all(isinstance(each, RawConnection) for each in opened), opened)
        problem = self.assert_problem(self.open(self.server), 429, "too_many_connections", "address")
        self.assertEqual((problem["limit"], problem["observed"]), (self.limit_alone, self.limit_alone + 1))
        return opened

    def check_away(self, what, *words):
        """The node judges by itself, and says why. Returns what it has let in."""
        self.wait_until_alone(self.server)
        self.time_handshakes(what)
        opened = self.check_limit()
        if words:
            self.assertTrue(eventually(lambda: self.is_said_away(words), 30), self.redis_of(self.server))
        return opened

    def is_said_away(self, words):
        redis = self.redis_of(self.server)
        return not redis["up"] and all(word in redis["detail"] for word in words)

    def check_back(self, opened):
        """Redis counts what was let in meanwhile, and the node says that it is up."""
        since = time.monotonic()
        for node in self.nodes:
            self.wait_until_it_shares(node)
        print(f"shared again {time.monotonic() - since:.1f} s after Redis was back", flush=True)
        wait_until("Redis knows", lambda: self.counts() == {"127.0.0.1": len(opened)}, 30)
        for _ in range(6 - len(opened)):
            self.admit(self.other)
        self.refuse(self.other, "too_many_connections", 6)
        self.assertTrue(eventually(lambda: self.redis_of(self.server)["up"], 30), self.redis_of(self.server))


class Away(AwayTestCase):
    def test_killed(self):
        self.time_handshakes("with Redis")
        self.redis.kill()
        opened = self.check_away("Redis killed", "the connection is refused")
        self.redis.start()
        self.check_back(opened)

    def test_stopped(self):
        self.redis.freeze()
        self.time_handshakes("Redis has just been stopped")
        opened = self.check_away("Redis stopped", "not answer")
        self.redis.resume()
        self.check_back(opened)

    def test_a_pause(self):
        for _ in range(10):
            if opened := self.check_limit_in_a_pause():
                self.assertTrue(eventually(lambda: "limits_alone" in self.server.stderr()), self.server.stderr()[-2000:])
                return self.check_back(opened)
            self.keys.ping()  # answered when it is over
            wait_until("nothing is open", lambda: self.counts() == {})
            self.wait_until_it_shares(self.server)
        self.fail("this machine is too busy to look at the limit within a pause")

    def check_limit_in_a_pause(self):
        """What the node lets in by itself; None if the pause was over before that could be seen."""
        over = time.monotonic() + PAUSE_SECONDS
        self.keys.client_pause(1000 * PAUSE_SECONDS)
        self.time_handshakes(f"Redis answers after {PAUSE_SECONDS} s", 25)
        number = 25
        while not self.is_alone(self.server) and time.monotonic() < over:
            self.shake_hands(number)
            number += 1
        try:
            return self.check_limit()
        except AssertionError:
            if time.monotonic() < over:
                raise
            self.close_all()
            return None

    def test_it_refuses_to_write(self):
        self.keys.config_set("min-replicas-to-write", 1)
        self.time_handshakes("Redis refuses to write")
        opened = self.check_away("Redis has refused to write for a while")
        self.keys.config_set("min-replicas-to-write", 0)
        self.check_back(opened)

    def test_it_becomes_a_replica(self):
        self.keys.replicaof("127.0.0.1", "1")  # of nobody: it keeps what it has
        opened = self.check_away("Redis is a replica", "replica")
        self.keys.replicaof("NO", "ONE")
        self.check_back(opened)

    def test_it_takes_rights_away(self):
        for _ in range(10):
            self.keys.execute_command("ACL", "SETUSER", "default", "-@scripting")
            self.time_handshakes("Redis refuses scripts")
            self.wait_until_alone(self.server)
            if eventually(lambda: "NOPERM" in self.server.stderr(), 2):
                break
            # The node was alone already, since an answer was late: that is the reason which it gives.
            self.keys.execute_command("ACL", "SETUSER", "default", "+@scripting")
            self.wait_until_it_shares(self.server)
        opened = self.check_away("Redis has refused scripts for a while")
        self.assertIn("NOPERM", self.server.stderr())
        self.keys.execute_command("ACL", "SETUSER", "default", "+@scripting")
        self.check_back(opened)

    def test_a_slow_moment_changes_nothing(self):
        for _ in range(3):
            self.redis.freeze()
            connection = self.open(self.server, "127.0.9.1")
            self.redis.resume()
            self.assertIsInstance(connection, RawConnection)
            connection.close()
        wait_until("every late answer was made good", lambda: self.counts() == {}, 30)


class Divided(AwayTestCase):
    """REDIS_AWAY=share: what two nodes let in together is not more than the limit."""

    limit_alone = 3
    settings = {**AwayTestCase.settings, "REDIS_AWAY": "share"}

    def test_killed(self):
        self.redis.kill()
        opened = self.check_away("Redis killed", "the connection is refused")
        self.redis.start()
        self.check_back(opened)


class Loading(AwayTestCase):
    is_durable = True
    redis_options = ("appendfsync everysec",)  # what was written outlives a kill, and nobody waits for the disk

    def test_loading(self):
        self.redis.fill_to_load()
        self.redis.kill()
        self.redis.start_loading()
        opened = self.check_away("Redis loads", "loading")
        self.redis.finish_loading()
        self.check_back(opened)


class Password(AwayTestCase):
    def start_redis(self):
        self.redis = self.add_redis(RedisServer(durable=False, password="first")).start()
        self.keys = self.redis.client()

    def test_the_password_is_changed_and_changed_back(self):
        self.keys.config_set("requirepass", "second")
        for kind in ("normal", "pubsub"):  # who is in stays in otherwise
            self.keys.execute_command("CLIENT", "KILL", "TYPE", kind)
        opened = self.check_away("Redis has another password", "the password or the user in REDIS_URL is wrong")
        for node in self.nodes:
            for password in ("first", "second"):
                self.assertNotIn(password, node.stderr())
        self.keys.config_set("requirepass", "first")
        self.check_back(opened)


class Absent(LimitsTestCase):
    """Redis is not there when the nodes start."""

    settings = AwayTestCase.settings

    def start_redis(self):
        super().start_redis()
        self.redis.stop()

    def wait_until_ready(self, node):
        """They are up; what they can do without Redis is the question."""

    def test_it_comes_later(self):
        for node in self.nodes:
            self.assertTrue(self.is_alone(node))
            self.assertTrue(eventually(lambda node=node: "the connection is refused" in self.redis_of(node)["detail"]))
            self.assertFalse(self.redis_of(node)["up"])
        opened = [self.open(node) for node in self.nodes for _ in range(6)]
        self.assertTrue(all(isinstance(each, RawConnection) for each in opened), opened)
        for node in self.nodes:
            self.assertEqual(self.assert_problem(self.open(node), 429, "too_many_connections", "address")["limit"], 6)
        self.redis.start()
        since = time.monotonic()
        for node in self.nodes:
            self.wait_until_it_shares(node)
        print(f"\nshared {time.monotonic() - since:.1f} s after Redis came", flush=True)
        wait_until("Redis knows of all", lambda: self.counts() == {"127.0.0.1": 12}, 30)
        self.wait_until_joined()
        # Nobody is put out; there is room again once fewer than six are left.
        for each in opened[1:7]:
            each.close()
        wait_until("some have gone", lambda: self.counts() == {"127.0.0.1": 6}, 30)
        for node in self.nodes:
            self.refuse(node, "too_many_connections", 6)
        opened[0].close()
        self.admit(self.other)


class BehindProxy(AwayTestCase):
    """The way to Redis is what fails."""

    def start_redis(self):
        super().start_redis()
        self.proxy = FaultProxy(self.redis.port)
        self.addCleanup(self.proxy.close)

    def redis_url(self, name):
        return self.proxy.url()

    def links(self):
        """How many connections of nodes there are, by the names that they give themselves."""
        return sum(each["name"].startswith("gatehouse:") for each in self.keys.client_list())

    def test_every_answer_comes_late(self):
        self.proxy.delay = DELAY_SECONDS / 2
        self.time_handshakes(f"Redis answers after {DELAY_SECONDS:g} s")
        # The links stay up, since something always comes; but nothing comes in time.
        opened = self.check_away(f"Redis has answered after {DELAY_SECONDS:g} s for a while")
        self.assertTrue(eventually(lambda: "Redis answers too late" in self.server.stderr()), self.server.stderr()[-2000:])
        self.assertEqual((self.redis_of(self.server)["up"], self.itself(self.server)["alone_reason"]), (True, "Redis answers too late"))
        self.proxy.delay = 0.0
        self.check_back(opened)

    def test_nobody_comes_back_as_a_herd(self):
        wait_until("all links are up", lambda: self.links() == LINKS)
        self.proxy.refuse()
        opened = self.check_away("Redis cannot be reached", "closed")
        late, back = self.see_outage()
        for _ in range(2):  # whatever was due while the machine stood still comes at once: then it is looked at once more
            if self.densest(late) <= LINKS // 2 and self.densest(back) <= LINKS // 2 and len(back) == LINKS:
                break
            self.proxy.refuse()
            late, back = self.see_outage()
        # Pauses are between half of the longest and all of it, whichever link it is.
        self.assertLessEqual(len(late), 3 * LINKS)
        self.assertLessEqual(self.densest(late), LINKS // 2, late)
        self.assertEqual(len(back), LINKS)  # each came once
        self.assertLessEqual(self.densest(back), LINKS // 2, back)
        self.check_back(opened)

    def see_outage(self):
        """When links tried to connect: in the last seconds of an outage, which has begun, and after it until all are up."""
        time.sleep(OUTAGE_SECONDS)
        now = time.monotonic()
        late = [each for each in self.proxy.arrivals if each > now - LONGEST_PAUSE]
        before = len(self.proxy.arrivals)
        self.proxy.accept()
        # A handshake that takes too long is followed by another pause.
        self.assertTrue(eventually(lambda: self.links() == LINKS, 6 * LONGEST_PAUSE), f"{self.links()} of {LINKS}")
        back = self.proxy.arrivals[before:]
        print(f"\n{LINKS} links; {len(late)} attempts in the last {LONGEST_PAUSE:g} s of the outage, {self.densest(late)} at most within "
              f"100 ms; after it {len(back)} within {back[-1] - back[0]:.1f} s, {self.densest(back)} at most within 100 ms", flush=True)
        return late, back

    @staticmethod
    def densest(moments):
        """The most of them that are within 100 ms."""
        return max((sum(first <= each < first + 0.1 for each in moments) for first in moments), default=0)


if __name__ == "__main__":
    unittest.main()
