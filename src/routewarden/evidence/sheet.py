"""How a table is put into cells of a spreadsheet: names, number formats, columns.

A number goes in as a number under a format that shows the very digits people see elsewhere. Where
no format does (a spreadsheet rounds ties away from zero, we round them to even; 2^53 is its limit)
the digits themselves are the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from routewarden.evidence.table import Cell, Table

_SHOWN = re.compile(
    r"(?P<sign>[+\N{MINUS SIGN}]?)(?P<whole>[\d,]+)(?P<fraction>\.\d+)?(?P<percent> %)?"
)
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_DIGITS = 15  # of a spreadsheet's number
_LETTERS = 32_767  # of a spreadsheet's cell, as UTF-16 counts them
_CUT = " … (cut: a cell holds no more)"
_RUNS = re.compile(r"[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n\0]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a flat table: its heading on one line, its cells, and what is in it."""

    title: str
    cells: tuple[Cell, ...]
    numeric: bool = False
    dated: bool = False


def flat(table: Table) -> tuple[Column, ...]:
    """Return a table's columns; what stands in small under a value is a column after it."""
    columns: list[Column] = []
    for at, heading in enumerate(table.headings):
        cells = tuple(row[at] for row in table.rows)
        title = f"{heading.title} ({heading.unit})" if heading.unit else heading.title
        columns.append(Column(title, cells, heading.numeric, heading.dated))
        if any(cell.basis for cell in cells):
            based = tuple(Cell(cell.basis, cell.basis) for cell in cells)
            columns.append(Column(f"{heading.title}: basis", based))
    return tuple(columns)


def number_format(cell: Cell) -> str:
    """Return the spreadsheet format under which a cell's exact number shows the cell's text."""
    found = _SHOWN.fullmatch(cell.text)
    if found is None or _rounded(Decimal(cell.exact), found) != cell.text:
        return '"' + cell.text.replace('"', "") + '"'
    decimals = len(found["fraction"] or ".") - 1
    digits = ("#,##0" if _grouped(found) else "0") + ("." + "0" * decimals if decimals else "")
    unit = " %" if found["percent"] else ""
    plus = "+" if found["sign"] == "+" else ""
    return f"{plus}{digits}{unit};\N{MINUS SIGN}{digits}{unit};{digits}{unit}"


def runs(text: str) -> bool:
    """Return whether a spreadsheet might take a text for a formula if somebody typed it in."""
    return _RUNS.match(text) is not None


def fitting(text: str) -> str:
    """Return a text that a cell can hold; one that it cannot is cut, and says so."""
    raw = text.encode("utf-16-le", "surrogatepass")
    if len(raw) <= 2 * _LETTERS:
        return text
    return raw[: 2 * (_LETTERS - len(_CUT))].decode("utf-16-le", "ignore") + _CUT


def _rounded(value: Decimal, found: re.Match[str]) -> str:
    """Return a number as a spreadsheet would show it: ties away from zero, fifteen digits."""
    if found["percent"]:
        value *= 100
    decimals = len(found["fraction"] or ".") - 1
    if len(value.as_tuple().digits) > _DIGITS:
        value = value.quantize(
            Decimal((0, (1,), value.adjusted() - _DIGITS + 1)), rounding=ROUND_HALF_UP
        )
    shown = value.quantize(Decimal((0, (1,), -decimals)), rounding=ROUND_HALF_UP)
    text = f"{abs(shown):,f}" if _grouped(found) else f"{abs(shown):f}"
    sign = "\N{MINUS SIGN}" if value < 0 else "+" if found["sign"] == "+" and value else ""
    return f"{sign}{text}{found['percent'] or ''}"


def _grouped(found: re.Match[str]) -> bool:
    return "," in found["whole"] or len(found["whole"]) < 4


def sheet_names(titles: Iterable[str], taken: Sequence[str] = ()) -> tuple[str, ...]:
    """Return a name for each sheet: at most 31 letters, none that is forbidden, each once."""
    names: list[str] = []
    seen = {name.casefold() for name in taken} | {"history"}
    for title in titles:
        plain = " ".join(_FORBIDDEN.sub(" ", title.replace("'", "")).split()) or "sheet"
        name, number = plain[:_LONGEST_NAME].rstrip(), 1
        while name.casefold() in seen:
            number += 1
            end = f" {number}"
            name = plain[: _LONGEST_NAME - len(end)].rstrip() + end
        seen.add(name.casefold())
        names.append(name)
    return tuple(names)


def snake_names(titles: Iterable[str]) -> tuple[str, ...]:
    """Return a name in snake case for each title, each once."""
    names: list[str] = []
    for title in titles:
        plain = re.sub(r"[^0-9a-z]+", "_", _spelled(title).lower()).strip("_") or "column"
        name, number = plain, 1
        while name in names:
            number += 1
            name = f"{plain}_{number}"
        names.append(name)
    return tuple(names)


def _spelled(title: str) -> str:
    """Return a heading with its signs in words."""
    return title.replace("%", "percent").replace("▲▼", "better").replace("#", "number")
