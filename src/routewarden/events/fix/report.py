"""What an execution report says happened.

ExecType 150 says it; reports before FIX 4.1 have none, and there OrdStatus 39 does. Before FIX 4.3
ExecTransType 20 says whether a report is new, takes back or corrects another, or only tells the
state. Source: FIX 4.0 to 5.0 SP2, execution report.
"""

from __future__ import annotations

from enum import StrEnum

from routewarden.events.fix.message import Message


class Happened(StrEnum):
    """What became of an order."""

    BEGUN = "begun"
    FILLED = "fill"
    BUSTED = "busted"
    CORRECTED = "corrected"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DONE_FOR_DAY = "done for day"
    NOTHING = "nothing"


EXECUTIONS = (Happened.FILLED, Happened.BUSTED, Happened.CORRECTED)

_TRANSACTION = {"1": Happened.BUSTED, "2": Happened.CORRECTED, "3": Happened.NOTHING}
_TYPE = {
    "0": Happened.BEGUN,
    "A": Happened.BEGUN,
    "1": Happened.FILLED,
    "2": Happened.FILLED,
    "F": Happened.FILLED,
    "H": Happened.BUSTED,
    "G": Happened.CORRECTED,
    "5": Happened.REPLACED,
    "4": Happened.CANCELLED,
    "C": Happened.EXPIRED,
    "8": Happened.REJECTED,
    "3": Happened.DONE_FOR_DAY,
}
_PENDING = "6"
_STATUS = {code: _TYPE[code] for code in ("0", "A", "1", "2", "5", "4", "C", "8", "3")}


def happened(report: Message) -> Happened:
    """Return what an execution report says happened."""
    transaction = _TRANSACTION.get(report.get("20") or "0")
    if transaction is not None:
        return transaction
    kind, status = report.get("150"), report.get("39") or ""
    if kind is None:
        if status == _PENDING and (report.number("32") or 0) > 0:
            return Happened.FILLED  # the status that goes before hides the execution's
        return _STATUS.get(status, Happened.NOTHING)
    if kind == "0" and status == "5":
        return Happened.REPLACED
    if kind == "D" and status == "4":  # cancelled without being asked
        return Happened.CANCELLED
    return _TYPE.get(kind, Happened.NOTHING)
