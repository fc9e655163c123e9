# SPDX-License-Identifier: GPL-3.0-or-later
"""One client that is refused without end: what that leaves in the log and in the state file is bounded, and what is left out is told."""
import re
import sqlite3
import unittest
from contextlib import closing
from pathlib import Path

from gatehouse_server import ADMIN, ServerTestCase, eventually
from rawconnection import RawConnection, try_upgrade, upgrade_head

FLOOD = 700  # as fast as may be: more than are written down in a second, where the machine is quick
AT_ONCE = 50  # one address may have 64 connections that are not clients


class RefusalFlood(ServerTestCase):
    def left_out(self):
        """How many refusals were left out, by place."""
        text = self.server.get("/metrics").body.decode()
        return {place: int(count) for place, count in
                re.findall(r'^gatehouse_refusals_left_out_total\{place="(\w+)"\} (\d+)$', text, re.MULTILINE)}

    def told(self, event):
        return sum(int(line.partition("count=")[2]) for line in self.lines(event))

    def ask_state_file(self, sql):
        with closing(sqlite3.connect(f"file:{Path(self.server.state_dir) / 'gatehouse.db'}?mode=ro", uri=True)) as database:
            return database.execute(sql).fetchall()[0][0]

    def lines(self, event):
        return re.findall(rf"^\S+ \w+ {event} (.*)$", self.server.stderr(), re.MULTILINE)

    def rows(self):
        return self.ask_state_file("SELECT COUNT(*) FROM decisions")

    def flood(self):
        """So many refused, one after the other."""
        for _ in range(FLOOD // AT_ONCE):
            connections = [RawConnection(self.server) for _ in range(AT_ONCE)]
            for connection in connections:
                connection.send(upgrade_head(origin="https://evil.example").encode())
            for connection in connections:
                self.assertEqual(connection.read_answer().status, 403)
                connection.close()

    def test_what_is_left_out_is_counted_and_told(self):
        self.assertEqual(self.left_out(), {"log": 0, "store": 0, "memory": 0})
        self.flood()

        def is_complete():  # every one of them is somewhere, or counted
            left = self.left_out()
            return (len(self.lines("refused")) + left["log"], self.rows() + left["store"] + left["memory"]) == (FLOOD, FLOOD)
        self.assertTrue(eventually(is_complete), (self.left_out(), len(self.lines("refused")), self.rows()))
        for event, place in (("refusals_not_logged", "log"), ("refusals_not_stored", "store")):
            if self.left_out()[place]:
                self.assertTrue(eventually(lambda event=event, place=place: self.told(event) == self.left_out()[place]), self.lines(event))
        # The API says of every second how many are missing from its lists, and counts them all the same.
        page = self.server.get(ADMIN + "decisions?limit=1").json()
        self.assertEqual(page["total"] + page["not_stored"], FLOOD)
        self.assertEqual(page["total_is"], "sample" if page["not_stored"] else "exact")
        top = self.server.get(ADMIN + "decisions/top?by=origin").json()
        self.assertEqual(top["top"], [{"value": "https://evil.example", "count": FLOOD}])
        self.assertEqual((top["total"], top["total_is"]), (FLOOD, "exact"))
        # Somebody else's refusal is there, in a second that is not the flood's.
        self.assertEqual(try_upgrade(self.server, "127.8.0.1", origin="https://evil.example").status, 403)
        self.assertTrue(eventually(lambda: any("address=127.8.0.1" in line for line in self.lines("refused"))))
        listed = self.server.get(ADMIN + "decisions?address=127.8.0.1").json()["decisions"]
        self.assertEqual([each["reason"] for each in listed], ["origin_not_allowed"])

    def test_the_state_file_shrinks_again(self):
        path = Path(self.server.state_dir) / "gatehouse.db"
        self.assertEqual(self.ask_state_file("PRAGMA auto_vacuum"), 2)
        self.server.stop()
        with closing(sqlite3.connect(path, isolation_level=None)) as database:  # as an earlier version left it
            database.execute("PRAGMA auto_vacuum=NONE")
            database.execute("VACUUM")
            database.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60000) INSERT INTO decisions SELECT "
                             "printf('%026d', i), 0, 'origin', 'origin_not_allowed', '203.0.113.7', '', hex(zeroblob(90)), '', NULL, NULL, "
                             "NULL, 1, '' FROM n")
        full = path.stat().st_size
        self.assertGreater(full, 12_000_000)
        self.assertEqual(self.ask_state_file("PRAGMA auto_vacuum"), 0)
        self.server.start()  # which deletes what is older than the retention
        self.assertEqual(self.ask_state_file("PRAGMA auto_vacuum"), 2)
        self.assertTrue(eventually(lambda: self.ask_state_file("PRAGMA page_count") < 2000, 60), self.ask_state_file("PRAGMA page_count"))
        self.assertEqual(self.rows(), 0)
        self.assertEqual(self.server.publish({"to": {"users": ["ann"]}, "title": "still works"}).status, 202)
        self.server.restart()
        self.assertLess(path.stat().st_size, full / 2)


if __name__ == "__main__":
    unittest.main()
