"""The contract with the router's provider as data: clauses, each with its dates and an example.

A clause states a service level that is measured, a delivery that is awaited, or a duty that its
owner attests. One of the same id may follow it with other terms from a later date. What a figure
or a date comes to is judged elsewhere (`rules.service`); here is what the firm's file says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind

CONTRACT = "contract.toml"

CONTRACT_TEXT = """\
# The contract with the router's provider, clause by clause: what `routewarden sla` holds it to.
# Every clause needs an example: figures or dates, and whether they are a breach ("yes", "no" or
# "unknown"). A clause whose example does not come out as written is refused.
#
# provider = "Example Routing LLC"    # as the users who speak for it have it (user add --of)
#
# A service is measured: metric and unit as in the reference of measures. `where` narrows the
# orders by dimensions of the scorecard; without more, those are customer orders in equities. Fewer
# measured orders or fills than `least`, or a smaller share of the window's trading dates than
# `least_dates` (1, if not given), is unknown.
#
# [[clause]]
# id = "4.1"
# kind = "service"
# text = "Of each month's marketable orders, at least 98 % of the shares are executed."
# owner = "head of trading"
# from = 2026-01-01                   # whole windows from then on; `to` is the last date, if any
# metric = "fill_rate"
# unit = "fraction"
# where = {order_class = ["market", "marketable_limit"]}
# window = "month"                    # or day, week, quarter
# comparison = "at least"             # or at most
# tolerance = "0.98"
# least = 30
# cure = 10                           # trading dates after the notice is sent
# notice = "{provider} is in breach of clause {clause}: {figure}, and {tolerance} was agreed."
# example = {value = "0.97", sample = 200, breach = "yes"}
#
# The notice may name {provider} {firm} {clause} {text} {window} {figure} {tolerance} {sample}
# {cure} and {owner}.
#
# A delivery is a file that must be held by so many trading dates after each period's end; of that
# period's measured dates it has records of at least the share `least_share` (1, if not given).
# `files` narrows it to names of files, such as "vendor-*.csv".
#
# [[clause]]
# id = "7.2"
# kind = "delivery"
# text = "The provider delivers its venue analysis within ten business days after each month."
# owner = "best execution analyst"
# from = 2026-01-01
# what = "venue analysis"
# file = "vendor-report"              # the kind it is ingested as
# period = "month"
# due = 10
# cure = 5
# notice = "{provider} owes the delivery of clause {clause} for {window}: {figure}."
# example = {ended = 2026-01-31, delivered = 2026-02-20, breach = "yes"}
#
# A duty without a figure is attested by its owner, a user, with a document of the kind `evidence`:
# every so many months after `from`. A case opens so many trading dates before (10, if not given).
#
# [[clause]]
# id = "9.3"
# kind = "duty"
# text = "The provider states each year who sees the firm's orders before they are executed."
# owner = "J. Doe"
# from = 2026-01-01
# evidence = "statement"
# months = 12
# opens = 10
# example = {due = 2027-01-01, attested = 2027-01-08, breach = "yes"}
"""


class ContractError(RoutewardenError):
    """The firm's `contract.toml` cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/{CONTRACT}: {entry}: {value}. Write `provider`, and each clause as [[clause]] "
            'with id, kind = "service", "delivery" or "duty", text, owner, from = 2026-01-01, its '
            "terms and an example; the file that `init` writes explains them."
        )


class Window(StrEnum):
    """The spans a clause is judged over: a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Comparison(StrEnum):
    """Which side of the tolerance is in order."""

    AT_LEAST = "at least"
    AT_MOST = "at most"


class Breach(StrEnum):
    """Whether a clause was broken."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ServiceExample:
    """A figure, what it is over, the share of the window's dates measured, and what they are."""

    value: Decimal | None
    sample: int
    dates: Decimal
    breach: Breach


@dataclass(frozen=True, slots=True)
class DeliveryExample:
    """A period's end, when its file came, which share of the dates it has, and what that is."""

    ended: date
    delivered: date | None
    covered: Decimal
    breach: Breach


@dataclass(frozen=True, slots=True)
class DutyExample:
    """When an attestation was due, when it was given, and what that is."""

    due: date
    attested: date | None
    breach: Breach


@dataclass(frozen=True, slots=True)
class Service:
    """A level a metric must keep over each window, of the orders `where` says.

    `least` orders or fills and the share `least_dates` of the trading dates must be measured.
    """

    metric: str
    unit: str
    where: Mapping[str, tuple[str, ...]]
    window: Window
    comparison: Comparison
    tolerance: Decimal
    least: int
    least_dates: Decimal
    cure: int
    notice: str
    example: ServiceExample


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file of a kind, named like `files`, due so many trading dates after each period's end."""

    what: str
    file: Kind
    files: str
    period: Window
    due: int
    least_share: Decimal
    cure: int
    notice: str
    example: DeliveryExample


@dataclass(frozen=True, slots=True)
class Duty:
    """What its owner attests every so many months, with a document of the kind `evidence`.

    Its case opens `opens` trading dates before it is due.
    """

    evidence: str
    months: int
    opens: int
    example: DutyExample


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence of the contract, who answers for it in the firm, and from when to when it holds.

    `until` is its last date; None is for good.
    """

    id: str
    text: str
    owner: str
    since: date
    until: date | None
    terms: Service | Delivery | Duty

    @property
    def kind(self) -> str:
        """What sort of clause it is, as the file has it."""
        return type(self.terms).__name__.lower()

    def holds(self, first: date, last: date) -> bool:
        """Return whether it is in force from one date to another, both included."""
        return self.since <= first and (self.until is None or last <= self.until)


@dataclass(frozen=True, slots=True)
class Contract:
    """What was agreed, and with whom; without clauses there may be no provider."""

    provider: str = ""
    clauses: tuple[Clause, ...] = ()
