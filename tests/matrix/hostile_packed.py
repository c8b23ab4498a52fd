"""Hostile archives, packed files and Parquet."""

from __future__ import annotations

import bz2
import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import zstandard

from tests.matrix.forged import (
    DICTIONARY_PAGE,
    SOUND,
    Said,
    deep,
    file_of,
    forged,
    nested,
    page,
    thrift,
    told_often,
)
from tests.matrix.hostile import GOOD, HEADER, MIB, Hostile, fills, of

ZEROS = 64 * MIB
SOME = fills(50)


def _gzip_header(flags: int, method: int = 8) -> bytes:
    return b"\x1f\x8b" + bytes([method, flags]) + bytes(6)


GZIP: Mapping[str, Hostile] = {
    "a gzip bomb, 1,000:1": Hostile(lambda: gzip.compress(bytes(ZEROS), 9)),
    "a gzip bomb of good rows": Hostile(lambda: gzip.compress(HEADER + (GOOD % 1) * 900_000, 9)),
    "gzip within gzip": of(gzip.compress(gzip.compress(SOME))),
    "a bomb within a bomb": Hostile(lambda: gzip.compress(gzip.compress(bytes(ZEROS), 9), 9)),
    "gzip with another sum": of(
        gzip.compress(SOME)[:-8] + bytes(4) + gzip.compress(SOME)[-4:], records=50
    ),
    "gzip with another size": of(gzip.compress(SOME)[:-4] + b"\xff\xff\xff\x7f", records=50),
    "gzip with something behind it": of(gzip.compress(SOME) + b"something", records=50),
    "gzip cut in its header": of(gzip.compress(SOME)[:7]),
    "gzip by an unknown method": of(_gzip_header(0, 9) + bytes(99)),
    "gzip with a name of 10 MB": Hostile(lambda: _gzip_header(8) + b"a" * 10_000_000),
    "gzip with a name that leads out": of(
        _gzip_header(8) + b"../../../../tmp/evil\0" + zlib.compress(SOME)[2:-4] + bytes(8),
        records=50,
    ),
    "100,000 empty gzip members": Hostile(lambda: gzip.compress(b"") * 100_000),
    "a 10 MB line in gzip": Hostile(lambda: gzip.compress(fills(1, b"x" * 10_000_000)), records=1),
    "a tar archive in gzip": of(
        gzip.compress(b"a".ljust(257, b"\0") + b"ustar\x0000" + bytes(249))
    ),
    "a bzip2 bomb, 800,000:1": Hostile(lambda: bz2.compress(bytes(ZEROS))),
    "bzip2 cut short": of(bz2.compress(SOME)[:-20]),
    "bzip2 with a byte changed": of(bz2.compress(SOME).replace(b"\x31\x41\x59", b"\x31\x41\x58")),
    "a Zstandard bomb, 30,000:1": Hostile(lambda: zstandard.compress(bytes(ZEROS), 19)),
    "Zstandard that asks for 2 GB of window": of(b"\x28\xb5\x2f\xfd\x00\xa8" + bytes(64)),
    "Zstandard with a dictionary": of(b"\x28\xb5\x2f\xfd\x03\x58\x01\0\0\0" + bytes(64)),
    "Zstandard cut short": of(zstandard.compress(SOME)[:-9]),
    "Zstandard frames to be passed over": of((b"\x50\x2a\x4d\x18" + bytes(4)) * 99),
    "xz": of(b"\xfd7zXZ\0" + bytes(99)),
    "7z": of(b"7z\xbc\xaf\x27\x1c" + bytes(99)),
    "RAR": of(b"Rar!\x1a\x07\x01\0" + bytes(99)),
}


def zipped(*members: tuple[str, bytes], **other: Any) -> bytes:  # noqa: ANN401 - ZipInfo's own
    """Return a ZIP archive, its members' attributes as stated."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in other.items():
                setattr(info, attribute, value)
            archive.writestr(info, data)
    return buffer.getvalue()


def patched(archive: bytes, at: int, form: str, value: int, *, local: int | None = None) -> bytes:
    """Return an archive with a number changed in its first directory entry, and in its header."""
    data = bytearray(archive)
    struct.pack_into(form, data, archive.index(b"PK\x01\x02") + at, value)
    if local is not None:
        struct.pack_into(form, data, local, value)
    return bytes(data)


def overlapping(count: int) -> bytes:
    """Return an archive whose directory lists one member many times, once as a file."""
    whole = zipped(("fills.csv", SOME))
    begin, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    folder = zipped(("folder/aa/", b""))
    entry = folder[folder.index(b"PK\x01\x02") : folder.index(b"PK\x05\x06")]
    entries = whole[begin:end] + entry * count
    tail = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, count + 1, count + 1, len(entries), begin, 0
    )
    return whole[:begin] + entries + tail


ONE = zipped(("fills.csv", SOME))

ZIP: Mapping[str, Hostile] = {
    "a ZIP bomb, 1,000:1": Hostile(lambda: zipped(("fills.csv", bytes(ZEROS)))),
    "ZIP within ZIP": of(zipped(("fills.csv", ONE))),
    "gzip within ZIP": of(zipped(("fills.csv", gzip.compress(SOME)))),
    "members that share bytes": of(overlapping(9)),
    "a size that says less": of(patched(ONE, 24, "<L", 100)),
    "a size that says more": of(patched(ONE, 24, "<L", 1 << 30), records=50),
    "a packed size past the end": of(patched(ONE, 20, "<L", 1 << 30)),
    "another sum": of(patched(ONE, 16, "<L", 1)),
    "a member that is encrypted": of(patched(ONE, 8, "<H", 1, local=6)),
    "a patch for another file": of(patched(ONE, 8, "<H", 1 << 5, local=6)),
    "a name that leads out": of(zipped(("../../../tmp/evil.csv", SOME))),
    "an absolute name": of(zipped(("/tmp/evil.csv", SOME))),  # noqa: S108 - that is the point
    "a name that leads out of Windows": of(zipped(("..\\..\\evil.csv", SOME))),
    "a name on another drive": of(zipped(("C:\\evil.csv", SOME))),
    "a name with a line break": of(zipped(("fills\n.csv", SOME))),
    "a link": of(zipped(("fills.csv", b"/etc/passwd"), external_attr=0o120777 << 16)),
    "a device": of(zipped(("fills.csv", b""), external_attr=0o020666 << 16)),
    "two files": of(zipped(("a.csv", SOME), ("b.csv", SOME))),
    "two files of one name, but for its case": of(zipped(("a.csv", SOME), ("A.csv", SOME))),
    "an archive of nothing": of(zipped()),
    "a folder and no file": of(zipped(("folder/", b""))),
    "500 folders and a file": of(
        zipped(*((f"{n}/", b"") for n in range(500)), ("fills.csv", SOME))
    ),
    "20,000 folders and a file": Hostile(
        lambda: zipped(*((f"{n}/", b"") for n in range(20_000)), ("fills.csv", SOME))
    ),
    "a way of packing from Windows": of(patched(ONE, 10, "<H", 9, local=8)),
    "LZMA that asks for memory": of(patched(ONE, 10, "<H", 14, local=8)),
    "ZIP cut short": of(ONE[:-30]),
    "a directory elsewhere": of(ONE[:-6] + struct.pack("<LH", 1 << 31, 0)),
    "a ZIP64 locator that leads nowhere": of(
        ONE[:-22] + struct.pack("<4sLQL", b"PK\x06\x07", 0, 1 << 60, 1) + ONE[-22:]
    ),
    "a workbook": of(zipped(("[Content_Types].xml", b"<a/>"), ("xl/workbook.xml", b"<a/>"))),
}


def _parquet(frame: Callable[[], pl.DataFrame], **other: Any) -> Hostile:  # noqa: ANN401
    def data() -> bytes:
        buffer = io.BytesIO()
        frame().write_parquet(buffer, **other)
        return buffer.getvalue()

    return Hostile(data)


def _nested(levels: int) -> pl.DataFrame:
    dtype: pl.DataType = pl.Int64()
    for _ in range(levels):
        dtype = pl.List(dtype)
    return pl.DataFrame({"a": pl.Series([], dtype=dtype)})


NUMBERS = b"".join(n.to_bytes(8, "little") for n in range(3))
BODY = page(3, NUMBERS)

PARQUET: Mapping[str, Hostile] = {
    "nothing but the mark": of(b"PAR1"),
    "the mark twice": of(b"PAR1" + bytes(4) + b"PAR1"),
    "cut": of(SOUND[:-9]),
    "a footer of 4 GB": of(file_of(BODY, b"\0", 2**32 - 1)),
    "a footer of 16 MB": Hostile(lambda: file_of(b"", bytes(16 * MIB))),
    "a footer longer than the file": of(file_of(BODY, b"\0", 4_000_000)),
    "a footer of nothing": of(file_of(BODY, b"", 0)),
    "a footer of structs in structs": of(nested(100_000)),
    "a list of two billion": of(file_of(b"", b"\x29\xfc\xff\xff\xff\xff\x07")),
    "a list of a million nothings": Hostile(lambda: file_of(b"", thrift({2: [{1: 1}] * 300_000}))),
    "a column of 100,000 levels": Hostile(lambda: deep(100_000)),
    "a column of 17 levels": of(deep(18)),
    "a schema that lacks columns": of(forged(BODY, 3, Said(children=1_000_000))),
    "a schema with columns too many": of(forged(BODY, 3, Said(columns=9))),
    "a trillion rows": of(forged(BODY, 3, Said(rows=10**12))),
    "less than no rows": of(forged(BODY, 3, Said(rows=-3))),
    "a trillion cells": of(forged(BODY, 3, Said(values=10**12))),
    "a page of two billion cells": of(forged(page(2**31 - 1, NUMBERS), 2**31 - 1)),
    "a page that unpacks to 2 GB": of(forged(page(3, NUMBERS, 2**31 - 1), 3)),
    "a chunk that unpacks to a terabyte": of(forged(BODY, 3, Said(unpacked=2**40))),
    "a chunk past the end": of(forged(BODY, 3, Said(packed=2**40))),
    "a chunk before the beginning": of(forged(BODY, 3, Said(offset=-9))),
    "a chunk in another file": of(forged(BODY, 3, Said(elsewhere=True))),
    "one chunk a thousand times": of(forged(BODY, 3, Said(chunks=1_000))),
    "a dictionary of two billion words": of(
        forged(page(2**31 - 1, NUMBERS, kind=DICTIONARY_PAGE) + BODY, 3)
    ),
    "pages of nothing": Hostile(lambda: forged(page(0, b"") * 300_000, 0)),
    "a Parquet bomb": _parquet(
        lambda: pl.DataFrame({"fill_id": ["x" * MIB] * 64}), use_pyarrow=False, compression="zstd"
    ),
    "20,000,000 rows of nothing": _parquet(
        lambda: pl.DataFrame({"seq": pl.repeat(1, 20_000_000, eager=True)}), row_group_size=1 << 20
    ),
    "one long word in every row": Hostile(lambda: told_often(b"x" * 500_000, 100_000)),
    "2,001 columns in Parquet": _parquet(
        lambda: pl.DataFrame({f"c{n}": [1] for n in range(2_001)})
    ),
    "lists 30 deep": _parquet(lambda: _nested(30)),
    "encrypted Parquet": of(b"PARE" + bytes(99) + b"PARE"),
}
