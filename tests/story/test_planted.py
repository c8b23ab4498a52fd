"""Every fault planted in a sample quarter is found, on its orders or its dates, and little else.

A quarter is simulated, taken in and measured as a firm's own would be; then what the rules found is
held against the simulator's answer key. Precision and recall are printed (`pytest -rP`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from routewarden.cli.demo import SEED
from routewarden.policy.calendar import us_equity_calendar
from routewarden.rules.rule import Severity
from routewarden.runs.export import Part
from routewarden.runs.pipeline import run
from routewarden.runs.reading import Question, exported, findings_of, measured_dates
from routewarden.simulator.faults import EVERY_FAULT, Fault, Planted
from routewarden.simulator.venues import EXPECTED_VENUES
from routewarden.simulator.world import play
from routewarden.store.home import make_home, opened
from routewarden.store.segments import Arrival, Segment, ingest
from tests.persons import approved

SPAN = date(2025, 10, 1), date(2025, 12, 31)
STATISTICAL_BUDGET = 2

Keys = frozenset[tuple[str, ...]]

BY_RECORD: Mapping[str, Fault] = {
    "outside-nbbo": Fault.OUTSIDE_NBBO,
    "unexpected-venue": Fault.UNEXPECTED_VENUE,
    "fill-without-order": Fault.NO_ORDER,
    "fill-without-route": Fault.NO_ROUTE,
    "amendment-without-target": Fault.ORPHAN_BUST,
    "conflicting-record": Fault.CONFLICT,
    "stale-reference": Fault.STALE,
    "vendor-claim": Fault.FLATTERY,
}
"""Deterministic rules whose findings are named after the records planted."""
STATISTICAL = (
    "slow-venue", "fill-rate-fell", "concentrated-on-payer", "drift-to-payer", "size-fades",
)  # fmt: skip


@dataclass(frozen=True)
class Quarter:
    """What came of a quarter: its findings, its key, what each file was read as, and its fills."""

    found: pl.DataFrame
    key: tuple[Planted, ...]
    segments: tuple[Segment, ...]
    in_effect: frozenset[str]

    def planted(self, fault: Fault) -> list[Planted]:
        return [answer for answer in self.key if answer.fault is fault]

    def yes(self, rule: str) -> pl.DataFrame:
        return self.found.filter(pl.col("rule") == rule, pl.col("verdict") == "yes")


def quarter(seed: int, faults: frozenset[Fault], folder: Path) -> Quarter:
    root = folder / "firm"
    make_home(root)
    venues = "\n".join(
        f'[[venue]]\nmic = "{mic}"\nfrom = 2025-01-01\nsource = "s"\napproved_by = "a"\n'
        for mic in sorted(EXPECTED_VENUES)
    )
    approved(root, {"venues.toml": venues})
    key: list[Planted] = []
    taken: list[Segment] = []
    with opened(root) as home:
        for chapter in play(seed, us_equity_calendar(), SPAN, faults=faults):
            for file in chapter.files:
                path = folder / file.name
                path.write_bytes(file.content)
                arrival = Arrival(file.kind, path, file.delivered)
                taken.append(ingest(home, arrival, silent, silent))
                path.unlink()
            key += chapter.answers
        run(home, None, None, lambda _day, _done, _of: None)
        days = measured_dates(home, Question())
        fills = exported(home, Part.FILLS, Question()).frame["fill_id"]
        return Quarter(findings_of(home, days), tuple(key), tuple(taken), frozenset(fills))


def silent(_more: int) -> None:
    return


def expected(of: Quarter, rule: str) -> Keys:
    """Return what a rule is to find, as its findings are named here."""
    if rule in BY_RECORD:
        ids = [name for answer in of.planted(BY_RECORD[rule]) for name in answer.record_ids]
        return frozenset((name.replace("|", " "),) for name in ids)
    match rule:
        case "known-late":
            return dates(of.planted(Fault.LATE))
        case "slow-venue":
            return dates(of.planted(Fault.LATENCY))
        case "fill-rate-fell":
            return weeks(of.planted(Fault.FILL_RATE))
        case "concentrated-on-payer" | "drift-to-payer":
            return frozenset((answer.venue,) for answer in of.planted(Fault.DRIFT))
        case _:
            return frozenset(
                (day.isoformat()[:7],) for a in of.planted(Fault.LEAK) for day in a.dates
            )


def dates(answers: list[Planted]) -> Keys:
    return frozenset((answer.venue, str(day)) for answer in answers for day in answer.dates)


def weeks(answers: list[Planted]) -> Keys:
    """Return the weeks in which the class was at fault on every date."""
    return frozenset(
        (f"{answer.order_class} {day.isocalendar()[0]}-W{day.isocalendar()[1]:02}",)
        for answer in answers
        for day in answer.dates
    )


def named(of: Quarter, rule: str) -> Keys:
    """Return what a rule found, named as it is expected."""
    rows = of.yes(rule).iter_rows(named=True)
    match rule:
        case "known-late":
            return frozenset(("", str(row["trading_date"])) for row in rows)
        case "slow-venue":
            return frozenset((row["id"], str(row["trading_date"])) for row in rows)
        case "concentrated-on-payer" | "drift-to-payer":
            return frozenset((row["id"].split()[0],) for row in rows)
        case "size-fades":
            months = (row["id"].split()[1] for row in rows)
            return frozenset((month,) for month in months if ".." not in month)
        case _:
            return frozenset((row["id"],) for row in rows)


def told(of: Quarter, rule: str) -> tuple[Keys, Keys]:
    """Print a rule's precision and recall; return what is false and what was missed."""
    key, found = expected(of, rule), named(of, rule)
    right = len(key & found)
    precision = right / len(found) if found else 1.0
    recall = right / len(key) if key else 1.0
    print(f"{rule:26} planted {len(key):4} precision {precision:.3f} recall {recall:.3f}")  # noqa: T201 - the test's own report
    return found - key, key - found


def above_low(of: Quarter) -> pl.DataFrame:
    return of.found.filter(pl.col("severity") != Severity.LOW)


@pytest.mark.parametrize("seed", [SEED, 11, 12, 13])
def test_every_planted_fault_is_found_and_little_else(seed: int, tmp_path: Path) -> None:
    of = quarter(seed, EVERY_FAULT, tmp_path)

    for rule in (*BY_RECORD, "known-late"):
        assert told(of, rule) == (frozenset(), frozenset()), rule
    false = []
    for rule in STATISTICAL:
        more, missed = told(of, rule)
        false += [(rule, *name) for name in more]
        assert not missed or rule == "concentrated-on-payer", (rule, missed)
    assert len(false) <= STATISTICAL_BUDGET, false
    assert set(above_low(of)["rule"]) <= {
        *BY_RECORD, "known-late", *STATISTICAL, "route-without-order", "disimproved",
    }  # fmt: skip
    leaking_orders_are_named(of)
    files_are_read_as_planted(of)


def leaking_orders_are_named(of: Quarter) -> None:
    planted = {name for answer in of.planted(Fault.LEAK) for name in answer.record_ids}
    whole = of.yes("size-fades").filter(pl.col("id").str.contains("..", literal=True))
    found = set(whole["evidence"].item().split())
    right = len(found & planted)
    said = f"precision {right / len(found):.3f} recall {right / len(planted):.3f}"
    print(f"{'orders with faded venues':26} planted {len(planted):4} {said}")  # noqa: T201 - the test's own report
    assert right >= 0.99 * max(len(found), len(planted))


def files_are_read_as_planted(of: Quarter) -> None:
    """Malformed lines are rejects, repeated ones duplicates; what is amended is out of effect."""
    rejects = sum(segment.rejects for segment in of.segments)
    wrong = len(of.planted(Fault.MALFORMED)) + len(of.planted(Fault.CONFLICT))
    assert rejects == wrong
    duplicates = sum(segment.duplicates for segment in of.segments)
    assert duplicates == 2 * len(of.planted(Fault.DUPLICATE))  # in one file, and in the next
    amended = [*of.planted(Fault.BUSTED), *of.planted(Fault.CORRECTED)]
    assert not of.in_effect & {name for answer in amended for name in answer.record_ids}


def test_a_quiet_world_has_nothing_above_low_beyond_the_budget(tmp_path: Path) -> None:
    of = quarter(SEED, frozenset(), tmp_path)

    assert above_low(of).height <= STATISTICAL_BUDGET, above_low(of)
    assert of.key == ()
