"""Orders, routes and fills while the world is made; fields are the canonical columns.

A price of 0 is one that is not stated.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """A customer's order."""

    order_id: str
    received_at: int
    symbol: str
    side: str
    quantity: int
    order_type: str
    limit_price: int
    stop_price: int
    time_in_force: str
    held: bool | None
    directed: bool | None
    account_type: str
    capacity: str
    asset_class: str
    router: str
    strategy: str
    desk: str
    account_id: str
    customer_id: str
    session: str = "regular"
    ended_at: int | None = None
    end_reason: str | None = None
    parent_order_id: str | None = None
    root_order_id: str | None = None

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for any sell."""
        return 1 if self.side == "buy" else -1


@dataclass(frozen=True, slots=True)
class Route:
    """A child order at a venue."""

    route_id: str
    order_id: str
    venue: str
    sent_at: int
    acknowledged_at: int | None
    quantity: int
    order_type: str
    limit_price: int
    time_in_force: str
    instructions: str | None
    ended_at: int
    outcome: str
    reject_reason: str | None
    further_routable: bool
    ioi: bool | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """An execution."""

    fill_id: str
    route_id: str
    order_id: str
    venue: str
    executed_at: int
    price: int
    quantity: int
    liquidity: str
    fee: int
    status: str = "ok"
    refers_to: str | None = None
