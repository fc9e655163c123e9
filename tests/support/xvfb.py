# SPDX-License-Identifier: GPL-3.0-or-later
"""An X server of one's own for tests that drive the real console by clicks and keys."""
import os
import shutil
import subprocess
import tempfile
import time
import unittest


class Xvfb:
    """Xvfb on a free display, with a window manager that gives windows the focus. A context manager; `environment` is what
    the programs under test need. Both processes are ended by their process ids."""

    def __init__(self, size="1400x900x24"):
        for program in ("Xvfb", "xdotool"):
            if not shutil.which(program):
                raise unittest.SkipTest(program + " is not installed")
        self.size = size
        self.environment = {}
        self._processes = []
        self._folder = None

    def __enter__(self):
        self._folder = tempfile.mkdtemp(prefix="gatehouse-xvfb-")
        read_end, write_end = os.pipe()
        # Xvfb itself picks a free display and writes its number to the pipe.
        server = subprocess.Popen(["Xvfb", "-displayfd", str(write_end), "-screen", "0", self.size, "-nolisten", "tcp", "-noreset"],
                                  pass_fds=(write_end,), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self._processes.append(server)
        os.close(write_end)
        with os.fdopen(read_end) as pipe:
            number = pipe.readline().strip()
        if not number:
            self.__exit__()
            raise AssertionError("Xvfb did not start")
        self.environment = {"DISPLAY": ":" + number, "XDG_RUNTIME_DIR": self._folder, "QT_QPA_PLATFORM": "xcb"}
        if shutil.which("openbox"):
            self._processes.append(subprocess.Popen(["openbox", "--sm-disable"], env={**os.environ, **self.environment},
                                                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                                    stderr=subprocess.DEVNULL))
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def xdotool(self, *arguments, timeout=10):
        """Runs xdotool on this display; returns what it prints."""
        done = subprocess.run(["xdotool", *map(str, arguments)], env={**os.environ, **self.environment}, capture_output=True,
                              text=True, timeout=timeout, check=False)
        if done.returncode != 0:
            raise AssertionError(f"xdotool {' '.join(map(str, arguments))}: {done.stderr.strip() or done.returncode}")
        return done.stdout.strip()

    def window(self, name, timeout=10):
        """The id of the visible window whose title matches; waits for it."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return self.xdotool("search", "--onlyvisible", "--name", name).split()[0]
            except (AssertionError, IndexError):
                if time.monotonic() > deadline:
                    raise AssertionError(f"there is no window named {name}") from None
                time.sleep(0.1)

    def click(self, x, y, button=1):
        self.xdotool("mousemove", "--sync", x, y, "click", button)

    def keys(self, *names):
        self.xdotool("key", "--clearmodifiers", *names)

    def type(self, text):
        self.xdotool("type", "--clearmodifiers", "--delay", 5, text)

    def screenshot(self, path):
        """A picture of the whole screen (needs ImageMagick's import)."""
        subprocess.run(["import", "-window", "root", str(path)], env={**os.environ, **self.environment}, timeout=20, check=True)
