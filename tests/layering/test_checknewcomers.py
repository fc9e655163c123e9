#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that each rule of checknewcomers.py can fail, and that the page of this repository keeps them."""
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import checknewcomers
from checknewcomers import Case

ROOT = Path(__file__).resolve().parents[2]

PAGE = """# Contributing

## Layout: where a change goes

| folder | what |
|---|---|
| `shared/` | Both use it. |
| `server/net` | Sockets. |
| `server/cluster` | Nodes. |
| `console/app` | Windows. |

## Where would I add …

Each list names files.

### a limit (example: `MAX_X`)

1. `shared/limits.h`: its enumerator, with
   `tests/mentioned.py` in a second line.
2. `server/guard.cpp`, `server/guard.h`: counting.
3. `console/texts.h`: once more.

Nothing to do for: the rest, as `Router::judge()` in `server/router.cpp` says; `GET /limits` and `--help` are no names.

Pages: `resources/docs/settings.md`,
`resources/api.json`.
Tests: `tests/test_limits.py`.

## Style

1. `nowhere/at/all.cpp`: not of the section.
"""

TREE = {
    "CONTRIBUTING.md": PAGE,
    "server/net/a.h": "\n",
    "server/cluster/a.h": "\n",
    "console/app/a.h": "\n",
    "shared/limits.h": "MaxX\n",
    "server/guard.cpp": "count(MaxX);\n",
    "server/guard.h": "// MaxX\n",
    "server/router.cpp": "int a;\n",
    "server/router.h": "int judge() const;\n",
    "server/bench.cpp": "raise MAX_X\n",
    "server/README.md": "MAX_X is a limit\n",
    "console/texts.h": "max_x\n",
    "resources/docs/settings.md": "MAX_X\n",
    "resources/api.json": "max_x\n",
    "tests/mentioned.py": "\n",
    "tests/test_limits.py": "MAX_X\n",
}

FLOORS = {"server": ("net", "cluster/scripts", "cluster"), "console": ("app",)}
CASE = Case("a limit", 4, r"(?i)max_?x\b", elsewhere={"server/bench.cpp": "a hint"})


class CheckNewcomers(unittest.TestCase):
    def check(self, changes=None, case=CASE):
        """What is said of TREE with these files changed; None takes a file away."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in {**TREE, **(changes or {})}.items():
                if content is None:
                    continue
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            with contextlib.redirect_stdout(io.StringIO()) as output:
                status = checknewcomers.main([folder], (case,), FLOORS)
            return status, output.getvalue()

    def assert_refused(self, words, changes=None, case=CASE):
        status, output = self.check(changes, case)
        self.assertEqual(status, 1, output)
        self.assertIn(words, output)
        self.assertIn("\n1 violation(s)", output)

    def page(self, old, new):
        self.assertIn(old, PAGE)
        return {"CONTRIBUTING.md": PAGE.replace(old, new)}

    def test_accepts_what_is_allowed(self):
        self.assertEqual(self.check(), (0, "0 violation(s)\n"))

    def test_accepts_the_page_of_this_repository(self):
        self.assertEqual(checknewcomers.check_tree(ROOT), [])

    def test_the_bounds_of_this_repository_are_those_that_were_agreed(self):
        bounds = {case.title: case.bound for case in checknewcomers.CASES}
        self.assertLessEqual(bounds["a limit"], 6)
        self.assertLessEqual(bounds["an alert rule"], 4)
        self.assertLessEqual(bounds["a console page"], 8)

    def test_refuses_a_page_without_the_section(self):
        words = 'CONTRIBUTING.md:1: has no section "## Where would I add …"'
        self.assert_refused(words, self.page("## Where would I add …", "## Elsewhere"))
        self.assert_refused(words, {"CONTRIBUTING.md": None})

    def test_refuses_a_table_that_has_other_folders(self):
        words = "CONTRIBUTING.md:7: the floors of server are server/net server/cluster; the table has"
        self.assert_refused(f"{words} server/net\n", self.page("| `server/cluster` | Nodes. |\n", ""))
        self.assert_refused(f"{words} server/cluster server/net\n", self.page(
            "| `server/net` | Sockets. |\n| `server/cluster` | Nodes. |\n", "| `server/cluster` | Nodes. |\n| `server/net` | Sockets. |\n"))
        self.assert_refused("CONTRIBUTING.md:7: there is no common", self.page("`shared/`", "`common/`"))
        self.assertIn("CONTRIBUTING.md:1: the floors of console are console/app", self.check(self.page("## Layout", "## Folders"))[1])

    def test_refuses_a_missing_list(self):
        without_items = "".join(line.lstrip("123. ") for line in PAGE.splitlines(keepends=True))
        self.assert_refused('no list for "a limit"', {"CONTRIBUTING.md": without_items})
        self.assertIn('no list for "a limit"', self.check(self.page("### a limit", "### limits"))[1])

    def test_refuses_a_list_that_nobody_holds(self):
        self.assert_refused('nobody holds the list "a colour"', self.page("## Style", "### a colour\n\n1. `shared/limits.h`: x.\n\n## Style"))

    def test_refuses_files_that_do_not_exist(self):
        for path in ("tests/mentioned.py", "server/router.cpp", "resources/docs/settings.md", "tests/test_limits.py"):
            with self.subTest(path=path):
                self.assert_refused(f"there is no {path}", {path: None})
        self.assert_refused("CONTRIBUTING.md:20: there is no server/guard.h", {"server/guard.h": None})

    def test_refuses_names_that_nothing_has(self):
        self.assert_refused("CONTRIBUTING.md:23: nothing is called judge", {"server/router.h": "int decide() const;\n"})
        self.assert_refused("CONTRIBUTING.md:23: nothing is called kRoutes", self.page("as `Router", "as `kRoutes` and `Router"))

    def test_refuses_a_list_over_its_bound(self):
        self.assert_refused("CONTRIBUTING.md:16: a limit: 4 files; at most 3", case=CASE._replace(bound=3))

    def test_refuses_a_file_that_stands_there_twice(self):
        self.assert_refused("a limit: server/guard.h stands there twice", self.page("`shared/limits.h`: its", "`server/guard.h`: its")
                            | {"shared/limits.h": "\n"})

    def test_refuses_what_is_no_production_file(self):
        self.assert_refused("tests/test_limits.py is no production file",
                            self.page("3. `console/texts.h`:", "3. `console/texts.h`, `tests/test_limits.py`:"),
                            CASE._replace(bound=5))

    def test_refuses_a_file_that_knows_the_example_and_is_not_listed(self):
        for path in ("server/other.cpp", "console/max_x.svg", "shared/deep/down/a.h", "resources/other.json"):
            with self.subTest(path=path):
                self.assert_refused(f'{path}:1: knows the example of "a limit", and is not in its list', {path: "MAX_X\n"})
        self.assert_refused('console/max_x.svg:1: knows the example', {"console/max_x.svg": "<svg/>\n"})

    def test_refuses_a_listed_file_that_does_not_know_the_example(self):
        self.assert_refused('CONTRIBUTING.md:20: server/guard.cpp does not know the example of "a limit"', {"server/guard.cpp": "\n"})

    def test_refuses_an_exception_that_is_none_any_more(self):
        self.assert_refused('server/bench.cpp:1: is in elsewhere of "a limit", and does not know', {"server/bench.cpp": "\n"})
        self.assert_refused('server/guard.h:1: is in elsewhere of "a limit", and in its list',
                            case=CASE._replace(elsewhere={**CASE.elsewhere, "server/guard.h": "a comment"}))

    def test_wrong_usage(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(checknewcomers.main([]), 2)
            self.assertEqual(checknewcomers.main(["/does/not/exist"]), 2)


if __name__ == "__main__":
    unittest.main()
