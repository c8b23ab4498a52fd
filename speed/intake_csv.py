"""CSV taken into the store: raw bytes flushed, every cell checked, segment committed, lake written.

Beside it, in the same run, two ways of only reading the same file, which keep nothing and refuse
nothing: Python's own `csv` module, splitting, and Polars with strict casts.
"""

from __future__ import annotations

import csv
import mmap
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from routewarden.base.exact import PRICE_SCALE
from routewarden.base.schema import TABLES, Column, Kind, Type
from routewarden.sources.table import read_table
from routewarden.sources.typed import Bounds
from routewarden.store.home import make_home, opened
from routewarden.store.lake import Lake
from routewarden.store.segments import Arrival, ingest
from speed.figure import Figure, Goal, figure, ratio
from speed.pairs import Job, Timed, in_turns
from speed.size import Size

_GOAL = Goal("at least", 500_000)
_SUMMED = {Kind.ORDERS: ("limit_price", "quantity"), Kind.QUOTES: ("bid", "bid_size")}
"""The columns whose sums are compared."""
_UNIT = 10**PRICE_SCALE
_PIECE = 250_000  # rows written at a time
_MOST_QUICK, _MOST = 50_000, 2_000_000
_OPEN = int(datetime(2026, 7, 1, 13, 30, tzinfo=UTC).timestamp()) * 10**9
_SESSION = int(6.5 * 3600) * 10**9
_SYMBOLS = 4_000
_MILLION = 1e6
_FEW_PAIRS = 2  # enough for a quick look
_BOUNDS = Bounds(0, 4 * 10**18)

Answer = tuple[int, int, int]
"""How many rows, and the sums of a price and a quantity in their units."""


def figures(size: Size) -> list[Figure]:
    """Return how fast orders and quotes come in, and how that compares."""
    rows = _MOST_QUICK if size.quick else _MOST
    return [
        *_of(Kind.ORDERS, rows, size, _GOAL),
        *_of(Kind.QUOTES, rows, size, None),
    ]


def _of(kind: Kind, rows: int, size: Size, goal: Goal | None) -> Iterator[Figure]:
    path = size.folder / f"{kind}-{rows}.csv"
    if not path.exists():
        _written(kind, rows, path)
    given = {"path": str(path), "kind": kind}
    found = in_turns(
        {
            "taken in": Job("intake_csv:take_in", {**given, "home": str(size.folder / "home")}),
            "read": Job("intake_csv:read", given),
            "split": Job("intake_csv:split", given),
            "polars": Job("intake_csv:read_by_polars", given),
        },
        min(size.pairs, _FEW_PAIRS) if size.quick else size.pairs,
    )
    per_core = [rows / each.cpu_s for each in found["read"]]
    yield figure(f"CSV {kind} read, checked, typed, on one core", per_core, "rows/s")
    taken, name = found["taken in"], f"CSV {kind} into the store"
    yield figure(f"{name}, two cores", [rows / each.wall_s for each in taken], "rows/s", goal)
    work = [each.cpu_s * _MILLION / rows for each in taken]
    yield figure(f"{name}, processor", work, "s/M rows")
    yield figure(f"{name}, memory", [each.peak_mb for each in taken], "MB")
    yield ratio(f"{name}, over only splitting by csv", _walls(taken), _walls(found["split"]), None)
    read = _walls(found["polars"])
    yield ratio(f"{name}, over only reading by Polars", _walls(taken), read, None)


def _walls(times: list[Timed]) -> list[float]:
    return [each.wall_s for each in times]


# -- What is measured ------------------------------------------------------------------------------


def take_in(path: str, kind: str, home: str) -> Iterator[Answer | None]:
    """Take a file into a new home."""
    root, kind = Path(home), Kind(kind)
    make_home(root)
    try:
        with opened(root) as firm:
            yield None
            segment = ingest(firm, Arrival(kind, Path(path)), _unheard, _unheard)
            yield segment.records, *_summed(firm.lake, kind)
    finally:
        shutil.rmtree(root)


def _summed(lake: Lake, kind: Kind) -> tuple[int, int]:
    """Return the sums of the records' two columns, and read no other."""
    files = [lake.depot.where(name) for name in lake.files(kind)]
    price, quantity = (pl.col(name).sum() for name in _SUMMED[kind])
    sums = pl.scan_parquet(files, glob=False).select(price, quantity).collect().row(0)
    return sums[0], sums[1]  # in their units already


def read(path: str, kind: str) -> Iterator[Answer | None]:
    """Read a file as `ingest` does: every cell checked and typed, rejects by line."""
    price, quantity = _SUMMED[Kind(kind)]
    with (
        Path(path).open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
    ):
        yield None
        sums = [0, 0, 0]
        for batch in read_table(TABLES[Kind(kind)], memoryview(data), _BOUNDS):
            found = batch.records.select(pl.len(), pl.col(price).sum(), pl.col(quantity).sum())
            sums = [have + more for have, more in zip(sums, found.row(0), strict=True)]
        yield sums[0], sums[1], sums[2]


def _unheard(_: int) -> None:
    """Nobody watches the progress."""


def split(path: str, kind: str) -> Iterator[Answer | None]:
    """Split a file into rows and cells, and no more than add two columns up."""
    yield None
    with Path(path).open(newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        price, quantity = (header.index(name) for name in _SUMMED[Kind(kind)])
        count, prices, quantities = 0, Decimal(), Decimal()
        for row in rows:
            count += 1
            prices += Decimal(row[price] or 0)
            quantities += Decimal(row[quantity] or 0)
    yield count, _units(prices), _units(quantities)


def read_by_polars(path: str, kind: str) -> Iterator[Answer | None]:
    """Read a file as text and cast each column; a cell that will not be cast is an error."""
    table, (price, quantity) = TABLES[Kind(kind)], _SUMMED[Kind(kind)]
    yield None
    frame = pl.read_csv(path, infer_schema=False).with_columns(map(_cast, table.columns))
    sums = frame.select(pl.col(price).sum(), pl.col(quantity).sum()).row(0)
    yield frame.height, _units(sums[0]), _units(sums[1])


def _cast(column: Column) -> pl.Expr:
    cell = pl.col(column.name)
    if column.type is Type.INSTANT:
        return cell.str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ns")
    if column.type is Type.FLAG:
        return cell.replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
    if column.type is Type.WORD:
        return cell.cast(pl.Enum([str(word) for word in column.words]))
    if column.type is Type.SEQUENCE:
        return cell.cast(pl.Int64)
    return cell if column.type is Type.TEXT else cell.cast(pl.Decimal(38, PRICE_SCALE))


def _units(number: Decimal) -> int:
    return int(number * _UNIT)


# -- What they are measured on ---------------------------------------------------------------------


def _written(kind: Kind, rows: int, path: Path) -> None:
    """Write a file of a seeded day."""
    part = path.with_suffix(".part")
    make = {Kind.ORDERS: _orders, Kind.QUOTES: _quotes}[kind]
    with part.open("wb") as file:
        for first in range(0, rows, _PIECE):
            count = min(_PIECE, rows - first)
            draw = np.random.default_rng(first)
            begin, end = (_OPEN + _SESSION * row // rows for row in (first, first + count))
            at = np.sort(draw.integers(begin, end, count))  # as it is written: in order of time
            made = make(draw, first, at)
            made.write_csv(file, include_header=first == 0)
    part.rename(path)


def _texts(instants: NDArray[np.int64]) -> pl.Series:
    return pl.Series(instants).cast(pl.Datetime("ns", "UTC")).dt.strftime("%Y-%m-%dT%H:%M:%S%.9fZ")


def _symbols(draw: np.random.Generator, rows: int) -> NDArray[np.str_]:
    names = np.array([f"S{number:04d}" for number in range(_SYMBOLS)])
    chosen: NDArray[np.str_] = names[(draw.pareto(1.1, rows) * 20).astype(int) % _SYMBOLS]
    return chosen


def _cents(name: str, cents: NDArray[np.int64]) -> pl.Expr:
    text = pl.Series(name, cents).cast(pl.String)
    return pl.lit(text).str.head(-2) + "." + pl.lit(text).str.tail(2)


def _orders(draw: np.random.Generator, first: int, at: NDArray[np.int64]) -> pl.DataFrame:
    """Orders of 24 columns of the model and one more, a few cells of them quoted."""
    rows = len(at)
    number = pl.int_range(first, first + rows).cast(pl.String).str.zfill(9)
    return pl.select(
        order_id=pl.lit("ORD-20260701-") + number,
        received_at=_texts(at),
        symbol=_symbols(draw, rows),
        side=draw.choice(["buy", "sell", "sell_short"], rows),
        quantity=draw.integers(1, 50, rows) * draw.choice([1, 100], rows),
        order_type=draw.choice(["market", "limit", "stop_limit"], rows),
        limit_price=_cents("limit_price", draw.integers(500, 50_000, rows)),
        stop_price=pl.lit(None, dtype=pl.String),
        time_in_force=draw.choice(["day", "ioc", "gtc"], rows),
        held=draw.choice(["true", "false"], rows),
        directed=pl.lit("false"),
        session=pl.lit("regular"),
        account_type=draw.choice(["retail", "institutional"], rows),
        capacity=pl.lit("agency"),
        asset_class=pl.lit("equity"),
        router=draw.choice(["VENDOR", "direct"], rows),
        ended_at=_texts(at + draw.integers(10**6, 10**10, rows)),
        end_reason=draw.choice(["filled", "cancelled"], rows),
        parent_order_id=pl.lit(None, dtype=pl.String),
        root_order_id=pl.lit(None, dtype=pl.String),
        strategy=draw.choice(["vwap", "dma"], rows),
        desk=draw.choice(["Equities", "Delta One", "ETF, listed"], rows),
        account_id=pl.lit("A") + pl.lit(pl.Series(draw.integers(0, 200_000, rows)).cast(pl.String)),
        customer_id=pl.lit("C")
        + pl.lit(pl.Series(draw.integers(0, 100_000, rows)).cast(pl.String)),
        oms_note=pl.lit(pl.Series(draw.choice(["", "", "phone"], rows)).replace("", None)),
    )


def _quotes(draw: np.random.Generator, first: int, at: NDArray[np.int64]) -> pl.DataFrame:
    """Quotes a cent to four wide."""
    rows = len(at)
    bid = draw.integers(500, 50_000, rows)
    return pl.select(
        symbol=_symbols(draw, rows),
        at=_texts(at),
        bid=_cents("bid", bid),
        bid_size=draw.integers(1, 50, rows) * 100,
        ask=_cents("ask", bid + draw.integers(1, 5, rows)),
        ask_size=draw.integers(1, 50, rows) * 100,
        condition=pl.lit("R"),
        seq=pl.int_range(first, first + rows),
    )
