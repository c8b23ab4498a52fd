"""How the vendor's router and the venues behave on a date: what its owner can set or break.

A quiet world has one conduct throughout; the faults that last are changes of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routewarden.simulator.units import MS
from routewarden.simulator.venues import WHOLESALERS, Venue


@dataclass(frozen=True, slots=True)
class Conduct:
    """A router's settings on a date.

    `wholesalers` get the orders of retail customers by their weights. What the venue `slow` does
    takes `slower` times as long. `passed_over_pct` percent of the orders that wait at the quote
    never get their turn. A large order goes from one exchange to the next `pace` ns after the last.
    """

    wholesalers: Sequence[Venue] = WHOLESALERS
    slow: str = ""
    slower: int = 1
    passed_over_pct: int = 0
    pace: tuple[int, int] = (10 * MS, 40 * MS)
    refused_one_in: int = 80


USUAL = Conduct()
"""The conduct of a quiet world."""
