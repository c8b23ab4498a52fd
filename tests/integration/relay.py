"""A relay before a server, at which a command can be killed with a request half way."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

_CHUNK = 1 << 16


@dataclass(slots=True)
class Relay:
    """Passes all on but the nth request to write a file, and what comes after."""

    server: tuple[str, int]
    nth: int
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    joined: list[socket.socket] = field(default_factory=list)
    reached: threading.Event = field(default_factory=threading.Event)
    seen: int = 0
    counting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def serve(self) -> None:
        """Relay each connection on threads of its own, until the relay is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                server = socket.create_connection(self.server)
                self.joined += [client, server]
                for pump in (self._asked, self._answered):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _asked(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(_CHUNK):
                with self.counting:
                    self.seen += data.startswith(b"PUT ")
                    if self.seen >= self.nth:
                        self.reached.set()
                if self.reached.is_set():
                    return
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answered(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(_CHUNK):
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """End every connection, and take no more."""
        for each in (self.listening, *self.joined):
            with contextlib.suppress(OSError):  # who listens, or was left, cannot be shut down
                each.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
            each.close()


@contextmanager
def relay(endpoint: str, nth: int) -> Iterator[Relay]:
    """Run a relay before a server."""
    host, _, port = endpoint.removeprefix("http://").rpartition(":")
    running = Relay((host, int(port)), nth)
    serving = threading.Thread(target=running.serve, daemon=True)
    serving.start()
    try:
        yield running
    finally:
        running.close()
        serving.join(timeout=30)


def killed_at_write(command: Sequence[str], endpoint: str, nth: int) -> None:
    """Run a command that writes to a bucket; kill it when it begins to write its nth file."""
    with relay(endpoint, nth) as between:
        environment = {**os.environ, "AWS_ENDPOINT_URL": between.address}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as running:  # noqa: S603 - ours
            came = between.reached.wait(timeout=120)
            running.kill()
            assert came, running.communicate()[1]
