"""Findings become a queue: those of a pattern are one case, and join it for as long as it is open.

A pattern is the rule and where it struck: the venue, the router, the record, whichever the rule
is about. A date is collected once for each result it has: measured anew, its findings take the
place of those it told before. Each date is asked as it was known at its end, so what a rule says of
a period does not hang on how often it is collected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from routewarden.base.period import quarter_of
from routewarden.cases.case import Case
from routewarden.cases.exception import KIND
from routewarden.rules.book import RULES
from routewarden.rules.rule import FINDINGS, Severity, Subject
from routewarden.runs.reading import findings_of
from routewarden.store.cases import COLLECTED, Docket, docket
from routewarden.store.home import Home
from routewarden.store.results import Results

_RECORDS: Mapping[Subject, tuple[tuple[str, str, str], ...]] = {
    Subject.FILL: (("fills", "fill_id", "venue"),),
    Subject.ROUTE: (("routes", "route_id", "venue"),),
    Subject.VENUE_USE: (("routes", "route_id", "venue"), ("fills", "fill_id", "venue")),
    Subject.ORDER: (("orders", "order_id", "router"),),
}
"""Records that struck where one of their columns says: the part that has them, and their id."""

_ID = pl.col("id")
_BUT_LAST = _ID.str.replace(r" [^ ]*$", "")  # an id, and behind a space the period
_OF_IDS: Mapping[Subject, pl.Expr] = {
    Subject.VENUE_DAY: _ID,
    Subject.VENUE_MONTH: _BUT_LAST,
    Subject.VENUE_PERIOD: _BUT_LAST,
    Subject.ROUTER: _BUT_LAST,
    Subject.CLASS_WEEK: _BUT_LAST,
    Subject.CLAIM: _ID.str.extract(r"([^ ]*)$"),
    Subject.CLOCK: _ID,
    Subject.POLICY: _ID,
    Subject.CONFIGURED: _ID,
    Subject.EXPECTED: _BUT_LAST,
}
"""Where the ids of other subjects say it; what is in neither goes by the rule alone."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a date's findings did: how many, the cases they opened, and those they joined."""

    day: date
    findings: int
    opened: tuple[str, ...]
    joined: tuple[str, ...]


def collect(
    home: Home, days: Sequence[date], progress: Callable[[date, int, int], None]
) -> list[Collected]:
    """Put the findings of measured dates in the queue; a date that is in it as it is, is passed."""
    results, done = Results(home.measured), docket(home).collected
    due = [day for day in days if done.get(day) != results.manifest_digest(day)]
    found = []
    for number, day in enumerate(due):
        progress(day, number, len(due))
        found.append(_collect(home, day, str(results.manifest_digest(day))))
    return found


def _collect(home: Home, day: date, of: str) -> Collected:
    known = docket(home)
    found = _patterned(home, day, findings_at_end(home, day))
    groups = found.group_by("pattern", maintain_order=True).agg(
        pl.len(), pl.col("severity").unique(), pl.col("rule").first(), pl.col("at").first()
    )
    waiting = _open_patterns(known)
    opened: list[dict[str, object]] = []
    joined: dict[str, list[str]] = {}
    numbers: dict[str, str] = {}
    for pattern, count, severities, rule, at in groups.sort("pattern").iter_rows():
        severity = max((Severity(each) for each in severities), key=lambda each: each.rank)
        case_id = waiting.get(pattern)
        if case_id is None:
            case_id = known.next_id(KIND, len(opened))
            opened.append(_new(known, case_id, (rule, at, pattern), severity))
        joined[case_id], numbers[pattern] = [str(count), severity.value], case_id
    gone = {
        case.id: ["0", Severity.LOW.value]
        for case in known.cases.values()
        if day in case.joined and case.joined[day].count and case.id not in joined
    }
    listed = found.with_columns(
        case=pl.col("pattern").replace_strict(numbers, return_dtype=pl.String, default=None)
    ).drop("pattern", "at")
    digest = home.blobs.put_bytes(listed.write_csv().encode())
    payload = {
        "v": 1,
        "day": str(day),
        "of": of,
        "digest": digest,
        "opened": opened,
        "joined": {**joined, **gone},
    }
    home.record(COLLECTED, f"{COLLECTED}:{day}:{home.log.size}", str(day), payload)
    new = tuple(str(each["case"]) for each in opened)
    return Collected(day, found.height, new, tuple(each for each in joined if each not in new))


def findings_at_end(home: Home, day: date) -> pl.DataFrame:
    """Return what is found of a date, asked over its quarter up to it."""
    first = quarter_of(day).span.first
    days = [each for each in sorted(Results(home.measured).dates()) if first <= each <= day]
    return findings_of(home, days).filter(pl.col("trading_date") == day)


LISTED = {"case": pl.String(), **FINDINGS}
"""The columns of findings in the queue: the case each belongs to, and what it says."""


def findings_in(home: Home, cases: Iterable[Case]) -> pl.DataFrame:
    """Return the findings that belong to cases, as they were when they joined them, by date."""
    meant = list(cases)
    files = {each.file for case in meant for each in case.joined.values() if each.count}
    wanted = {(case.id, each.file) for case in meant for each in case.joined.values()}
    parts = [
        pl.read_csv(home.blobs.path(file).read_bytes(), schema_overrides=LISTED)
        .select(*LISTED)
        .filter(pl.col("case").is_in([case for case, held in wanted if held == file]))
        for file in sorted(files)
    ]
    return pl.concat([pl.DataFrame(schema=LISTED), *parts]).sort(
        ["trading_date", "case", "id", "line"], nulls_last=True
    )


def _open_patterns(known: Docket) -> Mapping[str, str]:
    """Return the open case of each pattern."""
    return {
        case.facts["pattern"]: case.id
        for case in known.cases.values()
        if case.procedure.kind == KIND and case.is_open
    }


def _new(
    known: Docket, case_id: str, what: tuple[str, str, str], severity: Severity
) -> dict[str, object]:
    """Return what the log says of a case that findings open."""
    rule, at, pattern = what
    before = [case.id for case in _of_pattern(known, pattern)]
    facts = {"rule": rule, "at": at, "pattern": pattern, "before": " ".join(before[-1:])}
    return {
        "kind": KIND,
        "case": case_id,
        "subject": f"{rule} {at}".strip(),
        "title": _TITLES[rule] + (f": {at}" if at else ""),
        "severity": severity.value,
        "facts": {name: value for name, value in facts.items() if value},
    }


def _of_pattern(known: Docket, pattern: str) -> list[Case]:
    return [case for case in known.cases.values() if case.facts.get("pattern") == pattern]


_TITLES = {rule.id: rule.title for rule in RULES}


def _patterned(home: Home, day: date, found: pl.DataFrame) -> pl.DataFrame:
    """Add to findings where each struck (`at`), and the pattern that is."""
    by_subject = found.partition_by("subject", as_dict=True, maintain_order=True)
    parts = [
        part.with_columns(at=_struck(home, day, Subject(name), part).fill_null(""))
        for (name,), part in by_subject.items()
    ]
    empty = pl.DataFrame(schema={**FINDINGS, "at": pl.String()})
    return (
        pl.concat([empty, *parts])
        .with_columns(pattern=pl.format("{} {}", "rule", "at").str.strip_chars_end())
        .sort(["pattern", "id", "file", "line"], nulls_last=True)
    )


def _struck(home: Home, day: date, subject: Subject, found: pl.DataFrame) -> pl.Series:
    """Return where findings about a subject struck."""
    if subject in _OF_IDS:
        return found.select(_OF_IDS[subject]).to_series()
    told = pl.Series("id", [None] * found.height, dtype=pl.String)
    for part, key, column in _RECORDS.get(subject, ()):
        held = Results(home.measured).read(day, part, [key, column]).unique(key, keep="first")
        joined = found.select(id=_ID).join(held, left_on="id", right_on=key, how="left")
        told = told.fill_null(joined[column].cast(pl.String))
    return told
