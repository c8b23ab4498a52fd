from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from routewarden.policy.limits import read_limits
from routewarden.rules.book import RULES
from routewarden.rules.rule import FINDINGS, Rule, Severity, Subject, judge

BY_ID = {rule.id: rule for rule in RULES}
NOON = 1_782_907_200_000_000_000  # 2026-07-01T12:00:00Z
LIMITS = read_limits("")
PLACE = {"file": "ab", "line": 7, "trading_date": date(2026, 7, 1)}
FILL = {
    **PLACE,
    **dict.fromkeys(("has_order", "has_route"), True),
    "fill_id": "F1",
    "order_id": "O1",
    "route_id": "R1",
    "owner": "O1",
    "route_order_id": "O1",
    "venue": "XNYS",
    "route_venue": "XNYS",
    "executed_at": NOON,
    "ended_at": NOON + 1,
    "fill_time_ms": 3_000_000,
    "route_time_ms": 2_500_000,
    "decision_time_ms": 500_000,
    "side": "buy",
    "price": 10 * 10**8,
    "liquidity": "removed",
    "order_type": "market",
    "time_in_force": "day",
    "in_session_at_execution": True,
    "reference_status": "ok",
    "order_class": "market",
    "price_improvement": 0,
    **dict.fromkeys(("bid_at_receipt", "bid_at_execution", "worst_bid_at_execution"), 9 * 10**8),
    **dict.fromkeys(("ask_at_receipt", "ask_at_execution", "worst_ask_at_execution"), 10 * 10**8),
}
ORDER = {
    **PLACE,
    "order_id": "O1",
    "received_at": NOON,
    "ended_at": NOON + 1,
    "quantity": 100 * 10**8,
    "filled_quantity": 100 * 10**8,
    "reference_status": "ok",
    "bid_at_receipt": 10 * 10**8,
    "ask_at_receipt": 1_004_000_000,
    "symbol": "A",
    "order_type": "market",
    "time_in_force": "day",
    "in_session_at_receipt": True,
    "halted": False,
    "quote_age_ns": 0,
    "trades_through_quote": 0,
}
ROUTE = {**PLACE, "route_id": "R1", "order_id": "O1", "has_order": True}
AMENDMENT = {
    **PLACE,
    "fill_id": "F2",
    "status": "corrected",
    "refers_to": "F1",
    "target_held": True,
    "circular": False,
    "rivals": 0,
}
QUOTE = {**PLACE, "symbol": "A", "at": NOON}
USE = {
    **PLACE,
    "record_id": "R1",
    "route_id": "R1",
    "use": "routed to",
    "venue": "XNYS",
    "expected": True,
    "listed": "XNAS XNYS",
}
ROWS = {
    Subject.FILL: FILL,
    Subject.ORDER: ORDER,
    Subject.ROUTE: ROUTE,
    Subject.AMENDMENT: AMENDMENT,
    Subject.QUOTE: QUOTE,
    Subject.VENUE_USE: USE,
}


def found(rule: Rule, **changes: object) -> list[tuple[str, str, str]]:
    """Verdict, id and sentence of each finding about the subject's ordinary row, changed."""
    row = {**ROWS[rule.subject], **changes}
    dtypes = pl.DataFrame([ROWS[rule.subject]]).schema
    findings = judge(rule, pl.DataFrame([row], schema=dtypes), LIMITS)
    return findings.select("verdict", "id", "because").rows()


# -- The engine ------------------------------------------------------------------------------------


def asked_of(answers: str, asked: pl.Expr | None = None) -> pl.DataFrame:
    """The findings of a rule that answers y, n or ? about the fills F0, F1, and so on."""
    rule = Rule(
        id="odd",
        title="Odd",
        severity=Severity.HIGH,
        subject=Subject.FILL,
        when=pl.col("odd"),
        because=pl.format("{} is odd", pl.col("fill_id")),
        remedy="Even it out.",
        source="This test",
        asked=asked,
    )
    meant = {"y": True, "n": False, "?": None}
    day = PLACE["trading_date"]
    rows = [(day, f"F{n}", meant[answer], "ab", n) for n, answer in enumerate(answers)]
    dtypes = {
        "trading_date": pl.Date,
        "fill_id": pl.String,
        "odd": pl.Boolean,
        "file": pl.String,
        "line": pl.Int64,
    }
    return judge(rule, pl.DataFrame(rows, schema=dtypes, orient="row"), LIMITS)


def test_yes_and_unknown_are_findings_and_no_is_not() -> None:
    assert asked_of("yn?").select("id", "verdict").rows() == [("F0", "yes"), ("F2", "unknown")]


def test_a_finding_says_which_rule_about_what_why_and_where() -> None:
    day = PLACE["trading_date"]
    assert asked_of("y").rows() == [
        (day, "odd", "high", "yes", "fill", "F0", "F0 is odd", "ab", 0, None)
    ]


def test_what_cannot_be_known_matters_little() -> None:
    assert asked_of("y?")["severity"].to_list() == ["high", "low"]


def test_a_row_the_question_has_no_meaning_for_is_not_asked() -> None:
    assert asked_of("y?y", asked=pl.col("line") > 1)["id"].to_list() == ["F2"]


def test_findings_have_one_schema_even_when_there_are_none() -> None:
    assert asked_of("").schema == FINDINGS
    assert asked_of("y").schema == FINDINGS


def test_severities_rank_from_low_to_high() -> None:
    assert [severity.rank for severity in (Severity.LOW, Severity.MEDIUM, Severity.HIGH)] == [
        *(0, 1, 2)
    ]


# -- The rules -------------------------------------------------------------------------------------


def test_a_rules_id_is_its_own_and_the_book_is_in_order() -> None:
    ids = [rule.id for rule in RULES]

    assert ids == sorted(set(ids))


OF_RECORDS = [rule for rule in RULES if rule.subject in ROWS]


@pytest.mark.parametrize(
    "rule", [rule for rule in OF_RECORDS if rule.id != "quote-tie"], ids=lambda rule: rule.id
)
def test_an_ordinary_row_is_no_finding(rule: Rule) -> None:
    assert found(rule) == []


@pytest.mark.parametrize(
    ("rule", "changes", "because"),
    [
        (
            "amendment-without-target",
            {"target_held": False},
            "corrected F2 names F1, which is not held",
        ),
        (
            "amendment-without-target",
            {"target_held": False, "status": "busted", "refers_to": None, "rivals": None},
            "busted F2 names none, which is not held",
        ),
        (
            "circular-amendment",
            {"circular": True},
            "corrected F2 names F1, which leads back to it, so none of them is in effect",
        ),
        (
            "clocks-disagree",
            {"fill_time_ms": -1},
            "received to executed -0.000001 ms, sent to executed 2.5 ms, received to sent 0.5 ms",
        ),
        (
            "clocks-disagree",
            {"route_time_ms": -1_000_000},
            "received to executed 3 ms, sent to executed -1 ms, received to sent 0.5 ms",
        ),
        (
            "clocks-disagree",
            {"decision_time_ms": -1_000_000, "route_time_ms": None},
            "received to executed 3 ms, sent to executed none ms, received to sent -1 ms",
        ),
        (
            "ended-before-received",
            {"ended_at": NOON - 1},
            "received 2026-07-01T12:00:00.000000000Z, ended 2026-07-01T11:59:59.999999999Z",
        ),
        (
            "fill-without-order",
            {"has_order": False},
            "order O1 of this execution is not held, so nothing about it can be measured",
        ),
        (
            "fill-without-order",
            {"has_order": False, "owner": None},
            "order none of this execution is not held, so nothing about it can be measured",
        ),
        (
            "fill-without-route",
            {"has_route": False},
            (
                "route R1 of this execution is not held, "
                "so its venue cannot be judged by the quote it saw"
            ),
        ),
        (
            "fill-without-route",
            {"has_route": False, "route_id": None},
            (
                "route none of this execution is not held, "
                "so its venue cannot be judged by the quote it saw"
            ),
        ),
        (
            "filled-after-end",
            {"ended_at": NOON - 1},
            (
                "executed 2026-07-01T12:00:00.000000000Z, and the order ended "
                "2026-07-01T11:59:59.999999999Z"
            ),
        ),
        (
            "no-quote-at-receipt",
            {"reference_status": "one_sided", "bid_at_receipt": None},
            "one_sided at 2026-07-01T12:00:00.000000000Z: bid none, ask 10.04",
        ),
        (
            "no-quote-at-receipt",
            {"reference_status": "crossed", "bid_at_receipt": 1_005_000_000},
            "crossed at 2026-07-01T12:00:00.000000000Z: bid 10.05, ask 10.04",
        ),
        (
            "no-quote-at-receipt",
            {"reference_status": "none", "bid_at_receipt": None, "ask_at_receipt": None},
            "none at 2026-07-01T12:00:00.000000000Z: bid none, ask none",
        ),
        (
            "orders-disagree",
            {"route_order_id": "O2"},
            "the execution names order O1, its route R1 names O2",
        ),
        (
            "overfilled-order",
            {"filled_quantity": 10_050_000_000},
            "100.5 filled of 100 ordered",
        ),
        (
            "quote-tie",
            {},
            (
                "A at 2026-07-01T12:00:00.000000000Z differs between files without `seq`; the file "
                "with the greater digest stands"
            ),
        ),
        (
            "rival-corrections",
            {"rivals": 2},
            "F2 corrects F1, as do 2 others; the latest by execution time and id stands",
        ),
        ("route-without-order", {"has_order": False}, "order O1 of this route is not held"),
        ("venues-disagree", {"venue": "XNAS"}, "executed at XNAS, routed to XNYS"),
    ],
)
def test_a_rule_finds_and_explains(rule: str, changes: dict[str, object], because: str) -> None:
    ids = {Subject.AMENDMENT: "F2", Subject.QUOTE: "A", Subject.ROUTE: "R1", Subject.ORDER: "O1"}

    assert found(BY_ID[rule], **changes) == [("yes", ids.get(BY_ID[rule].subject, "F1"), because)]


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("clocks-disagree", {"has_order": False, "fill_time_ms": None, "route_time_ms": None}),
        ("clocks-disagree", {"route_time_ms": None, "decision_time_ms": None}),
        ("clocks-disagree", {"fill_time_ms": 0, "route_time_ms": 0, "decision_time_ms": 0}),
        ("ended-before-received", {"ended_at": None}),
        ("ended-before-received", {"ended_at": NOON}),
        ("fill-without-route", {"has_route": False, "has_order": False}),
        ("filled-after-end", {"ended_at": None}),
        ("filled-after-end", {"ended_at": NOON}),
        ("no-quote-at-receipt", {"reference_status": "locked"}),
        ("no-quote-at-receipt", {"reference_status": "outside_session"}),
        ("orders-disagree", {"order_id": None, "route_order_id": "O2"}),
        ("orders-disagree", {"route_order_id": None}),
        ("overfilled-order", {"filled_quantity": 0}),
        ("rival-corrections", {"rivals": None, "status": "busted"}),
        ("venues-disagree", {"venue": None}),
        ("venues-disagree", {"route_venue": None}),
    ],
)
def test_a_rule_is_silent_where_its_question_is_answered_no_or_has_no_meaning(
    rule: str, changes: dict[str, object]
) -> None:
    assert found(BY_ID[rule], **changes) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_to_do_and_where_it_comes_from(rule: Rule) -> None:
    assert rule.remedy.endswith(".")
    assert rule.source
    assert rule.title[0].isupper()
