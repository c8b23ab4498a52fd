"""Hostile CSV, JSON and XML, and files of other kinds that were sent for them."""

from __future__ import annotations

import random
from collections.abc import Mapping

from tests.matrix.hostile import HEADER, MIB, Hostile, fills, of

TEXT = fills(2).decode()
LAUGHS = (
    '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">'
        for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + "]><a>&j;</a>"
).encode()
QUADRATIC = b'<!DOCTYPE a [<!ENTITY a "' + b"x" * 50_000 + b'">]><a>' + b"&a;" * 50_000 + b"</a>"


def _row(**other: bytes) -> bytes:
    cells = {
        "fill_id": b"f9",
        "executed_at": b"2026-07-01T13:30:01Z",
        "price": b"10.05",
        "quantity": b"100",
        "order_id": b"o1",
    }
    return b",".join({**cells, **other}.values()) + b"\n"


def _wide(columns: int, more: bytes = b"") -> bytes:
    return HEADER[:-1] + b"".join(b",c%d" % n for n in range(columns)) + more + b"\n" + _row()


CSV: Mapping[str, Hostile] = {
    "UTF-7": of(TEXT.encode("utf-7").replace(b"_", b"+AF8-")),
    "UTF-16 with a mark": of(TEXT.encode("utf-16")),
    "UTF-16 without one": of(TEXT.encode("utf-16-be")),
    "UTF-32": of(TEXT.encode("utf-32")),
    "EBCDIC": of(TEXT.encode("cp500")),
    "overlong UTF-8": of(fills(1, _row(fill_id=b"\xc0\xaf\xc0\xae")), records=1),
    "half a surrogate pair": of(fills(1, _row(fill_id=b"\xed\xa0\x80")), records=1),
    "bytes past Unicode": of(fills(1, _row(fill_id=b"\xf5\x80\x80\x80")), records=1),
    "mixed line ends": of(fills(1, b"f8,2026\rf9,2026\r\nf7\n\r"), records=1),
    "line ends of Unicode": of(fills(1, "f8\u2028f9\x85f7\x0b\x0c\n".encode()), records=1),
    "a byte-order mark in the middle": of(fills(1, b"\xef\xbb\xbf\n"), records=1),
    "two byte-order marks": of(b"\xef\xbb\xbf" * 2 + fills(1)),
    "NUL bytes in a row": of(fills(1, _row(price=b"1\0000")), records=1),
    "4 MB of NUL bytes": Hostile(lambda: bytes(4 * MIB)),
    "4 MB of NUL bytes after a row": Hostile(lambda: fills(1, bytes(4 * MIB)), records=1),
    "4 MB of 0xFF": Hostile(lambda: b"\xff" * (4 * MIB)),
    "1 MB of anything": Hostile(lambda: random.Random(15).randbytes(MIB)),
    "1 MB of anything after a header": Hostile(lambda: HEADER + random.Random(16).randbytes(MIB)),
    "a 10 MB line": Hostile(lambda: fills(1, b"x" * 10_000_000, b"\n"), records=1),
    "a 10 MB line of commas": Hostile(lambda: fills(1, b"," * 10_000_000, b"\n"), records=1),
    "a 10 MB header": Hostile(lambda: b"x," * 5_000_000 + b"\n"),
    "a header that says one long name twice": Hostile(lambda: (b"x" * 400_000 + b",") * 2 + b"\n"),
    "200,000 columns": Hostile(lambda: _wide(150_000)),
    "2,001 columns": Hostile(lambda: _wide(1_996)),
    "10 MB of rows of nothing": Hostile(lambda: HEADER + b",,,,\n" * 2_000_000),
    "10 MB of ragged rows": Hostile(lambda: HEADER + b"a\n" * 5_000_000),
    "10 MB of quotation marks": Hostile(lambda: HEADER + b'"' * 10_000_000),
    "10 MB of quotations that open": Hostile(lambda: HEADER + b'"a\n' * 3_300_000),
    "10 MB of quotations that close wrong": Hostile(lambda: HEADER + b'"a"b\n' * 2_000_000),
    "a quotation around all the rest": Hostile(lambda: fills(1, b'"', b"b\n" * MIB), records=1),
    "rows too short and too long": of(fills(1, b"f2\n", _row()[:-1] + b",,,\n"), records=1),
    "cut in a row": of(fills(2)[:-9], records=1),
    "a million digits": Hostile(lambda: fills(1, _row(price=b"1" * 1_000_000)), records=1),
    "a million decimals": Hostile(lambda: fills(1, _row(price=b"0." + b"1" * 999_000)), records=1),
    "an exponent": of(fills(1, _row(price=b"9e999999999")), records=1),
    "digits of other scripts": of(fills(1, _row(quantity="١٢٣".encode())), records=1),
    "an instant past all calendars": of(
        fills(1, _row(executed_at=b"999999999-01-01T00:00:00Z")), records=1
    ),
    "a line for a spreadsheet first": of(b"sep=;\n" + fills(1)),
    "the old end of a file": of(fills(1, b"\x1a\n"), records=1),
    "CSV with a ZIP archive behind it": of(fills(1, b"PK\x03\x04" + bytes(99)), records=1),
}

OTHERS: Mapping[str, Hostile] = {
    "a PDF with a script": of(
        b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>"
    ),
    "a PDF that is CSV from its second line on": of(b"%PDF-1.4\n" + fills(2)),
    "a picture with a table behind it": of(b"GIF89a" + fills(2)),
    "a PNG picture": of(b"\x89PNG\r\n\x1a\n" + bytes(64)),
    "an office document with macros": of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"VBA" * 99),
    "rich text": of(b"{\\rtf1{\\object\\objupdate}}"),
    "a program": of(b"\x7fELF\x02\x01\x01" + bytes(99)),
    "a program for Windows": of(b"MZ\x90\0\x03" + bytes(99)),
    "a script": of(b"#!/bin/sh\nrm -rf /\n"),
    "a web page": of(b"<!DOCTYPE html><script>alert(1)</script>\n" * 99),
    "a database": of(b"SQLite format 3\0" + bytes(99)),
    "a tar archive": of(b"../../etc/passwd".ljust(257, b"\0") + b"ustar\x0000" + bytes(249)),
    "XML for CSV": of(LAUGHS),
    "an Arrow file": of(b"ARROW1\0\0" + bytes(64)),
}


def _cat(value: str) -> bytes:
    return f'{{"actionType":"NEW","type":"MENO","orderID":{value}}}\n'.encode()


JSON: Mapping[str, Hostile] = {
    "arrays 4,000 deep": of(_cat("[" * 4_000 + "]" * 4_000), "cat"),
    "objects 1,500 deep": of(_cat('{"a":' * 1_500 + "1" + "}" * 1_500), "cat"),
    "arrays that never close": of(b"[" * 8_000 + b"\n", "cat"),
    "values seven deep": of(_cat("[[[[[[[[1]]]]]]]]"), "cat"),
    "a 10 MB text": Hostile(lambda: _cat('"' + "x" * 10_000_000 + '"'), "cat"),
    "10 MB of opening brackets": Hostile(lambda: b"[" * 10_000_000, "cat"),
    "10 MB of short lines": Hostile(lambda: b"{}\n" * 3_300_000, "cat"),
    "10 MB of lines with nothing on them": Hostile(lambda: b"{" + b"\n" * 10_000_000, "cat"),
    "a number of 8,000 digits": of(_cat("1" * 8_000), "cat"),
    "an exponent of nine digits": of(_cat("1e999999999"), "cat"),
    "not a number": of(_cat("NaN"), "cat"),
    "a name told twice": of(b'{"type":"MENO","type":"MEOR"}\n', "cat"),
    "half a surrogate pair in JSON": of(_cat('"\\ud800"'), "cat"),
    "a NUL byte in JSON": of(b'{"type":"ME\0NO"}\n', "cat"),
    "bytes that are no UTF-8 in JSON": of(b'{"type":"\xff"}\n', "cat"),
    "JSON in UTF-16": of(_cat("1").decode().encode("utf-16"), "cat"),
    "JSON over many lines": of(b'{\n"type":\n"MENO"\n}\n', "cat"),
    "JSON with a comment": of(b'{"type":"MENO"} // no\n', "cat"),
    "a thing for a word": of(b'{"type":{"a":1}}\n', "cat"),
    "positions in the thousands": of(b"NEW,,,MENO" + b"," * 8_000 + b"x\n", "cat"),
}

XML: Mapping[str, Hostile] = {
    "a billion laughs": of(LAUGHS, "xml"),
    "quadratic growth": of(QUADRATIC, "xml"),
    "laughs in UTF-16": of(LAUGHS.decode().encode("utf-16"), "xml"),
    "an entity that is a file": of(
        b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>', "xml"
    ),
    "an entity from the network": of(
        b'<!DOCTYPE a [<!ENTITY f SYSTEM "http://127.0.0.1:9/x">]><a>&f;</a>', "xml"
    ),
    "an entity that is a parameter": of(
        b'<!DOCTYPE a [<!ENTITY % f SYSTEM "http://127.0.0.1:9/x">%f;]><a/>', "xml"
    ),
    "a DTD from the network": of(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', "xml"),
    "a DTD after comments": of(b"<!-- a -->\n<?b c?>\n<!DOCTYPE a><a/>", "xml"),
    "a style sheet and a schema from the network": of(
        b'<?xml-stylesheet href="http://127.0.0.1:9/x"?><a><b>&c;</b></a>', "xml"
    ),
    "UTF-7 that hides markup": of(
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>', "xml"
    ),
    "UTF-16 that is not": of(b'<?xml version="1.0" encoding="UTF-16"?><a/>', "xml"),
    "UTF-32 in XML": of("<a/>".encode("utf-32"), "xml"),
    "a million elements deep": Hostile(lambda: b"<a>" * 1_000_000, "xml"),
    "a 10 MB name": Hostile(lambda: b"<a><" + b"b" * 10_000_000, "xml"),
    "a 10 MB attribute": Hostile(lambda: b'<a b="' + b"c" * 10_000_000 + b'"/>', "xml"),
    "a 10 MB comment": Hostile(lambda: b"<a><!--" + b"c" * 10_000_000 + b"--></a>", "xml"),
    "a 10 MB comment before the root": Hostile(
        lambda: b"<!--" + b"c" * 10_000_000 + b"--><a/>", "xml"
    ),
    "100,000 attributes": Hostile(
        lambda: b"<a " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>", "xml"
    ),
    "one attribute twice": of(b'<a b="1" b="2"/>', "xml"),
    "text that never ends": Hostile(lambda: b"<a>" + b"text " * 2_000_000, "xml"),
    "65 MB of XML": Hostile(lambda: b"<a>" + b" " * (65 * MIB) + b"</a>", "xml"),
    "CSV for XML": of(TEXT.encode(), "xml"),
}
