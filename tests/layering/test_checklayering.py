#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that each rule of checklayering.py can fail, and that it does not fail on what is allowed."""
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import checklayering

SPDX = "// SPDX-License-Identifier: GPL-3.0-or-later\n"

GOOD = {
    "shared/util/a.h": '#include <chrono>\n#include <QtCore/QString>\n#include "shared/util/b.h"\n',
    "server/net/a.cpp": '#include "server/net/a.h"\n#include <QtNetwork/QTcpSocket>\n#include "shared/util/a.h"\n',
    "server/guard/a.cpp": '#include "server/net/ipaddress.h"\n#include "server/guard/b.h"\n#include <QtCore/QHash>\n',
    "server/main.cpp": '#include "server/cli/commandline.h"\n',
    "server/app/a.cpp": '#include "server/config/settings.h"\n#include "server/cluster/clusternode.h"\n',
    "server/cluster/admission/a.cpp": '#include "server/cluster/scripts/scripts.h"\n#include "server/guard/a.h"\n',
    "server/cluster/monitoring/a.cpp": '#include "server/cluster/delivery/clusterpubsub.h"\n',
    "server/cluster/clusternode.cpp": '#include "server/cluster/monitoring/a.h"\n#include "server/cluster/clusterlinks.h"\n',
    "server/bench/a.cpp": '#include "server/bench/b.h"\n#include "shared/util/a.h"\n',
    "server/cli/serve.cpp": '#include "server/app/application.h"\n',
    "server/auth/a.cpp": "void str(int);\nint x = ostr(5);\n",
    "console/charts/a.cpp": "#include <QtCharts/QChart>\n",
    "console/connection/a.cpp": "#include <QtNetwork/QNetworkReply>\n",
    "console/connection/childlife.cpp": "#include <unistd.h>\n#include <sys/prctl.h>\nint a = ::kill(getpid(), 9);\n",
    "console/app/a.cpp": "#include <signals.h>\nprocess->kill(); QProcess::kill(); dialog.raise(); skill(1);\nint a; // kill() it\n",
    "console/pages/a.cpp": 'auto text = tr("Limits");\n#include "console/connection/adminclient.h"\n',
    "tests/unit/net/tst_a.cpp": '#include "tests/support/fakeclock.h"\nQTRY_VERIFY(done);\n#include "tst_a.moc"\n',
    "tests/unit/net/tst_b.cpp": "void a()\n{\n" + "    x();\n" * 80 + "}\n",
    "server/net/short.cpp": "void a()\n{\n" + "    x();\n" * 50 + "}\n",
    "server/net/class.h": "class A\n{\n" + "    int x();\n" * 60 + "};\n",
}

# (path, content, words of the message)
BAD = [
    ("shared/a.h", '#include "server/net/a.h"\n', "shared may include only"),
    ("shared/a.h", "#include <QtNetwork/QTcpSocket>\n", "only QtCore"),
    ("shared/a.h", "#include <sys/socket.h>\n", "only QtCore"),
    ("shared/a.cpp", "auto now = std::chrono::steady_clock::now();\n", "reads no clock"),
    ("shared/a.cpp", "auto now = QDateTime::currentDateTimeUtc();\n", "reads no clock"),
    ("server/net/a.cpp", '#include "console/pages/a.h"\n', "server may include only"),
    ("console/pages/a.cpp", '#include "server/net/a.h"\n', "console may include only"),
    ("server/net/a.cpp", '#include "a.h"\n', "path from the root"),
    ("server/net/a.cpp", '#include "../guard/a.h"\n', "path from the root"),
    ("server/guard/a.cpp", "#include <QtNetwork/QTcpSocket>\n", "guard knows no sockets"),
    ("server/guard/a.cpp", "#include <QtWebSockets/QWebSocket>\n", "guard knows no sockets"),
    ("server/guard/a.cpp", "#  include <sys/socket.h>\n", "guard knows no sockets"),
    ("server/net/a.cpp", '#include "server/admin/router.h"\n', "the arrow server/net -> server/admin goes up"),
    ("server/log/a.h", '#include "server/net/ipaddress.h"\n', "the arrow server/log -> server/net goes up"),
    ("server/notify/a.h", '#include "server/channel/channelcontrol.h"\n', "the arrow server/notify -> server/channel goes up"),
    ("server/channel/a.cpp", '#include "server/app/application.h"\n', "the arrow server/channel -> server/app goes up"),
    ("server/app/a.cpp", '#include "server/cli/options.h"\n', "the arrow server/app -> server/cli goes up"),
    ("server/cluster/scripts/a.cpp", '#include "server/cluster/admission/a.h"\n',
     "the arrow server/cluster/scripts -> server/cluster/admission goes up"),
    ("server/cluster/admission/a.cpp", '#include "server/cluster/delivery/a.h"\n',
     "the arrow server/cluster/admission -> server/cluster/delivery goes up"),
    ("server/cluster/delivery/a.cpp", '#include "server/cluster/monitoring/a.h"\n',
     "the arrow server/cluster/delivery -> server/cluster/monitoring goes up"),
    ("server/cluster/monitoring/a.cpp", '#include "server/cluster/clusterlinks.h"\n',
     "the arrow server/cluster/monitoring -> server/cluster goes up"),
    ("server/admin/a.cpp", '#include "server/cluster/control/rediscontrol.h"\n',
     "the arrow server/admin -> server/cluster/control goes up"),
    ("server/cluster/a.cpp", '#include "server/cluster/elsewhere/a.h"\n', "cluster/elsewhere is no floor"),
    ("server/bench/a.cpp", '#include "server/net/ipaddress.h"\n', "uses nothing of the server"),
    ("server/bench/a.cpp", '#include "server/config/settings.h"\n', "uses nothing of the server"),
    ("server/net/a.cpp", '#include "server/elsewhere/a.h"\n', "elsewhere is no floor"),
    ("console/charts/a.cpp", '#include "console/pages/a.h"\n', "the arrow console/charts -> console/pages goes up"),
    ("console/look/a.cpp", '#include "console/connection/a.h"\n', "the arrow console/look -> console/connection goes up"),
    ("server/admin/a.cpp", "#include <QtWidgets/QWidget>\n", "headless"),
    ("console/pages/a.cpp", "#include <QtCharts/QChart>\n", "only console/charts"),
    ("console/pages/a.cpp", "#include <QtNetwork/QNetworkReply>\n", "only console/connection"),
    ("console/models/a.h", "#include <QtWebSockets/QWebSocket>\n", "only console/connection"),
    ("console/app/main.cpp", "#include <unistd.h>\n", "POSIX is for console/connection/childlife.cpp alone"),
    ("console/models/a.h", "#include <sys/types.h>\n", "POSIX is for"),
    ("console/app/a.cpp", "#include <csignal>\n", "POSIX is for"),
    ("console/app/a.cpp", "    ::kill(process, SIGTERM);\n", "POSIX is for"),
    ("console/app/a.cpp", "    if (getuid() == 0)\n", "POSIX is for"),
    ("console/app/a.cpp", "    x = (prctl(PR_SET_NAME, name));\n", "POSIX is for"),
    ("console/app/a.cpp", 'QFile file(u"/proc/self/stat"_s);\n', "POSIX is for"),
    ("server/net/a.cpp", 'auto text = tr("Hello");\n', "tr()"),
    ("server/net/a.h", "class Worker final : public QThread\n", "QThread"),
    ("console/pages/a.h", "signals:\n", "Q_SIGNALS"),
    ("server/net/a.cpp", "// TO" + "DO: later\n", "issue"),
    ("tests/unit/net/tst_a.cpp", "QTest::qWait(50);\n", "do not sleep"),
    ("tests/unit/net/tst_a.cpp", "std::this_thread::sleep_for(1s);\n", "do not sleep"),
    ("tests/unit/net/tst_a.cpp", "QThread::msleep(5);\n", "do not sleep"),
    ("server/net/a.cpp", "\n" * 600, "601 lines"),
    ("server/net/a.h", "\n" * 199, "200 lines"),
    ("server/main.cpp", "\n" * 59, "60 lines"),
    ("server/app/application.cpp", "\n" * 249, "250 lines"),
    ("server/net/a.cpp", 'path = "/api/admin/v1/limits";\n', "net knows no path"),
    ("server/redis/a.cpp", 'key = "gatehouse:limits";\n', "redis knows no key"),
    ("server/net/a.cpp", "void a()\n{\n" + "    x();\n" * 51 + "}\n", "function of 51 lines"),
]


class CheckLayering(unittest.TestCase):
    def check(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            with contextlib.redirect_stdout(io.StringIO()) as output:
                status = checklayering.main([folder])
            return status, output.getvalue()

    def test_accepts_what_is_allowed(self):
        status, output = self.check({name: SPDX + content for name, content in GOOD.items()})
        self.assertEqual((status, output), (0, "0 violation(s)\n"))

    def test_refuses_each_bad_example(self):
        for path, content, words in BAD:
            with self.subTest(path=path, words=words):
                status, output = self.check({path: SPDX + content})
                self.assertEqual(status, 1)
                self.assertIn(words, output)
                self.assertTrue(output.startswith(path + ":"), output)

    def test_refuses_a_folder_that_is_no_floor(self):
        status, output = self.check({"server/elsewhere/a.cpp": SPDX})
        self.assertEqual(status, 1)
        self.assertIn("server/elsewhere:1: stands nowhere in FLOORS", output)

    def test_refuses_a_room_that_is_no_floor(self):
        status, output = self.check({"server/cluster/elsewhere/a.cpp": SPDX})
        self.assertEqual(status, 1)
        self.assertIn("server/cluster/elsewhere:1: stands nowhere in FLOORS", output)

    def test_refuses_files_without_licence(self):
        for path, content in (("server/net/a.cpp", "int a;\n"), ("tests/a.py", "pass\n"), ("tests/CMakeLists.txt", "\n"),
                              ("server/cluster/scripts/a.lua", "return 1\n"),
                              ("packaging/start", "#!/bin/sh\ntrue\n")):
            with self.subTest(path=path):
                status, output = self.check({path: content})
                self.assertEqual(status, 1)
                self.assertIn("no SPDX line", output)

    def test_wrong_usage(self):
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(checklayering.main([]), 2)
            self.assertEqual(checklayering.main(["/does/not/exist"]), 2)


if __name__ == "__main__":
    unittest.main()
