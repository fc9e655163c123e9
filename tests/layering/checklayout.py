#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the layout of every C++ file to what clang-format makes of it.

    checklayout.py ROOT [CLANG-FORMAT]

Prints the files that differ, with the command that mends them, and exits 1 if there is any. Version 14 decides: later ones differ in details.
"""
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDERS = ("server", "console", "shared", "tests")
FILES_AT_ONCE = 40
VERSION = " version 14."


def sources(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".cpp", ".h"):
                yield path


def differing(program, files):
    """The files among these that clang-format would change."""
    command = [program, "--style=file", "--dry-run", "--ferror-limit=1", *map(str, files)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return {line.split(":", 1)[0] for line in output.splitlines() if "[-Wclang-format-violations]" in line}


def main(arguments):
    if not 1 <= len(arguments) <= 2 or not Path(arguments[0]).is_dir():
        print("usage: checklayout.py ROOT [CLANG-FORMAT]", file=sys.stderr)
        return 2
    root = Path(arguments[0]).resolve()
    program = arguments[1] if len(arguments) == 2 else "clang-format"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if VERSION not in version:
        print(f"clang-format 14 decides the layout; this is {version.strip()}", file=sys.stderr)
        return 2
    files = list(sources(root))
    portions = [files[at:at + FILES_AT_ONCE] for at in range(0, len(files), FILES_AT_ONCE)]
    with ThreadPoolExecutor(2) as pool:
        wrong = sorted(set().union(*pool.map(lambda portion: differing(program, portion), portions)))
    for path in wrong:
        print(f"{Path(path).relative_to(root)}: not as clang-format lays it out; clang-format -i mends it")
    print(f"{len(files)} files, {len(wrong)} of them laid out otherwise")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
