"""A tiny firm's two months, from files to findings: every judgement rule says why.

Each trading date has forty market orders for ABC, a minute apart, and ten limit orders for LMT.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routewarden.base.schema import Kind
from tests.command import must, routewarden
from tests.line import csv_of
from tests.persons import approved

JULY = ("2026-07-01", "2026-07-02", "2026-07-06", "2026-07-07", "2026-07-08")
AUGUST = ("2026-08-03", "2026-08-04", "2026-08-05", "2026-08-06", "2026-08-07")
SLOW_DAY = "2026-08-05"
ODD_DAY = "2026-07-07"
Rows = dict[Kind, list[dict[str, str]]]


VENUES = "".join(
    f'[[venue]]\nmic = "{mic}"\nfrom = 2026-01-01\nsource = "minutes"\napproved_by = "CCO"\n'
    for mic in ("ARCX", "PAY", "XNYS")
)

LIMITS = (
    '[[limit]]\nname = "stale_trades_least"\nvalue = "5"\nfrom = 2026-01-01\n'
    'source = "minutes"\napproved_by = "CCO"\n'
)


def clock(day: str, minute: int, ms: int = 0) -> str:
    """An instant so many minutes after ten in New York."""
    seconds, rest = divmod(ms, 1000)
    return f"{day}T{14 + minute // 60:02}:{minute % 60:02}:{seconds:02}.{rest:03}Z"


class Firm:
    """The rows of each kind of file."""

    def __init__(self) -> None:
        self.rows: Rows = {kind: [] for kind in Kind}

    def order(self, name: str, symbol: str, at: str, **more: str) -> None:
        handling = {"account_type": "retail", "held": "true", "directed": "false"}
        self.rows[Kind.ORDERS].append(
            {"order_id": name, "symbol": symbol, "received_at": at, "side": "buy",
             "quantity": "100", "order_type": "market", "router": "SOR", **handling, **more}
        )  # fmt: skip

    def route(self, name: str, venue: str, at: str, child: str = "1") -> None:
        self.rows[Kind.ROUTES].append(
            {"route_id": f"{name}-{child}", "order_id": name, "venue": venue, "sent_at": at,
             "quantity": "100", "time_in_force": "ioc"}
        )  # fmt: skip

    def fill(self, name: str, venue: str, at: str, price: str = "10.04") -> None:
        self.rows[Kind.FILLS].append(
            {"fill_id": f"{name}-F", "route_id": f"{name}-1", "venue": venue, "executed_at": at,
             "price": price, "quantity": "100"}
        )  # fmt: skip

    def quote(self, symbol: str, at: str, bid: str = "10", ask: str = "10.04") -> None:
        self.rows[Kind.QUOTES].append({"symbol": symbol, "at": at, "bid": bid, "ask": ask})

    def shown(self, at: str, size: str) -> None:
        self.rows[Kind.VENUE_QUOTES].append(
            {"symbol": "ABC", "at": at, "venue": "ARCX", "ask": "10.04", "ask_size": size}
        )


def ordinary(firm: Firm, day: str, paying: int, filled: int) -> None:
    """A date: `paying` of its market orders go to PAY, `filled` of its limit orders are filled."""
    took = 60 if day == SLOW_DAY else 6
    for number in range(40):
        name, venue = f"{day}-{number}", "PAY" if number < paying else "XNYS"
        firm.quote("ABC", clock(day, number))
        firm.order(name, "ABC", clock(day, number, 1000))
        firm.route(name, venue, clock(day, number, 1001))
        firm.fill(name, venue, clock(day, number, 1001 + took))
        if day in AUGUST[:2]:  # the rest was shown at another venue, and goes away in time
            firm.shown(clock(day, number), "500")
            firm.shown(clock(day, number, 1005), "100")
            firm.shown(clock(day, number, 1500), "500")
            firm.route(name, "ARCX", clock(day, number, 1021), "2")
    for number in range(10):
        name = f"{day}-L{number}"
        firm.quote("LMT", clock(day, number))
        firm.order(name, "LMT", clock(day, number, 1000), order_type="limit", limit_price="10")
        if number < filled:
            firm.route(name, "XNYS", clock(day, number, 1001))
            firm.fill(name, "XNYS", clock(day, number, 9000), "10")


def odd(firm: Firm) -> None:
    """One order each: outside the market, left behind, at a strange venue, by an old quote."""
    for name, venue in (("OUT", "XNYS"), ("WORSE", "XNYS"), ("ODD", "MEMX"), ("OLD", "XNYS")):
        firm.quote(name, clock(ODD_DAY, 1))
        firm.order(name, name, clock(ODD_DAY, 2))
        firm.route(name, venue, clock(ODD_DAY, 2, 1))
    firm.quote("WORSE", clock(ODD_DAY, 2, 3), "10.1", "10.14")
    firm.fill("OUT", "XNYS", clock(ODD_DAY, 2, 5), "10.05")
    firm.fill("WORSE", "XNYS", clock(ODD_DAY, 2, 5), "10.14")
    firm.rows[Kind.TRADES] += [
        {"symbol": "OLD", "at": clock(ODD_DAY, 1, ms), "price": "10.06", "size": "1"}
        for ms in range(1, 6)
    ]
    firm.rows[Kind.PAYMENTS].append({"payer": "PAY", "payee": "the firm", "venue": "PAY"})
    firm.rows[Kind.VENDOR_REPORT] += [
        {"period": "2026-08", "venue": "PAY", "order_class": "market", "metric": metric,
         "value": "0.01", "unit": "USD", "basis": "receipt", "shares": "16000"}
        for metric in ("price_improvement", "magic")
    ]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watch")
    home, firm = folder / "firm", Firm()
    must(home, "init")
    approved(home, {"venues.toml": VENUES, "limits.toml": LIMITS})
    for day in JULY:
        ordinary(firm, day, paying=16, filled=9)
    for day in AUGUST:
        ordinary(firm, day, paying=32, filled=1)
    odd(firm)
    for kind, rows in firm.rows.items():
        if rows:
            (folder / f"{kind}.csv").write_text(csv_of(rows))
            must(home, "ingest", kind, folder / f"{kind}.csv", "--delivered", "2026-07-01")
    fills = firm.rows[Kind.FILLS]
    late = {**fills[-1], "fill_id": "LATE-F"}
    conflict = {**fills[0], "price": "11"}
    (folder / "late.csv").write_text(csv_of([late, conflict]))
    outcome = routewarden(home, "ingest", "fills", folder / "late.csv", "--delivered", "2026-07-10")
    assert outcome.status == 3
    must(home, "run")
    return home


@pytest.fixture(scope="module")
def findings(home: Path) -> list[dict[str, Any]]:
    return list(must(home, "findings", "--json").json["findings"])


def of(findings: list[dict[str, Any]], rule: str) -> Iterator[dict[str, Any]]:
    return (finding for finding in findings if finding["rule"] == rule)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "outside-nbbo",
            [("2026-07-07 high OUT-F buy at 10.05 at 2026-07-07T14:02:00.005000000Z: the least "
             "favourable ask in force since 1000 ms before was 10.04; limit 1000 ms (shipped "
             "default)")],
        ),
        (
            "disimproved",
            [("2026-07-07 low LATE-F buy at 10.14, 0.1 a share worse than the far side 10.04 at "
             "receipt; the far side at execution was 10.14; limit 0.01 price/share (shipped "
             "default)"),
             ("2026-07-07 low WORSE-F buy at 10.14, 0.1 a share worse than the far side 10.04 at "
             "receipt; the far side at execution was 10.14; limit 0.01 price/share (shipped "
             "default)")],
        ),
        (
            "unexpected-venue",
            [("2026-07-07 medium ODD-1 routed to MEMX (route ODD-1); venues expected on "
             "2026-07-07: ARCX PAY XNYS")],
        ),
        (
            "stale-reference",
            [("2026-07-07 medium OLD the quote in force at 2026-07-07T14:02:00.000000000Z was 60 s "
             "old, and 5 trades of OLD had printed outside it; limits 30 s (shipped default) and 5 "
             "count (minutes, approved by CCO)")],
        ),
        (
            "slow-venue",
            [("2026-08-05 medium PAY median route to execution 60.0 ms over 32 routes, against 6.0 "
             "ms over 144 in the ordinary dates before: 10.0 times as long, none MADs; limits 1.3 "
             "ratio (shipped default) and 5 ratio (shipped default)")],
        ),
        (
            "fill-rate-fell",
            [("2026-08-07 medium at_quote 2026-W32 10.0% of 50 orders got a fill, against 90.0% of "
             "50 in the ordinary weeks before (z 8.0); limits 0.1 fraction (shipped default) and 4 "
             "ratio (shipped default)")],
        ),
        (
            "concentrated-on-payer",
            [("2026-08-07 medium PAY 2026-08 80.0% of customer market and marketable shares in "
             "2026-08 executed at PAY, for which PAY pays; limit 0.5 fraction (shipped default)")],
        ),
        (
            "vendor-claim",
            [("2026-08-07 low 2026-08 * PAY market magic claimed magic by receipt: 0.01 USD; ours "
             "none over 0 shares (0 fills or orders), a gap of none; limit none"),
             ("2026-08-07 medium 2026-08 * PAY market price_improvement claimed price_improvement "
             "by receipt: 0.01 price/share; ours 0 over 16000 shares (160 fills or orders), a gap "
             "of 0.01; limit 0.0001 price/share (shipped default); no other way of reckoning it "
             "comes close")],
        ),
        (
            "conflicting-record",
            [("2026-07-01 medium 2026-07-01-0-F fills: fill_id '2026-07-01-0-F' is held with other "
             "content (line 2 of the file it came from); the first stays in force until a named "
             "person settles which is right")],
        ),
        (
            "known-late",
            [("2026-07-07 low {file} 1 executions of 2026-07-07 came 3 trading dates later, on "
             "2026-07-10; limit 1 count (shipped default)")],
        ),
    ],
)  # fmt: skip
def test_a_rule_says_why(findings: list[dict[str, Any]], rule: str, said: list[str]) -> None:
    told = [
        f"{found['trading_date']} {found['severity']} {found['id']} {found['because']}".replace(
            found["file"] or "no file", "{file}"
        )
        for found in of(findings, rule)
    ]

    assert sorted(told) == said


def test_flow_drifts_to_who_pays_and_every_month_is_told(findings: list[dict[str, Any]]) -> None:
    (found,) = of(findings, "drift-to-payer")

    assert (found["severity"], found["id"]) == ("high", "PAY 2026-07..2026-08")
    assert found["because"].startswith(
        "its share of customer market and marketable shares rose from 39."
    )
    assert found["evidence"].endswith("2026-08=0.8000/0.000000")


def test_size_fades_and_the_orders_are_named(findings: list[dict[str, Any]]) -> None:
    (month,) = of(findings, "size-fades")

    assert (month["severity"], month["id"]) == ("high", "SOR 2026-08")
    assert month["because"].startswith(
        "displayed size faded at a later venue in 100.0% of 80 orders, against 0.0% of"
    )
    assert len(month["evidence"].split()) == 80


def test_a_day_alone_shows_what_it_ends(home: Path) -> None:
    asked = must(home, "findings", "--date", SLOW_DAY, "--json").json["findings"]

    assert [found["rule"] for found in asked] == ["slow-venue"]


def test_a_firm_that_lists_no_venue_is_told_of_none(home: Path) -> None:
    listed = home / "policy" / "venues.toml"
    listed.write_text("# none yet\n")
    must(home, "run")
    asked = must(home, "findings", "--json").json["findings"]
    listed.write_text(VENUES)
    must(home, "run")

    assert [found for found in asked if found["rule"] == "unexpected-venue"] == []
