"""How much a file may ask of its reader, since when, why, and what to do with one that asks more.

A limit is part of what a file's records depend on: they are read again from its raw bytes, and must
come out the same. So a limit is a value here and no setting of a firm's; each names the way round
it, which needs no other program than the one that packed or wrote the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SINCE = date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class FileLimit:
    """The most there may be of something in a file, in units of its name.

    `way` is what to do with an honest file that has more.
    """

    what: str
    most: int
    why: str
    way: str
    since: date = SINCE


_NO_WAY = "none: no honest file comes near"

UNPACKED_RATIO = FileLimit(
    "times its packed size that a packed file unpacks to",
    200,
    "market data and logs pack 5:1 to 60:1, what is packed to do harm 1,000:1 and more",
    "unpack it, look at it, ingest what was in it",
)
UNPACKED_FREE = FileLimit(
    "bytes that any packed file may unpack to",
    16 << 20,
    "a small file of one line told often may pack well, and does no harm",
    "as above",
)
ZIP_ENTRIES = FileLimit(
    "folders and files that a ZIP archive lists, of which one is a file",
    100,
    "an archive holds one file; folders around it are let pass",
    "unpack it and name the files",
)
ZIP_DIRECTORY = FileLimit(
    "bytes of a ZIP archive's directory",
    1 << 16,
    "it is read whole before anything is known of the archive",
    "unpack it and name the files",
)
COLUMNS = FileLimit(
    "columns of a table",
    2_000,
    "each costs memory in every block of rows; order management systems write some hundreds",
    "write the columns that are needed",
)
RECORD_BYTES = FileLimit(
    "bytes of a record of delimited or fixed text, and so of a line, a field and the header",
    1 << 20,
    "a record is held whole while it is read",
    _NO_WAY,
)
CAT_RECORD_BYTES = FileLimit(
    "bytes of a CAT record, JSON or CSV, without its line end",
    8190,
    "what CAT itself takes (error 2132)",
    _NO_WAY,
)
CAT_DEPTH = FileLimit(
    "levels of values within values in a CAT record's field",
    6,
    "an event's arrays of elements of pairs of lists come to five",
    _NO_WAY,
)
REFUSED = FileLimit(
    "rows refused, and none taken, before a file is read no further",
    10_000,
    "it is of another kind, or needs a profile; its rest is one reject, with its bytes",
    "name its kind or profile (`profile try`), and ingest it again",
)
PARQUET_FOOTER = FileLimit(
    "bytes of a Parquet file's footer",
    4 << 20,
    "it is read whole, before the rows; 20,000 column chunks come to about 3,000,000",
    "write larger row groups",
)
PARQUET_DEPTH = FileLimit(
    "levels of lists and structs in a column of a Parquet file",
    16,
    "each level is a call within a call for whoever reads it",
    "write flat columns",
)
PARQUET_FREE = FileLimit(
    "bytes that the pages of any Parquet file may unpack to; past it, as packed files",
    4 << 20,
    "what a page says it unpacks to is set aside several times over before it is unpacked",
    "write it without compression",
)
PARQUET_CELLS = FileLimit(
    "cells of a Parquet file to one of its bytes, past the first 1,000,000",
    20,
    "a row that states an instant and an id takes some bytes, a row of nothing takes none",
    "write it as CSV, or without its empty columns",
)
PARQUET_FREE_CELLS = FileLimit(
    "cells that any Parquet file may have",
    1_000_000,
    "a small file of few values packs well, and does no harm",
    "as above",
)
XML_BYTES = FileLimit(
    "bytes of an XML document",
    64 << 20,
    "a quarter's Rule 606 report has some hundred thousand",
    _NO_WAY,
)
XML_PROLOG = FileLimit(
    "bytes of an XML document before its first element",
    1 << 16,
    "there is a declaration and perhaps a comment",
    _NO_WAY,
)
XML_TOKEN = FileLimit(
    "bytes of an XML tag, comment or instruction",
    1 << 16,
    "a tag is held whole, and read again with each piece that comes",
    _NO_WAY,
)
XML_DEPTH = FileLimit("elements within elements in XML", 64, "a report has about ten", _NO_WAY)
XML_ATTRIBUTES = FileLimit("attributes of an XML element", 64, "a report has a few", _NO_WAY)

FILE_LIMITS = (
    *(UNPACKED_RATIO, UNPACKED_FREE, ZIP_ENTRIES, ZIP_DIRECTORY, COLUMNS, RECORD_BYTES),
    *(CAT_RECORD_BYTES, CAT_DEPTH, REFUSED, PARQUET_FOOTER, PARQUET_DEPTH, PARQUET_FREE),
    *(
        PARQUET_CELLS,
        PARQUET_FREE_CELLS,
        XML_BYTES,
        XML_PROLOG,
        XML_TOKEN,
        XML_DEPTH,
        XML_ATTRIBUTES,
    ),
)
"""Every limit, in the order of the reference."""
