# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation lists, held against what the program itself says."""
import json
import re
import unittest

from gatehouse_server import ROOT, GatehouseServer

# Where it says in words what depends on the machine or has no one default.
IN_WORDS = {"empty": "", "unset": None, "generated": None}


def page(name):
    return (ROOT / name).read_text(encoding="utf-8")


def settings_page():
    return page("resources/docs/settings.md")


def settings_table():
    """Name → default of each row; a default in words is None."""
    table = settings_page().split("<!-- settings:begin -->")[1].split("<!-- settings:end -->")[0]
    rows = {}
    for line in table.splitlines():
        match = re.match(r"^\| `([A-Z0-9_]+)` \| (.+?) \| .+ \|$", line)
        if match:
            value = match.group(2)
            rows[match.group(1)] = value.strip("`") if re.fullmatch(r"`[^`]+`", value) else IN_WORDS.get(value)
    return rows


def program_settings():
    """Name → default of each setting of the program, None where it has none; the limits' modes are left out."""
    server = GatehouseServer({name: None for name in ("LISTEN", "STATE_DIR", "JWT_SECRET", "ALLOWED_HOSTS", "WORKERS", "DRAIN_SECONDS")})
    try:
        done = server.run("config", "--json")
    finally:
        server.discard()
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    settings = [each for each in json.loads(done.stdout)["settings"] if each["value"] != "enforce"]
    return {each["name"]: each["value"] if each["source"] == "default" else None for each in settings}


class Readme(unittest.TestCase):
    def test_names(self):
        self.assertEqual(sorted(settings_table()), sorted(program_settings()))

    def test_defaults(self):
        program = program_settings()
        for name, value in settings_table().items():
            if value is not None and name in program:
                with self.subTest(name):
                    self.assertEqual(value, program[name])

    def test_commands(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        listed = re.findall(r"^\| `gatehouse ([a-z]+)[^`]*` \|", settings_page(), re.MULTILINE)
        offered = re.findall(r"^  ([a-z]+) +[A-Z]", server.run("--help").stdout, re.MULTILINE)
        self.assertEqual(sorted([*listed, "demo"]), sorted(offered))  # the demo is quickstart's

    def test_bench_modes(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        listed = re.findall(r"^\| `([a-z]+)` \| ", page("resources/docs/measuring.md"), re.MULTILINE)
        offered = re.findall(r"^  ([a-z]+) +[a-z]", server.run("bench", "--help").stdout.split("Options:")[0], re.MULTILINE)
        self.assertEqual(listed, offered)

    def test_one_screen_with_two_commands(self):
        readme = page("README.md")
        self.assertLess(len(readme.splitlines()), 60)
        block = readme.split("```bash\n")[1].split("```")[0].split()
        self.assertEqual(block, ["packaging/quickstart", "tests/run"])
        for path in block:
            self.assertTrue((ROOT / path).stat().st_mode & 0o111)


if __name__ == "__main__":
    unittest.main()
