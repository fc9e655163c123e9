# SPDX-License-Identifier: GPL-3.0-or-later
"""The real console with a real server behind TLS, whose certificate an authority issued that nobody else knows."""
import contextlib
import datetime
import ipaddress
import json
import os
import socket
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gatehouse_server import ServerTestCase, binary
from xvfb import Xvfb

PROFILE = "5d21a4d2-7a4e-4c39-8f5e-9b7d0f7a1c11"


def certificate(name, key, issuer=None, issuer_key=None):
    """A certificate of 127.0.0.1, or of an authority if nobody issued it."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=30))
               .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True))
    if issuer:
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA256())


def pem(thing):
    if hasattr(thing, "public_bytes"):
        return thing.public_bytes(serialization.Encoding.PEM)
    return thing.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class TlsFront:
    """TLS on a port of loopback, passed on to another port without it."""

    def __init__(self, folder, chain, key, behind):
        (folder / "server.pem").write_bytes(pem(chain) + pem(key))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "server.pem")
        self.behind = behind
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.agreed = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                outside = self.listener.accept()[0]
                threading.Thread(target=self.serve, args=(outside,), daemon=True).start()

    def serve(self, outside):
        with contextlib.suppress(OSError), outside, self.context.wrap_socket(outside, server_side=True) as agreed:
            self.agreed += 1
            with socket.create_connection(("127.0.0.1", self.behind)) as inside:
                back = threading.Thread(target=self.copy, args=(inside, agreed), daemon=True)
                back.start()
                self.copy(agreed, inside)
                back.join()

    def copy(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


class ConsoleTls(ServerTestCase):
    def setUp(self):
        super().setUp()
        self.ending = contextlib.ExitStack()
        self.addCleanup(self.ending.close)
        self.screen = self.ending.enter_context(Xvfb())
        self.home = Path(self.ending.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-tls-")))
        authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self.authority = certificate("Nobody Knows CA", authority_key)
        self.front = TlsFront(self.home, certificate("here", key, self.authority, authority_key), key, self.server.port)
        self.ending.callback(self.front.listener.close)

    def open_console(self, *authorities):
        """A console with a saved profile of the server, and these authorities in it."""
        profile = {"id": PROFILE, "name": "behind TLS", "url": f"https://127.0.0.1:{self.front.port}",
                   "authority": b"".join(map(pem, authorities)).decode()}
        folder = self.home / "gatehouse" / "gatehouse-console"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "profiles.ini").write_text("[profiles]\nsize=1\n1\\profile=" + json.dumps(json.dumps(profile)) + "\n", encoding="utf-8")
        (self.home / "token").write_text(self.server.admin_token(), encoding="utf-8")
        console = subprocess.Popen([Path(binary()).with_name("gatehouse-console"), "--url", profile["url"], "--token-file",
                                    self.home / "token", "--lang", "en"],
                                   env={**os.environ, **self.screen.environment, "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home)},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.ending.callback(console.wait)
        self.ending.callback(console.kill)

    def test_the_authority_of_the_profile_is_trusted(self):
        self.open_console(self.authority)
        # Live: the stream came through TLS too.
        self.screen.window(f"^127.0.0.1:{self.front.port} – Gatehouse$", 30)
        self.assertGreaterEqual(self.front.agreed, 2)

    def test_without_it_nothing_is_sent(self):
        self.open_console()
        self.screen.window(rf"^127.0.0.1:{self.front.port} \(.*\) – Gatehouse$", 30)
        with self.assertRaises(AssertionError):
            self.screen.window(f"^127.0.0.1:{self.front.port} – Gatehouse$", 5)
        self.assertEqual(self.front.agreed, 0)
