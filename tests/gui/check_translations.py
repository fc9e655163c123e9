# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects the console's texts anew with lupdate and holds the Thai translation against them."""
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def entries(path):
    """(context, source, comment) → the translation element's text, or None where it is unfinished."""
    found = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            text = "".join(translation.itertext()).strip()
            key = (context.findtext("name"), message.findtext("source"), message.findtext("comment"))
            found[key] = text if text and translation.get("type") is None else None
    return found


def main():
    lupdate, root = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder, "fresh.ts")
        subprocess.run([lupdate, "-silent", "-no-obsolete", "-I", str(root), str(root / "console"), "-ts", str(fresh)], check=True,
                       stderr=subprocess.DEVNULL)
        wanted = entries(fresh)
    have = entries(root / "resources/translations/gatehouse-console_th.ts")
    missing = sorted(str(key) for key in wanted if not have.get(key))
    surplus = sorted(str(key) for key in have if key not in wanted)
    for key in missing:
        print("not translated:", key)
    for key in surplus:
        print("not used any more:", key)
    print(f"{len(wanted)} texts, {len(missing)} not translated, {len(surplus)} not used")
    return 1 if missing or surplus or len(wanted) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
