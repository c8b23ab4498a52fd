"""The typeface of paper and charts: where it lies and which letters it has."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

_GROUPS = 12  # the format of a character map whose groups hold first, last and first glyph


def fonts() -> Path:
    """Return the folder of the fonts the package ships."""
    return Path(str(files("routewarden.runs") / "fonts"))


@cache
def letters() -> frozenset[str]:
    """Return the letters that every weight of the typeface has."""
    maps = [frozenset(_mapped(path.read_bytes())) for path in sorted(fonts().glob("*.ttf"))]
    return frozenset(map(chr, frozenset.intersection(*maps)))


def _mapped(font: bytes) -> Iterator[int]:
    """Yield the code points an OpenType font maps to glyphs (OpenType 1.9, `cmap`, format 12)."""
    tables = dict(_tables(font))
    start = tables[b"cmap"]
    (count,) = struct.unpack_from(">H", font, start + 2)
    for record in range(count):
        (place,) = struct.unpack_from(">I", font, start + 4 + 8 * record + 4)
        (kind,) = struct.unpack_from(">H", font, start + place)
        if kind == _GROUPS:
            (groups,) = struct.unpack_from(">I", font, start + place + 12)
            for group in range(groups):
                first, last = struct.unpack_from(">II", font, start + place + 16 + 12 * group)
                yield from range(first, last + 1)


def _tables(font: bytes) -> Iterator[tuple[bytes, int]]:
    (count,) = struct.unpack_from(">H", font, 4)
    for at in range(count):
        tag, _, offset = struct.unpack_from(">4sII", font, 12 + 16 * at)
        yield tag, offset
