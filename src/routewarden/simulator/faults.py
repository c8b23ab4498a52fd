"""What can be wrong with a world on purpose, and how the answer key says where it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from routewarden.base.schema import Kind


class Fault(StrEnum):
    """A planted fault; the comment says what its answers name."""

    BUSTED = "busted"  # the fill taken out of effect
    CORRECTED = "corrected"  # the fill replaced
    CORRECTED_TWICE = "corrected_twice"  # the fill replaced, by one that was itself replaced
    ORPHAN_BUST = "orphan_bust"  # the bust, which names a fill that does not exist
    OUTSIDE_NBBO = "outside_nbbo"  # the fill, worse than anything quoted in the second before
    NO_ROUTE = "no_route"  # the fill, whose route is not held
    NO_ORDER = "no_order"  # the fill, whose order is not held; its route is
    UNEXPECTED_VENUE = "unexpected_venue"  # the route, to a venue that is on no list
    DUPLICATE = "duplicate"  # the fill, told twice in one file and again in the next date's
    LATE = "late"  # the fill, told some dates after the one it was executed on
    CONFLICT = "conflict"  # the fill, told again on the next date at another price
    MALFORMED = "malformed"  # the id that a line which cannot be read begins with
    LATENCY = "latency"  # the exchange that is slow from a date on
    FILL_RATE = "fill_rate"  # the order class that fills less from a date on
    DRIFT = "drift"  # the wholesaler that gets more by the month, and improves less
    STALE = "stale"  # the orders received while their symbol's quote stood still
    LEAK = "leak"  # the order whose later venues showed less once its first child was sent
    FLATTERY = "flattery"  # the row of the vendor's report: period|symbol|venue|class|metric


EVERY_FAULT = frozenset(Fault)


@dataclass(frozen=True, slots=True)
class Planted:
    """One entry of the answer key; what does not apply is empty.

    `kind` is the table the ids are of, `dates` the trading dates it holds on, and `size` says how
    much: "x2" is twice, "+0.0020" an amount added.
    """

    fault: Fault
    kind: Kind
    record_ids: tuple[str, ...]
    dates: tuple[date, ...]
    venue: str = ""
    order_class: str = ""
    symbol: str = ""
    size: str = ""
