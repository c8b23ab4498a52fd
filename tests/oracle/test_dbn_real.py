"""Databento's own sample streams, told as its own decoder tells them, record by record."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import databento_dbn
import polars as pl
import pytest
import zstandard

from routewarden.sources.dbn import read_dbn

DATA = Path(os.environ.get("ROUTEWARDEN_DATA", Path(__file__).parents[3] / "shared" / "data"))
SAMPLES = sorted((DATA / "market" / "databento").glob("*/*.dbn.zst"))
UNDEFINED = {"price": 2**63 - 1, "ts": 2**64 - 1, "size": 2**32 - 1}

pytestmark = pytest.mark.skipif(
    not SAMPLES, reason=f"no Databento samples under {DATA} (set ROUTEWARDEN_DATA)"
)


def _stream(path: Path) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())


def _price(value: int) -> str | None:
    if value == UNDEFINED["price"]:
        return None
    return f"{Decimal(value).scaleb(-9):f}".rstrip("0").rstrip(".")


def _instant(value: int) -> str | None:
    if value == UNDEFINED["ts"]:
        return None
    whole = datetime.fromtimestamp(value // 10**9, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{value % 10**9:09d}Z"


def _value(record: Any, name: str) -> str | None:  # noqa: ANN401  # of any of its classes
    """What the library's own object says of one of our columns."""
    if name.endswith("_00"):
        record, name = record.levels[0], name.removesuffix("_00")
    raw = getattr(record, name)
    if name in {"price", "bid_px", "ask_px"}:
        return _price(raw)
    if name in {"ts_event", "ts_recv"}:
        return _instant(raw)
    if name in {"action", "side"}:
        return str(getattr(raw, "value", raw))
    return str(int(raw))


@pytest.mark.parametrize("path", SAMPLES, ids=[f"{p.parent.name}/{p.name}" for p in SAMPLES])
def test_every_record_says_what_the_library_s_own_object_says(path: Path) -> None:
    data = _stream(path)
    decoder = databento_dbn.DBNDecoder()
    decoder.write(data)
    metadata, *records = decoder.decode()
    blocks = list(read_dbn(data))
    frame = pl.concat([block.frame for block in blocks])

    assert [block.rejects for block in blocks] == [()]
    assert frame.height == len(records) == 4
    assert frame["start"][0] == 8 + int.from_bytes(data[4:8], "little")
    assert frame["end"][-1] == len(data)
    assert isinstance(metadata, databento_dbn.Metadata)
    (symbol,) = metadata.symbols
    ours = {"symbol", "at", "line", "start", "end"}
    told = [name for name in frame.columns if name not in ours]
    assert frame["at"].equals(frame["ts_recv" if "bbo-1s" in path.name else "ts_event"])
    for row, record in zip(frame.to_dicts(), records, strict=True):
        assert row["symbol"] == symbol
        assert {name: row[name] for name in told} == {name: _value(record, name) for name in told}
