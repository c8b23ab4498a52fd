"""The document as a workbook: a sheet for each table, its numbers as numbers.

Text is written as text, whatever it begins with: nothing from a file becomes a formula or a link.
What a spreadsheet might take for a formula, once somebody opens the cell and closes it again, has
the quotation mark that makes it text in its look; the value itself is as it was.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from routewarden.evidence.document import Document, tables_of
from routewarden.evidence.sheet import Column, fitting, flat, number_format, runs, sheet_names
from routewarden.evidence.table import Cell, Table, Tone
from routewarden.measures.shown import NO_VALUE

CONTENTS, DEFINITIONS = "Contents", "Definitions"
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_HEAD = 3  # rows above the table: title, caption, a blank one
_NARROWEST, _WIDEST = 8, 60  # letters of a column
_TONES = {Tone.GOOD: "#1f6b3e", Tone.BAD: "#a3281e"}


@dataclass(frozen=True, slots=True)
class _Book:
    """The workbook being written, and each look it has so far."""

    file: Workbook
    looks: dict[tuple[tuple[str, object], ...], Format]

    def look(self, **properties: object) -> Format:
        """Return the format of these properties; a workbook holds each once."""
        key = tuple(sorted(properties.items()))
        if key not in self.looks:
            whole = {"font_name": "Calibri", "font_size": 10, "valign": "top", **properties}
            self.looks[key] = self.file.add_format(whole)
        return self.looks[key]


def make_workbook(document: Document, made: datetime) -> bytes:
    """Return the XLSX of a document's tables, made at `made` (UTC)."""
    data = io.BytesIO()
    book = _Book(xlsxwriter.Workbook(data, _OPTIONS), {})
    book.file.set_properties(
        {
            "title": f"{document.title}, {document.period}",
            "author": document.firm,
            "comments": f"{document.prepared}. {document.footer}",
            "created": made.replace(tzinfo=None),
        }
    )
    tables = tables_of(document)
    names = sheet_names((table.title for table in tables), (CONTENTS, DEFINITIONS))
    _contents(book, document, dict(zip(names, tables, strict=True)))
    for name, table in zip(names, tables, strict=True):
        _sheet(book, name, table, document)
    _definitions(book, tables, document)
    book.file.close()
    return data.getvalue()


def _contents(book: _Book, document: Document, sheets: Mapping[str, Table]) -> None:
    sheet = book.file.add_worksheet(CONTENTS)
    sheet.set_column(0, 0, 36)
    sheet.set_column(1, 1, 90)
    _text(book, sheet, (0, 0), document.title, bold=True, font_size=16)
    lines = (document.firm, document.period, document.prepared, document.status, document.footer)
    row = 1
    for line in filter(None, lines):
        _text(book, sheet, (row, 0), line)
        row += 1
    linked = book.look(font_color="#0b4f94", underline=1)
    for name, title in (*((n, t.title) for n, t in sheets.items()), (DEFINITIONS, DEFINITIONS)):
        row += 1
        sheet.write_url(row, 0, f"internal:'{name}'!A1", linked, name)
        _text(book, sheet, (row, 1), title)
    _printed(sheet, document)


def _sheet(book: _Book, name: str, table: Table, document: Document) -> None:
    sheet = book.file.add_worksheet(name)
    _text(book, sheet, (0, 0), table.title, bold=True, font_size=14)
    _text(book, sheet, (1, 0), table.caption, font_color="#55626f")
    columns = flat(table)
    for at, column in enumerate(columns):
        side = "right" if column.numeric else "left"
        look = {"bold": True, "bottom": 2, "text_wrap": True, "align": side, "valign": "bottom"}
        _text(book, sheet, (_HEAD, at), column.title, **look)
        for row, cell in enumerate(column.cells, _HEAD + 1):
            _write(book, sheet, (row, at), column, cell)
        sheet.set_column(at, at, _breadth(column))
    sheet.freeze_panes(_HEAD + 1, 1)
    if table.rows:
        sheet.autofilter(_HEAD, 0, _HEAD + len(table.rows), len(columns) - 1)
    sheet.repeat_rows(_HEAD)
    _printed(sheet, document)


def _write(
    book: _Book, sheet: Worksheet, place: tuple[int, int], column: Column, cell: Cell
) -> None:
    """Write a cell: a number, a date or text; nothing where nothing is known."""
    colour = {"font_color": _TONES[cell.tone]} if cell.tone in _TONES else {}
    if not cell.exact:
        text = "" if cell.text == NO_VALUE else cell.text
        if text:
            _text(book, sheet, place, text, **colour)
    elif column.numeric:
        look = book.look(num_format=number_format(cell), align="right", **colour)
        sheet.write_number(*place, float(cell.exact), look)
    elif column.dated:
        day = date.fromisoformat(cell.exact)
        look = book.look(num_format="yyyy-mm-dd", align="left", **colour)
        sheet.write_datetime(*place, day, look)
    else:
        _text(book, sheet, place, cell.exact, text_wrap=True, **colour)


def _text(book: _Book, sheet: Worksheet, place: tuple[int, int], text: str, **look: object) -> None:
    """Write text, which stays text."""
    quoted = {"quote_prefix": True} if runs(text) else {}
    sheet.write_string(*place, fitting(text), book.look(**look, **quoted))


def _definitions(book: _Book, tables: tuple[Table, ...], document: Document) -> None:
    """Write what every column and footnote means, once."""
    sheet = book.file.add_worksheet(DEFINITIONS)
    for at, (title, breadth) in enumerate((("Term", 36), ("Unit", 14), ("Meaning", 110))):
        _text(book, sheet, (0, at), title, bold=True, bottom=2)
        sheet.set_column(at, at, breadth)
    noted = ((note.term, "", note.text) for table in tables for note in table.notes)
    headed = (
        (heading.title, heading.unit, heading.means)
        for table in tables
        for heading in table.headings
        if heading.means
    )
    for row, entry in enumerate(dict.fromkeys((*noted, *headed)), 1):
        for at, text in enumerate(entry):
            _text(book, sheet, (row, at), text, text_wrap=True)
    sheet.freeze_panes(1, 0)
    _printed(sheet, document)


def _breadth(column: Column) -> float:
    """Return the letters of a column's broadest entry, within reason."""
    longest = max((len(cell.text) for cell in column.cells), default=0)
    word = max((len(word) for word in column.title.split()), default=0)
    return min(max(longest + 2, word + 3, _NARROWEST), _WIDEST)


def _printed(sheet: Worksheet, document: Document) -> None:
    """Print across: A4 on its side, as broad as the page, with the page and what it goes by."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    safe = document.prepared.replace("&", "&&")
    sheet.set_footer(f"&L{safe[:150]}&RPage &P of &N")
    sheet.hide_gridlines(2)
