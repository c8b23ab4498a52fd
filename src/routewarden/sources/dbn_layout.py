"""The layouts of DBN records that tell quotes or trades, and their values as text.

Every layout keeps a field in one place, so one table says where each stands. Databento wrote them
down in the Apache-2.0 crate `dbn` (https://github.com/databento/dbn); a test holds ours to its.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from routewarden.base.exact import plain, to_decimal
from routewarden.base.time import render_instant
from routewarden.sources.csv_text import PLACE

HEADER = 16
"""Bytes every record begins with."""
NO_TIME = 2**64 - 1
"""An instant that is not stated."""

_PRICE_SCALE = 9
_NO_PRICE = 2**63 - 1
_NO_SIZE = 2**32 - 1
_MOST_TIME = 2**63 - 1  # the last instant 64 bits of nanoseconds hold

_PLACES: Mapping[str, tuple[str, int]] = {
    "rtype": ("u1", 1),
    "publisher_id": ("<u2", 2),
    "instrument_id": ("<u4", 4),
    "ts_event": ("<u8", 8),
    "price": ("<i8", 16),
    "size": ("<u4", 24),
    "action": ("u1", 28),
    "side": ("u1", 29),
    "flags": ("u1", 30),
    "depth": ("u1", 31),
    "ts_recv": ("<u8", 32),
    "ts_in_delta": ("<i4", 40),
    "sequence": ("<u4", 44),
    "bid_px_00": ("<i8", 48),
    "ask_px_00": ("<i8", 56),
    "bid_sz_00": ("<u4", 64),
    "ask_sz_00": ("<u4", 68),
    "bid_ct_00": ("<u4", 72),
    "bid_pb_00": ("<u2", 72),
    "ask_ct_00": ("<u4", 76),
    "ask_pb_00": ("<u2", 76),
}
"""Where each field stands: the same place in every layout that has it."""

_ANY = ("rtype", "publisher_id", "instrument_id", "ts_event")
_LAST = (*_ANY, "price", "size", "side", "flags", "ts_recv")
_SIDES = ("bid_px_00", "ask_px_00", "bid_sz_00", "ask_sz_00")
_COUNTS, _PUBLISHERS = ("bid_ct_00", "ask_ct_00"), ("bid_pb_00", "ask_pb_00")
_TRADE = (*_LAST, "action", "depth", "ts_in_delta", "sequence")
_MBP = (*_TRADE, *_SIDES, *_COUNTS)
_BBO = (*_LAST, "sequence", *_SIDES, *_COUNTS)
_CMBP = (*_LAST, "action", "ts_in_delta", *_SIDES, *_PUBLISHERS)
_CBBO = (*_LAST, *_SIDES, *_PUBLISHERS)


@dataclass(frozen=True, slots=True)
class Layout:
    """A record type that tells quotes or trades: its bytes, and those of its fields we read."""

    size: int
    fields: tuple[str, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """The fields in a record's first bytes; a book's deeper levels are passed over."""
        formats, offsets = zip(*(_PLACES[name] for name in self.fields), strict=True)
        names = list(self.fields)
        return np.dtype(
            {"names": names, "formats": formats, "offsets": offsets, "itemsize": self.size}
        )


LAYOUTS: Mapping[int, Layout] = {
    0: Layout(48, _TRADE),  # trades
    1: Layout(80, _MBP),  # mbp-1 and tbbo
    10: Layout(368, _MBP),  # mbp-10
    177: Layout(80, _CMBP),  # cmbp-1
    192: Layout(80, _CBBO),  # cbbo-1s
    193: Layout(80, _CBBO),  # cbbo-1m
    194: Layout(80, _CMBP),  # tcbbo
    195: Layout(80, _BBO),  # bbo-1s
    196: Layout(80, _BBO),  # bbo-1m
    197: Layout(80, _MBP),  # tbbo, in later versions
}
"""The layouts by `rtype`."""

_COLUMNS: Mapping[str | None, tuple[str, ...]] = {
    None: tuple(_PLACES),
    "trades": _TRADE,
    "mbp-1": _MBP,
    "tbbo": _MBP,
    "mbp-10": _MBP,
    "cmbp-1": _CMBP,
    "tcbbo": _CMBP,
    "cbbo-1s": _CBBO,
    "cbbo-1m": _CBBO,
    "bbo-1s": _BBO,
    "bbo-1m": _BBO,
}

SAMPLED = (192, 193, 195, 196)
"""The types of record told once a second or minute, whose `ts_event` is that of the last trade."""

ENVELOPE = Layout(HEADER, _ANY)
"""The header alone, of records that tell neither."""

_CHARACTERS = pl.Series([None, *(chr(code) for code in range(1, 256))], dtype=pl.String)


def columns_of(schema: str | None) -> tuple[str, ...]:
    """Return the columns of a schema; of a stream of mixed schemas, all."""
    return _COLUMNS.get(schema, _ANY)


def as_text(part: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """Return records of one type with a stream's columns as text, null where they have no such.

    `at` is when what a record says was so: at its event, or where it is a sample, at its receipt.
    """
    told = part.with_columns(_text(name) for name in columns if name in part.columns)
    sampled = "ts_recv" in columns and part["rtype"][0] in SAMPLED
    nothing = pl.lit(None, dtype=pl.String)
    return told.select(
        "symbol",
        pl.col("ts_recv" if sampled else "ts_event").alias("at"),
        *(name if name in part.columns else nothing.alias(name) for name in columns),
        *PLACE,
    )


def _text(name: str) -> pl.Expr:
    """Return a field as the text of the value it stands for, null where it is undefined."""
    value = pl.col(name)
    if name in {"price", "bid_px_00", "ask_px_00"}:
        stated = pl.when(value != _NO_PRICE).then(value)
        return plain(to_decimal(stated, _PRICE_SCALE)).alias(name)
    if name in {"ts_event", "ts_recv"}:
        instant = render_instant(pl.when(value <= _MOST_TIME).then(value).cast(pl.Int64))
        beyond = pl.when(value < NO_TIME).then(value).cast(pl.String)
        return pl.coalesce(instant, beyond).alias(name)
    if name in {"action", "side"}:
        return pl.lit(_CHARACTERS).gather(value).alias(name)
    if name in {"size", "bid_sz_00", "ask_sz_00"}:
        value = pl.when(value != _NO_SIZE).then(value)
    return value.cast(pl.String).alias(name)
