"""What every hostile file has: what it is said to be, its bytes, whether all of it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEADER = b"fill_id,executed_at,price,quantity,order_id\n"
GOOD = b"f%d,2026-07-01T13:30:01Z,10.05,100,o1\n"
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file: the kind it is taken in as (or `xml`), its bytes, and how many records it gives."""

    data: Callable[[], bytes]
    kind: str = "fills"
    records: int = 0


def of(data: bytes, kind: str = "fills", records: int = 0) -> Hostile:
    """Return a hostile file that is small enough to write down."""
    return Hostile(lambda: data, kind, records)


def fills(rows: int, *others: bytes) -> bytes:
    """Return a CSV file of fills: so many good rows, then others."""
    return HEADER + b"".join(GOOD % n for n in range(rows)) + b"".join(others)
