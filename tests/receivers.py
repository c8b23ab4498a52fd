"""Who takes notices, for tests: an SMTP server and a webhook on loopback, both under TLS."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "localhost"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate for loopback, its own authority, in files."""

    folder: Path

    @property
    def pem(self) -> str:
        return (self.folder / "certificate.pem").read_text()

    @property
    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "certificate.pem", self.folder / "key.pem")
        return context

    def make(self) -> Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        (self.folder / "certificate.pem").write_bytes(made.public_bytes(pem))
        private = serialization.PrivateFormat.PKCS8
        plain = key.private_bytes(pem, private, serialization.NoEncryption())
        (self.folder / "key.pem").write_bytes(plain)
        return self


@dataclass(slots=True)
class Mailbox:
    """What an SMTP server took: sender, recipients, text; and the passwords it was shown."""

    port: int
    taken: list[tuple[str, list[str], str]] = field(default_factory=list)
    passwords: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - the server's names
        """Take a message."""
        text = envelope.content.decode().replace("\r\n", "\n")
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, text))
        return "250 taken"

    def admit(self, *given: Any) -> AuthResult:  # noqa: ANN401 - the server's shape
        """Let in whoever shows a password."""
        shown = given[-1]
        if isinstance(shown, LoginPassword):
            self.passwords.append(shown.password)
        return AuthResult(success=True)


@contextmanager
def mail_server(certificate: Certificate | None) -> Iterator[Mailbox]:
    """Run an SMTP server; without a certificate it offers no STARTTLS."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box = Mailbox(free.getsockname()[1])
    secured: dict[str, Any] = {}
    if certificate is not None:
        secured = {"tls_context": certificate.context, "require_starttls": True}
    controller = Controller(
        box, hostname="127.0.0.1", port=box.port, authenticator=box.admit, **secured
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass(slots=True)
class Hook:
    """What a webhook took: path, headers and body; it answers a status."""

    port: int = 0
    status: int = 204
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def webhook(certificate: Certificate) -> Iterator[Hook]:
    """Run a webhook under HTTPS."""
    hook = Hook()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.taken.append((self.path, dict(self.headers), body))
            self.send_response(hook.status)
            self.send_header("Location", "https://elsewhere.example/")
            self.end_headers()

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 - quiet
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    server.socket = certificate.context.wrap_socket(server.socket, server_side=True)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
