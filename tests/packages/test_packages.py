# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian packages, made of this build and looked at from outside: nothing is installed. GATEHOUSE_BUILD_DIR: what is packaged."""
import gzip
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gatehouse", "gatehouse-console")
COMMANDS = ("serve", "check", "test", "token", "bench", "config", "demo")


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False, **more)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def version():
    return re.search(r"^project\(gatehouse VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.MULTILINE).group(1)


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="gatehouse-packages-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        printed = run(ROOT / "packaging/build-packages", "--build-dir", os.environ["GATEHOUSE_BUILD_DIR"], "--out", cls.folder)
        cls.files = {path.name.split("_")[0]: path for path in map(Path, printed.split())}
        for name, path in cls.files.items():
            run("dpkg-deb", "-R", path, cls.folder / name)

    def field(self, package, name):
        return run("dpkg-deb", "-f", self.files[package], name).strip()

    def owners_and_modes(self, package):
        listing = run("dpkg-deb", "-c", self.files[package])
        return {line.split()[5].removeprefix("."): (line.split()[1], line.split()[0]) for line in listing.splitlines()}

    def test_there_are_two(self):
        self.assertEqual(sorted(self.files), sorted(PACKAGES))

    def test_the_version_is_the_projects(self):
        for package in PACKAGES:
            self.assertEqual(self.field(package, "Version"), version() + "-1")
        self.assertIn(f'"version": "{version()}"', (ROOT / "resources/client/package.json").read_text())
        self.assertIn(f'"version": "{version()}"', (ROOT / "resources/api/openapi.json").read_text())
        self.assertIn(f"\n## {version()}\n", (ROOT / "CHANGELOG.md").read_text())
        metainfo = (self.folder / "gatehouse-console/usr/share/metainfo/org.gatehouse.console.metainfo.xml").read_text()
        self.assertIn(f'<release version="{version()}" date="20', metainfo)

    def test_dependencies(self):
        server, console = self.field("gatehouse", "Depends"), self.field("gatehouse-console", "Depends")
        for library in ("adduser", "tzdata", "libqt6core6", "libqt6network6", "libqt6websockets6", "libsqlite3-0", "libcjose0", "libhiredis0.14",
                        "libssl3", "libprometheus-cpp-core1.0"):
            self.assertRegex(server, rf"(^|, ){re.escape(library)}( |,|$)")
        self.assertNotRegex(server, "libqt6(gui|widgets)", "the server is headless")
        for library in ("qt6-qpa-plugins", "libqt6widgets6", "libqt6charts6", "libqt6svg6", "libqt6keychain1"):
            self.assertRegex(console, rf"(^|, ){re.escape(library)}( |,|$)")

    def test_contents(self):
        server, console = (self.folder / name for name in PACKAGES)
        wanted = {server: ["usr/bin/gatehouse", "usr/share/gatehouse/gatehouse.env", "lib/systemd/system/gatehouse.service",
                           "lib/systemd/system/gatehouse.socket", "lib/systemd/system/gatehouse-admin.socket",
                           "usr/share/bash-completion/completions/gatehouse", "usr/share/man/man1/gatehouse.1.gz",
                           "usr/share/man/man5/gatehouse.env.5.gz", "usr/share/gatehouse/openapi.json", "usr/share/gatehouse/client/gatehouse.js",
                           "usr/share/gatehouse/supervisor/gatehouse.conf", "usr/share/gatehouse/docker/Dockerfile",
                           "usr/share/gatehouse/proxies/nginx.conf", "usr/share/gatehouse/proxies/nginx-location.conf", "usr/share/gatehouse/proxies/haproxy.cfg",
                           "usr/share/gatehouse/monitoring/rules.yml", "usr/share/gatehouse/monitoring/scrape.yml",
                           "usr/share/gatehouse/monitoring/dashboard.json", "usr/share/gatehouse/proxies/Caddyfile", "usr/share/doc/gatehouse/copyright", "usr/share/doc/gatehouse/deployment.md",
                           "usr/share/doc/gatehouse/deployment.th.md", "usr/share/doc/gatehouse/operations.md", "usr/share/doc/gatehouse/changelog.gz",
                           *(f"usr/share/man/man1/gatehouse-{name}.1.gz" for name in COMMANDS)],
                  console: ["usr/bin/gatehouse-console", "usr/share/applications/gatehouse-console.desktop",
                            "usr/share/metainfo/org.gatehouse.console.metainfo.xml", "usr/share/icons/hicolor/scalable/apps/gatehouse-console.svg",
                            "usr/share/man/man1/gatehouse-console.1.gz", "usr/share/bash-completion/completions/gatehouse-console"]}
        for folder, paths in wanted.items():
            for path in paths:
                self.assertTrue((folder / path).is_file(), f"{folder.name}: {path}")
        shared = {path.relative_to(server) for path in server.rglob("*") if path.is_file()} \
            & {path.relative_to(console) for path in console.rglob("*") if path.is_file()}
        self.assertEqual({path for path in shared if path.parts[0] != "DEBIAN"}, set())

    def test_owners_and_modes(self):
        for package in PACKAGES:
            for path, (owner, mode) in self.owners_and_modes(package).items():
                self.assertEqual(owner, "root/root", path)
                self.assertNotRegex(mode, r"^[^l].{4}w|^[^l].{7}w", f"{path}: written to by others than root")

    def test_upgrades_have_nothing_to_ask_about(self):
        for package in PACKAGES:
            self.assertFalse((self.folder / package / "DEBIAN/conffiles").exists())
            self.assertFalse((self.folder / package / "etc").exists())

    def test_the_settings_file_is_one_that_the_server_reads(self):
        program = self.folder / "gatehouse/usr/bin/gatehouse"
        path = self.folder / "gatehouse/usr/share/gatehouse/gatehouse.env"
        lines = path.read_text().splitlines()
        everything = self.folder / "everything.env"  # also what is commented out, but for what excludes something else there
        everything.write_text("\n".join(line.lstrip("#") for line in lines
                                        if re.match(r"#?[A-Z_]+=.", line) and not re.search("KEYS_FILE|=unix:|INGEST_REDIS_URL", line)) + "\n")
        for file in (path, everything):
            done = subprocess.run([program, "config", "--json", "--env-file", file], env={}, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        names = set(re.findall(r"^#?([A-Z_]+)=", path.read_text(), re.MULTILINE))
        self.assertEqual(names - set(re.findall(r'"name":"([A-Z_]+)"', done.stdout.replace('": "', '":"'))), set())

    def test_no_link_of_a_page_is_dead(self):
        root = self.folder / "gatehouse"
        pages = [*(root / "usr/share").rglob("*.md")]
        self.assertGreater(len(pages), 15)
        for page in pages:
            text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
            for target, fragment in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]+))?\)", text):
                with self.subTest(page=page.name, link=target, fragment=fragment):
                    linked = root / target[1:] if target.startswith("/") else page.parent / target if target else page
                    self.assertTrue(linked.exists(), linked)
                    if fragment and linked.suffix == ".md":
                        headings = re.findall(r"(?m)^#+ (.+)$", re.sub(r"```.*?```", "", linked.read_text(encoding="utf-8"), flags=re.DOTALL))
                        self.assertIn(fragment, [re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in headings])
            self.assertNotIn("screenshots/", text)

    def test_what_the_unit_and_the_programs_call_documentation_is_there(self):
        root = self.folder / "gatehouse"
        for unit in (root / "lib/systemd/system").iterdir():
            for path in re.findall(r"file://(\S+)", unit.read_text()):
                self.assertTrue((root / path[1:]).is_file(), path)

    def test_lintian(self):
        done = subprocess.run(["lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning", *self.files.values()],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_desktop_entry(self):
        path = self.folder / "gatehouse-console/usr/share/applications/gatehouse-console.desktop"
        self.assertEqual(run("desktop-file-validate", path), "")

    def test_the_appstream_metadata(self):
        run("appstreamcli", "validate-tree", "--no-net", self.folder / "gatehouse-console")

    def test_the_units(self):
        # Looked at where they would be, with the program that they start.
        root = self.folder / "root"
        for path in ("usr/bin", "lib/systemd/system", "bin"):
            (root / path).mkdir(parents=True)
        shutil.copy(self.folder / "gatehouse/usr/bin/gatehouse", root / "usr/bin")
        units = list((self.folder / "gatehouse/lib/systemd/system").iterdir())
        for unit in units:
            shutil.copy(unit, root / "lib/systemd/system")
        for name in ("sysinit.target", "basic.target", "shutdown.target", "sockets.target", "network-online.target"):
            (root / "lib/systemd/system" / name).write_text("[Unit]\n")
        shutil.copy("/bin/sh", root / "bin")
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--root", root, *(unit.name for unit in units)],
                              capture_output=True, text=True, check=False)
        complaints = [line for line in done.stderr.splitlines() if "gatehouse" in line]
        self.assertEqual(complaints, [], done.stderr)
        exposure = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", "--root", root, "gatehouse.service"],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(exposure.returncode, 0, exposure.stdout[-400:] + exposure.stderr)

    def test_man_pages(self):
        for path in self.folder.glob("*/usr/share/man/*/*.gz"):
            page = gzip.decompress(path.read_bytes()).decode()
            self.assertIn(f'"Gatehouse {version()}"', page, path.name)
            self.assertNotIn("\\&.SH", page)
        settings = gzip.decompress((self.folder / "gatehouse/usr/share/man/man5/gatehouse.env.5.gz").read_bytes()).decode()
        for name in re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "resources/docs/settings.md").read_text(), re.MULTILINE):
            self.assertIn(f".B {name}\n", settings)

    def complete(self, package, *words):
        """What bash offers for the last of the words."""
        script = self.folder / f"{package}/usr/share/bash-completion/completions/{package}"
        line = " ".join(f"'{word}'" for word in (package, *words))
        code = f"""source {script}; compopt() {{ :; }}; COMP_WORDS=({line}); COMP_CWORD={len(words)}
                   _{package.replace('-', '_')} {package} '{words[-1]}' '{(package, *words)[-2]}'; printf '%s\\n' "${{COMPREPLY[@]}}" """
        path = f"{self.folder}/{package}/usr/bin:/usr/bin:/bin"
        return run("/bin/bash", "-c", code, env={"PATH": path, "QT_QPA_PLATFORM": "offscreen"}).split()

    def test_completion(self):
        self.assertEqual(self.complete("gatehouse", "to"), ["token"])
        self.assertEqual(set(COMMANDS) - set(self.complete("gatehouse", "")), set())
        self.assertEqual(self.complete("gatehouse", "token", "--ro"), ["--role"])
        self.assertEqual(self.complete("gatehouse", "token", "--role", "op"), ["operator"])
        self.assertEqual(self.complete("gatehouse", "bench", "fan"), ["fanout"])
        self.assertIn("--max-connections-per-ip", self.complete("gatehouse", "serve", "--max-connections-"))
        self.assertEqual(self.complete("gatehouse", "serve", "--max-connections-mode", "ob"), ["observe"])
        self.assertEqual(self.complete("gatehouse-console", "--the"), ["--theme"])
        self.assertEqual(self.complete("gatehouse-console", "--lang", "t"), ["th"])

    def test_completion_of_the_console_knows_every_option(self):
        offered = set(self.complete("gatehouse-console", "--"))
        text = run(self.folder / "gatehouse-console/usr/bin/gatehouse-console", "--help",
                   env={"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(self.folder)})
        self.assertEqual(offered, set(re.findall(r"(--[a-z][a-z-]*)", text.split("Options:")[1])) - {"--for"} | {"--help"})


if __name__ == "__main__":
    unittest.main()
