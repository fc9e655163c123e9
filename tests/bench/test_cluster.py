# SPDX-License-Identifier: GPL-3.0-or-later
"""`gatehouse bench fanout` with two nodes: publishes at one, listens at the other; and tests/bench/run --cluster. Counts, never speed."""
import json
import unittest

import clustersuite
from gatehouse_server import GatehouseServer, eventually
from redis_server import RedisServer

RAISED = {name: "1000000" for name in ("MAX_CONNECTIONS_PER_IP", "MAX_RECONNECT_ATTEMPTS", "MAX_MESSAGES_PER_MINUTE",
                                       "MAX_CONNECTIONS_PER_USER", "MAX_CONNECTIONS")}


class Cluster(unittest.TestCase):
    def test_what_one_node_is_given_the_other_delivers(self):
        redis = RedisServer(durable=False).start()
        self.addCleanup(redis.discard)
        nodes = []
        for name in "ab":
            node = GatehouseServer({**RAISED, "REDIS_URL": redis.url(), "NODE_NAME": name})
            self.addCleanup(node.discard)
            nodes.append(node.start())
        for node in nodes:
            self.assertTrue(eventually(lambda one=node: one.publish({"to": {"users": ["x"]}, "title": "x"}).status == 202, 30))
        # What is not stored reaches only those who listen already.
        self.assertTrue(eventually(lambda: redis.client().pubsub_numsub("gatehouse:ephemeral")[0][1] == len(nodes), 30))
        for more in ((), ("--ephemeral",), ("--in-flight", "8")):
            with self.subTest(more):
                done = nodes[1].run("bench", "fanout", "--url", nodes[1].url, "--publish-url", nodes[0].url, "--connections", "20",
                                    "--duration", "3s", "--rounds", "1", "--json", *more, timeout=60)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                measured = json.loads(done.stdout)["rounds"][0]
                self.assertGreater(measured["publishes"], 5)
                self.assertEqual(measured["deliveries_expected"], 20 * measured["publishes"])
                self.assertEqual(measured["messages_received"], measured["deliveries_expected"])
                self.assertEqual(measured["deliveries_missed"], 0)

    def test_the_suite(self):
        setups = [each for each in clustersuite.SETUPS if each.name == "both"]
        chosen = {name: mode for name, mode in clustersuite.modes(True).items() if name in ("fanout", "steady-stored")}
        reports, failures = clustersuite.run_rounds(setups, chosen, 1, 3, 0.02)
        self.assertEqual(failures, [])
        self.assertGreater(reports["both", "steady-stored"][0]["median"]["latency_p50_ms"], 40)  # Redis is asked, and is that far away
        text = clustersuite.document(setups, chosen, reports, [], ["here"])
        for name in chosen:
            [report] = reports["both", name]
            self.assertGreater(report["median"]["operations"], 5)
            self.assertIn(f"| {chosen[name].title} | ", text)


if __name__ == "__main__":
    unittest.main()
