"""What routers did beside what their configuration in force says, with counts.

A use is of a date: a router sent routes to a venue, had orders of a strategy, sent routes that
carried something. Whether it is `allowed` is null where the data do not state what it takes to
know. An expectation is of a month. Of a router without a version in force nothing is told, and
routes of no stated router are told together, as nobody knows whose they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from routewarden.measures.reference import OrderClass
from routewarden.policy.router import Allowed, Expected, Routers, Version, What

USES = {
    "trading_date": pl.Date(),
    "router": pl.String(),
    "version": pl.String(),
    "aspect": pl.String(),
    "use": pl.String(),
    "count": pl.Int64(),
    "allowed": pl.Boolean(),
    "expected": pl.String(),
    "ids": pl.String(),
}
"""A use of an aspect (VENUE, STRATEGY, CARRIED): how many routes or orders, the first of them."""

COUNTS = {
    "router": pl.String(),
    "version": pl.String(),
    "expected": pl.String(),
    "period": pl.String(),
    "trading_date": pl.Date(),
    "asked": pl.Int64(),
    "known": pl.Int64(),
    "missed": pl.Int64(),
    "ids": pl.String(),
}
"""Of how many orders or executions something was expected, of how many it is known, and missed."""

VENUE, STRATEGY, CARRIED = "venue", "strategy", "carried"
UNSTATED = "unstated"
_ANY = "any"
_TOLD = 20
"""How many ids are told of what is behind a fact."""

_AT_ONCE = pl.col("order_class").is_in([OrderClass.MARKET, OrderClass.MARKETABLE_LIMIT]) & pl.col(
    "in_session_at_receipt"
)
"""Orders that a router acts on as soon as it has them."""

_CARRIES: Mapping[str, str] = {
    "order_type": "order_types",
    "time_in_force": "times_in_force",
    "instructions": "instructions",
    "venue": "venues",
    "strategy": "strategies",
}
"""What a route carries, and the name under which a version allows it."""
_Row = dict[str, object]


def venue_uses(routes: pl.DataFrame, routers: Routers) -> pl.DataFrame:
    """Return where routers sent routes, as USES.

    `routes` have `trading_date`, `sent_on`, `router`, `venue` and `route_id`; a version is in force
    by the date a route was sent on.
    """
    rows: list[_Row] = []
    for version, part in _by_version(routes, "sent_on", routers):
        if version is None:
            rows += [_use(part, None, (VENUE, UNSTATED, None, UNSTATED), "route_id")]
            continue
        listed = " ".join(version.venues) or _ANY
        for (venue,), each in _parts(part, "venue"):
            allowed = not version.venues or venue in version.venues
            rows += [_use(each, version, (VENUE, str(venue), allowed, listed), "route_id")]
    return _used(rows)


def strategy_uses(orders: pl.DataFrame, routers: Routers) -> pl.DataFrame:
    """Return of which strategies routers had orders, as USES.

    `orders` have `trading_date`, `router`, `strategy` and `order_id`.
    """
    rows: list[_Row] = []
    for version, part in _by_version(orders, "trading_date", routers):
        if version is None or not version.strategies:
            continue
        for (strategy,), each in _parts(part, "strategy"):
            allowed = None if strategy is None else strategy in version.strategies
            what = (STRATEGY, strategy or UNSTATED, allowed, " ".join(version.strategies))
            rows += [_use(each, version, what, "order_id")]
    return _used(rows)


def carried_uses(routes: pl.DataFrame, routers: Routers) -> pl.DataFrame:
    """Return what routes carried, as USES.

    `routes` have `trading_date`, `sent_on`, `router`, `route_id`, and of their own `venue`,
    `order_type`, `time_in_force` and `instructions`; `strategy` is their order's.
    """
    rows: list[_Row] = []
    for version, part in _by_version(routes, "sent_on", routers):
        if version is None or not version.allows:
            continue
        expected = "; ".join(map(str, version.allows))
        limited = [
            column
            for column, name in _CARRIES.items()
            if any(getattr(one, name) for one in version.allows)
        ]
        for values, each in _parts(part, *limited) if limited else ():
            held = dict(zip(limited, values, strict=True))
            allowed = _any_of(_carries(one, held) for one in version.allows)
            rows += [_use(each, version, (CARRIED, _told(held), allowed, expected), "route_id")]
    return _used(rows)


def _told(held: Mapping[str, str | None]) -> str:
    """Return what a route carried, of what is not anything, in a few words."""
    return ", ".join(
        f"{column} {value or ('none' if column == 'instructions' else UNSTATED)}"
        for column, value in held.items()
    )


def _carries(allowed: Allowed, held: Mapping[str, str | None]) -> bool | None:
    """Return whether a route is as it may be, null where what it states does not tell."""
    told: list[bool | None] = []
    for column, value in held.items():
        names = getattr(allowed, _CARRIES[column])
        if column == "instructions":
            told.append(not names or set((value or "").split()) <= set(names))
        elif names:
            told.append(None if value is None else value in names)
    return False if False in told else None if None in told else True


def _any_of(answers: Iterable[bool | None]) -> bool | None:
    given = set(answers)
    return True if True in given else None if None in given else False


def _by_version(
    rows: pl.DataFrame, dated: str, routers: Routers
) -> Iterator[tuple[Version | None, pl.DataFrame]]:
    """Yield rows by the version in force; those of no router come with none, if any is in force."""
    for (day, router), part in _parts(rows, dated, "router"):
        versions = {version.router: version for version in routers.on(day)}
        if router in versions:
            yield versions[router], part
        elif router is None and versions:
            yield None, part


def _parts(rows: pl.DataFrame, *by: str) -> list[tuple[tuple[Any, ...], pl.DataFrame]]:
    return list(rows.partition_by(by, as_dict=True, maintain_order=True).items())


def _use(
    rows: pl.DataFrame, version: Version | None, what: tuple[str, str, bool | None, str], key: str
) -> _Row:
    aspect, use, allowed, expected = what
    return {
        "trading_date": rows["trading_date"].max(),
        "router": None if version is None else version.router,
        "version": None if version is None else version.version,
        "aspect": aspect,
        "use": use,
        "count": rows.height,
        "allowed": allowed,
        "expected": expected,
        "ids": None if allowed else _first(rows[key]),
    }


def _first(ids: pl.Series) -> str:
    return " ".join(ids.sort().head(_TOLD))


def _used(rows: list[_Row]) -> pl.DataFrame:
    """Return uses, one row for each of a date: routes may be sent on several."""
    whole = pl.DataFrame(rows, schema=USES)
    by = [name for name in USES if name not in {"count", "ids"}]
    return (
        whole.group_by(by, maintain_order=True)
        .agg(pl.col("count").sum(), pl.col("ids").drop_nulls().str.join(" "))
        .with_columns(ids=pl.when(pl.col("ids") != "").then(pl.col("ids")))
        .select(list(USES))
        .sort("trading_date", "router", "aspect", "use", nulls_last=True)
    )


def expectation_counts(fills: pl.DataFrame, routes: pl.DataFrame, routers: Routers) -> pl.DataFrame:
    """Return how often a date's orders and executions fell short, as COUNTS of the date's month.

    Asked of market and marketable limit orders received in the regular session. `fills` have
    `trading_date`, `router`, `strategy`, `fill_id` and `price_improvement`; `routes`, of orders
    received on the date, `trading_date`, `router`, `strategy`, `order_id`, `received_at`, `venue`
    and `sent_at`; both what tells the class of their order.
    """
    frames = {False: fills.filter(_AT_ONCE), True: _firsts(routes.filter(_AT_ONCE))}
    rows: list[_Row] = []
    for of_routes, frame in frames.items():
        for version, part in _by_version(frame, "trading_date", routers):
            expects = () if version is None else version.expects
            for each in expects:
                if (each.what is not What.IMPROVEMENT) is of_routes and version is not None:
                    rows += _count(part, version, each)
    return pl.DataFrame(rows, schema=COUNTS)


def summed(counts: pl.DataFrame) -> pl.DataFrame:
    """Return COUNTS of each period whole, with `rate`: missed of known, null where none is."""
    return (
        counts.group_by("router", "version", "expected", "period", maintain_order=True)
        .agg(
            pl.col("trading_date").max(),
            pl.col("asked", "known", "missed").sum(),
            pl.col("ids").drop_nulls().str.join(" ").str.split(" ").list.head(_TOLD).list.join(" "),
        )
        .with_columns(
            rate=pl.when(pl.col("known") > 0).then(pl.col("missed") / pl.col("known")),
            ids=pl.when(pl.col("ids") != "").then(pl.col("ids")),
        )
        .sort("period", "router", "version", "expected")
    )


def _firsts(routes: pl.DataFrame) -> pl.DataFrame:
    """Return the first routes of each order: when they were sent, and to which venues."""
    first = routes.filter(pl.col("sent_at") == pl.col("sent_at").min().over("order_id"))
    return first.group_by(
        "trading_date", "router", "strategy", "order_id", "received_at", "sent_at"
    ).agg(venues=pl.col("venue").unique())


def _count(rows: pl.DataFrame, version: Version, expected: Expected) -> list[_Row]:
    """Return how often rows of a version fell short of an expectation; nothing for no rows."""
    mine = pl.lit(value=True)
    if expected.strategies:
        mine = pl.col("strategy").is_in(list(expected.strategies))
    asked = rows.with_columns(mine=mine).filter(pl.col("mine").fill_null(value=True))
    if asked.is_empty():
        return []
    judged = asked.with_columns(missed=pl.when("mine").then(_MISSED[expected.what](expected)))
    key = "fill_id" if expected.what is What.IMPROVEMENT else "order_id"
    short = judged.filter("missed")
    day = judged["trading_date"][0]
    return [
        {
            "router": version.router,
            "version": version.version,
            "expected": str(expected),
            "period": f"{day:%Y-%m}",
            "trading_date": day,
            "asked": judged.height,
            "known": judged["missed"].count(),
            "missed": short.height,
            "ids": _first(short[key]) if short.height else None,
        }
    ]


_MISSED: Mapping[What, Callable[[Expected], pl.Expr]] = {
    What.IMPROVEMENT: lambda each: pl.col("price_improvement") < each.amount,
    What.DECISION: lambda each: pl.col("sent_at") - pl.col("received_at") > each.amount,
    What.FIRST_VENUES: lambda each: (
        ~pl.col("venues").list.eval(pl.element().is_in(list(each.venues))).list.all()
    ),
}
"""Whether a row falls short, null where it cannot be known."""
