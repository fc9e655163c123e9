# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits that two nodes share through a real Redis, and what holds while it is away."""
import json
import os
import random
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from cluster import LONGEST_SECONDS, LimitsTestCase, attempts_of, client_of
from crowd import Crowd
from gatehouse_server import ADMIN, CHANNEL, ORIGIN, bearer, eventually, make_token
from rawconnection import RawConnection, try_upgrade, upgrade_head
from redis_server import wait_until

CROWD = int(os.environ.get("GATEHOUSE_NODE_CROWD", "5000"))
FAREWELL_SECONDS = 5
TICKET_SECONDS = 0.4  # a node waits 0.5 s for what Redis knows of a ticket; then it judges by what it has itself
CHURN = int(os.environ.get("GATEHOUSE_CHURN", "1500"))


class Connections(LimitsTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 5, "MAX_RECONNECT_ATTEMPTS": 1000, "MAX_CONNECTIONS_PER_USER": 8}

    def wait_counts(self, expected):
        wait_until(f"Redis counts {expected}", lambda: self.counts() == expected)

    def test_one_more_than_the_limit_over_both_nodes(self):
        opened = [self.admit(node) for node in (self.server, self.other, self.server, self.other, self.server)]
        self.wait_counts({"127.0.0.1": 5})
        for node in (self.server, self.other):
            problem = self.refuse(node, "too_many_connections", 5, "address").json()
            self.assertEqual(problem["observed"], 6)
        # Other addresses of the same user: up to the user's own limit.
        for number in range(3):
            self.admit(self.other, f"127.0.1.{number + 1}")
        problem = self.refuse(self.server, "too_many_connections", 8, "user", "127.0.1.9").json()
        self.assertEqual(problem["observed"], 9)
        # One goes here, and there is room there.
        opened[0].close()
        self.admit(self.other, user="43")

    def test_a_refusal_as_a_close_frame(self):
        for _ in range(5):
            self.admit(self.server)
        self.wait_counts({"127.0.0.1": 5})
        self.refuse(self.server, "too_many_connections", 5)
        refused = RawConnection(self.server)  # which knows by itself
        self.addCleanup(refused.close)
        self.assertEqual(refused.upgrade(path=CHANNEL + "?refusal=close&token=" + make_token(), query=False).status, 101)
        self.assertEqual(refused.read_close(), 4129)

    def test_a_node_that_ends_takes_its_counts_with_it(self):
        for _ in range(5):
            self.admit(self.other)
        self.assertEqual(self.end_node(self.other, "stop"), 0)
        # Redis may do a moment later what it was told; much later a dead node would vanish too.
        wait_until("it has left", lambda: self.counts() == {} and self.keys.zcard("gatehouse:nodes") == 1, FAREWELL_SECONDS)
        self.admit(self.server)

    def test_what_a_heartbeat_finds_wrong_it_puts_right(self):
        self.admit(self.server)
        for run in self.keys.zrange("gatehouse:nodes", 0, -1):  # as if an answer had been lost
            self.keys.hset("gatehouse:open:a:" + run, "127.0.0.9", 7)
        self.keys.flushdb()  # and everything else
        self.admit(self.server, "127.0.0.2")
        wait_until("the node says it again", lambda: self.counts() == {"127.0.0.1": 1, "127.0.0.2": 1}, 30)


class Reconnects(LimitsTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 1000, "MAX_RECONNECT_ATTEMPTS": 6, "MAX_CONNECTIONS_PER_USER": 1000}

    def now(self):
        seconds, micros = self.keys.time()
        return seconds * 1000 + micros // 1000

    def seed(self, *moments, bucket="127.0.0.1"):
        self.keys.rpush(attempts_of(bucket), *moments)

    def test_the_budget_is_one_for_both_and_the_wait_is_exact(self):
        first = self.now() - 20000
        self.seed(first, *range(first + 1, first + 6))
        for node in (self.server, self.other):
            before = self.now()
            refused = self.refuse(node, "too_many_reconnects", 6, "reconnect")
            after = self.now()
            self.assertEqual(refused.json()["observed"], 7)
            waits = [-(-(first + 60000 - now) // 1000) for now in (after, before)]
            self.assertIn(int(refused.headers["retry-after"]), range(waits[0], waits[1] + 1))

    def test_attempts_at_both_are_counted(self):
        source = self.source_whose_attempts_redis_knows()
        for node in (self.server, self.other):
            answer = self.open(node, source)
            self.assertNotIsInstance(answer, RawConnection)  # by the window of all, or by the share of it
            self.assert_problem(answer, 429, "too_many_reconnects", "reconnect")

    def source_whose_attempts_redis_knows(self):
        """An address that came three times to each node. What a node lets in by itself is not in the window of all: then the next comes."""
        for last in range(1, 20):
            source = f"127.0.3.{last}"
            for number in range(6):
                self.admit((self.server, self.other)[number % 2], source)
            if eventually(lambda bucket=source: self.attempts_known(bucket) == 6, 2):
                return source
        self.fail("Redis never knew of all attempts")

    def attempts_known(self, bucket):
        """How many are in the window of all: an entry is one, or first:last:count."""
        return sum(int(each.split(":")[2]) if ":" in each else 1 for each in self.keys.lrange(attempts_of(bucket), 0, -1))

    def test_what_is_older_than_the_window_is_forgotten(self):
        now = self.now()
        self.seed(now - 60000, now - 30000, *range(now - 5000, now - 5000 + 5))
        refused = self.refuse(self.other, "too_many_reconnects", 6)
        self.assertIn(int(refused.headers["retry-after"]), range(1, 31))
        self.assertEqual(self.keys.llen(attempts_of("127.0.0.1")), 6)

    def test_a_colleague_at_the_same_address_has_a_budget_of_his_own(self):
        now = self.now()
        self.seed(*range(now - 5000, now - 5000 + 6))
        self.refuse(self.server, "too_many_reconnects", 6)
        self.admit(self.other, user="colleague")
        wait_until("Redis counts it", lambda: self.keys.llen(attempts_of("127.0.0.1", "colleague")) >= 1)

    def test_the_window_is_edited_for_all(self):
        now = self.now()
        self.seed(*range(now - 50000, now - 50000 + 6))
        self.refuse(self.server, "too_many_reconnects", 6)
        wait_until("the window is set", lambda: self.server.set_limits({"reconnect_window": 30}).status == 200)
        limits = lambda: {each["key"]: each["value"] for each in self.other.get(ADMIN + "limits").json()["limits"]}
        wait_until("the other node has it too", lambda: limits()["reconnect_window"] == 30)
        self.admit(self.other)
        wait_until("it is in Redis", lambda: self.keys.llen(attempts_of("127.0.0.1")) == 1)
        self.assertLessEqual(self.keys.pttl(attempts_of("127.0.0.1")), 30000)

    def test_many_attempts_are_joined_and_never_forgotten_too_early(self):
        wait_until("the limit is set", lambda: self.server.set_limits({"max_reconnect_attempts": 600, "reconnect_window": 3600}).status == 200)
        limits = lambda: {each["key"]: each["value"] for each in self.other.get(ADMIN + "limits").json()["limits"]}
        wait_until("the other node has it too", lambda: limits()["max_reconnect_attempts"] == 600)
        now = self.now()
        key = attempts_of("127.0.0.1")
        self.seed(*range(now - 100000, now - 100000 + 32))
        for _ in self.tries(self.server):
            self.admit(self.server)
            if self.keys.llen(key) == 33 and ":" in self.keys.lindex(key, -1):
                break
        first, last, count = map(int, self.keys.lindex(key, -1).split(":"))
        self.assertGreaterEqual(count, 2)
        self.assertLessEqual(first, last)
        # One that would stretch it over more than 36 s stands alone.
        self.keys.lset(key, -1, f"{now - 40000}:{now - 10000}:3")
        for _ in self.tries(self.server):
            self.admit(self.server)
            if self.keys.llen(key) > 33:
                break
        self.assertEqual(self.keys.llen(key), 34)
        self.assertLessEqual(self.keys.pttl(key), 3600000)

    def test_hostile_lists_are_survived(self):
        self.seed("nonsense", "1:2", "::", "9" * 400)
        self.keys.hset("gatehouse:grants", client_of("127.0.0.1"), "many")
        self.admit(self.server)

    def test_a_node_that_drains_lets_its_clients_come_back_elsewhere(self):
        for _ in range(4):
            self.admit(self.other)
        self.keys.delete(attempts_of("127.0.0.1"))
        self.seed(*range(self.now() - 5000, self.now() - 5000 + 6))
        self.refuse(self.server, "too_many_reconnects", 6)
        self.assertEqual(self.end_node(self.other, "stop"), 0)
        wait_until("they are granted", lambda: self.keys.hgetall("gatehouse:grants") == {client_of("127.0.0.1"): "4"}, FAREWELL_SECONDS)
        for _ in self.tries(self.server):
            self.open(self.server)
            if not self.keys.exists("gatehouse:grants"):
                break
        self.assertFalse(self.keys.exists("gatehouse:grants"))
        self.refuse(self.server, "too_many_reconnects", 6)
        # The server that ended stored them for all: it does not spare them once more itself.
        self.start(self.other)
        self.refuse(self.other, "too_many_reconnects", 6)


class TicketCase(LimitsTestCase):
    def ticket(self, node, token):
        return node.request("POST", "/api/ticket/", None, None, {"Origin": ORIGIN, **bearer(token)}).json()["ticket"]

    def timed(self, ask, *arguments, **more):
        """What it says. How long that took is kept."""
        since = time.monotonic()
        said = ask(*arguments, **more)
        self.took.append(time.monotonic() - since)
        return said

    def try_ticket(self, node, path):
        """An attempt with a ticket: the answer, with what comes next of one that is let in."""
        with RawConnection(node) as connection:
            answer = self.timed(connection.upgrade, path=path, query=False)
            answer.greeting = json.loads(connection.read_frame()[1]) if answer.status == 101 else None
            return answer

    def in_quick_moments(self, giver, attempt):
        """What attempt(path) gives with a new ticket, in a round in which Redis had the time to say what it knows."""
        end = time.monotonic() + LONGEST_SECONDS
        while True:
            self.took = []
            self.user = os.urandom(4).hex()
            path = CHANNEL + "?ticket=" + self.timed(self.ticket, giver, make_token(self.user))
            said = attempt(path)
            if max(self.took) < TICKET_SECONDS:
                return said
            self.assertLess(time.monotonic(), end, "this machine is never quick enough for it")


class Tickets(TicketCase):
    settings = {"MAX_RECONNECT_ATTEMPTS": 1000, "MAX_CONNECTIONS_PER_IP": 1000, "MAX_CONNECTIONS_PER_USER": 1000}

    def test_a_ticket_is_good_at_every_node_and_once(self):
        for giver, taker in ((self.server, self.other), (self.server, self.server)):
            taken, *others = self.in_quick_moments(
                giver, lambda path, nodes=(taker, self.server, self.other): [self.try_ticket(node, path) for node in nodes])
            self.assertEqual(taken.status, 101, taken)
            self.assertEqual(taken.greeting["type"], "notifications_list")
            for answer in others:
                self.assert_problem(answer, 401, "token_invalid", "token")

    def test_at_the_same_time_only_one_gets_in(self):
        for _ in range(10):
            statuses = self.in_quick_moments(self.server, self.try_at_once)
            self.assertEqual(sorted(statuses), [101, 401, 401, 401])

    def try_at_once(self, path):
        """Twice at each node."""
        statuses = []
        threads = [threading.Thread(target=lambda node=node: statuses.append(self.try_ticket(node, path).status))
                   for node in (self.server, self.other) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return statuses

    def test_without_redis_it_is_good_where_it_was_given(self):
        self.redis.kill()
        for node in self.nodes:
            self.wait_until_alone(node)
        path = CHANNEL + "?ticket=" + self.ticket(self.server, make_token("7"))
        self.assert_problem(try_upgrade(self.other, path=path, query=False), 401, "token_invalid", "token")
        self.assertEqual(try_upgrade(self.server, path=path, query=False).status, 101)


    def test_one_that_was_used_stays_used_when_redis_forgets_that(self):
        """Redis loses its last second, as with appendfsync everysec: the ticket is there again."""
        for taker in self.nodes:
            kept = {}

            def use(path, taker=taker, kept=kept):
                kept["key"] = self.keys.keys("gatehouse:ticket:*")[0]
                kept["value"], kept["left"] = self.keys.get(kept["key"]), self.keys.pttl(kept["key"])
                kept["path"] = path
                return self.try_ticket(taker, path)
            self.assertEqual(self.in_quick_moments(self.server, use).status, 101)
            self.redis.kill()
            for node in self.nodes:  # with nobody to ask, also where it was given
                self.assert_problem(try_upgrade(node, path=kept["path"], query=False), 401, "token_invalid", "token")
            self.redis.start()
            self.keys.set(kept["key"], kept["value"], px=kept["left"])
            for node in self.nodes:
                self.assertTrue(eventually(lambda node=node: self.redis_of(node)["up"]), self.redis_of(node))
            for node in self.nodes:
                self.assert_problem(try_upgrade(node, path=kept["path"], query=False), 401, "token_invalid", "token")
            self.keys.delete(kept["key"])
            # Each link comes back by itself, and the one for tickets may be the last; where one node gives and the
            # other one takes, those of both are there.
            self.assertTrue(eventually(
                lambda: self.in_quick_moments(self.server, lambda path: self.try_ticket(self.other, path)).status == 101))


class TicketsOfAFullUser(TicketCase):
    settings = {"MAX_RECONNECT_ATTEMPTS": 1000, "MAX_CONNECTIONS_PER_IP": 1000, "MAX_CONNECTIONS_PER_USER": 1}

    def test_a_refusal_for_the_users_connections_leaves_it_good(self):
        for holder in self.nodes:
            for taker in self.nodes:
                with self.subTest(holder=holder.name, taker=taker.name):
                    refused, admitted = self.in_quick_moments(self.server, lambda path, holder=holder, taker=taker:
                                                              self.refused_and_admitted(path, holder, taker))
                    self.assert_problem(refused, 429, "too_many_connections")
                    self.assertEqual(admitted.status, 101, admitted)

    def refused_and_admitted(self, path, holder, taker):
        held = self.admit(holder, user=self.user)
        refused = self.try_ticket(taker, path)
        held.close()
        answers = []

        def is_judged():  # the place is free a moment later
            answers.append(self.try_ticket(taker, path))
            return answers[-1].status != 429
        eventually(is_judged)
        return refused, answers[-1]


class DeadNode(LimitsTestCase):
    settings = {"MAX_CONNECTIONS_PER_IP": 100000, "MAX_RECONNECT_ATTEMPTS": 100000, "MAX_CONNECTIONS_PER_USER": 100000,
                "MAX_CONNECTIONS": 100000}

    def test_counts_of_a_killed_node_vanish(self):
        with Crowd(self.other, CROWD):
            self.admit(self.server, "127.9.0.1")
            wait_until("all are counted", lambda: sum(self.counts().values()) == CROWD + 1, 60)
            self.end_node(self.other)
            killed = time.monotonic()
        wait_until("the counts vanish", lambda: self.counts() == {"127.9.0.1": 1}, 60, 0.25)
        print(f"\nthe counts of {CROWD} connections vanished {time.monotonic() - killed:.1f} s after kill -9", flush=True)
        wait_until("and the node", lambda: self.keys.zcard("gatehouse:nodes") == 1)

    def test_nothing_is_left_of_ten_thousand_comings_and_goings(self):
        seed = int(os.environ.get("GATEHOUSE_SEED", "0")) or random.randrange(1 << 30)
        print(f"\nseed {seed}", flush=True)

        def churn(part):
            chance = random.Random(seed + part)
            held = []
            for number in range(CHURN // 4):
                node = chance.choice((self.server, self.other))
                connection = RawConnection(node, f"127.0.{part}.{chance.randrange(1, 20)}")
                if chance.random() < 0.2:
                    connection.send(b"GET " + CHANNEL.encode() + b"?token=" + make_token().encode() + b" HTTP/1.1\r\nHost: a\r\n")
                elif chance.random() < 0.3:  # gone before anybody has answered
                    connection.send(upgrade_head(token=make_token(str(chance.randrange(9)))))
                else:
                    self.assertEqual(connection.upgrade(token=make_token(str(chance.randrange(9)))).status, 101)
                    held.append(connection)
                if connection not in held or chance.random() < 0.5:
                    connection.close()
                if len(held) > 30:
                    held.pop(0).close()
            for connection in held:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(churn, range(1, 5)))  # what failed in one of them is raised here
        wait_until("nothing is counted", lambda: self.counts() == {} and self.counts("u") == {}, 60)


if __name__ == "__main__":
    unittest.main()
