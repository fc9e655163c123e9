# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program on an X display offers to screen readers: names, roles and places, by AT-SPI. Tests find what they click by it, as
people do who cannot see a layout: no test knows where on the screen a thing is."""
import json
import os
import select
import subprocess
import sys
import time
import unittest
from collections import namedtuple

LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
MAX_DEPTH = 40

Accessible = namedtuple("Accessible", "role name x y width height visible enabled")
Accessible.middle = property(lambda self: (self.x + self.width // 2, self.y + self.height // 2))
Accessible.area = property(lambda self: (self.x, self.y, self.width, self.height))


class AccessibilityBus:
    """A session bus and an accessibility bus of one's own. A context manager; `environment` is what the programs under test need."""

    def __init__(self, environment):
        self.environment = dict(environment)
        self._processes = []

    def __enter__(self):
        launcher = next((path for path in LAUNCHERS if os.access(path, os.X_OK)), None)
        try:
            bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], env={**os.environ, **self.environment},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        except FileNotFoundError:
            bus = None
        if not launcher or not bus:
            raise unittest.SkipTest("dbus-daemon or at-spi2-core is not installed")
        self._processes.append(bus)
        if not select.select([bus.stdout], [], [], 10)[0]:
            self.__exit__()
            raise AssertionError("dbus-daemon did not start")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        self.environment["QT_LINUX_ACCESSIBILITY_ALWAYS_ON"] = "1"
        self._processes.append(subprocess.Popen([launcher, "--launch-immediately"], env={**os.environ, **self.environment},
                                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()

    def all(self, program):
        """Everything the program shows now."""
        # In a process of its own: libatspi keeps one bus for as long as a process lives.
        done = subprocess.run([sys.executable, "-B", __file__, program], env={**os.environ, **self.environment}, capture_output=True,
                              text=True, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError("the accessible tree cannot be read: " + done.stderr.strip())
        return [Accessible(*entry) for entry in json.loads(done.stdout)]

    def find(self, program, name, role=None, timeout=15):
        """The visible part with this name (a string, or a predicate); waits for it."""
        matches = name if callable(name) else lambda text: text == name
        deadline = time.monotonic() + timeout
        while True:
            found = self.all(program)
            for each in found:
                if each.visible and each.width > 0 and matches(each.name) and role in (None, each.role):
                    return each
            if time.monotonic() > deadline:
                raise AssertionError(f"{program} shows no {role or 'part'} named {name}; it shows "
                                     + ", ".join(sorted({f'{each.role} "{each.name}"' for each in found if each.name})))
            time.sleep(0.2)


def main(program):
    import gi
    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi

    found = []

    def walk(part, depth):
        states = part.get_state_set()
        try:
            extents = part.get_extents(Atspi.CoordType.SCREEN)
            found.append([part.get_role_name(), part.get_name() or "", extents.x, extents.y, extents.width, extents.height,
                          states.contains(Atspi.StateType.SHOWING), states.contains(Atspi.StateType.ENABLED)])
            if depth > MAX_DEPTH or part.get_role_name() in ("table", "tree table", "list"):
                return  # their cells may be 100,000
            for index in range(part.get_child_count()):
                child = part.get_child_at_index(index)
                if child:
                    walk(child, depth + 1)
        except gi.repository.GLib.Error:
            pass  # gone while it was looked at

    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        application = desktop.get_child_at_index(index)
        if application and application.get_name() == program:
            walk(application, 0)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
