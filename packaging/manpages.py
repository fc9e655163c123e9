#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the man pages from what the programs say of themselves (--help), so that nothing is said twice.

manpages.py --bin-dir DIR --out DIR --date YYYY-MM-DD [--no-console]
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

OPTION = re.compile(r"^  (-\S.*?|[A-Z][A-Z_]+ \(environment only\))(?:  +(\S.*))?$")
ENTRY = re.compile(r"^  (\S+)  +(\S.*)$")
SETTINGS = "Settings ("

FILES = [
    ("/etc/gatehouse/gatehouse.env", "The settings of the service, and of commands where there is no --env-file and no .env; see gatehouse.env(5)."),
    ("/var/lib/gatehouse", "Its state: the database gatehouse.db, jwt_secret if no secret was set, and cluster_redis: the Redis that has the inboxes of a node."),
    ("/usr/share/gatehouse", "The OpenAPI description, the JavaScript client, examples for proxies, supervisor, Docker and monitoring."),
]
SIGNALS = [
    ("SIGTERM, SIGINT", "Ends the server in good order: no client is let in any more, and those there are told to come back, within DRAIN_SECONDS. "
                        "A second one ends it at once."),
    ("SIGHUP", "Reads the keys, the JWT_ settings and ADMIN_USERS again. In a terminal that is closed the server ends."),
]
EXIT_CODES = [("0", "Done, or asked to stop."), ("1", "Failed."), ("2", "Wrong usage or a wrong setting.")]


def run(program, *arguments):
    """The output of a program that has no display and no home."""
    environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": "/tmp"}
    for name in ("LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS"):
        if name in os.environ:
            environment[name] = os.environ[name]
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        sys.exit(f"manpages.py: {program} {' '.join(arguments)} failed ({done.returncode}): {done.stderr.strip()}")
    return done.stdout


def roff(text):
    """Text as roff takes it: its special characters escaped."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return "\\&" + text if text[:1] in (".", "'") else text


def sections(help_text):
    """The help as {heading: lines}; what stands before the first heading is under ''."""
    found, current = {"": []}, ""
    for line in help_text.splitlines():
        if re.match(r"^[A-Z][a-z]+( \(.*\))?:$", line):
            current = "Settings" if line.startswith(SETTINGS) else line[:-1]
            found[current] = []
        else:
            found[current].append(line)
    return found


def entries(lines, pattern=OPTION):
    """[(term, text)] of an indented list, in which a text may begin on the next line."""
    found = []
    for line in lines:
        match = pattern.match(line)
        if match:
            found.append([match.group(1), match.group(2) or ""])
        elif line.strip() and found:
            found[-1][1] = (found[-1][1] + " " + line.strip()).strip()
    return found


class Page:
    """One man page; write() puts it into a directory."""

    def __init__(self, name, section, date, version, summary):
        self.name, self.section = name, section
        self.lines = ['.\\" SPDX-License-Identifier: GPL-3.0-or-later', '.\\" Made by packaging/manpages.py.',
                      f'.TH {name.upper()} {section} "{date}" "Gatehouse {version}" "Gatehouse"',
                      ".SH NAME", f"{roff(name)} \\- {roff(summary)}"]

    def heading(self, text):
        self.lines.append(f'.SH "{text}"')

    def paragraph(self, text):
        self.lines += [".PP", roff(text)]

    def literal(self, text):
        self.lines += [".PP", ".nf", ".RS 4", *(roff(line) for line in text.splitlines()), ".RE", ".fi"]

    def synopsis(self, text):
        self.heading("SYNOPSIS")
        self.lines.append(f".B {roff(text)}")

    def items(self, pairs):
        for term, text in pairs:
            self.lines += [".TP", f".B {roff(term)}", roff(text)]

    def see_also(self, pages):
        self.heading("SEE ALSO")
        self.lines.append(",\n".join(f".BR {roff(name)} ({section})" for name, section in pages).replace(",\n", " ,\n"))

    def write(self, folder):
        (folder / f"{self.name}.{self.section}").write_text("\n".join(self.lines) + "\n", encoding="utf-8")


def tidy(summary):
    """A summary as the NAME section has it: no capital at the front, no full stop."""
    first = summary.split(": ")[0].rstrip(".")
    return first[0].lower() + first[1:]


def command_page(program, command, summary, date, version):
    help_parts = sections(run(program, command, "--help"))
    page = Page(f"gatehouse-{command}", 1, date, version, tidy(summary))
    intro = [line for line in help_parts[""] if line.strip()]
    page.synopsis(intro[0].removeprefix("Usage: ").replace("…", "..."))
    page.heading("DESCRIPTION")
    for line in intro[1:]:
        page.paragraph(line)
    for heading, lines in help_parts.items():
        if heading in ("", "Settings"):
            continue
        page.heading(heading.upper())
        page.items(entries(lines, OPTION if heading == "Options" else ENTRY))
    if "Settings" in help_parts:
        page.heading("SETTINGS")
        page.paragraph("Every setting of gatehouse.env(5) may be given as a flag too, which wins over the environment; that wins over the .env file, "
                       "and that over the default. MAX_CONNECTIONS_PER_IP is --max-connections-per-ip. Secrets have no flag.")
        page.items([["--env-file PATH", dict(entries(help_parts["Settings"]))["--env-file PATH"]]])
    if command == "serve":
        page.heading("SIGNALS")
        page.items(SIGNALS)
        page.heading("FILES")
        page.items(FILES)
        page.heading("NOTES")
        page.paragraph("systemd is told when the server is ready, reloads and stops (Type=notify), and its watchdog is fed while the main loop and all "
                       "workers turn. Listening sockets that it passes on take the place of LISTEN, one named admin that of ADMIN_LISTEN.")
    page.heading("EXIT STATUS")
    page.items(EXIT_CODES)
    page.see_also([("gatehouse", 1), ("gatehouse.env", 5)])
    return page


def main_page(commands, date, version):
    page = Page("gatehouse", 1, date, version, "a guarded notification channel")
    page.synopsis("gatehouse COMMAND [OPTION...]")
    page.heading("DESCRIPTION")
    page.paragraph("Gatehouse lets browsers connect by WebSocket with the token (JWT) that they already have, guarded by an Origin check, rate limits "
                   "and bans. A backend publishes notifications with one HTTP request, and gatehouse-console(1) shows what happens.")
    page.heading("COMMANDS")
    page.items([[f"gatehouse {name}", summary] for name, summary in commands])
    page.heading("EXAMPLES")
    page.paragraph("Is the service that the package installs well configured, and does it work?")
    page.literal("cd /\nsudo -u gatehouse gatehouse check\n"
                 "sudo -u gatehouse gatehouse test")
    page.paragraph("A token for the console, as a file that only its owner reads:")
    page.literal("(umask 077; sudo -u gatehouse gatehouse token --user me --role admin --expires 12h >token)")
    page.heading("FILES")
    page.items(FILES)
    page.heading("EXIT STATUS")
    page.items(EXIT_CODES)
    page.see_also([(f"gatehouse-{name}", 1) for name, _ in commands] + [("gatehouse-console", 1), ("gatehouse.env", 5)])
    return page


def settings_page(program, date, version):
    page = Page("gatehouse.env", 5, date, version, "settings of the Gatehouse server")
    page.synopsis("/etc/gatehouse/gatehouse.env")
    page.heading("DESCRIPTION")
    page.paragraph("A file of NAME=value lines. Every command of gatehouse(1) reads the one that --env-file names, else .env in the working directory, "
                   "else this one. Lines that begin with # or ; are comments, and lines that set nothing of Gatehouse are passed over. A value may stand in single quotes, or in double quotes, where \\n, \\t, "
                   "\\\", \\\\ and \\$ are escapes. Lists are separated by commas. Switches are true, 1, yes, on and false, 0, no, off.")
    page.paragraph("The environment wins over the file, flags win over both. A value that is wrong ends the start with one line that names it. "
                   "The file may hold secrets: nobody but root and the server should read it.")
    page.heading("SETTINGS")
    listed = entries(sections(run(program, "serve", "--help"))["Settings"])
    for term, text in listed:
        if term.startswith("--env-file"):
            continue
        flag = re.match(r"--([a-z-]+)", term)
        name = flag.group(1).replace("-", "_").upper() if flag else term.split(" ")[0]
        default = re.search(r" \[([^\]]*)\]$", text)
        if default:
            text = f"{text[:default.start()]} Default: {default.group(1)}."
        page.items([[name, text]])
    page.see_also([("gatehouse", 1), ("gatehouse-serve", 1), ("gatehouse-check", 1), ("gatehouse-config", 1)])
    return page


def console_page(program, date, version):
    page = Page("gatehouse-console", 1, date, version, "the desktop console of Gatehouse")
    page.synopsis("gatehouse-console [OPTION...]")
    page.heading("DESCRIPTION")
    page.paragraph("Connects to Gatehouse servers through their admin API and shows connections, refusals, limits, bans, alerts and nodes as they "
                   "change. Without an option it asks which server to connect to. Tokens are kept in the desktop's keychain.")
    page.heading("OPTIONS")
    page.items(entries(sections(run(program, "--help"))["Options"]))
    page.see_also([("gatehouse", 1), ("gatehouse-token", 1)])
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin-dir", required=True, type=Path)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--date", required=True)
    parser.add_argument("--no-console", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    program = options.bin_dir.resolve() / "gatehouse"
    version = run(program, "--version").split()[1]
    commands = entries(sections(run(program, "--help"))["Commands"], ENTRY)
    pages = [main_page(commands, options.date, version), settings_page(program, options.date, version)]
    pages += [command_page(program, name, summary, options.date, version) for name, summary in commands]
    if not options.no_console:
        pages.append(console_page(options.bin_dir.resolve() / "gatehouse-console", options.date, version))
    for page in pages:
        page.write(options.out)


if __name__ == "__main__":
    main()
