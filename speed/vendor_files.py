"""A day's quotes of 2,000 symbols as four vendors would send them: seeded, in the order of time.

Written some at a time, so that a file may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import databento_dbn
import numpy as np
import numpy.typing as npt
import polars as pl
from polars.io.plugins import register_io_source

from routewarden.base.schema import Kind
from routewarden.base.time import datetime_utc, render_instant

SYMBOLS = 2_000
DAY = date(2026, 7, 1)

_OPEN = 1_782_912_600_000_000_000  # 2026-07-01T13:30:00Z
_SESSION = 23_400_000_000_000
_CHUNK_ROWS = 1_000_000
_DBN_CENT = 10**7

encoder: Any = databento_dbn  # its stubs take an enumeration for text


@dataclass(frozen=True, slots=True)
class Vendor:
    """What a vendor's file is called, what it holds, by which profile, and how it is written."""

    name: str
    kind: Kind
    profile: str | None
    write: Callable[[Iterator[pl.DataFrame], Path], None]


def symbol(number: int) -> str:
    """Return the symbol of a number: letters, as tickers are."""
    letters = (number // 676 % 26, number // 26 % 26, number % 26)
    return "".join(chr(ord("A") + letter) for letter in letters)


def quotes(rows: int, seed: int = 5) -> Iterator[pl.DataFrame]:
    """Yield a day's quotes in the order of time, prices in cents, as integers.

    A few symbols have most of them; many instants are tied.
    """
    lots: Any = np.random.default_rng(seed)
    weights = 1 / (np.arange(SYMBOLS) + 10)
    weights /= weights.sum()
    middle = lots.integers(500, 50_000, SYMBOLS)
    for begun in range(0, rows, _CHUNK_ROWS):
        count = min(_CHUNK_ROWS, rows - begun)
        number = lots.choice(SYMBOLS, count, p=weights)
        since, until = (_SESSION * place // rows for place in (begun, begun + count))
        at = np.sort(lots.integers(since, until, count)) // 1_000 * 1_000 + _OPEN
        bid = middle[number] + lots.integers(-20, 20, count)
        yield pl.DataFrame(
            {
                "number": number, "at": at, "bid": bid, "ask": bid + lots.integers(1, 4, count),
                "bid_size": lots.integers(1, 60, count) * 100,
                "ask_size": lots.integers(1, 60, count) * 100,
                "seq": np.arange(begun, begun + count),
            }
        )  # fmt: skip


def _named(frame: pl.DataFrame) -> pl.Expr:
    names = pl.Series([symbol(number) for number in range(SYMBOLS)])
    return pl.lit(names.gather(frame["number"]))


def _price(name: str) -> pl.Expr:
    cents = pl.col(name).cast(pl.String).str.zfill(3)
    return (cents.str.head(-2) + "." + cents.str.tail(2)).alias(name)


def _csv(frames: Iterator[pl.DataFrame], path: Path) -> None:
    _text(
        frames,
        path,
        lambda frame: frame.select(
            _named(frame).alias("symbol"),
            render_instant(pl.col("at")),
            *(_price("bid"), "bid_size", _price("ask"), "ask_size", "seq"),
        ),
    )


def _text(
    frames: Iterator[pl.DataFrame],
    path: Path,
    told: Callable[[pl.DataFrame], pl.DataFrame],
    separator: str = ",",
) -> None:
    with path.open("wb") as file:
        for first, frame in enumerate(frames):
            told(frame).write_csv(file, include_header=not first, separator=separator)


def _taq(frames: Iterator[pl.DataFrame], path: Path) -> None:
    eastern = datetime_utc(pl.col("at")).dt.convert_time_zone("America/New_York")
    _text(
        frames,
        path,
        lambda frame: frame.select(
            eastern.dt.strftime("%H%M%S%9f").alias("Time"),
            pl.lit("N").alias("Exchange"),
            _named(frame).alias("Symbol"),
            _price("bid").alias("Bid_Price"),
            pl.col("bid_size").alias("Bid_Size"),
            _price("ask").alias("Offer_Price"),
            pl.col("ask_size").alias("Offer_Size"),
            pl.lit("R").alias("Quote_Condition"),
            pl.col("seq").alias("Sequence_Number"),
            pl.lit(None, dtype=pl.String).alias("LULD_BBO_Indicator"),
        ),
        "|",
    )
    with path.open("ab") as file:
        file.write(f"END|{DAY:%Y%m%d}|".encode() + b"|" * 7 + b"\n")


def _parquet(frames: Iterator[pl.DataFrame], path: Path) -> None:
    """Strings, decimals and timestamps, as a vendor writes them."""
    tables = (
        frame.select(
            _named(frame).alias("symbol"),
            datetime_utc(pl.col("at")),
            *(_decimal("bid"), "bid_size", _decimal("ask"), "ask_size", "seq"),
        )
        for frame in frames
    )
    first = next(tables)

    def source(*_: object) -> Iterator[pl.DataFrame]:
        yield first
        yield from tables

    register_io_source(source, schema=first.schema).sink_parquet(path)


def _decimal(name: str) -> pl.Expr:
    return _price(name).cast(pl.Decimal(18, 4))


_MBP1: Mapping[str, tuple[str, int]] = {
    "length": ("u1", 0), "rtype": ("u1", 1), "publisher_id": ("<u2", 2),
    "instrument_id": ("<u4", 4), "ts_event": ("<u8", 8), "price": ("<i8", 16),
    "size": ("<u4", 24), "action": ("S1", 28), "side": ("S1", 29), "ts_recv": ("<u8", 32),
    "sequence": ("<u4", 44), "bid_px": ("<i8", 48), "ask_px": ("<i8", 56),
    "bid_sz": ("<u4", 64), "ask_sz": ("<u4", 68),
}  # fmt: skip
"""The fields of Databento's mbp-1 that are not zero here, and where each stands."""


def _dbn(frames: Iterator[pl.DataFrame], path: Path) -> None:
    formats, offsets = zip(*_MBP1.values(), strict=True)
    record = np.dtype(
        {"names": list(_MBP1), "formats": formats, "offsets": offsets, "itemsize": 80}
    )
    with path.open("wb") as file:
        file.write(_metadata())
        for frame in frames:
            _records(frame, record, file)


def _records(frame: pl.DataFrame, record: np.dtype[np.void], file: IO[bytes]) -> None:
    rows: npt.NDArray[np.void] = np.zeros(frame.height, dtype=record)
    rows["length"], rows["rtype"], rows["publisher_id"] = 20, 1, 2
    rows["action"], rows["side"] = b"A", b"B"
    rows["instrument_id"] = frame["number"] + 1
    rows["ts_event"] = rows["ts_recv"] = frame["at"]
    rows["sequence"] = frame["seq"]
    for side in ("bid", "ask"):
        rows[f"{side}_px"], rows[f"{side}_sz"] = frame[side] * _DBN_CENT, frame[f"{side}_size"]
    file.write(rows.tobytes())


def _metadata() -> bytes:
    mappings = []
    for number in range(SYMBOLS):
        interval = SimpleNamespace(
            start_date=DAY, end_date=DAY + timedelta(1), symbol=str(number + 1)
        )
        mappings.append(SimpleNamespace(raw_symbol=symbol(number), intervals=[interval]))
    return bytes(
        encoder.Metadata(
            "XNAS.ITCH", 0, encoder.SType.RAW_SYMBOL, encoder.SType.INSTRUMENT_ID,
            encoder.Schema.MBP_1, mappings=mappings, version=3,
        ).encode()
    )  # fmt: skip


VENDORS: Mapping[str, Vendor] = {
    "CSV": Vendor("quotes.csv", Kind.QUOTES, None, _csv),
    "Parquet": Vendor("quotes.parquet", Kind.QUOTES, None, _parquet),
    "DBN": Vendor("mbp-1.dbn", Kind.VENUE_QUOTES, "databento", _dbn),
    "TAQ": Vendor("EQY_US_ALL_BBO_20260701", Kind.VENUE_QUOTES, "taq", _taq),
}
"""The vendors by the form of their files."""


def write_vendor(form: str, rows: int, folder: Path) -> Path:
    """Write a vendor's file of so many quotes, unless it is there; return where it is."""
    vendor = VENDORS[form]
    path = folder / f"{rows}" / vendor.name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        vendor.write(quotes(rows), part)
        part.rename(path)
    return path
