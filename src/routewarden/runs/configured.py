"""What routers did, beside what their configuration in force says: read from the measured dates.

What a route carried of its own is read from the records: a measured route says what its order was.
A date on which no router has a version in force is not read at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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
    own = _Own(interpret(home).held) if any(each.allows for each in routers.entries) else None
    for day in asked:
        dated = {"trading_date": pl.lit(day)}
        orders = results.read(day, "orders", list(_ORDER)).with_columns(**dated)
        routes = results.read(day, "routes", [*_ORDER, "route_id", "venue", "sent_at"])
        sent = routes.with_columns(**dated, sent_on=trading_date(pl.col("sent_at")))
        found += [venue_uses(sent, routers), strategy_uses(orders, routers)]
        if own is not None and sent.height:
            found.append(carried_uses(own.beside(sent, day), routers))
    return pl.concat(found)


@dataclass(slots=True)
class _Own:
    """What routes state of themselves, by the date they were sent on; each is read once."""

    held: Held
    read: dict[date, pl.DataFrame] = field(default_factory=dict)

    def beside(self, sent: pl.DataFrame, day: date) -> pl.DataFrame:
        """Add to the routes of a date's orders, which are sent on it or later, what they state."""
        days = sorted(sent["sent_on"].unique())
        kept = {each: rows for each, rows in self.read.items() if each >= day}
        self.read = kept | {each: self._of(each) for each in days if each not in kept}
        own = pl.concat([self.read[each] for each in days])
        return sent.join(own, on="route_id", how="left")

    def _of(self, day: date) -> pl.DataFrame:
        return self.held.of(day, _CARRIED).routes.select(_CARRIED)


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
