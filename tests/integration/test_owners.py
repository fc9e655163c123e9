# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands beside an installed service: they go by its settings and its secret, and what root makes is the service's."""
import os
import shutil
import stat
import subprocess
import tempfile
import unittest

import jwt

from gatehouse_server import GatehouseServer, binary

IS_ROOT = os.geteuid() == 0
NOBODY = 65534
SERVICE_SECRET = "the-secret-of-the-service-0123456789abcdef"


class InstalledSettings(unittest.TestCase):
    """In a mount namespace with an /etc of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gatehouse-installed-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.unshare = ["unshare", "--mount"] if IS_ROOT else ["unshare", "--map-root-user", "--mount"]
        if subprocess.run([*self.unshare, "mount", "-t", "tmpfs", "none", "/etc"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no mounts of its own may be made here")

    def run_beside(self, settings, *arguments, mode="0640", as_user=""):
        """A command with nothing in environment and working directory, beside the settings in /etc/gatehouse."""
        script = f"""mount -t tmpfs none /etc && mkdir /etc/gatehouse && cat >/etc/gatehouse/gatehouse.env && chmod {mode} /etc/gatehouse/gatehouse.env \
            && exec {as_user} "$0" "$@" """
        return subprocess.run([*self.unshare, "sh", "-c", script, binary(), *arguments], input=settings, capture_output=True, text=True, check=False,
                              cwd=self.folder, env={"PATH": os.environ["PATH"], "HOME": self.folder}, timeout=60)

    def test_every_command_reads_them(self):
        settings = f"# of the package\nSTATE_DIR={self.folder}/state\nJWT_SECRET={SERVICE_SECRET}\nALLOWED_HOSTS=a.example\n"
        token = self.run_beside(settings, "token", "--user", "42")
        self.assertEqual(token.returncode, 0, token.stderr)
        self.assertEqual(jwt.decode(token.stdout.strip(), SERVICE_SECRET, algorithms=["HS256"])["user_id"], "42")
        config = self.run_beside(settings, "config")
        self.assertRegex(config.stdout, r"(?m)^ALLOWED_HOSTS +a.example +/etc/gatehouse/gatehouse.env:4$")
        check = self.run_beside(settings, "check")
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        for command in (["check"], ["config"], ["serve"]):
            wrong = self.run_beside("WORKERS=many\n", *command)
            self.assertNotEqual(wrong.returncode, 0)
            self.assertIn("/etc/gatehouse/gatehouse.env:1: WORKERS", wrong.stdout + wrong.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_another_file_takes_their_place(self):
        with open(os.path.join(self.folder, ".env"), "w", encoding="utf-8") as file:
            file.write("LOG_LEVEL=error\n")
        shown = self.run_beside("WORKERS=many\n", "config")
        self.assertRegex(shown.stdout, r"(?m)^LOG_LEVEL +error +.*\.env:1$")
        self.assertEqual(self.run_beside("WORKERS=many\n", "config", "--env-file", "/dev/null").returncode, 0)

    def test_a_secret_that_is_not_there_is_named(self):
        for arguments in (["token", "--user", "42"], ["test"], ["demo"], ["bench", "idle"]):
            done = self.run_beside(f"STATE_DIR={self.folder}/state\n", *arguments)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            self.assertIn(f"JWT_SECRET is not set, and there is no {self.folder}/state/jwt_secret", done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    @unittest.skipUnless(IS_ROOT and shutil.which("setpriv"), "needs root and setpriv")
    def test_settings_that_may_not_be_read(self):
        done = self.run_beside("", "token", "--user", "42", as_user=f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups")
        if "No such file" in done.stderr:
            self.skipTest("the program cannot be run as another user")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("/etc/gatehouse/gatehouse.env: cannot be read", done.stderr)
        self.assertIn("--env-file", done.stderr)


class MadeByTheServer(unittest.TestCase):
    def test_the_server_alone_makes_a_secret_and_says_so(self):
        server = GatehouseServer({"JWT_SECRET": None})
        self.addCleanup(server.discard)
        self.assertEqual(server.run("token", "--user", "1").returncode, 2)
        self.assertEqual(server.run("check").returncode, 0)
        self.assertFalse(os.path.exists(server.state_dir))
        server.start()
        path = os.path.join(server.state_dir, "jwt_secret")
        self.assertEqual(server.stderr().count("secret_made"), 1, server.stderr())
        self.assertIn(path, server.stderr())
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(server.run("token", "--user", "1").returncode, 0)
        server.stop()
        server.start()
        self.assertEqual(server.stderr().count("secret_made"), 1)


@unittest.skipUnless(IS_ROOT and shutil.which("setpriv"), "needs root and setpriv")
class MadeByRoot(unittest.TestCase):
    def setUp(self):
        self.server = GatehouseServer({"JWT_SECRET": None})
        self.addCleanup(self.server.discard)
        os.chmod(self.server._folder, 0o755)
        os.makedirs(self.server.state_dir, 0o700)
        os.chown(self.server.state_dir, NOBODY, NOBODY)
        if subprocess.run(["test", "-x", binary()], user=NOBODY, check=False).returncode != 0:
            self.skipTest("the program cannot be run as another user")

    def owners(self):
        return {name: os.stat(os.path.join(self.server.state_dir, name)).st_uid for name in os.listdir(self.server.state_dir)}

    def as_service(self):
        self.server.program_prefix = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]

    def test_a_start_by_root_leaves_files_of_the_service(self):
        self.server.start()
        self.assertEqual(set(self.owners().values()), {NOBODY}, self.owners())
        self.assertEqual(self.server.publish({"to": "all", "title": "x"}, self.token()).status, 202)
        self.server.kill()
        self.assertEqual(set(self.owners().values()), {NOBODY}, self.owners())
        self.as_service()
        self.server.start()
        self.assertEqual(self.server.publish({"to": "all", "title": "y"}, self.token()).status, 202)

    def test_a_check_by_root_leaves_nothing_of_root(self):
        self.server.start()
        self.server.kill()  # its log is there to be read in
        self.assertEqual(self.server.run("check").returncode, 0)
        self.assertEqual(set(self.owners().values()), {NOBODY}, self.owners())

    def test_a_file_in_the_working_directory_that_may_not_be_read_is_named(self):
        os.chmod(os.path.join(self.server._folder, ".env"), 0o600)
        self.as_service()
        done = self.server.run("config")
        self.assertEqual(done.returncode, 2)
        self.assertIn(".env: cannot be read", done.stderr)
        self.assertIn("name another file with --env-file", done.stderr)

    def token(self):
        return self.server.run("token", "--user", "1", "--role", "admin").stdout.strip()

    def test_what_root_left_is_named_with_the_command_that_mends_it(self):
        self.server.start()
        self.server.stop()
        for name in ("gatehouse.db", "jwt_secret"):
            with self.subTest(name):
                path = os.path.join(self.server.state_dir, name)
                os.chown(path, 0, 0)
                advice = f'{path}: it belongs to root, and nobody cannot use it; as root, "chown -R nobody: {self.server.state_dir}" mends it'
                self.server.program_prefix = []
                self.assertIn(advice, self.server.run("check").stdout)  # also when root looks, as it is the service that would fail
                self.as_service()
                self.assertIn(advice, self.server.run("check").stdout)
                done = self.server.run("serve")
                self.assertEqual(done.returncode, 1)
                self.assertIn(advice, done.stderr)
                subprocess.run(["chown", "-R", "nobody:", self.server.state_dir], check=True)
                self.assertEqual(self.server.run("check").returncode, 0)

    def test_a_directory_of_root(self):
        os.chown(self.server.state_dir, 0, 0)
        self.as_service()
        done = self.server.run("serve")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'it belongs to root, and nobody cannot use it; as root, "chown -R nobody: {self.server.state_dir}" mends it', done.stderr)


if __name__ == "__main__":
    unittest.main()
