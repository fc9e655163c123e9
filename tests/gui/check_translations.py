# SPDX-License-Identifier: GPL-3.0-or-later
"""Collects the texts that the console shows anew with lupdate and holds the translations against them: Thai, and the plurals of English."""
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


def collect(lupdate, root, *options):
    """What lupdate finds in the sources now."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder, "fresh.ts")
        subprocess.run([lupdate, "-silent", "-no-obsolete", *options, "-I", str(root), *(str(root / side) for side in ("console", "shared")),
                        "-ts", str(fresh)], check=True, stderr=subprocess.DEVNULL)
        return entries(fresh)


def check(language, wanted, have):
    """Prints what is wrong; returns whether anything is."""
    missing = sorted(str(key) for key in wanted if not have.get(key))
    surplus = sorted(str(key) for key in have if key not in wanted)
    for key in missing:
        print(f"{language}: not translated:", key)
    for key in surplus:
        print(f"{language}: not used any more:", key)
    print(f"{language}: {len(wanted)} texts, {len(missing)} not translated, {len(surplus)} not used")
    return bool(missing or surplus)


def main():
    lupdate, root = sys.argv[1], Path(sys.argv[2])
    folder = root / "resources/translations"
    everything = collect(lupdate, root)
    plurals = collect(lupdate, root, "-pluralonly")
    is_wrong = check("th", everything, entries(folder / "gatehouse-console_th.ts"))
    is_wrong |= check("en", plurals, entries(folder / "gatehouse-console_en.ts"))
    for key, text in entries(folder / "gatehouse-console_en.ts").items():
        if text and "(s)" in text:
            print("en: not a plural:", key)
            is_wrong = True
    return 1 if is_wrong or len(everything) < 100 or len(plurals) < 5 else 0


if __name__ == "__main__":
    sys.exit(main())
