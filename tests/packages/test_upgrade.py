# SPDX-License-Identifier: GPL-3.0-or-later
"""dpkg installs, upgrades and purges the server's package, on top of this machine's files: what it writes is gone with the test. Needs root and overlayfs."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "/etc/gatehouse/gatehouse.env"
# A process of its own has all mounts; they end with it.
OVERLAY = """set -e
mount -t tmpfs none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$1/upper",workdir="$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
rm -rf "$1/root/etc/gatehouse" "$1/root/var/lib/gatehouse"
exec chroot "$1/root" bash -ec "$2" </dev/null"""


class Upgrades(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="gatehouse-upgrade-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.mounts = cls.folder / "mounts"
        cls.mounts.mkdir()
        if os.geteuid() != 0 or cls.carried_out("true").returncode != 0:
            raise unittest.SkipTest("needs root and overlayfs")
        printed = subprocess.run([ROOT / "packaging/build-packages", "--build-dir", os.environ["GATEHOUSE_BUILD_DIR"], "--server-only", "--out", cls.folder],
                                 capture_output=True, text=True, check=True).stdout
        cls.package = Path(printed.split()[0])
        cls.next = cls.variant("2", lambda folder: cls.append(folder / "usr/share/gatehouse/gatehouse.env", "# Of the next version.\n"))
        cls.before = cls.variant("0", cls.as_conffile)

    @classmethod
    def carried_out(cls, script):
        return subprocess.run(["unshare", "--mount", "--pid", "--fork", "bash", "-c", OVERLAY, "overlay", cls.mounts, script], capture_output=True, text=True,
                              check=False, timeout=300)

    @staticmethod
    def append(path, text):
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def as_conffile(folder):
        """The package as it was when dpkg looked after the settings."""
        (folder / "etc/gatehouse").mkdir(parents=True)
        shutil.move(folder / "usr/share/gatehouse/gatehouse.env", folder / "etc/gatehouse/gatehouse.env")
        (folder / "DEBIAN/conffiles").write_text(SETTINGS + "\n")

    @classmethod
    def variant(cls, revision, change):
        """The package with another revision, changed."""
        folder = cls.folder / revision
        subprocess.run(["dpkg-deb", "-R", cls.package, folder], check=True)
        change(folder)
        control = folder / "DEBIAN/control"
        control.write_text(re.sub(r"(?m)^(Version: .*)-\d+$", rf"\1-{revision}", control.read_text()))
        made = cls.folder / f"gatehouse-{revision}.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "-b", folder, made], check=True, capture_output=True)
        return made

    def output_of(self, script):
        done = self.carried_out(script)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def install(self, package):
        return f"dpkg -i --force-depends {package} >/dev/null"

    def test_what_the_administrator_wrote_is_kept_without_a_question(self):
        for old, new in ((self.package, self.next), (self.before, self.package), (self.before, self.next)):
            with self.subTest(old=old.name, new=new.name):
                said = self.output_of(f"{self.install(old)}; echo ALLOWED_HOSTS=a.example >>{SETTINGS}; chown root:gatehouse {SETTINGS}; chmod 0600 {SETTINGS}; {self.install(new)}; "
                                      f"tail -n 1 {SETTINGS}; stat -c '%U:%G %a' {SETTINGS}; ls /etc/gatehouse")
                self.assertEqual(said.split(), ["ALLOWED_HOSTS=a.example", "root:gatehouse", "600", "gatehouse.env"])

    def test_the_first_installation_makes_the_file(self):
        said = self.output_of(f"{self.install(self.package)}; cmp {SETTINGS} /usr/share/gatehouse/gatehouse.env; stat -c '%U:%G %a' {SETTINGS}; dpkg -V gatehouse")
        self.assertEqual(said.split(), ["root:gatehouse", "640"])

    def test_one_that_was_there_before_is_left_alone(self):
        said = self.output_of(f"mkdir -p /etc/gatehouse; echo MINE=1 >{SETTINGS}; {self.install(self.package)}; cat {SETTINGS}; dpkg -r gatehouse >/dev/null; cat {SETTINGS}")
        self.assertEqual(said.split(), ["MINE=1", "MINE=1"])

    def test_nothing_is_left_after_a_purge(self):
        for packages in ([self.package], [self.before, self.next]):
            said = self.output_of("; ".join(map(self.install, packages))
                                  + "; dpkg -P gatehouse >/dev/null; ls -d /etc/gatehouse* /var/lib/gatehouse 2>/dev/null || true; dpkg -s gatehouse 2>/dev/null || true")
            self.assertEqual(said.strip(), "")


if __name__ == "__main__":
    unittest.main()
