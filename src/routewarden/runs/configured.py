"""What routers did, beside what their configuration in force says: read from the measured dates.

What a route carried of its own is read from the records: a measured route says what its order was.
A date on which no router has a version in force is not read at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from routewarden.base.time import trading_date
from routewarden.rules.facts.configuration import (
    COUNTS,
    USES,
    carried_uses,
    expectation_counts,
    strategy_uses,
    summed,
    venue_uses,
)
from routewarden.runs.held import Held
from routewarden.runs.interpreting import interpret
from routewarden.store.home import Home
from routewarden.store.results import Results

_ORDER = ("order_id", "router", "strategy")
_CLASS = ("router", "strategy", "order_class", "in_session_at_receipt")
_CARRIED = ("route_id", "order_type", "time_in_force", "instructions")


def uses(home: Home, days: Sequence[date]) -> pl.DataFrame:
    """Return the uses that routers made on measured dates, as USES."""
    asked, results = _configured(home, days), Results(home.measured)
    routers = home.policy().routers
    found = [pl.DataFrame(schema=USES)]
    held = interpret(home).held if asked else None
    for day in asked:
        dated = {"trading_date": pl.lit(day)}
        orders = results.read(day, "orders", list(_ORDER)).with_columns(**dated)
        routes = results.read(day, "routes", [*_ORDER, "route_id", "venue", "sent_at"])
        sent = routes.with_columns(**dated, sent_on=trading_date(pl.col("sent_at")))
        found += [venue_uses(sent, routers), strategy_uses(orders, routers)]
        if held is not None and sent.height and any(each.allows for each in routers.entries):
            found.append(carried_uses(_with_own(held, sent), routers))
    return pl.concat(found)


def _with_own(held: Held, sent: pl.DataFrame) -> pl.DataFrame:
    """Add to routes what their own records state of them."""
    days = sorted(sent["sent_on"].unique())
    own = [held.of(day, _CARRIED).routes.select(_CARRIED) for day in days]
    return sent.join(pl.concat(own), on="route_id", how="left")


def expectations(home: Home, days: Sequence[date]) -> pl.DataFrame:
    """Return how often routers fell short in the months of measured dates, as COUNTS and `rate`."""
    results, routers = Results(home.measured), home.policy().routers
    found = [pl.DataFrame(schema=COUNTS)]
    for day in _configured(home, days):
        if not any(version.expects for version in routers.on(day)):
            continue
        fills = results.read(day, "fills", [*_CLASS, "fill_id", "price_improvement"])
        sent = [*_CLASS, "order_id", "received_at", "venue", "sent_at"]
        routes = results.read(day, "routes", sent)
        dated = {"trading_date": pl.lit(day)}
        fills, routes = fills.with_columns(**dated), routes.with_columns(**dated)
        found.append(expectation_counts(fills, routes, routers))
    return summed(pl.concat(found))


def _configured(home: Home, days: Sequence[date]) -> list[date]:
    """Return the dates on which some router has a version in force."""
    routers = home.policy().routers
    return [day for day in days if routers.on(day)]
