# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages: links lead somewhere, both languages have the same commands, every problem has its section, the site can be built of them."""
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from gatehouse_server import ROOT

sys.path.insert(0, str(ROOT / "tests/packages"))
from blocks import commands, fenced  # noqa: E402

DOCS = ROOT / "resources/docs"
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "resources/client/README.md", "server/README.md",
                                  "server/cluster/README.md")] + sorted(DOCS.glob("*.md"))
# Where a code of a problem stands in the sources: beside its status, in a field of its own, or in the table of reasons.
CODES = (r"""\b[45][0-9]{2}, ?u?"([a-z_]+)"_?(?:s|L1)""", r"""u"(invalid_[a-z]+)"_s""", r"""Reason::\w+, "([a-z_]+)"_L1""")


def anchor(heading):
    """What a heading is linked by: in lower case, without signs, with hyphens for blanks."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def text_of(path):
    return path.read_text(encoding="utf-8")


def anchors(path):
    return {anchor(heading) for heading in re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text_of(path), flags=re.DOTALL), re.MULTILINE)}


class Pages(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page in PAGES:
            for path, fragment in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]+))?\)", re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)):
                with self.subTest(page=page.name, link=path, fragment=fragment):
                    target = (page.parent / path).resolve() if path else page
                    self.assertTrue(target.exists(), target)
                    if fragment and target.suffix == ".md":
                        self.assertIn(fragment, anchors(target))

    def test_both_languages_have_the_same_commands(self):
        for name in ("deployment", "migration"):
            english, thai = DOCS / f"{name}.md", DOCS / f"{name}.th.md"
            self.assertEqual([block[:2] for block in fenced(english)], [block[:2] for block in fenced(thai)])
            for level in (1, 2, 3):
                pattern = re.compile(rf"^{'#' * level} ", re.MULTILINE)
                self.assertEqual(len(pattern.findall(text_of(english))), len(pattern.findall(text_of(thai))), name)

    def test_commands_are_good_shell(self):
        blocks = commands(DOCS / "deployment.md") + commands(DOCS / "operations.md")
        self.assertGreater(len(blocks), 30)
        for heading, body, _ in blocks:
            done = subprocess.run(["bash", "-n"], input=body, capture_output=True, text=True, check=False)
            self.assertEqual(done.stderr, "", heading)

    def test_the_guides_chapters_are_there(self):
        headings = re.findall(r"^## (.+)$", text_of(DOCS / "deployment.md"), re.MULTILINE)
        self.assertEqual(headings, ["Checklist before you begin", "Steps", "Verification", "Monitoring", "Security configuration", "Troubleshooting",
                                    "Performance tuning", "Rollback", "After the deployment", "Success criteria"])

    def test_every_problem_has_its_section(self):
        known = set()
        for path in [*(ROOT / "server").rglob("*.cpp"), *(ROOT / "shared").rglob("*.cpp")]:
            for pattern in CODES:
                known |= set(re.findall(pattern, text_of(path)))
        self.assertGreater(len(known), 35)
        described = re.findall(r"^## (.+)$", text_of(DOCS / "problems.md"), re.MULTILINE)
        self.assertEqual(sorted(described), sorted(known))


    def statuses(self):
        """Code → statuses, as problems.md says them first."""
        found = {}
        for section in re.split(r"(?m)^## ", text_of(DOCS / "problems.md"))[1:]:
            code, text = section.split("\n", 1)
            found[code] = set(map(int, re.findall(r"\b[45]\d\d\b", text.split(". ")[0])))
        return found

    def test_problems_have_the_statuses_of_the_answers(self):
        described = self.statuses()
        seen = set()
        for path in [*(ROOT / "server").rglob("*.cpp"), *(ROOT / "shared").rglob("*.cpp")]:
            for status, code in re.findall(r'\b([45][0-9]{2}), ?u?"([a-z_]+)"_?(?:s|L1)', text_of(path)):
                with self.subTest(code):
                    self.assertIn(int(status), described[code])
                    seen.add(code)
        self.assertGreater(len(seen), 25)

    def test_the_api_names_problems_by_the_codes_that_have_these_statuses(self):
        """That each answer is one of those named, every request of every integration test checks."""
        described, document = self.statuses(), json.loads(text_of(ROOT / "resources/api/openapi.json"))
        for path, item in document["paths"].items():
            for method, operation in item.items():
                for status, answer in operation["responses"].items() if method != "parameters" else ():
                    answer = document["components"]["responses"][answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
                    if "application/problem+json" not in answer.get("content", {}):
                        continue
                    with self.subTest(f"{method} {path} {status}"):
                        codes = set(re.findall(r"`([a-z_]+)`", answer["description"])) & set(described)
                        self.assertNotEqual(codes, set(), "says not which problem it is")
                        self.assertEqual({code for code in codes if int(status) not in described[code]}, set())


class Site(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="gatehouse-site-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.built = subprocess.run([ROOT / "packaging/build-docs", "--out", cls.folder / "site"], capture_output=True, text=True, check=False)

    def setUp(self):
        self.assertEqual(self.built.returncode, 0, self.built.stdout + self.built.stderr)

    def page(self, path):
        return text_of(self.folder / "site" / path / "index.html")

    def test_no_page_asks_another_server(self):
        for path in (self.folder / "site").rglob("*.html"):
            for address in re.findall(r"""<(?:script|link|img|iframe)[^>]*\b(?:src|href)=["'](https?:)?//""", text_of(path)):
                self.fail(f"{path}: {address}")

    def test_pages_of_problems_and_of_the_api(self):
        for code in re.findall(r"^## (.+)$", text_of(DOCS / "problems.md"), re.MULTILINE):
            self.assertIn(f"/api/problems/{code}", self.page(f"problems/{code}"))
        api = self.page("api")
        for path, methods in json.loads(text_of(ROOT / "resources/api/openapi.json"))["paths"].items():
            self.assertIn(path.replace("{", "{"), api)
            for method in set(methods) - {"parameters"}:
                self.assertIn(f"{method.upper()} {path}", api)

    def test_pictures_and_both_languages(self):
        self.assertTrue((self.folder / "site/screenshots/overview-dark.png").is_file())
        self.assertIn("คู่มือการติดตั้งใช้งาน", self.page("deployment.th"))


if __name__ == "__main__":
    unittest.main()
