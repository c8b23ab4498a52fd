from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from routewarden.base.period import NotAQuarterError, Quarter, month, parse_quarter
from routewarden.policy.limits import (
    KINDS,
    SHIPPED_FROM,
    In,
    LimitError,
    NoLimitError,
    read_limits,
    shipped_text,
)
from routewarden.policy.published import (
    INDUSTRY_TEXT,
    PRIOR_TEXT,
    Published,
    PublishedError,
    in_force,
    read_published,
)

DRIFT = """
[[limit]]
name = "drift_most"
value = "0.05"
from = 2026-01-01
source = "minutes of 2025-12-15"
approved_by = "the committee"
"""

# -- Limits ----------------------------------------------------------------------------------------


def test_a_limit_counts_from_its_date_and_what_ships_until_then() -> None:
    limits = read_limits(DRIFT)

    assert limits.at("drift_most", date(2025, 12, 31)).approved_by == ""
    assert limits.at("drift_most", date(2026, 1, 1)).value == Decimal("0.05")


def test_the_later_of_two_is_in_force_whatever_their_order() -> None:
    limits = read_limits(DRIFT.replace("2026-01-01", "2026-07-01").replace("0.05", "0.07") + DRIFT)

    assert limits.at("drift_most", date(2026, 8, 1)).value == Decimal("0.07")
    assert limits.at("drift_most", date(2026, 2, 1)).value == Decimal("0.05")


def test_before_the_first_there_is_none() -> None:
    with pytest.raises(NoLimitError, match=r"no drift_most is in force on 1999-12-31"):
        read_limits("").at("drift_most", date(1999, 12, 31))


@pytest.mark.parametrize(
    ("name", "value", "scaled"),
    [
        ("disimprovement_most", "0.01", 10_000_000),
        ("outside_nbbo_window_ms", "0.5", 500_000),
        ("stale_quote_most", "30", 30_000_000_000),
        ("late_days_most", "2", 2),
        ("drift_most", "0.05", 0.05),
        ("leak_z", "4.5", 4.5),
    ],
)
def test_a_column_of_limits_is_exact_where_its_unit_is(
    name: str, value: str, scaled: float
) -> None:
    text = DRIFT.replace("drift_most", name).replace("0.05", value)
    days = [date(2026, 3, 2), date(2025, 3, 2)]
    frame = pl.DataFrame({"day": days})

    column = frame.select(read_limits(text).column(name, pl.col("day"), days)).to_series()

    assert column[0] == scaled
    assert column.dtype == (pl.Int64 if isinstance(scaled, int) else pl.Float64)


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("[[limit]]", "[limit", "the file"),
        ("[[limit]]", "[[limits]]", "limits"),
        ("[[limit]]", "limit = 3\n[[x]]", "x"),
        (DRIFT, "limit = 3", "limit"),
        ("drift_most", "drift", "name"),
        ('"drift_most"', "3", "name"),
        ('"0.05"', "0.05", "value"),
        ('"0.05"', '"a"', "value"),
        ('"0.05"', '"-1"', "value"),
        ('"0.05"', '"NaN"', "value"),
        ("2026-01-01", "1990-01-01", "from"),
        ("2026-01-01", '"soon"', "from"),
        ('"the committee"', '""', "approved_by"),
        ("approved_by", "approver", "approver"),
        ('"minutes of 2025-12-15"', "1", "source"),
        (DRIFT, DRIFT + DRIFT, "given twice from 2026-01-01"),
        (DRIFT, DRIFT.replace("drift_most", "late_days_most").replace("0.05", "1.5"), "value"),
    ],
)
def test_a_table_of_limits_that_cannot_be_used_says_where(old: str, new: str, names: str) -> None:
    with pytest.raises(LimitError, match=names):
        read_limits(DRIFT.replace(old, new))


def test_what_ships_is_listed_for_whoever_writes_their_own() -> None:
    text = shipped_text()

    assert all(f"# {kind.name} = {kind.shipped} {kind.unit}" in text for kind in KINDS)
    assert read_limits(text) == read_limits("")
    assert {kind.unit for kind in KINDS} == set(In)
    assert all(limit.since == SHIPPED_FROM for limit in read_limits("").entries)


# -- Published figures -----------------------------------------------------------------------------

FIGURE = """
[[figure]]
metric = "fill_rate"
orders = "limit"
value = "0.8"
n = 1200
from = 2026-01-01
source = "a report"
simulated = true
"""


def test_a_figure_says_where_it_is_from() -> None:
    assert read_published(FIGURE, "industry.toml") == (
        Published("fill_rate", "limit", Decimal("0.8"), 1200, date(2026, 1, 1), "a report", True),  # noqa: FBT003 - simulated
    )


def test_the_figure_begun_last_is_in_force() -> None:
    figures = read_published(
        FIGURE + FIGURE.replace("0.8", "0.9").replace("2026-01", "2026-04"), ""
    )

    assert in_force(figures, date(2025, 12, 31)) == {}
    assert in_force(figures, date(2026, 3, 31))["fill_rate", "limit"].value == Decimal("0.8")
    assert in_force(figures, date(2026, 6, 30))["fill_rate", "limit"].value == Decimal("0.9")


@pytest.mark.parametrize("text", [INDUSTRY_TEXT, PRIOR_TEXT])
def test_what_ships_states_nothing_and_its_example_is_well_formed(text: str) -> None:
    example = "\n".join(line[2:] for line in text.splitlines() if line.startswith("# [["))
    shown = text[text.index("# [[figure]]") :].replace("\n# ", "\n")[2:]

    assert read_published(text, "") == ()
    assert example == "[[figure]]"
    assert len(read_published(shown, "")) == 1


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("[[figure]]", "[figure", "the file"),
        ("[[figure]]", "[figure]", "figure"),
        ("[[figure]]", "[[figures]]", "figures"),
        ('"fill_rate"', '""', "metric"),
        ('"limit"', '"limits"', "orders"),
        ('"0.8"', "0.8", "value"),
        ('"0.8"', '"x"', "value"),
        ('"0.8"', '"Infinity"', "value"),
        ("1200", "-1", "n"),
        ("1200", "true", "n"),
        ("2026-01-01", "2026", "from"),
        ('"a report"', '""', "source"),
        ("true", '"yes"', "simulated"),
        ("simulated", "simulation", "simulation"),
    ],
)
def test_a_table_of_figures_that_cannot_be_used_says_where(old: str, new: str, names: str) -> None:
    with pytest.raises(PublishedError, match=names):
        read_published(FIGURE.replace(old, new), "industry.toml")


# -- Quarters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last", "before"),
    [
        ("2026Q1", date(2026, 1, 1), date(2026, 3, 31), "2025Q4"),
        ("2025Q4", date(2025, 10, 1), date(2025, 12, 31), "2025Q3"),
    ],
)
def test_a_quarter_has_its_dates(text: str, first: date, last: date, before: str) -> None:
    quarter = parse_quarter(text)

    assert (quarter.span.name, quarter.span.first, quarter.span.last) == (text, first, last)
    assert str(quarter.before) == before
    assert quarter.span.holds(first)
    assert quarter.span.holds(last)
    assert not quarter.span.holds(date(2024, 1, 1))


def test_a_month_ends_on_its_last_day() -> None:
    assert [month(2024, number).last.day for number in (2, 4, 12)] == [29, 30, 31]
    assert Quarter(2024, 1).months[1].name == "2024-02"


@pytest.mark.parametrize("text", ["2026", "2026Q5", "26Q1", "2026Q1 "])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(NotAQuarterError, match="2026Q3"):
        parse_quarter(text)
