"""What a file is when its first bytes say that it is neither a table nor a log.

One sentence then stands for all of it, in place of a reject for each of its lines. It is asked of
what was unpacked, too: so a packed file within a packed file goes no deeper.
"""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.sources.csv_text import Buffer

_PACKED = "a packed file within a packed file, or of a kind that is not unpacked here"
_OFFICE = "an office document"
_PICTURE = "a picture"
_PROGRAM = "a program"

_MARKS: Mapping[bytes, str] = {
    b"\x1f\x8b": _PACKED,
    b"BZh": _PACKED,
    b"\x28\xb5\x2f\xfd": _PACKED,
    b"\x04\x22\x4d\x18": _PACKED,
    b"PK\x03\x04": _PACKED,
    b"PK\x05\x06": "an empty archive",
    b"\xfd7zXZ\0": _PACKED,
    b"7z\xbc\xaf\x27\x1c": _PACKED,
    b"Rar!\x1a\x07": _PACKED,
    b"%PDF-": "a PDF document",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": _OFFICE,
    b"{\\rtf": _OFFICE,
    b"\x89PNG": _PICTURE,
    b"GIF8": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"\x7fELF": _PROGRAM,
    b"#!/": _PROGRAM,
    b"<?xml": "XML",
    b"<!DOCTYPE": "a web page or XML",
    b"<html": "a web page",
    b"SQLite format 3\0": "a database",
    b"PARE": "a Parquet file that is encrypted",
    b"ARROW1": "an Arrow file",
    b"ORC\0": "an ORC file",
    b"Obj\x01": "an Avro file",
}
_TAR, _TAR_AT = b"ustar", 257
_LONGEST = max(map(len, _MARKS))


def foreign(data: Buffer) -> str | None:
    """Return what a file is, if it is nothing that can be read here."""
    first = bytes(data[:_LONGEST])
    if bytes(data[_TAR_AT : _TAR_AT + len(_TAR)]) == _TAR:
        return "a tar archive"
    return next((what for mark, what in _MARKS.items() if first.startswith(mark)), None)
