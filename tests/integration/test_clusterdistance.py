# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes whose Redis is at a distance, or has a slow disk: it judges all the same, from the first client on, and exactly."""
import os
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from cluster import LimitsTestCase
from gatehouse_server import binary, eventually, make_token
from rawconnection import RawConnection
from redis_server import FaultProxy, RedisServer, free_port

AT_A_TIME = 50
ADDRESSES = 48  # each comes six times; five are let in
JOINING = "joining the cluster"


class DistantTestCase(LimitsTestCase):
    one_way = 0.0  # seconds
    settings = {"MAX_CONNECTIONS_PER_IP": 5, "MAX_RECONNECT_ATTEMPTS": 1000, "MAX_CONNECTIONS_PER_USER": 100000}

    def start_redis(self):
        super().start_redis()
        self.proxy = FaultProxy(self.redis.port)
        self.proxy.delay = self.one_way
        self.addCleanup(self.proxy.close)

    def redis_url(self, name):
        return self.proxy.url()

    def wait_until_ready(self, node):
        """A node that says that it listens has joined: nothing is to be waited for."""

    def asked_and_unanswered(self):
        """Over both nodes."""
        def sum_of(name):
            return sum(int(float(line.split()[1])) for node in self.nodes for line in node.get("/metrics").body.decode().splitlines()
                       if line.startswith(f"gatehouse_cluster_{name} "))
        return sum_of("admission_seconds_count"), sum_of("admissions_unanswered_total")

    def try_address(self, number, address):
        """One attempt: the status."""
        answer = self.open(self.nodes[number % 2], address, user=str(number))
        return 101 if isinstance(answer, RawConnection) else answer.status

    def check_exact(self, first_address=1):
        """Six attempts of each address over both nodes, fifty at a time: five get in, whichever come first, and none is judged by a node alone."""
        attempts = [(number, f"127.0.7.{first_address + number % ADDRESSES}") for number in range(6 * ADDRESSES)]
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            statuses = list(pool.map(lambda each: self.try_address(*each), attempts))
        for address in {address for _, address in attempts}:
            of_it = sorted(status for status, (_, whose) in zip(statuses, attempts) if whose == address)
            self.assertEqual(of_it, [101] * 5 + [429], address)
        asked, unanswered = self.asked_and_unanswered()
        print(f"\n{asked} asked, {unanswered} not answered in time", flush=True)
        self.assertGreaterEqual(asked, 5 * ADDRESSES)
        self.assertLessEqual(1000 * unanswered, asked)

    def check_first_clients(self):
        """Of the first six after the start, each at another node than the one before."""
        statuses = [self.try_address(number, "127.0.8.1") for number in range(6)]
        self.assertEqual(statuses, [101] * 5 + [429])


class SameMachine(DistantTestCase):
    def test_it_judges_exactly(self):
        self.check_first_clients()
        self.check_exact()


class SameCity(SameMachine):
    one_way = 0.001


class NextCity(SameMachine):
    one_way = 0.005


class OtherCountry(SameMachine):
    one_way = 0.025


class SlowDisk(DistantTestCase):
    """Redis answers once its disk has what it writes, and each fsync takes a tenth of a second."""

    def start_redis(self):
        self.redis = self.add_redis(RedisServer(durable=True))
        library = os.path.join(os.path.dirname(binary()), "faultydisk.so")
        if not os.path.exists(library):
            self.skipTest(f"{library} is not built")
        control = os.path.join(self.redis.directory, "disk")
        with open(control, "w", encoding="ascii") as file:
            file.write("slow-sync")
        self.redis.environment = {"LD_PRELOAD": library, "FAULTY_DISK": control}
        self.redis.start()
        self.keys = self.redis.client()
        self.proxy = FaultProxy(self.redis.port)
        self.addCleanup(self.proxy.close)

    def test_it_is_waited_for(self):
        self.check_first_clients()
        self.check_exact()
        for node in self.nodes:
            self.assertNotIn("limits_alone", node.stderr())


class Starting(DistantTestCase):
    node_names = ()

    def setUp(self):
        self.connections = []
        super(LimitsTestCase, self).setUp()

    def begin(self, name):
        """A node that is being started while nothing comes from Redis."""
        node = self.add_node(name, LISTEN=f"127.0.0.1:{free_port()}")
        node.port = int(node.settings["LISTEN"].rpartition(":")[2])
        starter = threading.Thread(target=node.start)
        starter.start()
        self.addCleanup(starter.join)
        return node, starter

    def readiness(self, node):
        """What /readyz says; None while nobody listens."""
        try:
            answer = node.request("GET", "/readyz")
        except OSError:
            return None
        return answer.status, answer.json()

    def test_who_comes_before_it_has_joined_is_judged_by_all(self):
        for attempt in range(10):  # it waits for a second, and a busy machine may need that
            node, judged = self.come_early(f"early-{attempt}")
            if judged is not None:
                break
        self.assertIsNotNone(judged, "this machine is never quick enough for it")
        self.assertEqual(judged, (101, 1, 0))  # let in; asked about, and answered

    def come_early(self, name):
        """A client of a node that has not joined: its status, and what the node has asked Redis. None where it had given up before."""
        self.proxy.hold()
        node, starter = self.begin(name)
        self.assertTrue(eventually(lambda: self.readiness(node) is not None))
        status, said = self.readiness(node)
        statuses = []
        with RawConnection(node) as connection:
            client = threading.Thread(target=lambda: statuses.append(connection.upgrade(token=make_token()).status))
            client.start()
            self.proxy.release()
            starter.join()
            client.join()
            self.assertTrue(eventually(lambda: self.readiness(node)[0] == 200))
            if status == 200 or "limits_alone" in node.stderr():
                self.end_node(node)
                self.nodes.remove(node)
                return node, None
            self.assertEqual((said["code"], said["detail"]), ("not_ready", JOINING))
            return node, (*statuses, *self.asked_and_unanswered())

    def test_who_cannot_join_serves_alone_and_says_so(self):
        self.proxy.refuse()
        node, starter = self.begin("lonely")
        starter.join()
        self.assertEqual(self.readiness(node), (200, {"status": "ready", "redis": "down", "limits": "local"}))
        with RawConnection(node) as connection:
            self.assertEqual(connection.upgrade(token=make_token()).status, 101)
        self.assertIn("limits_alone", node.stderr())
        self.proxy.accept()
        self.assertTrue(eventually(lambda: self.readiness(node) == (200, {"status": "ready", "redis": "up", "limits": "shared"})))

    def test_a_silent_redis_is_given_up(self):
        self.proxy.hold()
        node, starter = self.begin("patient")
        starter.join()
        self.assertEqual(self.readiness(node)[1], {"status": "ready", "redis": "down", "limits": "local"})
        self.proxy.release()
        self.wait_until_it_shares(node)


if __name__ == "__main__":
    unittest.main()
