#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies the pages of resources/docs for the Debian package, so that each of their links leads to something that the package has.

packagedpages.py --out DIR

What the package leaves out (pictures, pages of the source) is no link any more: its text stays, a picture of its own goes.
"""
import argparse
import re
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "resources/docs"
# What is elsewhere on a machine with the package than in the source.
PLACES = {
    "../api/openapi.json": "/usr/share/gatehouse/openapi.json",
    "../client/README.md": "/usr/share/gatehouse/client/README.md",
    "../examples/notify_redis.py": "/usr/share/gatehouse/examples/notify_redis.py",
}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def without_pictures(text):
    """The text without the columns of pictures in its tables."""
    def table(match):
        return "".join(line.rstrip("|\n").rpartition("|")[0] + "|\n" for line in match.group(0).splitlines(keepends=True))
    return re.sub(r"^\|.*\| pictures \|\n(?:\|.*\|\n)+", table, text, flags=re.MULTILINE)


def packaged(text):
    """The text of a page with the links of a machine that has the package."""
    def place(match):
        is_picture, words, target = match.groups()
        path, sign, fragment = target.partition("#")
        if re.match(r"[a-z]+:", target) or not path or (DOCS / path).parent == DOCS:
            return match.group(0)
        if path in PLACES:
            return f"{is_picture}[{words}]({PLACES[path]}{sign}{fragment})"
        return "" if is_picture else words
    parts = re.split(r"(```.*?```)", without_pictures(text), flags=re.DOTALL)  # in examples brackets are brackets
    return "".join(part if part.startswith("```") else LINK.sub(place, part) for part in parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    pages = sorted(DOCS.glob("*.md"))
    if not pages:
        sys.exit(f"packagedpages.py: there are no pages in {DOCS}")
    for page in pages:
        (options.out / page.name).write_text(packaged(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
