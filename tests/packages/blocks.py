# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of a page: its ```bash blocks, each with the ```text block that follows it, if one does.

blocks.py PAGE            prints how many there are, and of other kinds
blocks.py PAGE --write DIR  writes NNN.sh and, with what is expected, NNN.txt into DIR
"""
import re
import sys
from pathlib import Path

FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def fenced(page):
    """[(kind, text, heading)] of every fenced block, in order; text without the indent."""
    text = Path(page).read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        headings = re.findall(r"^#+ (.+)$", text[:match.start()], re.MULTILINE)
        indent = match.group(1)
        body = "".join(line.removeprefix(indent) for line in match.group(3).splitlines(keepends=True))
        found.append((match.group(2), body, headings[-1] if headings else ""))
    return found


def commands(page):
    """[(heading, commands, expected lines)] of every bash block."""
    found = []
    for kind, body, heading in fenced(page):
        if kind == "bash":
            found.append([heading, body, []])
        elif kind == "text" and found:
            found[-1][2] = body.splitlines()
    return found


def main():
    page = sys.argv[1]
    if len(sys.argv) == 4 and sys.argv[2] == "--write":
        folder = Path(sys.argv[3])
        folder.mkdir(parents=True, exist_ok=True)
        for number, (heading, body, expected) in enumerate(commands(page), 1):
            (folder / f"{number:03}.sh").write_text(f"# {heading}\n{body}", encoding="utf-8")
            if expected:
                (folder / f"{number:03}.txt").write_text("\n".join(expected) + "\n", encoding="utf-8")
        return
    kinds = [kind for kind, _, _ in fenced(page)]
    print(", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))))


if __name__ == "__main__":
    main()
