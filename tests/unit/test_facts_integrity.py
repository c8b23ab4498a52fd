"""When executions became known, and what contradicts a record held."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.events.identity import conflicting_id, identify
from routewarden.rules.book import RULES
from routewarden.rules.facts.integrity import conflicts, lateness, worst_offsets
from routewarden.rules.rule import judge
from tests.unit.test_rules import LIMITS

BY_ID = {rule.id: rule for rule in RULES}
NOON = 1_782_907_200_000_000_000  # Wednesday 2026-07-01, 08:00 in New York
DAY = 86_400 * 10**9
SESSIONS = pl.DataFrame({"trading_date": [date(2026, 7, day) for day in (1, 2, 6, 7, 8, 9, 10)]})


def late(*fills: tuple[str, int, str, str | None], **received: date) -> pl.DataFrame:
    """Findings about fills (id, days after 2026-07-01, file, status), by when files came."""
    rows = [(name, NOON + days * DAY, status, file, line) for line, (name, days, file, status)
            in enumerate(fills)]  # fmt: skip
    names = {"fill_id": pl.String, "executed_at": pl.Int64, "status": pl.String,
             "file": pl.String, "line": pl.Int64}  # fmt: skip
    delivered = pl.DataFrame(
        list(received.items()), schema={"file": pl.String, "delivered": pl.Date}, orient="row"
    )
    frame = pl.DataFrame(rows, schema=names, orient="row")
    return judge(BY_ID["known-late"], lateness(frame, delivered, SESSIONS, LIMITS), LIMITS)


@pytest.mark.parametrize("received", [date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 5)])
def test_what_is_known_by_the_next_trading_date_is_not_late(received: date) -> None:
    assert late(("F", 0, "a", None), a=received).height == 0


def test_one_finding_counts_a_files_late_executions_of_a_date() -> None:
    found = late(
        ("F1", 0, "a", None), ("F2", 0, "a", "ok"), ("F3", 5, "a", None), ("F4", 0, "b", None),
        a=date(2026, 7, 6), b=date(2026, 7, 1),
    )  # fmt: skip

    assert found.drop("rule", "verdict", "subject").rows() == [
        (
            date(2026, 7, 1),
            "medium",
            "a",
            (
                "2 executions of 2026-07-01 came 2 trading dates later, on 2026-07-06; limit 1 "
                "count (shipped default)"
            ),
            "a",
            0,
            "F1 F2",
        )
    ]


def test_a_file_of_nothing_but_late_executions_is_a_backfill() -> None:
    found = late(("F1", 0, "a", None), ("F2", 1, "a", None), a=date(2026, 7, 9))

    assert found.select("trading_date", "severity").rows() == [
        (date(2026, 7, 1), "low"),
        (date(2026, 7, 2), "low"),
    ]


def test_twenty_late_executions_are_named() -> None:
    fills = [(f"F{number:02}", 0, "a", None) for number in range(25)]
    found = late(*fills, a=date(2026, 7, 8))

    assert found["evidence"].item().split() == [f"F{number:02}" for number in range(20)]


def test_a_correction_is_late_by_nature() -> None:
    assert late(("F", 0, "a", "corrected"), a=date(2026, 7, 9)).height == 0


def test_a_delivery_past_the_calendar_cannot_be_counted() -> None:
    found = late(("F", 0, "a", None), a=date(2026, 7, 11))

    assert found.select("severity", "verdict").rows() == [("low", "unknown")]


def test_a_conflict_is_found_on_the_date_of_the_record_it_contradicts() -> None:
    stated = {"kind": "fills", "file": "ab", "detail": "price 'x'"}
    rows = pl.DataFrame([{**stated, "record_id": name, "line": n} for n, name in enumerate("PQ")])
    held = pl.DataFrame({"kind": ["fills", "orders"], "record_id": ["P", "Q"], "at": [NOON, NOON]})
    found = judge(BY_ID["conflicting-record"], conflicts(rows, held), LIMITS)

    assert found.select("trading_date", "severity", "id", "because", "file", "line").rows() == [
        (date(2026, 7, 1), "medium", "P", "fills: price 'x'", "ab", 0)
    ]


@pytest.mark.parametrize("name", ["F", "it's", "a' is held with other content", " 'q' "])
def test_a_conflict_knows_the_id_it_is_about(name: str) -> None:
    rows = pl.DataFrame({"fill_id": [name, name], "price": [1, 2], "line": [2, 3],
                         "start": [0, 1], "end": [1, 2]})  # fmt: skip
    conflict = identify(TABLES[Kind.FILLS], rows, rows.clear()).conflicts[0]

    assert conflicting_id(conflict) == name


# -- Clocks ----------------------------------------------------------------------------------------


def compared(*offsets: tuple[str, int, str]) -> pl.DataFrame:
    """Findings about clocks, each (clock, days after 2026-07-01, offset in ms)."""
    rows = [
        {"clock": clock, "at": NOON + days * DAY, "offset_ms": int(Decimal(offset) * 10**12)}
        for clock, days, offset in offsets
    ]
    frame = pl.DataFrame(rows, schema=TABLES[Kind.CLOCKS].schema).with_columns(
        file=pl.lit("f"), line=pl.int_range(pl.len())
    )
    return judge(BY_ID["clock-offset"], worst_offsets(frame), LIMITS)


@pytest.mark.parametrize("offset", ["49", "-49", "0", "50", "-50"])
def test_a_clock_within_its_tolerance_is_no_finding(offset: str) -> None:
    assert compared(("OMS", 0, offset)).is_empty()


@pytest.mark.parametrize(
    ("offset", "says"),
    [("51", "51 ms ahead of"), ("-51", "51 ms behind"), ("50.000000000001", "50.000000000001 ms")],
)
def test_a_clock_beyond_its_tolerance_is_told(offset: str, says: str) -> None:
    (found,) = compared(("OMS", 0, offset)).to_dicts()

    assert (found["id"], found["severity"], found["verdict"]) == ("OMS", "medium", "yes")
    assert found["because"].startswith(says)
    assert found["because"].endswith("limit 50 ms (shipped default)")


def test_a_clock_is_told_once_a_date_by_its_worst_measurement() -> None:
    found = compared(
        ("OMS", 0, "60"), ("OMS", 0, "-70"), ("OMS", 0, "70"), ("OMS", 1, "51"), ("SOR", 0, "1")
    )

    assert found.select("trading_date", "line").rows() == [
        (date(2026, 7, 1), 1), (date(2026, 7, 2), 3),
    ]  # fmt: skip
    assert "70 ms behind its reference at 2026-07-01T12:00:00" in found["because"][0]
    assert "the worst of 3 measurements" in found["because"][0]
