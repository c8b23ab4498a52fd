"""A time-stamping authority for tests: `openssl ts` behind a small server on loopback."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

OPENSSL = shutil.which("openssl")

_CONFIGURED = """\
[tsa]
default_tsa = ours
[ours]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256, sha512
signer_digest = sha256
accuracy = secs:1
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


@dataclass(frozen=True, slots=True)
class Authority:
    """A folder with the keys of an authority."""

    folder: Path

    @property
    def certificate(self) -> str:
        return (self.folder / "root.pem").read_text()

    def answer(self, query: bytes) -> bytes:
        """Stamp what is asked, now."""
        (self.folder / "query").write_bytes(query)
        self._run(
            *("ts", "-reply", "-config", "conf", "-queryfile", "query", "-out", "answer"),
            *("-signer", "tsa.pem", "-inkey", "tsa.key"),
        )
        return (self.folder / "answer").read_bytes()

    def make(self, name: str = "Throw-away time") -> Authority:
        """Make the keys and certificates of an authority, and of its root."""
        self.folder.mkdir()
        (self.folder / "conf").write_text(_CONFIGURED)
        (self.folder / "serial").write_text("01\n")
        new = ("req", "-new", "-config", "conf", "-nodes", "-newkey", "rsa:2048")
        self._run(*new, "-x509", "-days", "9", "-extensions", "root", "-subj", f"/CN={name}",
                  "-keyout", "root.key", "-out", "root.pem")  # fmt: skip
        self._run(*new, "-subj", f"/CN={name} 1", "-keyout", "tsa.key", "-out", "tsa.csr")
        self._run("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key",
                  "-CAcreateserial", "-days", "9", "-extfile", "conf", "-extensions", "stamping",
                  "-out", "tsa.pem")  # fmt: skip
        return self

    def _run(self, *arguments: str) -> None:
        command = [str(OPENSSL), *arguments]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)  # noqa: S603 - ours


@contextmanager
def serving(authority: Authority) -> Iterator[str]:
    """Serve an authority; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/tsr"
        finally:
            server.shutdown()
