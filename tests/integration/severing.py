"""A proxy before a database server that cuts the connection at one packet of a transaction.

PostgreSQL's client asks, waits for the answer, and asks again: each of these is a packet here, in
however many pieces an answer comes. Only those of transactions count, from a BEGIN to the answer to
its COMMIT.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

_CHUNK = 1 << 16
_SAID = re.compile(rb"\b(BEGIN|COMMIT|ROLLBACK|SELECT|INSERT|CREATE)\b")
_AT_ONCE = struct.pack("ii", 1, 0)
_LOOKS_EVERY_S = 0.2


class How(StrEnum):
    """What becomes of the packet at which the connection is cut."""

    DROPPED = "dropped"
    TORN = "torn"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Cut:
    """At which packet to cut, counted from 1 over all transactions, and how many in a row.

    None is the 0th.
    """

    nth: int = 0
    times: int = 1
    how: How = How.DROPPED
    then: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Severing:
    """Passes all on, but where it cuts."""

    server: tuple[str, int]
    cut: Cut
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    packets: list[str] = field(default_factory=list)
    _inside: bool = False
    _asked: str = ""
    _last: str = ""
    _counting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def cuts(self) -> list[str]:
        """At which packets it cut."""
        return self.packets[self.cut.nth - 1 :][: self.cut.times] if self.cut.nth else []

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.listening.getsockname()[1])

    def serve(self) -> None:
        """Carry each connection on a thread of its own, until the proxy is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            client,
            socket.create_connection(self.server) as server,
        ):
            while not self._passed(client, server):
                pass

    def _passed(self, client: socket.socket, server: socket.socket) -> bool:
        """Pass on what came; return whether the connection is at its end."""
        for side in select.select([client, server], [], [], _LOOKS_EVERY_S)[0]:
            data = side.recv(_CHUNK)
            if not data:
                return True
            to = server if side is client else client
            cuts = self._cuts_at(data, asked=side is client)
            if not cuts:
                to.sendall(data)
                continue
            if self.cut.how is How.DROPPED:  # heard at once, with whatever is under way
                for each in (client, server):
                    each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            else:
                to.sendall(data if self.cut.how is How.DELIVERED else data[: len(data) // 2])
            self.cut.then()
            return True
        return False

    def _cuts_at(self, data: bytes, *, asked: bool) -> bool:
        """Count a packet of a transaction; return whether it is the one to cut at."""
        with self._counting:
            if asked:
                said = _SAID.search(data)
                self._asked, self._last = said[1].decode() if said else "more", ""
                self._inside |= self._asked == "BEGIN"
            if not self._inside:
                return False
            packet = f"{self._asked} {'asked' if asked else 'answered'}"
            if packet == self._last and not asked:  # another piece of one answer
                return False
            self._last = packet
            self.packets.append(packet)
            if not asked and self._asked in {"COMMIT", "ROLLBACK"}:
                self._inside, self._last = False, ""
            at = len(self.packets) - self.cut.nth
            cuts = self.cut.nth > 0 and 0 <= at < self.cut.times
            self._inside &= not cuts
            return cuts


@contextmanager
def severing(port: int, cut: Cut) -> Iterator[Severing]:
    """Run a proxy before a server on this machine."""
    running = Severing(("127.0.0.1", port), cut)
    serving = threading.Thread(target=running.serve, daemon=True)
    serving.start()
    try:
        yield running
    finally:
        with contextlib.suppress(OSError):
            running.listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
        running.listening.close()
        serving.join(timeout=30)
