#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds two sections of CONTRIBUTING.md against the source tree: the table of folders, and "Where would I add …".

The table has the floors of checklayering.py, in their order, and no folder that is not there.

Each list of "Where would I add …" has an example that exists. Every file and every name of the code that the section names must exist, no list may be longer than
its bound, and every production file in which the example's names occur must be in its list, or in `elsewhere` with a reason. Production files are those under
server/, console/, shared/ and resources/. Markdown pages mention names in prose, and are not searched.

    checknewcomers.py ROOT

Prints one line per violation ("path:line: what is wrong") and exits 1 if there is any.
"""
import re
import sys
from pathlib import Path
from typing import NamedTuple

from checklayering import FLOORS

PAGE = "CONTRIBUTING.md"
LAYOUT = "## Layout: where a change goes"
SECTION = "## Where would I add …"
PRODUCTION = ("server/", "console/", "shared/", "resources/")
NOT_SEARCHED = (".md", ".png")


class Case(NamedTuple):
    title: str  # what its heading begins with
    bound: int  # most files of its list
    names: str  # of the example, as a regular expression
    elsewhere: dict = {}  # files that know the example, though another one of its kind would not be there


CASES = (
    Case("a limit", 6,
         r"(?i)max_?connections_?per_?user\b|TooManyUserConnections|too_many_connections|ConnectionsOfUser|openOfUser|Connections per user",
         elsewhere={
             "server/guard/usertable.h": "a comment",
             "server/guard/limitjudge.h": "names the limits that all nodes count together",
             "server/guard/peerjudgement.cpp": "of limits that all nodes count together",
             "server/cluster/admission/admissionscripts.cpp": "of limits that all nodes count together",
             "server/bench/fleet.cpp": "the bench says what to raise when it is refused",
             "server/log/log.h": "an example in a comment",
             "shared/limits/limitprofile.cpp": "profiles, of some limits",
             "shared/protocol/problem.h": "an example in a comment",
             "resources/api/openapi.json": "an example",
             "resources/client/gatehouse.d.ts": "an example in a comment",
             "resources/monitoring/rules.yml": "Prometheus warns of some limits",
             "resources/monitoring/rules.test.yml": "tests that",
         }),
    Case("an alert rule", 4, r"(?i)node_?lost|lost_?nodes|\blost nodes\b",
         elsewhere={
             "server/admin/monitoringcycle.h": "a value from outside; others come from metrics and limits",
             "server/app/monitoringparts.cpp": "where that value comes from",
             "resources/monitoring/rules.yml": "a rule for Prometheus",
             "resources/monitoring/rules.test.yml": "tests a rule for Prometheus",
         }),
    Case("a route of the admin API", 3, r"\bkExemptions?\b|admin/v1/exemptions",
         elsewhere={
             "console/connection/httpadmincalls.cpp": "the console asks it; that is not so of every route",
         }),
    Case("a console page", 8, r"(?i)nodespage|nodes\.svg"),
    Case("a transport", 5, r"(?i)\bredisbus\b"),
)


class Entry(NamedTuple):
    line: int
    heading: str
    files: tuple  # (line, path) of the numbered list
    pages: tuple  # paths below "Pages:"
    named: tuple  # (line, path) of everything that the text names
    words: tuple  # (line, name) of what stands in the code


CODE = re.compile(r"`([^`]+)`")
ITEM = re.compile(r"\d+\. ")
ROW = re.compile(r"\| `([\w/]+?)/?` \|")
PATH = re.compile(r"[\w.-]+(/[\w.-]+)+\.\w+")
NAME = re.compile(r"(?:\w+::)*([A-Za-z_]\w+)(?:\(\))?")  # as in kLimitCount, Router::judge(), MAX_CONNECTIONS


def paths_of(text):
    return [name for name in CODE.findall(text) if PATH.fullmatch(name)]


def names_of(text):
    return [match[1] for name in CODE.findall(text) if (match := NAME.fullmatch(name))]


def section_of(lines, heading):
    """The lines of a section, with their numbers."""
    start = next((number for number, line in enumerate(lines, 1) if line == heading), None)
    if start is None:
        return []
    rest = list(enumerate(lines, 1))[start:]
    return rest[:next((at for at, (_, line) in enumerate(rest) if line.startswith("## ")), len(rest))]


def read_entry(lines):
    """What stands below one heading; its line is the first one."""
    files, pages, named, words = [], [], [], []
    part = None
    for number, line in lines[1:]:
        named += [(number, path) for path in paths_of(line)]
        words += [(number, name) for name in names_of(line)]
        if ITEM.match(line):
            part = "item"
            files += [(number, path) for path in paths_of(line.split(": ", 1)[0])]
        elif line.startswith(("Pages: ", "Tests: ")):
            part = line[:5]
        elif not line:
            part = None
        if part == "Pages":
            pages += paths_of(line)
    return Entry(lines[0][0], lines[0][1].removeprefix("### "), tuple(files), tuple(pages), tuple(named), tuple(words))


def read_section(lines):
    """One Entry for each heading of the section."""
    lines = section_of(lines, SECTION)
    starts = [at for at, (_, line) in enumerate(lines) if line.startswith("### ")]
    ends = starts[1:] + [len(lines)]
    return [read_entry(lines[start:end]) for start, end in zip(starts, ends)]


def layout_errors(root, lines, floors):
    """What the table of folders says otherwise than `floors`."""
    rows = [(number, match[1]) for number, line in section_of(lines, LAYOUT) if (match := ROW.match(line))]
    for number, folder in rows:
        if not (root / folder).is_dir():
            yield PAGE, number, f"there is no {folder}"
    for side, names in floors.items():
        wanted = list(dict.fromkeys(f"{side}/{name.partition('/')[0]}" for name in names))
        said = [folder for _, folder in rows if folder.startswith(side + "/")]
        if said != wanted:
            yield PAGE, rows[0][0] if rows else 1, f"the floors of {side} are {' '.join(wanted)}; the table has {' '.join(said)}"


def production_files(root):
    for folder in PRODUCTION:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and path.suffix not in NOT_SEARCHED:
                yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def knows(case, path, text):
    return re.search(case.names, path) or re.search(case.names, text)


def list_errors(case, entry):
    """What is wrong with the list itself."""
    paths = [path for _, path in entry.files]
    for line, path in entry.files:
        if not path.startswith(PRODUCTION):
            yield PAGE, line, f"{path} is no production file"
    for path in sorted({path for path in paths if paths.count(path) > 1}):
        yield PAGE, entry.line, f"{case.title}: {path} stands there twice"
    if len(paths) > case.bound:
        yield PAGE, entry.line, f"{case.title}: {len(paths)} files; at most {case.bound}"


def spread_errors(case, entry, sources):
    """Where the example's names occur, beside what the list says."""
    found = {path for path, text in sources.items() if knows(case, path, text)}
    listed = {path for _, path in entry.files}
    for path in sorted(found - listed - set(entry.pages) - set(case.elsewhere)):
        yield path, 1, f"knows the example of \"{case.title}\", and is not in its list"
    for line, path in entry.files:
        if path in sources and path not in found:
            yield PAGE, line, f"{path} does not know the example of \"{case.title}\""
    for path in sorted(set(case.elsewhere) - found):
        yield path, 1, f"is in elsewhere of \"{case.title}\", and does not know the example"
    for path in sorted(set(case.elsewhere) & listed):
        yield path, 1, f"is in elsewhere of \"{case.title}\", and in its list"


def word_errors(entries, sources):
    """Names of the section that no production file has."""
    known = set(re.findall(r"\w+", "\n".join(sources.values())))
    for entry in entries:
        for line, name in entry.words:
            if name not in known:
                yield PAGE, line, f"nothing is called {name}"


def check_tree(root, cases=CASES, floors=FLOORS):
    root = Path(root).resolve()
    page = root / PAGE
    lines = page.read_text(encoding="utf-8").splitlines() if page.is_file() else []
    entries = read_section(lines)
    if not entries:
        return [(PAGE, 1, f"has no section \"{SECTION}\" with lists")]
    errors = [*layout_errors(root, lines, floors)]
    errors += [(PAGE, line, f"there is no {path}")
               for entry in entries for line, path in entry.named if not (root / path).is_file()]
    errors += [(PAGE, entry.line, f"nobody holds the list \"{entry.heading}\"")
               for entry in entries if not any(entry.heading.startswith(case.title) for case in cases)]
    sources = dict(production_files(root))
    errors += [*word_errors(entries, sources)]
    for case in cases:
        entry = next((one for one in entries if one.heading.startswith(case.title)), None)
        if not entry or not entry.files:
            errors.append((PAGE, 1, f"no list for \"{case.title}\""))
            continue
        errors += [*list_errors(case, entry), *spread_errors(case, entry, sources)]
    return errors


def main(arguments, cases=CASES, floors=FLOORS):
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: checknewcomers.py ROOT", file=sys.stderr)
        return 2
    errors = check_tree(arguments[0], cases, floors)
    for path, line, text in errors:
        print(f"{path}:{line}: {text}")
    print(f"{len(errors)} violation(s)")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
