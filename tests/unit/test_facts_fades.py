"""Whether displayed size fades before the router comes for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.base.schema import TABLES, Kind
from routewarden.rules.book import RULES
from routewarden.rules.facts.fades import leak_facts, probes, sweeps, venue_tape
from routewarden.rules.rule import judge, without_place
from tests.unit.test_rules import LIMITS

RULE = next(rule for rule in RULES if rule.id == "size-fades")
DAY = date(2026, 7, 1)
MS, SECOND = 1_000_000, 1_000_000_000
OPEN, CLOSE = 0, 1000 * SECOND
SESSIONS = pl.DataFrame({"trading_date": [DAY], "open": [OPEN], "close": [CLOSE]})
QUOTES = TABLES[Kind.VENUE_QUOTES].schema | {"file": pl.String(), "line": pl.Int64()}


def routes_of(*children: str, **changes: object) -> pl.DataFrame:
    """Children, each its order, venue and the millisecond it was sent."""
    rows = []
    for child in children:
        order, venue, at = child.split()
        rows.append(
            {
                "order_id": order,
                "router": "SOR",
                "symbol": "A",
                "side": "buy",
                "asset_class": "equity",
                "trading_date": DAY,
                "venue": venue,
                "sent_at": int(at) * MS,
            }
            | changes
        )
    return pl.DataFrame(rows, schema_overrides={"router": pl.String})


def quotes_of(*quotes: str) -> pl.DataFrame:
    """Offers, each its venue, millisecond, ask and size, a dot for what is absent."""
    rows = []
    for line, quote in enumerate(quotes):
        venue, at, *numbers = quote.split()
        ask, size = (None if number == "." else int(number) for number in numbers)
        rows.append({"symbol": "A", "venue": venue, "at": int(at) * MS, "ask": ask,
                     "ask_size": size, "line": line})  # fmt: skip
    return pl.DataFrame(rows, schema=QUOTES)


def swept(routes: pl.DataFrame, *quotes: str) -> list[tuple[str, int, bool]]:
    asked = probes(routes, SESSIONS)
    found = sweeps(asked, venue_tape(quotes_of(*quotes), asked))
    return found.select("order_id", "offset", "faded").rows()


@pytest.mark.parametrize(
    ("quotes", "faded"),
    [
        (("V 1 10 5",), False),
        (("V 1 10 5", "V 101 10 4"), True),
        (("V 1 10 5", "V 110 10 4"), True),  # at the very instant the child is sent
        (("V 1 10 5", "V 111 10 4"), False),
        (("V 1 10 5", "V 100 10 4"), False),  # shown so when the first child was sent
        (("V 1 10 5", "V 101 11 9"), True),
        (("V 1 10 5", "V 101 9 1"), False),  # a better price
        (("V 1 10 5", "V 101 . ."), True),
        (("V 1 10 5", "V 101 10 ."), True),
        (("V 1 10 5", "V 101 10 4", "V 102 10 5"), True),  # gone, and back
        (("V 1 10 5", "W 101 10 1"), False),
        (("V 1 10 0", "V 101 11 5"), None),
        (("V 1 10 .", "V 101 11 5"), None),
        (("V 1 . 5", "V 101 11 5"), None),
        (("V 101 10 5",), None),
        ((), None),
    ],
)
def test_a_later_venue_fades_if_less_is_shown_before_its_child_is_sent(
    quotes: tuple[str, ...],
    faded: bool | None,  # noqa: FBT001 - a case of the table
) -> None:
    routes = routes_of("O U 100", "O V 110")
    own = [seen for seen in swept(routes, *quotes) if seen[1] == 0]

    assert own == ([] if faded is None else [("O", 0, faded)])


def test_a_venue_is_watched_for_fifty_milliseconds_at_most() -> None:
    routes = routes_of("O U 100", "O V 900")

    assert swept(routes, "V 1 10 5", "V 150 10 4")[0] == ("O", 0, True)
    assert swept(routes, "V 1 10 5", "V 151 10 4")[0] == ("O", 0, False)


def test_a_sell_looks_at_bids() -> None:
    asked = probes(routes_of("O U 100", "O V 110", side="sell_short"), SESSIONS)
    rows = [{"symbol": "A", "venue": "V", "at": at * MS, "bid": bid, "bid_size": 5, "line": at}
            for at, bid in ((1, 10), (101, 9))]  # fmt: skip
    found = sweeps(asked, venue_tape(pl.DataFrame(rows, schema=QUOTES), asked))

    assert found.filter(pl.col("offset") == 0)["faded"].to_list() == [True]


def offsets(routes: pl.DataFrame) -> list[tuple[str, int]]:
    """Orders and the instants they are watched at, in seconds from the first child."""
    asked = probes(routes, SESSIONS)
    return [
        (order, offset // SECOND) for order, offset in asked.select("order_id", "offset").rows()
    ]


def test_matched_instants_are_five_and_two_seconds_before_and_five_after() -> None:
    assert offsets(routes_of("O U 9000", "O V 9010")) == [("O", n) for n in (-5, -2, 0, 5)]


def test_a_matched_instant_is_in_session_and_a_second_from_any_first_child() -> None:
    """The instants are 4, 7 and 14 s; P is first sent at 3 s or just after it, and so on."""
    sweep = ("O U 9000", "O V 9010")
    assert offsets(routes_of("O U 3000", "O V 3010")) == [("O", n) for n in (-2, 0, 5)]
    assert offsets(routes_of(*sweep, "P U 3001", "Q U 14999")) == [("O", -2), ("O", 0)]
    assert offsets(routes_of(*sweep, "P U 3000", "Q U 15000")) == [("O", n) for n in (-5, -2, 0, 5)]
    elsewhere = routes_of("P U 4000", symbol="B")
    assert len(offsets(pl.concat([routes_of(*sweep), elsewhere]))) == 4


def test_orders_at_one_venue_or_at_several_at_once_are_not_watched() -> None:
    assert offsets(routes_of("O U 9000", "O U 9010", "P U 8000", "P V 8000")) == []


def test_a_venue_reached_again_was_first_reached_before() -> None:
    asked = probes(routes_of("O U 9000", "O V 9010", "O U 9020", "O V 9030"), SESSIONS)

    assert asked.filter(pl.col("offset") == 0).select("venue", "at", "until").rows() == [
        ("V", 9000 * MS, 9010 * MS)
    ]


def test_an_order_outside_the_session_is_not_watched_and_crypto_has_none() -> None:
    late = ("O U 1000001", "O V 1000002")
    assert offsets(routes_of(*late)) == []
    assert len(offsets(routes_of(*late, asset_class="crypto"))) == 4


def test_an_order_of_the_firms_own_is_direct() -> None:
    asked = probes(routes_of("O U 9000", "O V 9010", router=None), SESSIONS)

    assert asked["router"].unique().to_list() == ["direct"]


shown = st.tuples(
    st.integers(95, 115), st.none() | st.integers(9, 11), st.none() | st.integers(0, 3)
)


@settings(deadline=None, max_examples=150)
@given(st.lists(shown, max_size=12), st.integers(101, 112))
def test_fades_are_those_a_scan_finds(
    quotes: list[tuple[int, int | None, int | None]], sent: int
) -> None:
    rows = [{"symbol": "A", "venue": "V", "at": at * MS, "ask": ask, "ask_size": size,
             "file": "a", "line": line} for line, (at, ask, size) in enumerate(quotes)]  # fmt: skip
    asked = probes(routes_of("O U 100", f"O V {sent}"), SESSIONS)
    found = sweeps(asked, venue_tape(pl.DataFrame(rows, schema=QUOTES), asked))

    force: dict[int, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["at"], row["line"])):
        force[row["at"]] = row  # type: ignore[index]
    before = [row for at, row in force.items() if at <= 100 * MS]
    start = before[-1] if before else {"ask": None, "ask_size": None}
    after = [row for at, row in force.items() if 100 * MS < at <= sent * MS]
    expected = []
    if start["ask"] is not None and start["ask_size"]:
        expected = [any(lost(start, row) for row in after)]
    assert found.filter(pl.col("offset") == 0)["faded"].to_list() == expected


def lost(start: dict[str, Any], now: dict[str, Any]) -> bool:
    if now["ask"] is None or now["ask"] > start["ask"]:
        return True
    return bool(now["ask"] == start["ask"] and (now["ask_size"] or 0) < start["ask_size"])


def leak(orders: int, faded: int, matched: int, faded_anyway: int) -> pl.DataFrame:
    """Findings of a month in which so many of so many orders, and matched instants, faded."""
    rows = [("SOR", 0, number < faded, f"O{number:03}") for number in range(orders)]
    rows += [("SOR", 5, number < faded_anyway, "O") for number in range(matched)]
    seen = pl.DataFrame(
        rows,
        schema={
            "router": pl.String,
            "offset": pl.Int64,
            "faded": pl.Boolean,
            "order_id": pl.String,
        },
        orient="row",
    ).with_columns(trading_date=pl.lit(DAY))
    return judge(RULE, without_place(leak_facts(seen, "2026-07")), LIMITS)


def test_a_router_whose_orders_fade_more_than_matched_instants_leaks() -> None:
    found = leak(50, 30, 150, 15)

    assert found.select("trading_date", "severity", "id", "because").row(0) == (
        DAY,
        "high",
        "SOR 2026-07",
        (
            "displayed size faded at a later venue in 60.0% of 50 orders, against 10.0% of 150 "
            "matched instants (z 7.33); limits 0.1 fraction (shipped default) and 4 ratio (shipped "
            "default)"
        ),
    )
    assert found["evidence"].item().split() == [f"O{number:03}" for number in range(30)]


@pytest.mark.parametrize(
    "counts",
    [(49, 49, 150, 0), (50, 10, 150, 20), (500, 50, 1500, 10), (50, 0, 0, 0), (0, 0, 5, 1)],
)
def test_few_orders_a_small_excess_or_nothing_to_compare_with_is_no_finding(
    counts: tuple[int, int, int, int],
) -> None:
    assert leak(*counts).height == 0
