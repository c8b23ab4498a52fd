"""How the firm's `contract.toml` is read: every entry by what it must be, nothing passed over."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from string import Formatter
from typing import TypeVar

from routewarden.base.schema import TABLES, Kind
from routewarden.policy.contract import (
    Breach,
    Clause,
    Comparison,
    Contract,
    ContractError,
    Delivery,
    DeliveryExample,
    Duty,
    DutyExample,
    Service,
    ServiceExample,
    Window,
)

NOTICE_FIELDS = (
    "provider", "firm", "clause", "text", "window", "figure", "tolerance", "sample", "cure",
    "owner",
)  # fmt: skip
"""What the text of a notice may name in braces."""

_MOST = 1000  # trading dates, months: more is a slip of the pen
_ONE = Decimal(1)
_NO_TEXTS = "neither a text nor a list of some"
_Word = TypeVar("_Word", bound=StrEnum)


def read_contract(text: str) -> Contract:
    """Return what a `contract.toml` says; its examples are not yet tried.

    Raises:
        ContractError: It is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContractError(entry="the file", value=error) from error
    if extra := set(table) - {"provider", "clause"}:
        raise ContractError(entry=min(extra), value="no such entry")
    rows = table.get("clause", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ContractError(entry="clause", value=rows)
    clauses = tuple(map(_clause, rows))
    _require_apart(clauses)
    if not clauses and "provider" not in table:
        return Contract()
    return Contract(_Row("the file", table).text("provider"), clauses)


def _require_apart(clauses: tuple[Clause, ...]) -> None:
    """Require that of the clauses of an id one is in force at a time."""
    ordered = sorted(clauses, key=lambda clause: (clause.id, clause.since))
    for before, after in pairwise(ordered):
        if before.id == after.id and (before.until is None or after.since <= before.until):
            why = f"in force twice from {after.since}; end the one before with `to`"
            raise ContractError(entry=after.id, value=why)


@dataclass(slots=True)
class _Row:
    """A table of the file, and which of its entries were read."""

    place: str
    table: Mapping[str, object]
    known: set[str] = field(default_factory=set)

    def refuse(self, name: str, why: object) -> ContractError:
        return ContractError(entry=f"{self.place}: {name}", value=why)

    def get(self, name: str) -> object:
        self.known.add(name)
        return self.table.get(name)

    def text(self, name: str) -> str:
        value = self.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(name, "not a text" if name in self.table else "missing")
        return value

    def day(self, name: str) -> date:
        value = self.get(name)
        if type(value) is not date:
            raise self.refuse(name, "not a date" if name in self.table else "missing")
        return value

    def maybe_day(self, name: str) -> date | None:
        return self.day(name) if name in self.table else None

    def word(self, name: str, words: type[_Word]) -> _Word:
        value = self.text(name)
        if value not in {str(word) for word in words}:
            raise self.refuse(name, f"'{value}' is none of {', '.join(words)}")
        return words(value)

    def count(self, name: str, least: int, shipped: int | None = None) -> int:
        value = self.get(name)
        value = shipped if value is None else value
        if type(value) is not int or not least <= value <= _MOST * _MOST:
            raise self.refuse(name, f"{value} is no whole number from {least}")
        return value

    def number(self, name: str, shipped: Decimal | None = None) -> Decimal:
        if name not in self.table and shipped is not None:
            return shipped
        value = self.text(name)
        try:
            number = Decimal(value)
        except InvalidOperation as error:
            raise self.refuse(name, f"'{value}' is no number") from error
        if not number.is_finite():
            raise self.refuse(name, f"'{value}' is no number")
        return number

    def share(self, name: str) -> Decimal:
        value = self.number(name, _ONE)
        if not 0 <= value <= 1:
            raise self.refuse(name, f"{value:f} is no share from 0 to 1")
        return value

    def row(self, name: str) -> _Row:
        value = self.get(name)
        if not isinstance(value, dict):
            raise self.refuse(name, "not a table" if name in self.table else "missing")
        return _Row(f"{self.place}: {name}", value)

    def close(self) -> None:
        """Require that nothing was left unread."""
        if extra := set(self.table) - self.known:
            raise self.refuse(min(extra), "no such entry")


def _clause(table: Mapping[str, object]) -> Clause:
    row = _Row("clause", table)
    name = row.text("id")
    row.place = f"clause {name}"
    kind = row.text("kind")
    if kind not in _KINDS:
        raise row.refuse("kind", f"'{kind}' is none of {', '.join(_KINDS)}")
    since, until = row.day("from"), row.maybe_day("to")
    if until is not None and until < since:
        raise row.refuse("to", f"{until} is before {since}")
    terms = _KINDS[kind](row)
    clause = Clause(name, row.text("text"), row.text("owner"), since, until, terms)
    row.close()
    return clause


def _service(row: _Row) -> Service:
    example = row.row("example")
    value = example.number("value") if "value" in example.table else None
    worked = ServiceExample(
        value, example.count("sample", 0), example.share("dates"), example.word("breach", Breach)
    )
    example.known |= {"value", "dates"}
    example.close()
    row.known.add("least_dates")
    return Service(
        metric=row.text("metric"),
        unit=row.text("unit"),
        where=_where(row),
        window=row.word("window", Window),
        comparison=row.word("comparison", Comparison),
        tolerance=row.number("tolerance"),
        least=row.count("least", 1),
        least_dates=row.share("least_dates"),
        cure=row.count("cure", 1),
        notice=_notice(row),
        example=worked,
    )


def _where(row: _Row) -> Mapping[str, tuple[str, ...]]:
    """Return the values each dimension may have; one is written as itself."""
    if row.get("where") is None:
        return {}
    asked: dict[str, tuple[str, ...]] = {}
    for name, value in row.row("where").table.items():
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(each, str) and each for each in values):
            raise row.refuse("where", f"{name} is {_NO_TEXTS}")
        asked[name] = tuple(map(str, values))
    return asked


def _notice(row: _Row) -> str:
    """Return the text of a notice, whose fields are known and plainly named."""
    text = row.text("notice")
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise row.refuse("notice", error) from error
    for _, name, form, conversion in parts:
        if name is not None and (name not in NOTICE_FIELDS or form or conversion):
            known = ", ".join(NOTICE_FIELDS)
            raise row.refuse("notice", f"{{{name}}} is none of {known}, plainly in braces")
    return text


def _delivery(row: _Row) -> Delivery:
    kind = row.word("file", Kind)
    if kind is not Kind.VENDOR_REPORT and TABLES[kind].dated_by is None:
        raise row.refuse("file", f"records of {kind} have no date to count them by")
    example = row.row("example")
    worked = DeliveryExample(
        example.day("ended"),
        example.maybe_day("delivered"),
        example.share("covered"),
        example.word("breach", Breach),
    )
    example.known |= {"delivered", "covered"}
    example.close()
    row.known |= {"files", "least_share"}
    return Delivery(
        what=row.text("what"),
        file=kind,
        files=row.text("files") if "files" in row.table else "*",
        period=_period(row, kind),
        due=row.count("due", 0),
        least_share=row.share("least_share"),
        cure=row.count("cure", 1),
        notice=_notice(row),
        example=worked,
    )


def _period(row: _Row, kind: Kind) -> Window:
    """Return how often it is due: a report tells of months and quarters, of no day or week."""
    period = row.word("period", Window)
    if kind is Kind.VENDOR_REPORT and period in {Window.DAY, Window.WEEK}:
        raise row.refuse("period", f"a {kind} tells of months or quarters")
    return period


def _duty(row: _Row) -> Duty:
    example = row.row("example")
    worked = DutyExample(
        example.day("due"), example.maybe_day("attested"), example.word("breach", Breach)
    )
    example.known.add("attested")
    example.close()
    months = row.count("months", 1)
    if months > _MOST:
        raise row.refuse("months", months)
    return Duty(row.text("evidence"), months, row.count("opens", 0, 10), worked)


_KINDS: Mapping[str, Callable[[_Row], Service | Delivery | Duty]] = {
    "service": _service,
    "delivery": _delivery,
    "duty": _duty,
}
