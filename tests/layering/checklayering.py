#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the source tree against the architecture: who may include whom, sizes, licences, and what tests must not do.

FLOORS is the order of the folders. Each includes only itself and what stands before it, so there are no cycles; an include that goes upward
is named with its arrow.

    checklayering.py ROOT

Prints one line per violation ("path:line: what is wrong") and exits 1 if there is any.
"""
import re
import subprocess
import sys
from pathlib import Path

SOURCE_FOLDERS = ("server", "console", "shared", "tests", "packaging")
TOP_LEVEL = {"CHANGELOG.md", "CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md",
             "console", "packaging", "resources", "server", "shared", "tests"}
MAX_SOURCE_LINES = 600
MAX_HEADER_LINES = 199
SHORT_FILES = {"server/main.cpp": 59, "server/app/application.cpp": 249}
MAX_FUNCTION_LINES = 50

# From the ground up.
FLOORS = {
    "server": ("base", "log", "net", "auth", "redis", "store", "control", "metrics", "limits", "access", "alerts", "notify", "guard",
               "channel", "admin", "cluster/scripts", "cluster/admission", "cluster/delivery", "cluster/control", "cluster/monitoring", "cluster",
               "config", "bench", "app", "cli"),
    "console": ("look", "connection", "models", "charts", "pages", "app"),
}
# Floors that know less than their place lets them.
ALONE = {
    "server/bench": "the load generator uses nothing of the server that it measures",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOCKET_HEADERS = ("QtNetwork/", "QtWebSockets/", "sys/socket.h", "sys/epoll.h", "sys/un.h", "netinet/", "arpa/", "netdb.h",
                  "boost/asio")


def starts_with_any(name, prefixes):
    return any(name.startswith(prefix) for prefix in prefixes)


def floor_of(path):
    """The floor that a file is on, as (side, floor); None for files outside the floors, as server/main.cpp.

    A folder's rooms may be floors of their own: then what lies in the folder itself is another one.
    """
    side, _, rest = path.partition("/")
    folder = rest.rpartition("/")[0]
    if side not in FLOORS or not folder:
        return None
    first = folder.partition("/")[0]
    has_rooms = any(floor.startswith(first + "/") for floor in FLOORS[side])
    return side, folder if has_rooms else first


def arrow_error(path, name):
    """Why the file at `path` may not include the project's file `name`, by the order of the floors; None if it may."""
    below, above = floor_of(name), floor_of(path)
    if below is None or above is None or below == above or below[0] != above[0]:
        return None
    side, (upper, lower) = above[0], (above[1], below[1])
    arrow = f"the arrow {side}/{upper} -> {side}/{lower}"
    if lower not in FLOORS[side]:
        return f"{arrow}: {lower} is no floor"
    if FLOORS[side].index(lower) > FLOORS[side].index(upper):
        return f"{arrow} goes up: {lower} stands after {upper}"
    if f"{side}/{upper}" in ALONE:
        return f"{arrow}: {ALONE[f'{side}/{upper}']}"
    return None


def include_error(path, quoted, name):
    """Why the file at `path` (relative to the root) must not include `name`; None if it may."""
    if quoted:
        if name.endswith(".moc") or starts_with_any(name, ("ui_", "moc_")):
            return None
        if not starts_with_any(name, ("server/", "console/", "shared/", "tests/")):
            return "includes by path from the root"
    for side, allowed in (("shared/", ("shared/",)), ("server/", ("server/", "shared/")),
                          ("console/", ("console/", "shared/"))):
        if path.startswith(side) and quoted and not starts_with_any(name, allowed):
            return f"{side[:-1]} may include only {' and '.join(allowed)}"
    if path.startswith("shared/") and not quoted and ("/" in name or name.endswith(".h")) \
            and not name.startswith("QtCore/"):
        return "shared knows only QtCore and the standard library"
    if path.startswith("server/"):
        if starts_with_any(name, ("QtWidgets/", "QtGui/", "QtCharts/")):
            return "the server is headless"
        if path.startswith("server/guard/") and starts_with_any(name, SOCKET_HEADERS):
            return "guard knows no sockets"
    if path.startswith("console/"):
        if name.startswith("QtCharts") and not path.startswith("console/charts/"):
            return "only console/charts includes QtCharts"
        if starts_with_any(name, ("QtNetwork", "QtWebSockets")) and not path.startswith("console/connection/"):
            return "only console/connection includes QtNetwork and QtWebSockets"
        if not quoted and starts_with_any(name, POSIX_HEADERS) and path != PORTABLE_BUT:
            return f"POSIX is for {PORTABLE_BUT} alone"
    return arrow_error(path, name) if quoted else None


def floor_errors(root):
    """Folders with sources that stand nowhere in the order."""
    for side, floors in FLOORS.items():
        files = [path.relative_to(root).as_posix() for path in (root / side).rglob("*") if path.suffix in (".cpp", ".h")]
        for folder in sorted({floor[1] for floor in map(floor_of, files) if floor} - set(floors)):
            yield f"{side}/{folder}", 1, "stands nowhere in FLOORS"


# The one file of the console that may know POSIX: everything else is to be built for Windows and macOS too.
PORTABLE_BUT = "console/connection/childlife.cpp"
POSIX_HEADERS = ("unistd.h", "sys/", "signal.h", "csignal", "fcntl.h", "poll.h", "pwd.h", "grp.h", "dirent.h", "dlfcn.h", "pthread.h",
                 "sched.h", "spawn.h", "syslog.h", "termios.h", "netdb.h", "netinet/", "arpa/", "linux/")
# Not those of an object (process->kill()) or of a class (QProcess::kill()).
POSIX_CALLS = re.compile(r"(?:(?<![\w.>:])|(?<![\w>])::)(chmod|chown|dup2?|exec[lv]p?e?|fcntl|flock|fork|fsync|get[ep]?[ug]?id|getpw\w+|"
                         r"gethostname|ioctl|isatty|kill|mkfifo|mlock|mmap|nanosleep|pipe2?|poll|prctl|pread|pwrite|pthread_\w+|raise|"
                         r"readlink|setenv|setsid|sigaction|signal|sigprocmask|socketpair|symlink|sysconf|umask|uname|unlink|usleep|vfork|"
                         r"waitpid)\s*\(|(?<![\w>])::access\(|\"/(proc|sys|dev)/")

# (folders, pattern, what is wrong)
FORBIDDEN = [
    (("shared/",), re.compile(r"\b(system_clock|steady_clock)::now\b|\bcurrent(DateTime|MSecsSinceEpoch)"),
     "shared reads no clock: take a Clock or a time"),
    (("server/", "shared/"), re.compile(r"(?<![\w.])tr\("), "tr() belongs to the console: the wire and the log are English"),
    (("server/", "console/", "shared/"), re.compile(r":\s*public\s+QThread\b"), "no class is derived from QThread"),
    (("server/", "console/", "shared/", "tests/"), re.compile(r"\b(TODO|FIXME)\b"), "open work belongs in an issue"),
    (("server/", "console/", "shared/"), re.compile(r"^\s*(signals|slots|emit)\b\s*[:;]?"),
     "use Q_SIGNALS, Q_SLOTS and Q_EMIT"),
    (("server/net/",), re.compile(r'"/(api|ws|metrics|healthz|readyz)\b'), "net knows no path of the product"),
    (("server/redis/",), re.compile(r'"gatehouse:'), "redis knows no key of the product"),
    (("tests/unit/",), re.compile(r"\b(qSleep|qWait|sleep_for|sleep_until|usleep|nanosleep)\s*\(|\bQThread::m?u?sleep\b"),
     "unit tests do not sleep: use FakeClock, QTRY_… or QSignalSpy"),
]


def function_errors(lines):
    """Functions longer than the rule allows, as (line, text). In this style a function's braces stand in the first column."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}"):
            if line == "}" and start is not None and number - start - 1 > MAX_FUNCTION_LINES:
                yield start, f"function of {number - start - 1} lines; at most {MAX_FUNCTION_LINES}"
            start = None


def length_error(path, count):
    is_short = path.endswith(".h") and not path.startswith("tests/")  # fakes of whole interfaces live in tests' headers
    limit = SHORT_FILES.get(path, MAX_HEADER_LINES if is_short else MAX_SOURCE_LINES)
    return f"{count} lines; at most {limit}" if count > limit else None


def has_licence(lines):
    return any("SPDX-License-Identifier: GPL-3.0-or-later" in line for line in lines[:3])


def is_source(path):
    return path.suffix in (".cpp", ".h", ".py", ".sh", ".cmake", ".lua") or path.name == "CMakeLists.txt"


def is_script(path):
    if path.suffix:
        return False
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def check_file(root, path):
    relative = path.relative_to(root).as_posix()
    lines = path.read_text(encoding="utf-8").splitlines()
    if not has_licence(lines):
        yield relative, 1, "no SPDX line"
    if path.suffix not in (".cpp", ".h"):
        return
    error = length_error(relative, len(lines))
    if error:
        yield relative, len(lines), error
    if not relative.startswith("tests/"):
        for number, text in function_errors(lines):
            yield relative, number, text
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if match:
            error = include_error(relative, match.group(1) == '"', match.group(2))
            if error:
                yield relative, number, f"{match.group(2)}: {error}"
            continue
        if relative.startswith("console/") and relative != PORTABLE_BUT and POSIX_CALLS.search(line.partition("//")[0]):
            yield relative, number, f"POSIX is for {PORTABLE_BUT} alone"
        for folders, pattern, text in FORBIDDEN:
            if starts_with_any(relative, folders) and pattern.search(line):
                yield relative, number, text


def top_level_errors(root):
    """What git tracks at the top level beyond the fixed list; nothing where there is no git."""
    if not (root / ".git").exists():
        return
    listed = subprocess.run(["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z"],
                            capture_output=True, check=False).stdout.decode()
    for name in sorted({entry.split("/", 1)[0] for entry in listed.split("\0") if entry}):
        if not name.startswith(".") and name not in TOP_LEVEL:
            yield name, 1, "the top level is fixed: " + ", ".join(sorted(TOP_LEVEL))


def check_tree(root):
    root = Path(root).resolve()
    errors = [*top_level_errors(root), *floor_errors(root)]
    for folder in SOURCE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and (is_source(path) or is_script(path)):
                errors.extend(check_file(root, path))
    if (root / "CMakeLists.txt").exists():
        errors.extend(check_file(root, root / "CMakeLists.txt"))
    return errors


def main(arguments):
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: checklayering.py ROOT", file=sys.stderr)
        return 2
    errors = check_tree(arguments[0])
    for path, line, text in errors:
        print(f"{path}:{line}: {text}")
    print(f"{len(errors)} violation(s)")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
