# SPDX-License-Identifier: GPL-3.0-or-later
"""The alert rules and the dashboard, held against Debian's promtool, the handbook, and what servers alone and in a cluster really expose."""
import json
import re
import shutil
import subprocess
import unittest

import yaml

from gatehouse_server import ROOT, GatehouseServer
from redis_server import RedisServer

FOLDER = ROOT / "resources/monitoring"
NAME = re.compile(r"\b((?:gatehouse|process)_[a-z_]+)(\{[^}]*\})?")
FROM_PROMETHEUS = {"instance", "job"}  # labels that it adds itself


def promtool(*arguments, **more):
    done = subprocess.run([shutil.which("promtool") or "/usr/bin/promtool", *arguments], cwd=FOLDER, capture_output=True, text=True, timeout=60,
                          check=False, **more)
    return done.returncode, done.stdout + done.stderr


def rules():
    return yaml.safe_load((FOLDER / "rules.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]


def expressions():
    """Every expression of the rules and the dashboard."""
    dashboard = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    return [rule["expr"] for rule in rules()] + [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


class Rules(unittest.TestCase):
    def test_promtool_checks_them(self):
        code, output = promtool("check", "rules", "rules.yml")
        self.assertEqual(code, 0, output)
        self.assertIn(f"{len(rules())} rules found", output)

    def test_each_comes_when_it_should(self):
        code, output = promtool("test", "rules", "rules.test.yml")
        self.assertEqual(code, 0, output)
        tested = {test["name"] for test in yaml.safe_load((FOLDER / "rules.test.yml").read_text(encoding="utf-8"))["tests"]}
        self.assertEqual({rule["alert"] for rule in rules()} - tested, set())

    def test_promtool_takes_the_lines_for_its_configuration(self):
        text = (FOLDER / "scrape.yml").read_text(encoding="utf-8").replace("/etc/prometheus/gatehouse/rules.yml", str(FOLDER / "rules.yml"))
        code, output = promtool("check", "config", "--syntax-only", "/dev/stdin", input=text)
        self.assertEqual(code, 0, output)

    def test_the_handbook_says_what_to_do(self):
        headings = re.findall(r"^### (Gatehouse\w+)$", (ROOT / "resources/docs/operations.md").read_text(encoding="utf-8"), re.MULTILINE)
        self.assertEqual(sorted(headings), sorted(rule["alert"] for rule in rules()))
        for rule in rules():
            self.assertEqual(rule["annotations"]["runbook"], "operations.md#" + rule["alert"].lower())
            self.assertIn(rule["labels"]["severity"], ("warning", "critical"))


class Exposition(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """What a node of a cluster exposes, and what a server alone that takes from a Redis does: {name: {label: values}}."""
        redis = RedisServer()
        cls.addClassCleanup(redis.discard)
        redis.start()
        text = ""
        for setting in ("REDIS_URL", "INGEST_REDIS_URL"):
            server = GatehouseServer({setting: redis.url(), "NODE_NAME": "node-1", "METRICS_PUBLIC": "true"})
            cls.addClassCleanup(server.discard)
            server.start()
            text += server.request("GET", "/metrics").body.decode()
        cls.exposed = {}
        for name, labels in re.findall(r"^([a-z_]+)(?:\{([^}]*)\})? ", text, re.MULTILINE):
            values = cls.exposed.setdefault(name, {})
            for label, value in re.findall(r'([a-z_]+)="([^"]*)"', labels):
                values.setdefault(label, set()).add(value)

    def test_every_name_and_label_is_there(self):
        used = 0
        for expression in expressions():
            for name, selector in NAME.findall(expression):
                used += 1
                self.assertIn(name, self.exposed, expression)
                for label, operator, value in re.findall(r'(\w+)(=~|=)"([^"]*)"', selector):
                    if label in FROM_PROMETHEUS:
                        continue
                    self.assertIn(label, self.exposed[name], expression)
                    for each in value.split("|") if operator == "=~" else [value]:
                        self.assertIn(each, self.exposed[name][label], expression)
        self.assertGreater(used, 60)

    def test_every_series_of_the_server_is_on_the_dashboard(self):
        shown = {name for expression in expressions() for name, _ in NAME.findall(expression)}
        families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in self.exposed if name.startswith("gatehouse_")}
        self.assertEqual(families - {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}, set())

    def test_panels_do_not_overlap(self):
        taken = set()
        for panel in json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))["panels"]:
            place = panel["gridPos"]
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertNotIn((x, y), taken, panel["title"])
                    taken.add((x, y))
            self.assertLessEqual(place["x"] + place["w"], 24)


if __name__ == "__main__":
    unittest.main()
