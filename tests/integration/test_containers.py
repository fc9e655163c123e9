# SPDX-License-Identifier: GPL-3.0-or-later
"""The container files, as far as they can be checked without an engine: tests/packages/dockerfile carries out the Dockerfile."""
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

from gatehouse_server import ROOT, GatehouseServer
from test_readme import program_settings
from test_tlsproxies import make_certificate

FOLDER = ROOT / "packaging/docker"


def compose():
    return yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))


def dockerfile():
    return [line.split(" ", 1) for line in (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


class Compose(unittest.TestCase):
    def test_what_it_names_is_there(self):
        services = compose()["services"]
        self.assertEqual(set(services), {"gate-1", "gate-2", "redis", "nginx"})
        for name in ("gate-1", "gate-2"):
            build = services[name]["build"]
            self.assertTrue((FOLDER / build["context"] / build["dockerfile"]).is_file())
            self.assertEqual(set(services[name]["depends_on"]) - set(services), set())
        for service in services.values():
            for volume in service["volumes"]:
                source = volume.split(":")[0]
                self.assertTrue(source in compose()["volumes"] or source == "./tls" or (FOLDER / source).is_file(), source)

    def test_settings_are_ones_of_the_server(self):
        known = set(program_settings())
        nodes = [service["environment"] for name, service in compose()["services"].items() if name.startswith("gate-")]
        self.assertNotEqual(nodes[0]["NODE_NAME"], nodes[1]["NODE_NAME"])
        for environment in nodes:
            self.assertEqual(set(environment) - known, set())
            self.assertEqual({**environment, "NODE_NAME": ""}, {**nodes[0], "NODE_NAME": ""})
        in_image = {word.split("=")[0] for kind, rest in dockerfile() if kind == "ENV" for word in rest.split()}
        self.assertEqual(in_image - known, set())

    def test_it_waits_longer_than_a_drain(self):
        for name in ("gate-1", "gate-2"):
            seconds = int(compose()["services"][name]["stop_grace_period"].removesuffix("s"))
            self.assertGreaterEqual(seconds, int(program_settings()["DRAIN_SECONDS"]) + 10)

    def test_nginx_takes_its_file(self):
        with tempfile.TemporaryDirectory(prefix="gatehouse-docker-") as folder:
            make_certificate(folder)
            text = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
            for old, new in (("/etc/nginx/tls", folder), ("gate-1:", "127.0.0.1:"), ("gate-2:", "127.0.0.2:"), ("listen 80;", "listen 127.0.0.1:8;"),
                             ("listen 443 ", "listen 127.0.0.1:9 "), ("/dev/stdout", folder + "/log"), ("/dev/stderr", folder + "/errors")):
                self.assertIn(old, text)
                text = text.replace(old, new)
            temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
            Path(folder, "nginx.conf").write_text(f"pid {folder}/pid; events {{}} http {{ {temporary} {text} }}", encoding="utf-8")
            program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
            done = subprocess.run([program, "-t", "-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/errors"], capture_output=True, text=True,
                                  check=False)
        self.assertIn("syntax is ok", done.stderr)

    def test_the_proxys_network_is_trusted(self):
        environment = compose()["services"]["gate-1"]["environment"]
        self.assertEqual(environment["TRUSTED_PROXIES"], compose()["networks"]["inside"]["ipam"]["config"][0]["subnet"])


class Image(unittest.TestCase):
    def test_it_copies_what_there_is(self):
        for kind, rest in dockerfile():
            if kind == "COPY" and not rest.startswith("--from"):
                for source in rest.split()[:-1]:
                    self.assertTrue((ROOT / source).exists(), source)

    def test_the_packages_that_it_leaves_out_are_the_consoles(self):
        pattern = re.search(r"grep -vE '([^']+)'", (FOLDER / "Dockerfile").read_text(encoding="utf-8")).group(1)
        listed = [line for line in (ROOT / "packaging/debian-packages-build.txt").read_text(encoding="utf-8").split("\n") if re.match("[a-z]", line)]
        left_out = {name for name in listed if re.search(pattern, name)}
        self.assertLessEqual({"qt6-charts-dev", "qt6-svg-dev", "qtkeychain-qt6-dev", "fonts-noto-core"}, left_out)
        self.assertFalse({"cmake", "g++", "qt6-base-dev", "qt6-websockets-dev", "libhiredis-dev"} & left_out)

    def test_the_health_check(self):
        server = GatehouseServer()
        self.addCleanup(server.discard)
        server.start()

        def health():
            return subprocess.run([FOLDER / "healthy"], env={"LISTEN": f"0.0.0.0:{server.port}"}, capture_output=True, timeout=30, check=False).returncode
        self.assertEqual(health(), 0)
        server.kill()
        self.assertNotEqual(health(), 0)


if __name__ == "__main__":
    unittest.main()
