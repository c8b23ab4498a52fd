"""FIX messages for tests, written with `|` for SOH and without 8, 9 and 10; and what they tell of.

An order A1 of one session on 1 July 2026, its replace A2, its child K1, their reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import polars as pl
import pytest

from routewarden.base.schema import Kind
from routewarden.events.fix.interpret import interpret_fix
from routewarden.native.fix import FixScan
from routewarden.sources.csv_text import Buffer
from routewarden.sources.fix import cut
from routewarden.sources.fix.cut import Span
from routewarden.sources.fix.dialect import FixDialect
from routewarden.sources.fix.reader import read_fix
from routewarden.sources.reject import Reject
from routewarden.sources.table import Batch
from routewarden.sources.typed import Bounds

ALWAYS = Bounds(0, 4 * 10**18)
SOH = b"\x01"


def sealed(body: bytes, version: str = "FIX.4.4") -> bytes:
    """Return a body (fields that each end in SOH) as a message with its length and checksum."""
    message = b"8=" + version.encode() + b"\x019=%d\x01" % len(body) + body
    return message + b"10=%03d\x01" % (sum(message) % 256)


def fix(fields: str, version: str = "FIX.4.4") -> bytes:
    return sealed(fields.replace("|", "\x01").encode() + SOH, version)


def sent(number: int, fields: str, at: str = "13:30:00", version: str = "FIX.4.4") -> bytes:
    """A message of one session on 1 July 2026; `35=` and all else as given."""
    kind, _, rest = fields.partition("|")
    head = f"{kind}|34={number}|49=SOR|52=20260701-{at}|56=FIRM|"
    return fix(head + rest, version)


def batches(data: Buffer, bounds: Bounds = ALWAYS, *, verify: bool = True) -> list[Batch]:
    return list(read_fix(data, bounds, verify=verify))


def spans(data: Buffer) -> list[Span]:
    return list(cut.spans(data, ALWAYS))


@contextmanager
def slowly() -> Iterator[None]:
    """Read as if no message were usual: every one by the rules as they are written in Python."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FixScan, "go", lambda _, at, __, holds: (at, holds, 0))
        yield


def told(data: Buffer, bounds: Bounds = ALWAYS, *, verify: bool = True) -> list[tuple[object, ...]]:
    """All that batches say, to be compared."""
    return [
        (batch.records.schema, batch.records.rows(), batch.rejects, batch.position, batch.others)
        for batch in batches(data, bounds, verify=verify)
    ]


def records(data: Buffer, bounds: Bounds = ALWAYS) -> pl.DataFrame:
    return pl.concat([batch.records for batch in batches(data, bounds)])


def rejects(data: Buffer, bounds: Bounds = ALWAYS) -> list[Reject]:
    return [reject for batch in batches(data, bounds) for reject in batch.rejects]


def others(data: Buffer) -> int:
    return sum(batch.others for batch in batches(data))


def held(logs: Iterable[bytes]) -> pl.DataFrame:
    """The messages of several logs, each once, as the lake holds them."""
    frames = [
        records(log).drop("start", "end").with_columns(file=pl.lit(f"log {number}"))
        for number, log in enumerate(logs)
    ]
    return pl.concat(frames).unique("message_id", keep="first", maintain_order=True)


Rows = list[dict[str, str | None]]


def interpreted(
    *logs: bytes, dialect: FixDialect | None = None, known: Iterable[str] = ()
) -> tuple[Rows, Rows, Rows]:
    """Orders, routes and fills that logs tell of, stated cells only, each sorted by its id."""
    dialects = {f"log {number}": dialect for number in range(len(logs)) if dialect is not None}
    tables = interpret_fix(held(logs), dialects, frozenset(known)).tables
    orders, routes, fills = (
        [
            {name: value for name, value in row.items() if value is not None}
            for row in tables[kind].drop("line", "start", "end", "file").iter_rows(named=True)
        ]
        for kind in (Kind.ORDERS, Kind.ROUTES, Kind.FILLS)
    )
    return (
        sorted(orders, key=lambda row: row.get("order_id", "")),
        sorted(routes, key=lambda row: row.get("route_id", "")),
        sorted(fills, key=lambda row: row.get("fill_id", "")),
    )


T = "2026-07-01T"
OF_A1 = "11=A1|37=B1|54=1|55=DELL"
OF_K1 = "11=K1|37=V1|54=1|55=DELL"


def at(time: str) -> str:
    return f"60=20260701-{time}"


NEW = "35=D|11=A1|54=1|55=DELL|38=300|40=2|44=10.05|60=20260701-13:29:59.5"
CHILD = f"35=D|11=K1|526=A1|54=1|55=DELL|38=100|40=2|44=10.04|59=3|100=XNAS|{at('13:30:01')}"
ACK = f"35=8|{OF_A1}|150=0|39=0|38=300|40=2|44=10.05|{at('13:30:01')}"
REPLACE = f"35=G|11=A2|41=A1|54=1|55=DELL|38=500|40=2|44=10.10|{at('13:30:03')}"
REPLACED = f"35=8|11=A2|41=A1|37=B1|150=5|39=5|54=1|55=DELL|38=500|14=100|{at('13:30:04')}"


def fill(exec_id: str, more: str = "", of: str = OF_A1, time: str = "13:30:02") -> str:
    return f"35=8|{of}|17={exec_id}|150=F|39=1|31=10.04|32=100|30=XNAS|{at(time)}|{more}".rstrip(
        "|"
    )


def log(*messages: str, version: str = "FIX.4.4") -> bytes:
    return b"\n".join(sent(n, each, version=version) for n, each in enumerate(messages, start=1))


def orders(*messages: str, dialect: FixDialect | None = None, version: str = "FIX.4.4") -> Rows:
    return interpreted(log(*messages, version=version), dialect=dialect)[0]


def routes(*messages: str, dialect: FixDialect | None = None) -> Rows:
    return interpreted(log(*messages), dialect=dialect)[1]


def fills(*messages: str, dialect: FixDialect | None = None, version: str = "FIX.4.4") -> Rows:
    return interpreted(log(*messages, version=version), dialect=dialect)[2]
