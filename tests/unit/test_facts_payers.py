"""Flow to venues that pay: how much in a month, and whether it drifts there."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.rules.book import RULES
from routewarden.rules.facts.payers import DRIFTS, drift_facts, venue_months
from routewarden.rules.rule import judge, without_place
from tests.unit.test_rules import LIMITS

BY_ID = {rule.id: rule for rule in RULES}
NS_PER_DAY = 86_400 * 10**9
JULY, AUGUST = date(2026, 7, 15), date(2026, 8, 14)
MILL = 1_000_000  # a tenth of a cent, in 10**-9
PAYMENTS = TABLES[Kind.PAYMENTS].schema


def fills_of(*parts: tuple[date, str, int, int | None], **changes: object) -> pl.DataFrame:
    """Customer market fills of 100 shares: date, venue, how many, and price improvement."""
    rows = [
        {
            "trading_date": day,
            "venue": venue,
            "route_venue": None,
            "quantity": 100 * 10**8,
            "price_improvement": improvement,
            "order_class": "market",
            "has_order": True,
            "account_type": "retail",
            "held": True,
            "directed": False,
            "in_session_at_receipt": True,
        }
        | changes
        for day, venue, count, improvement in parts
        for _ in range(count)
    ]
    return pl.DataFrame(
        rows,
        infer_schema_length=None,
        schema_overrides={"quantity": pl.Int128, "route_venue": pl.String},
    )


def paid(*arrangements: tuple[str | None, date | None, date | None]) -> pl.DataFrame:
    """Payments for flow to a venue from the start of a date (UTC) to that of another."""

    def start(day: date | None) -> int | None:
        return None if day is None else (day - date(1970, 1, 1)).days * NS_PER_DAY

    rows = [
        {"payer": "WHOLE", "venue": venue, "from": start(since), "to": start(until)}
        for venue, since, until in arrangements
    ]
    return pl.DataFrame(rows, schema=PAYMENTS)


ALWAYS = paid(("PAY", None, None))


def concentrated(fills: pl.DataFrame, payments: pl.DataFrame) -> list[str]:
    facts = without_place(venue_months(fills, payments))
    return judge(BY_ID["concentrated-on-payer"], facts, LIMITS)["id"].to_list()


def test_most_of_a_months_flow_at_a_venue_that_pays_is_found() -> None:
    fills = fills_of((JULY, "PAY", 21, 0), (JULY, "XNYS", 19, 0), (AUGUST, "PAY", 20, 0),
                     (AUGUST, "XNYS", 20, 0))  # fmt: skip

    assert concentrated(fills, ALWAYS) == ["PAY 2026-07"]


def test_concentrated_says_the_share_and_who_pays() -> None:
    facts = venue_months(fills_of((JULY, "PAY", 30, 0), (JULY, "XNYS", 10, 0)), ALWAYS)
    found = judge(BY_ID["concentrated-on-payer"], without_place(facts), LIMITS)

    assert found.select("trading_date", "severity", "because").row(0) == (
        JULY,
        "medium",
        (
            "75.0% of customer market and marketable shares in 2026-07 executed at PAY, for which "
            "WHOLE pays; limit 0.5 fraction (shipped default)"
        ),
    )


@pytest.mark.parametrize(
    ("payments", "found"),
    [
        (paid(), []),
        (paid((None, None, None)), []),
        (paid(("XNYS", None, None)), []),
        (paid(("PAY", date(2026, 8, 2), None)), []),
        (paid(("PAY", date(2026, 7, 31), None)), ["PAY 2026-07"]),
        (paid(("PAY", None, date(2026, 6, 30))), []),
        (paid(("PAY", None, date(2026, 7, 2)), ("PAY", None, None)), ["PAY 2026-07"]),
    ],
)
def test_a_venue_pays_while_an_arrangement_is_in_force(
    payments: pl.DataFrame, found: list[str]
) -> None:
    assert concentrated(fills_of((JULY, "PAY", 30, 0)), payments) == found


@pytest.mark.parametrize(
    "changes", [{"order_class": "at_quote"}, {"held": False}, {"account_type": None}]
)
def test_other_flow_does_not_count(changes: dict[str, object]) -> None:
    assert venue_months(fills_of((JULY, "PAY", 40, 0), **changes), ALWAYS).height == 0


def test_a_thin_month_is_not_asked() -> None:
    assert concentrated(fills_of((JULY, "PAY", 29, 0)), ALWAYS) == []


def test_improvements_are_by_shares_over_what_is_measured() -> None:
    fills = fills_of((JULY, "PAY", 1, 3 * MILL), (JULY, "PAY", 1, None), (JULY, "XNYS", 2, MILL),
                     (JULY, "ARCX", 1, 4 * MILL))  # fmt: skip
    months = venue_months(fills, ALWAYS).select(
        "venue", "shares", "share", "improvement", "others_improvement", "payers"
    )

    assert months.rows() == [
        ("ARCX", 100 * 10**8, 0.2, 4_000_000_000, 1_666_666_667, None),
        ("PAY", 200 * 10**8, 0.4, 3_000_000_000, 2_000_000_000, "WHOLE"),
        ("XNYS", 200 * 10**8, 0.4, 1_000_000_000, 3_500_000_000, None),
    ]


# -- Drift -----------------------------------------------------------------------------------------


def drift(
    pays: int | None, others: int | None, before: int = 100, after: int = 200
) -> pl.DataFrame:
    """Findings when PAY has `before` of 1,000 fills in July and `after` in August."""
    fills = fills_of(
        (JULY, "PAY", before, 0), (JULY, "XNYS", 1000 - before, 0),
        (AUGUST, "PAY", after, pays), (AUGUST, "XNYS", 1000 - after, others),
    )  # fmt: skip
    facts = without_place(drift_facts(venue_months(fills, ALWAYS)))
    return judge(BY_ID["drift-to-payer"], facts, LIMITS)


@pytest.mark.parametrize(
    ("pays", "others", "found"),
    [
        (MILL, 2 * MILL, [("high", "yes")]),
        (MILL, MILL, [("high", "yes")]),
        (2 * MILL, MILL, []),  # it pays, and improves prices
        (None, MILL, [("low", "unknown")]),
        (MILL, None, [("low", "unknown")]),
    ],
)
def test_a_drift_is_found_where_quality_does_not_follow(
    pays: int | None, others: int | None, found: list[tuple[str, str]]
) -> None:
    assert drift(pays, others).select("severity", "verdict").rows() == found


def test_drift_says_shares_quality_and_every_month() -> None:
    found = drift(MILL, 2 * MILL)

    assert found.select("trading_date", "id", "because", "evidence").row(0) == (
        AUGUST,
        "PAY 2026-07..2026-08",
        (
            "its share of customer market and marketable shares rose from 10.0% to 20.0% (z 6.26), "
            "and its price improvement in the last month was 0.001 a share, that of the others "
            "0.002; limits 0.08 fraction (shipped default) and 4 ratio (shipped default)"
        ),
        "2026-07=0.1000/0.000000 2026-08=0.2000/0.001000",
    )


@pytest.mark.parametrize(("before", "after"), [(100, 180), (200, 100), (100, 100)])
def test_a_rise_within_the_limit_or_a_fall_is_no_drift(before: int, after: int) -> None:
    assert drift(0, 0, before, after).height == 0


def test_a_venue_that_begins_to_pay_drifts_from_nothing() -> None:
    found = drift(0, MILL, before=0)

    assert found["evidence"].item() == "2026-07=0 2026-08=0.2000/0.000000"


def test_a_rise_of_few_orders_is_unsure_or_not_asked() -> None:
    def found(count: int) -> int:
        fills = fills_of((JULY, "PAY", 1, 0), (JULY, "XNYS", count - 1, 0),
                         (AUGUST, "PAY", 5, 0), (AUGUST, "XNYS", count - 5, 0))  # fmt: skip
        facts = drift_facts(venue_months(fills, ALWAYS))
        return judge(BY_ID["drift-to-payer"], without_place(facts), LIMITS).height

    assert (found(30), found(29)) == (0, 0)


def test_one_month_has_no_drift() -> None:
    assert drift_facts(venue_months(fills_of((JULY, "PAY", 9, None)), ALWAYS)).schema == DRIFTS
    nobody = venue_months(fills_of((JULY, "PAY", 9, None), (AUGUST, "PAY", 9, None)), paid())
    assert drift_facts(nobody).height == 0


def test_a_month_without_measured_improvement_is_told_as_such() -> None:
    assert drift(None, MILL)["evidence"].item().endswith("2026-08=0.2000/none")
