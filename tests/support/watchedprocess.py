# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process uses, seen from outside."""
from pathlib import Path


class WatchedProcess:
    """A process that is watched, with its samples."""

    def __init__(self, name, pid):
        self.name = name
        self.folder = Path(f"/proc/{pid}")
        self.samples = []  # (seconds, resident MB, descriptors)
        self.base = self.descriptors()

    def resident(self):
        for line in (self.folder / "status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"{self.name} has ended")

    def descriptors(self):
        return len(list((self.folder / "fd").iterdir()))

    def sample(self, seconds):
        self.samples.append((seconds, self.resident(), self.descriptors()))

    def after(self, warm_up):
        return [sample for sample in self.samples if sample[0] >= warm_up]
