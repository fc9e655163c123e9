# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of RESULTS.md and the suite's choices, without any server."""
import argparse
import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import peers
import results
import suite
import targets

OPTIONS = argparse.Namespace(rounds=5, seconds=2)


class FakePeer:
    def __init__(self, name):
        self.name, self.title = name, name.upper()

    def version(self):
        return "1.0"


def report(**measured):
    return {"median": measured}


class Numbers(unittest.TestCase):
    def test_number(self):
        for value, text in ((None, "–"), (0, "0"), (0.01234, "0.0123"), (4.4444, "4.44"), (999.4, "999"), (1000, "1,000"),
                            (1234567.8, "1,234,568")):
            self.assertEqual(results.number(value), text)

    def test_cell_has_the_ratio_to_ours(self):
        self.assertEqual(results.cell(8, 4), "8 (×2)")
        self.assertEqual(results.cell(1, 3), "1 (×0.33)")
        self.assertEqual(results.cell(4, 4), "4")
        self.assertEqual(results.cell(4, None), "4")
        self.assertEqual(results.cell(None, 4), "–")
        self.assertEqual(results.cell(4, 0), "4")

    def test_median_over_rounds(self):
        rounds = [report(x=9), report(), report(x=1), report(x=2)]
        self.assertEqual(results.median(rounds, "x"), 2)
        self.assertIsNone(results.median(rounds, "y"))
        self.assertIsNone(results.median([], "x"))


class Targets(unittest.TestCase):
    def rows(self, **cpu):
        reports = {(peer, mode): [report(cpu_us_per_operation=value)] for (peer, mode), value in cpu["reports"].items()}
        return {(each[0], each[1]): each[2:] for each in targets.rows(reports, cpu.get("micro"))}

    def test_met_missed_and_impossible(self):
        echo = {("gatehouse-1", "echo"): 6, ("ws", "echo"): 10, ("kernel", "echo"): 5}
        self.assertEqual(self.rows(reports=echo)["echo: CPU per message", "echo"], ("0.6 × ws", "≤ 0.6 × ws", "met", "0.5 × ws"))
        echo["gatehouse-1", "echo"] = 6.1
        self.assertEqual(self.rows(reports=echo)["echo: CPU per message", "echo"][2], "missed")
        echo["kernel", "echo"] = 6.01
        self.assertEqual(self.rows(reports=echo)["echo: CPU per message", "echo"][2], "missed; system calls alone miss it")

    def test_more_is_better_where_it_says_so(self):
        churn = {("gatehouse-1", "churn"): 10, ("ws", "churn"): 29, ("kernel", "churn"): 8}
        row = self.rows(reports=churn)["handshakes with HS256, a core's worth", "churn"]
        self.assertEqual(row, ("2.9 × ws", "≥ 3 × ws", "missed", "3.62 × ws"))
        self.assertEqual(self.rows(reports={("gatehouse-1", "refused-origin"): 25})["refused handshakes, a core's worth", "refused-origin"],
                         ("40,000 1/s", "≥ 40,000 1/s", "met", "–"))

    def test_what_was_not_measured_is_left_out(self):
        self.assertEqual(self.rows(reports={("ws", "echo"): 1}), {})

    def test_micro_benchmarks(self):
        median = {"run_name": "addressTableAdmitAmongMillion", "aggregate_name": "median", "cpu_time": 0.21, "time_unit": "us", "table MiB": 41}
        rows = self.rows(reports={}, micro={"benchmarks": [median, {**median, "aggregate_name": "mean", "cpu_time": 9}]})
        self.assertEqual(rows["guard decision, a million addresses known", "micro"][:3], ("210 ns", "≤ 200 ns", "missed"))
        self.assertEqual(rows["its table", "micro"][2], "met")


class Document(unittest.TestCase):
    def setUp(self):
        self.peers = [FakePeer("ours"), FakePeer("theirs")]
        self.modes = suite.modes(False)
        self.reports = {("ours", "echo"): [report(cpu_us_per_operation=4, per_second=100)] * 3,
                        ("theirs", "echo"): [report(cpu_us_per_operation=10, per_second=50)],
                        ("ours", "slow"): [report(latency_p99_ms=5, listeners_cut=5)]}

    def test_tables(self):
        text = results.document(self.peers, self.modes, self.reports, None, ["THEIRS, echo: lost", "THEIRS, echo: lost"], OPTIONS)
        self.assertIn("| echo, 100 clients | 4 | 10 (×2.5) |", text)
        self.assertIn("| echo, 100 clients | 100 | 50 (×0.5) |", text)
        self.assertIn("| 5 of 200 listeners stop reading | 5 | – |", text)
        self.assertLess(text.index("CPU per unit of work"), text.index("Throughput"))
        self.assertNotIn("Memory per idle", text)  # nobody measured it
        self.assertEqual(text.count("- THEIRS, echo: lost"), 1)
        self.assertIn("- OURS: 1.0", text)

    def test_names_no_machine_and_no_path(self):
        with mock.patch("platform.release", return_value="6.1.0-built-on-somehost"):
            text = results.document(self.peers, self.modes, self.reports, None, [], OPTIONS)
        self.assertIn("Linux 6.1.0;", text)
        self.assertNotIn("somehost", text)
        self.assertNotIn(str(suite.ROOT), text)

    def test_micro(self):
        micro = {"benchmarks": [
            {"name": "a_mean", "run_name": "a", "aggregate_name": "mean", "cpu_time": 1, "time_unit": "ns"},
            {"name": "a_median", "run_name": "a", "aggregate_name": "median", "cpu_time": 2.5, "time_unit": "us", "table MiB": 64.2}]}
        text = results.document([], self.modes, {}, micro, [], OPTIONS)
        self.assertIn("| a | 2,500 | table MiB 64.2 |", text)
        self.assertEqual(text.count("| a |"), 1)

    def test_every_mode_is_in_a_table(self):
        shown = {name for *_, names in results.TABLES for name in names}
        self.assertEqual(shown, set(self.modes))
        self.assertEqual({*peers.EVERYTHING, *peers.OURS}, set(self.modes))


class Plausibility(unittest.TestCase):
    def judge(self, name, **measured):
        whole = {"mode": name, "operation": "x", "server": "s", "rounds": [{}], "connections": 20,
                 "median": {"seconds": 1.0, "operations": 5, **measured}}
        return suite.implausible(suite.modes(True)[name], whole)

    def test_good_reports_pass(self):
        self.assertEqual(self.judge("echo", messages_sent=5, messages_received=5, lost=0), "")
        self.assertEqual(self.judge("fanout", deliveries_missed=0, deliveries_expected=5, messages_received=5), "")
        self.assertEqual(self.judge("idle", connections=20, operations=0), "")
        self.assertEqual(self.judge("refused-token", admitted=0), "")

    def test_bad_reports_are_named(self):
        for name, measured, word in (("echo", {"messages_sent": 5, "messages_received": 4}, "4 received"),
                                     ("echo", {"messages_sent": 5, "messages_received": 5, "lost": 1}, "lost"),
                                     ("churn", {"operations": 0}, "nothing was done"),
                                     ("churn", {"seconds": 0}, "no time"),
                                     ("idle", {"connections": 19}, "not all connections"),
                                     ("fanout", {"deliveries_missed": 1, "deliveries_expected": 6, "messages_received": 5}, "missed"),
                                     ("refused-token", {"admitted": 2}, "admitted")):
            with self.subTest(name=name, measured=measured):
                self.assertIn(word, self.judge(name, **measured))
        empty = suite.implausible(suite.modes(True)["churn"], {"median": {}})
        self.assertIn("rounds is missing", empty)


class Choices(unittest.TestCase):
    def test_pick(self):
        self.assertEqual(suite.pick("b,a", {"a": 1, "b": 2}, "peer"), ["b", "a"])
        self.assertEqual(suite.pick(None, {"a": 1, "b": 2}, "peer"), ["a", "b"])
        said = io.StringIO()
        with self.assertRaises(SystemExit) as ended, contextlib.redirect_stderr(said):
            suite.pick("c", {"a": 1}, "peer")
        self.assertEqual(ended.exception.code, 2)
        self.assertIn('peer "c" is unknown; there are a', said.getvalue())

    def test_bad_arguments_end_with_2(self):
        for arguments in (["--rounds", "0"], ["--rounds", "many"], ["--nonsense"], ["--seconds", "101"]):
            with self.subTest(arguments), self.assertRaises(SystemExit) as ended, contextlib.redirect_stderr(io.StringIO()):
                suite.parse(arguments, [], [])
            self.assertEqual(ended.exception.code, 2)

    def test_only_a_whole_run_writes_the_results(self):
        with tempfile.TemporaryDirectory() as folder:
            single = Path(folder) / "single.json"
            options = argparse.Namespace(output=None, json=single)
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                suite.write(options, False, "the text", {("ours", "echo"): [report(x=1)]})
            self.assertIn("the text", printed.getvalue())
            self.assertEqual(json.loads(single.read_text(encoding="utf-8")),
                             [{"peer": "ours", "mode": "echo", "reports": [{"median": {"x": 1}}]}])
            options.output = Path(folder) / "out.md"
            with contextlib.redirect_stdout(printed):
                suite.write(options, False, "the text", {})
            self.assertEqual(options.output.read_text(encoding="utf-8"), "the text")

    def test_every_peer_has_known_modes_and_a_name_of_its_own(self):
        known = peers.all_peers("build/release")
        self.assertEqual(len({peer.name for peer in known}), len(known))
        self.assertEqual(known[0].name, "gatehouse-1")
        for peer in known:
            self.assertLessEqual(set(peer.modes), set(suite.modes(False)))


if __name__ == "__main__":
    unittest.main()
