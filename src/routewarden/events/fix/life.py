"""The lives that messages tell of: one for each ClOrdID under which an order was in force.

A new order begins a life, and so does an accepted replace, which ends the one before it. A report
belongs to the life its ClOrdID 11 names; where that is a request to cancel or replace, to the life
asked about (41); else to the one its OrderID 37 was last told of. Where no new order is held, its
reports begin the life.

A ClOrdID may come again: on another date, or for something else. Each such life is its own, and a
report belongs to the last that had begun.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from routewarden.events.fix.message import Message, Order, agree
from routewarden.events.fix.report import EXECUTIONS, Happened, happened

_SECURITY = ("55", "54")
STAYS = ("1", "6")
"""TimeInForce good till cancelled, or till a date: not over when the day is."""

_NO_ORDER_ID = "NONE"  # what OrderID says of an order that was rejected

_Security = tuple[str | None, str | None]
"""Symbol and Side."""

_Content = tuple[str | None, str | None, Decimal | None]
"""Symbol, Side and OrderQty."""


def _security(message: Message) -> _Security:
    return message.get("55"), message.get("54")


@dataclass(slots=True, eq=False)
class Life:
    """A ClOrdID in force: what it began with, and what was reported of it, in order.

    `begun` is a new order, or the request that an accepted replace answers; `accepted` that answer.
    Of an order known by its reports alone both are None, and `first` is the first of them.
    """

    name: str
    first: Message
    begun: Message | None = None
    accepted: Message | None = None
    prior: Life | None = None
    chain_of: Life | None = None
    followed_by: Life | None = None
    order_ids: set[str] = field(default_factory=set)
    reports: list[tuple[Happened, Message]] = field(default_factory=list)

    @property
    def root(self) -> Life:
        """The life its chain of replaces began with."""
        return self.chain_of or self

    def in_force(self, message: Message) -> Life:
        """Return the life of its chain, from this one on, that a message speaks of in its time."""
        life = self
        while life.followed_by is not None and life.followed_by.since <= message.order:
            life = life.followed_by
        return life

    @property
    def since(self) -> Order:
        """From when it is in force: a replace is from its acceptance on."""
        return (self.accepted or self.first).order

    @property
    def told_by(self) -> list[Message]:
        """The messages that say what the order is: its own, else its first answers."""
        if self.begun is not None or self.accepted is not None:
            return [each for each in (self.begun, self.accepted) if each is not None]
        said = [each for each in self.reports if each[0] is not Happened.NOTHING]
        if said and said[0][0] is Happened.BEGUN:
            return [report for what, report in said if what is Happened.BEGUN]
        return []


@dataclass(slots=True)
class _Shelf:
    """Lives that share an identifier, by the security they state, each lot in order."""

    since: Callable[[Life], Order]
    lots: dict[_Security, list[Life]] = field(default_factory=dict)

    def add(self, life: Life) -> None:
        lot = self.lots.setdefault(_security(life.first), [])
        insort(lot, life, key=self.since)

    def last(self, message: Message) -> Life | None:
        """Return the life of a message's security that began last by then, else the first after."""
        before, after = list[Life](), list[Life]()
        for lot in self._of(*_security(message)):
            begun = bisect_right(lot, message.order, key=self.since)
            before += lot[begun - 1 : begun] if begun else ()
            after += lot[begun : begun + 1]
        if before:
            return max(before, key=self.since)
        return min(after, key=self.since, default=None)

    def _of(self, symbol: str | None, side: str | None) -> Iterable[list[Life]]:
        """Return the lots that agree with what is stated of a security."""
        if symbol is None or side is None:
            return (
                lot
                for (other, its_side), lot in self.lots.items()
                if other is None or symbol in {None, other}
                if its_side is None or side in {None, its_side}
            )
        keys = ((symbol, side), (symbol, None), (None, side), (None, None))
        return (self.lots[key] for key in keys if key in self.lots)


@dataclass(slots=True)
class Lives:
    """All lives, one that replaces another after it; by ClOrdID and OrderID; and the requests."""

    all: list[Life] = field(default_factory=list)
    by_name: dict[str, list[Life]] = field(default_factory=lambda: defaultdict(list))
    requests: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    _named: dict[str, _Shelf] = field(default_factory=lambda: defaultdict(_by_beginning))
    _numbered: dict[str, _Shelf] = field(default_factory=lambda: defaultdict(_by_acceptance))

    def add(self, life: Life) -> Life:
        """Keep a life, among those of its name."""
        self.all.append(life)
        self.by_name[life.name].append(life)
        self._named[life.name].add(life)
        return life

    def keep_order_id(self, order_id: str | None, life: Life) -> None:
        """Keep that an OrderID was told of a life."""
        if order_id is not None and order_id != _NO_ORDER_ID and order_id not in life.order_ids:
            life.order_ids.add(order_id)
            self._numbered[order_id].add(life)

    def called(self, name: str | None, message: Message) -> Life | None:
        """Return the life of a name that a message means: of its symbol, the last begun by then."""
        return self._named[name].last(message) if name and name in self._named else None

    def of_order_id(self, order_id: str | None, message: Message) -> Life | None:
        """Return the life of a message's symbol that an OrderID was told of, the last by then."""
        if order_id is None or order_id not in self._numbered:
            return None
        life = self._numbered[order_id].last(message)
        return life.in_force(message) if life is not None else None


def _by_beginning() -> _Shelf:
    return _Shelf(lambda life: life.first.order)


def _by_acceptance() -> _Shelf:
    return _Shelf(lambda life: life.since)


Told = tuple[Life | None, Happened, Message]
"""A report, what it says happened, and the life it belongs to; None where nothing says which."""


def lives_of(messages: list[Message]) -> tuple[Lives, list[Told]]:
    """Return the lives that messages (in order) tell of, and their reports."""
    lives = Lives()
    begun: dict[tuple[str, str], _Begun] = defaultdict(_Begun)
    for message in messages:
        name = message.name("11")
        if name is not None and message.type == "D":
            if begun[name, message.date].begins(message):
                lives.add(Life(name, message, begun=message))
        elif name is not None and message.type in {"G", "F"}:
            lives.requests[name].append(message)
    reports = [(happened(each), each) for each in messages if each.type == "8"]
    for what, report in reports:
        if what is Happened.REPLACED:
            _replace(lives, report)
    return lives, [_attached(lives, what, report) for what, report in reports]


@dataclass(slots=True)
class _Begun:
    """The new orders of one ClOrdID and date, by content; those that leave some of it out apart."""

    full: dict[_Content, Message] = field(default_factory=dict)
    partial: list[Message] = field(default_factory=list)

    def begins(self, message: Message) -> bool:
        """Keep a new order, and return whether it is no other told of once more.

        Two are one if of one security and quantity, as far as both state them.
        """
        content = (*_security(message), message.number("38"))
        if content in self.full:
            return False
        held = [*self.partial, *self.full.values()] if None in content else self.partial
        if any(_is_same(each, message) for each in held):
            return False
        if None in content:
            self.partial.append(message)
        else:
            self.full[content] = message
        return True


def _is_same(one: Message, other: Message) -> bool:
    quantities = {one.number("38"), other.number("38")} - {None}
    return len(quantities) < 2 and agree(one, other, _SECURITY)


def _replace(lives: Lives, report: Message) -> None:
    """Begin the life that an accepted replace begins, unless another session told of it already."""
    name, request = report.name("11"), _request(lives, report)
    former = report.name("41") or (request.name("41") if request else None)
    if name is None or former is None or name == former:
        return
    accepted = (each.accepted for each in lives.by_name[name] if each.accepted is not None)
    if any(each.date == report.date and agree(each, report, _SECURITY) for each in accepted):
        return
    begun = request if request is not None and request.type == "G" else None
    prior = lives.called(former, report) or lives.add(Life(former, report))
    life = Life(name, begun or report, begun, report, prior, prior.root)
    prior.followed_by = lives.add(life)


def _request(lives: Lives, report: Message) -> Message | None:
    """Return the request to cancel or replace that a report answers: the last by then.

    Two parties' clocks differ: if there is none by then, it is the first of the same date.
    """
    named = lives.requests.get(report.name("11") or "", [])
    held = [each for each in named if agree(each, report, _SECURITY)]
    last = next((each for each in reversed(held) if each.order <= report.order), None)
    return last or next((each for each in held if each.date == report.date), None)


def _attached(lives: Lives, what: Happened, report: Message) -> Told:
    """Find the life a report belongs to, and write the report into it."""
    life = lives.called(report.name("11"), report)
    if what is Happened.REPLACED:
        life = life.prior if life else None
    elif life is None:
        life = _asked_about(lives, what, report)
        if life is not None and what is Happened.REJECTED:
            what = Happened.NOTHING  # it is the request that was rejected
    elif _is_of_another(life, what, report):
        life = None
    if life is None and what is not Happened.REPLACED:
        life = _by_name_or_order_id(lives, report)
    if life is not None:
        life.reports.append((what, report))
        lives.keep_order_id(report.get("37"), life)
    return life, what, report


def _asked_about(lives: Lives, what: Happened, report: Message) -> Life | None:
    """Return the life that a request's answer is about: of OrigClOrdID, the report's or request's.

    A request may ask about a request that was never accepted; then the one before that counts. An
    execution answers no request: unless its ClOrdID is one's, it is of the order of its own name.
    """
    request = _request(lives, report)
    if request is None and what in EXECUTIONS:
        return None
    name = report.name("41") or (request.name("41") if request else None)
    seen: set[str] = set()
    while name is not None and name not in seen:
        life = lives.called(name, report)
        if life is not None:
            return life
        seen.add(name)
        asked = lives.requests.get(name)
        if not asked:
            return lives.add(Life(name, report))
        name = asked[-1].name("41")
    return None


def _is_of_another(life: Life, what: Happened, report: Message) -> bool:
    """Return whether a report of another date and OrderID is of another order of the same ClOrdID.

    It is if it tells of a new order and none is held, or if the one held is for the day.
    """
    known, number = life.reports[0][1] if life.reports else life.first, report.get("37")
    if known.date == report.date or number in {known.get("37"), *life.order_ids}:
        return False
    if life.begun is None and life.accepted is None and what is Happened.BEGUN:
        return True
    return number is not None and bool(life.order_ids) and _is_for_the_day(life)


def _is_for_the_day(life: Life) -> bool:
    """Return whether an order is over when the day is: what its chain of replaces says last."""
    said = (text for each in life.told_by if (text := each.get("59")))
    lasts = next(said, None)
    if lasts is not None:
        return lasts not in STAYS
    return life.begun is not None if life.prior is None else _is_for_the_day(life.prior)


def _by_name_or_order_id(lives: Lives, report: Message) -> Life | None:
    """Return the life of a report whose order is not held; None if it has no ClOrdID either."""
    name = report.name("11")
    if name is None:
        return lives.of_order_id(report.get("37"), report)
    return lives.add(Life(name, report))
