"""The types of event that tell of orders, routes and executions, for shares (ME) and options (MO).

Everything else is kept as an event and tells of nothing here: supplements, quotes, allocations,
multi-leg orders, requests that a later event answers.
"""

from __future__ import annotations


def _both(*names: str) -> frozenset[str]:
    return frozenset(f"{market}{name}" for market in ("ME", "MO") for name in names)


RECEIVED = _both("NO", "OA")
SLICED = _both("CO")
TAKEN_ON = _both("IR")
CHILDREN = SLICED | TAKEN_ON
MODIFIED = _both("OM", "COM", "IM")
CANCELLED = _both("OC", "COC", "IC")
AT_A_DESK = _both("IM", "IC")

SENT = _both("OR")
SENT_ANEW = _both("MR")
CALLED_BACK = _both("CR")
ROUTED = SENT | SENT_ANEW | CALLED_BACK

TRADED = _both("OT")
AMENDED = _both("FA")
FULFILLED = _both("OF") | AMENDED

TELLING = RECEIVED | CHILDREN | MODIFIED | CANCELLED | ROUTED | TRADED | FULFILLED


def step(kind: str) -> int:
    """Return where a type stands among events of one instant: what begins before what ends."""
    if kind in MODIFIED | SENT_ANEW:
        return 1
    return 2 if kind in CANCELLED | CALLED_BACK else 0
