"""The queue as people see it: each case with its age and its date, as a table and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from routewarden.base.errors import RoutewardenError
from routewarden.cases.case import Case
from routewarden.cases.deadline import age, due
from routewarden.cases.exception import FALSE_ALARM, KIND
from routewarden.evidence.table import Cell, Heading, Table, Tone, count_cell, text_cell
from routewarden.measures.shown import NO_VALUE
from routewarden.store.home import Home


class UnknownOrderError(RoutewardenError):
    """A list is to be sorted by what it has not."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}': sort by one of {', '.join(_KEYS)}.")


@dataclass(frozen=True, slots=True)
class Entry:
    """A case in the queue: the date it is due, and its age in trading dates."""

    case: Case
    due: date | None
    age: int
    is_overdue: bool

    @property
    def findings(self) -> int:
        """How many findings belong to it."""
        return sum(each.count for each in self.case.joined.values())


_FAR = date.max
_KEYS: Mapping[str, Callable[[Entry], tuple[Any, ...]]] = {
    "due": lambda entry: (entry.due or _FAR, -entry.case.severity.rank),
    "age": lambda entry: (-entry.age,),
    "severity": lambda entry: (-entry.case.severity.rank, entry.due or _FAR),
    "findings": lambda entry: (-entry.findings,),
    "case": lambda _: (),
}


def entries_of(home: Home, cases: Iterable[Case], sort: str = "case") -> list[Entry]:
    """Return cases as they stand today, in an order.

    Raises:
        UnknownOrderError: It is none.
    """
    if sort not in _KEYS:
        raise UnknownOrderError(sort)
    policy, today = home.policy(), home.today()
    found = []
    for case in cases:
        last = due(case, policy.calendar, policy.limits) if case.is_open else None
        old = age(case, today, policy.calendar)
        found.append(Entry(case, last, old, last is not None and last < today))
    return sorted(found, key=lambda entry: (*_KEYS[sort](entry), _number(entry.case.id)))


def _number(case_id: str) -> tuple[str, int]:
    mark, _, number = case_id.rpartition("-")
    return mark, int(number)


_HEADINGS = (
    Heading("case"),
    Heading("severity"),
    Heading("what"),
    Heading("state"),
    Heading("owner"),
    Heading("findings", means="how many belong to it", numeric=True),
    Heading("last date", means="the last trading date one was found on", dated=True),
    Heading("age", "trading dates", numeric=True),
    Heading("due", dated=True),
)


def listed(entries: Sequence[Entry]) -> Table:
    """Return the table of a list of cases."""
    return Table("cases", "Cases", "Age in trading dates.", _HEADINGS, tuple(map(_row, entries)))


def _row(entry: Entry) -> tuple[Cell, ...]:
    case = entry.case
    days = [day for day, each in case.joined.items() if each.count]
    last = str(max(days)) if days else ""
    when = "" if entry.due is None else str(entry.due)
    late = Tone.BAD if entry.is_overdue else Tone.NEUTRAL
    return (
        text_cell(case.id),
        text_cell(case.severity.value),
        text_cell(case.title),
        text_cell(case.state),
        Cell(case.owner, case.owner),
        count_cell(entry.findings),
        Cell(last, last),
        count_cell(entry.age),
        Cell(f"{when} overdue" if entry.is_overdue else when, when, tone=late),
    )


def found_table(found: pl.DataFrame) -> Table:
    """Return the table of findings in the queue."""
    headings = tuple(
        Heading(name.replace("_", " "), dated=name == "trading_date", numeric=name == "line")
        for name in found.columns
    )
    rows = tuple(
        tuple(text_cell(None if value is None else str(value)) for value in row)
        for row in found.iter_rows()
    )
    return Table("findings", "Findings", "Those that belong to cases.", headings, rows)


def case_json(entry: Entry) -> dict[str, Any]:
    """Return a case as a JSON value."""
    case = entry.case
    return {
        "case": case.id,
        "kind": case.procedure.kind,
        "severity": case.severity.value,
        "state": case.state,
        "title": case.title,
        "subject": case.subject,
        "owner": case.owner or None,
        "opened": str(case.opened),
        "age": entry.age,
        "due": None if entry.due is None else str(entry.due),
        "overdue": entry.is_overdue,
        "findings": entry.findings,
        "rule": case.facts.get("rule"),
        "digest": case.digest,
        "open": case.is_open,
    }


@dataclass(frozen=True, slots=True)
class Rate:
    """How a rule's cases were settled, by disposition; `open` are those that are not."""

    rule: str
    settled: Mapping[str, int]
    open: int

    @property
    def closed(self) -> int:
        """How many are settled."""
        return sum(self.settled.values())

    @property
    def false_alarms(self) -> int:
        """How many of them were nothing."""
        return self.settled.get(FALSE_ALARM, 0)

    def told(self) -> dict[str, Any]:
        """Return it as a JSON value; a rate of nothing is none."""
        return {
            "rule": self.rule,
            "closed": self.closed,
            "open": self.open,
            "false_alarms": self.false_alarms,
            "dispositions": dict(sorted(self.settled.items())),
        }


def false_alarms(cases: Iterable[Case]) -> list[Rate]:
    """Return how the exceptions of each rule were settled: by the last closing act of each case."""
    settled: dict[str, Counter[str]] = {}
    waiting: Counter[str] = Counter()
    for case in cases:
        if case.procedure.kind != KIND:
            continue
        rule = case.facts["rule"]
        counts = settled.setdefault(rule, Counter())
        if case.is_open:
            waiting[rule] += 1
        else:
            counts[case.of("close")[-1].choice] += 1
    return [Rate(rule, settled[rule], waiting[rule]) for rule in sorted(settled)]


def rates(found: Sequence[Rate]) -> Table:
    """Return the table of false-alarm rates."""
    headings = (
        Heading("rule"),
        Heading("open", numeric=True),
        Heading("settled", numeric=True),
        Heading("false alarms", numeric=True),
        Heading("false-alarm rate", numeric=True),
        Heading("otherwise"),
    )
    return Table("rates", "How cases were settled", "By rule.", headings, tuple(map(_rate, found)))


def _rate(rate: Rate) -> tuple[Cell, ...]:
    others = ", ".join(
        f"{name} {count}" for name, count in sorted(rate.settled.items()) if name != FALSE_ALARM
    )
    part = f"{100 * rate.false_alarms / rate.closed:.0f} %" if rate.closed else NO_VALUE
    return (
        text_cell(rate.rule),
        count_cell(rate.open),
        count_cell(rate.closed),
        count_cell(rate.false_alarms),
        Cell(part, f"{rate.false_alarms}/{rate.closed}" if rate.closed else ""),
        Cell(others, others),
    )
