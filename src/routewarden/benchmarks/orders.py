"""The kinds of orders a dashboard has columns for, and which classes each takes together."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from routewarden.measures.reference import OrderClass


class Orders(StrEnum):
    """A column of the dashboard."""

    MARKET = "market"
    MARKETABLE_LIMIT = "marketable_limit"
    NON_MARKETABLE_LIMIT = "non_marketable_limit"
    LIMIT = "limit"  # every limit class together

    @property
    def heading(self) -> str:
        """The column's heading."""
        return _HEADINGS[self]


_HEADINGS: Mapping[Orders, str] = {
    Orders.MARKET: "market orders",
    Orders.MARKETABLE_LIMIT: "marketable limit orders",
    Orders.NON_MARKETABLE_LIMIT: "non-marketable limit orders",
    Orders.LIMIT: "limit orders",
}

_RESTING = (OrderClass.INSIDE_QUOTE, OrderClass.AT_QUOTE, OrderClass.NEAR_QUOTE, OrderClass.AWAY)

CLASSES: Mapping[Orders, tuple[OrderClass, ...]] = {
    Orders.MARKET: (OrderClass.MARKET,),
    Orders.MARKETABLE_LIMIT: (OrderClass.MARKETABLE_LIMIT,),
    Orders.NON_MARKETABLE_LIMIT: _RESTING,
    Orders.LIMIT: (OrderClass.MARKETABLE_LIMIT, *_RESTING),
}
"""The order classes of each column; a limit order whose class is unknown is in none."""

FULL = (Orders.MARKET, Orders.MARKETABLE_LIMIT, Orders.NON_MARKETABLE_LIMIT)
"""The columns of the full dashboard."""
