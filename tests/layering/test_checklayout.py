#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that checklayout.py can fail, and that it names what is wrong."""
import contextlib
import io
import shutil
import tempfile
import unittest
from pathlib import Path

import checklayout

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "clang-format-14"


class CheckLayout(unittest.TestCase):
    def check(self, files):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(ROOT / ".clang-format", folder)
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            with contextlib.redirect_stdout(io.StringIO()) as output:
                status = checklayout.main([folder, PROGRAM])
            return status, output.getvalue()

    def test_accepts_what_is_laid_out(self):
        self.assertEqual(self.check({"server/net/a.cpp": "int a = 1;\n"}), (0, "1 files, 0 of them laid out otherwise\n"))

    def test_names_what_is_not(self):
        for name in ("server/net/a.cpp", "console/app/a.h", "shared/a.h", "tests/unit/a.cpp"):
            with self.subTest(name=name):
                status, output = self.check({name: "int  a=1;\n", "server/good.cpp": "int b;\n"})
                self.assertEqual(status, 1)
                self.assertTrue(output.startswith(f"{name}: not as clang-format"), output)
                self.assertIn("2 files, 1 of them", output)

    def test_does_not_pass_where_there_is_nothing(self):
        self.assertEqual(self.check({})[0], 1)

    def test_wrong_usage(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(checklayout.main([]), 2)
            self.assertEqual(checklayout.main(["/does/not/exist"]), 2)


if __name__ == "__main__":
    unittest.main()
