"""The contract as the firm's file has it: what is read, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from routewarden.base.schema import Kind
from routewarden.policy.clauses import read_contract
from routewarden.policy.contract import (
    CONTRACT_TEXT,
    Breach,
    Comparison,
    Contract,
    ContractError,
    Delivery,
    Duty,
    Service,
    ServiceExample,
    Window,
)
from routewarden.rules.service.checked import checked_contract

HEAD = 'provider = "Example Routing LLC"\n'
SERVICE = """\
[[clause]]
id = "4.1"
kind = "service"
text = "Nearly all is executed."
owner = "head of trading"
from = 2026-01-01
metric = "fill_rate"
unit = "fraction"
where = {order_class = ["market", "marketable_limit"], router = "acme"}
window = "month"
comparison = "at least"
tolerance = "0.98"
least = 30
cure = 10
notice = "{provider}: {figure} of {tolerance}"
example = {value = "0.97", sample = 200, breach = "yes"}
"""
DELIVERY = """\
[[clause]]
id = "7.2"
kind = "delivery"
text = "The report comes."
owner = "analyst"
from = 2026-01-01
to = 2026-12-31
what = "venue analysis"
file = "vendor-report"
period = "month"
due = 10
cure = 5
notice = "{provider} owes it"
example = {ended = 2026-01-30, delivered = 2026-02-20, breach = "yes"}
"""
DUTY = """\
[[clause]]
id = "9.3"
kind = "duty"
text = "Who sees what is stated."
owner = "J. Doe"
from = 2026-01-01
evidence = "statement"
months = 12
example = {due = 2027-01-01, attested = 2027-01-08, breach = "yes"}
"""


def refused(text: str) -> str:
    with pytest.raises(ContractError) as error:
        checked_contract(text)
    return str(error.value)


def test_what_ships_has_no_clause() -> None:
    assert checked_contract(CONTRACT_TEXT) == checked_contract("") == Contract()


def test_what_ships_explains_clauses_that_can_be_used() -> None:
    lines = [line.removeprefix("# ") for line in CONTRACT_TEXT.splitlines()]
    entries = [line for line in lines if line.startswith("[[") or " = " in line]

    assert [each.kind for each in checked_contract("\n".join(entries)).clauses] == [
        "service",
        "delivery",
        "duty",
    ]


def test_a_service_is_read_with_all_it_says() -> None:
    (clause,) = checked_contract(HEAD + SERVICE).clauses

    assert (clause.id, clause.owner, clause.since, clause.until) == (
        *("4.1", "head of trading"),
        *(date(2026, 1, 1), None),
    )
    assert clause.terms == Service(
        "fill_rate",
        "fraction",
        {"order_class": ("market", "marketable_limit"), "router": ("acme",)},
        Window.MONTH,
        Comparison.AT_LEAST,
        Decimal("0.98"),
        30,
        Decimal(1),
        10,
        "{provider}: {figure} of {tolerance}",
        ServiceExample(Decimal("0.97"), 200, Decimal(1), Breach.YES),
    )


def test_a_delivery_and_a_duty_are_read_with_what_goes_without_saying() -> None:
    delivery, duty = checked_contract(HEAD + DELIVERY + DUTY).clauses

    assert isinstance(delivery.terms, Delivery)
    assert (delivery.terms.file, delivery.terms.files, delivery.terms.least_share) == (
        *(Kind.VENDOR_REPORT, "*"),
        Decimal(1),
    )
    assert isinstance(duty.terms, Duty)
    assert (duty.terms.months, duty.terms.opens) == (12, 10)


def test_a_clause_holds_for_whole_windows_between_its_dates() -> None:
    delivery, duty = read_contract(HEAD + DELIVERY + DUTY).clauses

    assert delivery.holds(date(2026, 12, 1), date(2026, 12, 31))
    assert not delivery.holds(date(2026, 12, 28), date(2027, 1, 3))
    assert not delivery.holds(date(2025, 12, 29), date(2026, 1, 4))
    assert duty.holds(date(2099, 1, 1), date(2099, 1, 1))


def test_terms_may_change_from_a_date_and_not_hold_twice() -> None:
    later = DELIVERY.replace("from = 2026-01-01\nto = 2026-12-31", "from = 2027-01-01")

    assert len(read_contract(HEAD + DELIVERY + later).clauses) == 2
    assert "7.2: in force twice from 2026-01-01" in refused(HEAD + DELIVERY + DELIVERY)
    assert "in force twice from 2027-02-01" in refused(
        HEAD + later + later.replace("2027-01-01", "2027-02-01")
    )


@pytest.mark.parametrize(
    ("text", "example", "says"),
    [
        (SERVICE, 'value = "0.98", sample = 200, breach = "yes"', "is yes as written, and comes"),
        (SERVICE, 'value = "0.97", sample = 29, breach = "yes"', "comes out unknown: 29 orders"),
        (SERVICE, 'sample = 200, breach = "no"', "comes out unknown: it has no value"),
        (
            SERVICE,
            'value = "0.97", sample = 200, dates = "0.9", breach = "yes"',
            "9000 of 10000 trading dates are measured",
        ),
        (DELIVERY, 'ended = 2026-01-30, delivered = 2026-02-13, breach = "yes"', "comes out no"),
        (DELIVERY, 'ended = 2026-01-30, breach = "no"', "comes out yes: missing"),
        (
            DELIVERY,
            'ended = 2026-01-30, delivered = 2026-02-13, covered = "0.9", breach = "no"',
            "comes out yes: incomplete",
        ),
        (DELIVERY, 'ended = 1950-01-30, breach = "no"', "is outside the calendar"),
        (DUTY, 'due = 2027-01-01, breach = "no"', "comes out yes: no statement is attested"),
        (DUTY, 'due = 2027-01-01, attested = 2027-01-01, breach = "yes"', "comes out no"),
    ],
)
def test_a_clause_whose_example_comes_out_otherwise_is_refused(
    text: str, example: str, says: str
) -> None:
    lines = [f"example = {{{example}}}" if "example" in line else line for line in text.split("\n")]

    assert says in refused(HEAD + "\n".join(lines))


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('"fill_rate"', '"fill"', "metric: 'fill' is no metric"),
        ('unit = "fraction"', 'unit = "%"', "unit: '%', and fill_rate is in fraction"),
        ('router = "acme"', 'mood = "good"', "where: 'mood' is no dimension"),
        ('router = "acme"', 'liquidity = "added"', "fill_rate cannot be told apart by liquidity"),
        ('router = "acme"', "router = []", "router is neither a text nor a list"),
        ('router = "acme"', "router = 1", "router is neither a text nor a list"),
        ('"0.98"', '"much"', "tolerance: 'much' is no number"),
        ('"0.98"', '"inf"', "tolerance: 'inf' is no number"),
        ('"0.98"', "0.98", "tolerance: not a text"),
        ("least = 30", "least = 0", "least: 0 is no whole number from 1"),
        ("least = 30", "", "least: None is no whole number"),
        ("least = 30", 'least = 30\nleast_dates = "2"', "least_dates: 2 is no share"),
        ('window = "month"', 'window = "year"', "'year' is none of day, week, month, quarter"),
        ('owner = "head of trading"', "", "owner: missing"),
        ("from = 2026-01-01", "", "from: missing"),
        ("from = 2026-01-01", 'from = "2026"', "from: not a date"),
        ("from = 2026-01-01", "from = 2026-01-01\nto = 2025-01-01", "2025-01-01 is before"),
        ("cure = 10", "cure = 10\ncurse = 1", "curse: no such entry"),
        ('"service"', '"servant"', "'servant' is none of service, delivery, duty"),
        ("{figure}", "{price}", "{price} is none of provider, firm"),
        ("{figure}", "{figure!r}", "{figure} is none of"),
        ("{figure}", "{figure", "notice: "),
        ('breach = "yes"}', 'breach = "yes", more = 1}', "example: more: no such entry"),
    ],
)
def test_a_clause_that_says_something_odd_is_refused(before: str, after: str, says: str) -> None:
    assert before in SERVICE
    assert says in refused(HEAD + SERVICE.replace(before, after))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("provider =", "the file"),
        ("clauses = 1", "clauses: no such entry"),
        ("clause = 1", "clause: 1"),
        (SERVICE, "the file: provider: missing"),
        (HEAD + SERVICE[: SERVICE.index("example")], "example: missing"),
        (HEAD + SERVICE[: SERVICE.index("example")] + "example = 1", "example: not a table"),
        (HEAD + DELIVERY.replace('"vendor-report"', '"halts"'), "records of halts have no date"),
        (HEAD + DELIVERY.replace('"month"', '"week"'), "tells of months or quarters"),
        (HEAD + DUTY.replace("months = 12", "months = 2000"), "months: 2000"),
    ],
)
def test_a_file_that_is_no_contract_is_refused(text: str, says: str) -> None:
    assert says in refused(text)


def test_a_metric_is_refused_for_orders_it_has_no_meaning_for() -> None:
    text = SERVICE.replace("fill_rate", "effective_over_quoted")
    speed = HEAD + text.replace('"marketable_limit"', '"away"').replace("0.97", "0.99")

    assert "effective_over_quoted has no meaning for away orders" in refused(speed)


def test_a_fill_rate_may_be_of_a_venues_routes() -> None:
    venue = HEAD + SERVICE.replace("router", "venue")

    assert len(checked_contract(venue).clauses) == 1
    assert "cannot be told apart by venue" in refused(
        venue.replace("fill_rate", "size_improvement_pct")
    )


def test_no_file_without_a_clause_needs_a_provider() -> None:
    assert checked_contract(HEAD) == Contract("Example Routing LLC")
    assert checked_contract(HEAD + SERVICE.replace("where", "#")).clauses
    assert checked_contract(
        HEAD + DELIVERY.replace("due = 10", 'due = 10\nfiles = "v-*"\nleast_share = "0.5"')
    ).clauses
