"""Good files, each damaged in one way drawn by a seed: bytes changed, cut out, doubled, spliced."""

from __future__ import annotations

import bz2
import gzip
import io
import random
from functools import cache

import polars as pl
import zstandard

from tests.matrix.hostile import GOOD, HEADER, Hostile, fills
from tests.matrix.hostile_packed import zipped

_CAT = (
    b'{"actionType":"NEW","firmROEID":"20260706_%d","type":"MENO","CATReporterIMID":"FIRM",'
    b'"symbol":"ABC","eventTimestamp":"20260706T0930%02d","orderID":"%d","side":"B","price":10.5,'
    b'"quantity":100,"orderType":"LMT","timeInForce":{"DAY":"20260706"},"tradingSession":"REG"}\n'
)
_REPORT = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<report quarter="3">\n'
    + b"".join(b'  <venue name="V%d"><rate>%d.5</rate></venue>\n' % (n, n) for n in range(20))
    + b"</report>\n"
)


@cache
def good_files() -> dict[str, tuple[str, bytes]]:
    """Return the kind and the bytes of each good file."""
    quoted = b"".join(
        b'"f%d",2026-07-01T13:30:01Z,10.05,100,"a ""b""\n%d"\n' % (n, n) for n in range(9)
    )
    text = fills(20)
    made = {
        "csv": ("fills", text),
        "quoted csv": ("fills", HEADER + quoted),
        "json": ("cat", b"".join(_CAT % (n, n, n) for n in range(8))),
        "xml": ("xml", _REPORT),
        "gzip": ("fills", gzip.compress(text)),
        "bzip2": ("fills", bz2.compress(text)),
        "zstandard": ("fills", zstandard.compress(text)),
        "zip": ("fills", zipped(("fills.csv", text))),
    }
    frame = pl.read_csv(
        io.BytesIO(HEADER + b"".join(GOOD % n for n in range(200))), infer_schema=False
    )
    for compression in ("uncompressed", "snappy", "zstd"):
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression=compression, row_group_size=100)
        made[f"parquet, {compression}"] = ("fills", buffer.getvalue())
    return made


def mutant(seed: int, number: int) -> Hostile:
    """Return the file of a number; it is made when its bytes are asked for."""
    chance = random.Random(seed * 1_000_003 + number)
    names = ("csv", "quoted csv", "json", "xml", "gzip", "bzip2", "zstandard", "zip")
    name = chance.choice([*names, *(f"parquet, {c}" for c in ("uncompressed", "snappy", "zstd"))])
    kind = {"json": "cat", "xml": "xml"}.get(name, "fills")
    return Hostile(lambda: _damaged(good_files()[name][1], chance), kind)


def _damaged(whole: bytes, chance: random.Random) -> bytes:
    """Return bytes damaged in one way, or in a few."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at, length = chance.randrange(len(data)), chance.randrange(1, 64)
        piece, other = (
            bytes(data[at : at + length]),
            chance.choice(sorted(good_files().values()))[1],
        )
        begin, many = chance.randrange(len(other)), chance.randrange(1, 512)
        data[at:], after = b"", data[at:]
        data += chance.choice(
            (
                bytes([after[0] ^ 1 << chance.randrange(8)]) + after[1:],
                bytes([chance.choice((0, 0xFF, 0x7F, 0x80, *b'\n\r",<&['))]) + after[1:],
                b"",
                after[length:],
                piece + after,
                bytes(len(piece)) + after[length:],
                other[begin : begin + many] + after[length:],
            )
        )
        if not data:
            return b"\0"
    return bytes(data)
