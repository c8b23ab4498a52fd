"""Orders swept over several exchanges, and what the later ones show once the first is reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from routewarden.simulator.blotter import Handled
from routewarden.simulator.chance import draw, one_in
from routewarden.simulator.customers import ROUTER
from routewarden.simulator.displayed import Shrink
from routewarden.simulator.records import Route
from routewarden.simulator.units import MS
from routewarden.simulator.venues import BY_MIC, Trade

_LEAKS_ONE_IN = 2
_SOON = 50 * MS


def swept(done: Handled) -> tuple[Route, ...]:
    """Return the first child order at each exchange, where the router swept over two or more."""
    order = done.job.order
    if order.router != ROUTER or order.order_type not in {"market", "limit"}:
        return ()
    first: dict[str, Route] = {}
    for route in done.routes:
        crosses = order.order_type == "market" or route.time_in_force == "ioc"
        if crosses and BY_MIC[route.venue].trade is Trade.EXCHANGE:
            first.setdefault(route.venue, route)
    return tuple(first.values()) if len(first) > 1 else ()


def leaks(rng: np.random.Generator, handled: Iterable[Handled]) -> Iterator[Shrink]:
    """Yield what some swept orders give away: sizes fall before their later children are sent."""
    for done in handled:
        routes = swept(done)
        if routes and one_in(rng, _LEAKS_ONE_IN):
            order, sent_at = done.job.order, routes[0].sent_at
            for route in routes[1:]:
                latest = min(route.sent_at, sent_at + _SOON)
                if latest > sent_at + MS:  # not where the first one was refused, and sent on
                    at = draw(rng, sent_at + MS, latest)
                    yield Shrink(order.order_id, order.symbol, route.venue, at, order.sign)
