"""Lives and executions as rows of the canonical tables, as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from routewarden.base.schema import Kind
from routewarden.events.fix import words
from routewarden.events.fix.execution import Execution, target_of
from routewarden.events.fix.family import Parent, top
from routewarden.events.fix.life import STAYS, Life
from routewarden.events.fix.message import EXACT, Message, decimal, plain
from routewarden.events.fix.report import EXECUTIONS, Happened
from routewarden.events.told import Row
from routewarden.sources.typed import EXTRA_PREFIX

_SESSION = {
    *("8", "9", "10", "34", "35", "43", "49", "50", "52", "56", "57", "89", "90", "91", "93", "97"),
    *("115", "116", "122", "128", "129", "142", "143", "144", "145", "212", "213", "347", "369"),
    *("627", "628", "629", "630", "1128", "1129", "1137", "1156"),
}
_OF_ORDER = _SESSION | {"1", "11", "38", "40", "41", "44", "54", "55", "59", "60", "65", "99"}
_OF_FILL = _OF_ORDER | {"6", "14", "17", "19", "20", "30", "31", "32", "39", "150", "151", "851"}
"""Tags that columns, or what was made of them, already tell of; others come along as extras."""

_OF_OPTION = ("200", "201", "202", "205", "541")
_KEPT = (
    *("1", "40", "47", "54", "55", "59", "65", "167", "336", "528", "582", "1031"),
    *_OF_OPTION,
)
"""What a replace leaves as it was where it does not say otherwise."""

_OUTCOMES = {
    Happened.FILLED: "filled",
    Happened.CANCELLED: "cancelled",
    Happened.REPLACED: "cancelled",
    Happened.EXPIRED: "expired",
    Happened.REJECTED: "rejected",
}


@dataclass(frozen=True, slots=True)
class Names:
    """The identifier of each life, the parent of those that have one, and what each one keeps."""

    of_life: Mapping[Life, str]
    parents: Mapping[Life, Parent]
    kept: Mapping[Life, Mapping[str, str]]

    def is_route(self, life: Life) -> bool:
        """Return whether a life is a child order."""
        return life in self.parents and self.parents[life].routed

    def order_of(self, life: Life) -> str:
        """Return the identifier of the order a life was worked for: its own if it is one."""
        order = top(life, self.parents)
        return self.of_life[order] if isinstance(order, Life) else order


def kept_of(lives: Iterable[Life]) -> Mapping[Life, Mapping[str, str]]:
    """Return what each life states, or leaves as it was in the one it replaced, which is before."""
    kept: dict[Life, Mapping[str, str]] = {}
    for life in lives:
        before = kept[life.prior] if life.prior is not None else {}
        told_by = life.told_by
        said = ((tag, _said(told_by, tag)) for tag in _KEPT)
        kept[life] = {**before, **{tag: text for tag, text in said if text is not None}}
    return kept


def _said(told_by: Iterable[Message], tag: str) -> str | None:
    for each in told_by:
        text = each.get(tag)
        if text is not None:
            return text
    return None


def order_row(life: Life, names: Names) -> Row:
    """Return the order that a life is."""
    first = life.told_by[0]
    ended_at, reason = _end(life)
    parent = names.parents.get(life)
    row: dict[str, str | int | None] = {
        "order_id": names.of_life[life],
        "received_at": first.at,
        "router": first.dialect.router,
        "ended_at": ended_at,
        "end_reason": reason,
        "parent_order_id": parent.name if parent is not None else None,
        "root_order_id": names.of_life[life.root] if life.prior is not None else None,
        **words.handling(_get(life, names), first.version),
    }
    return {**row, **_asked(life, names), **_stated(Kind.ORDERS, first, _get(life, names))}


def _sent_at(life: Life) -> str | None:
    """Return when a child was sent: by its own message, else as pending, else as the dialect says.

    An acknowledgement is not a sending: it stands for one only where the firm's profile says so.
    """
    first = life.told_by[0]
    if first in (life.begun, life.accepted):
        return first.at
    return _at(life, "A") or (_at(life, "0") if first.dialect.sent_as_acknowledged else None)


def route_row(life: Life, names: Names) -> Row:
    """Return the route that a child order is."""
    get, first = _get(life, names), life.told_by[0]
    ended_at, outcome = _outcome(life)
    row: dict[str, str | int | None] = {
        "route_id": names.of_life[life],
        "order_id": names.order_of(life),
        "venue": get("100") or _last_market(life) or first.receiver,
        "sent_at": _sent_at(life),
        "acknowledged_at": _at(life, "0"),
        "instructions": words.instructions(get),
        "ended_at": ended_at,
        "outcome": outcome,
        "reject_reason": _reject_reason(life),
    }
    return {**row, **_asked(life, names), **_stated(Kind.ROUTES, first, get)}


def _get(life: Life, names: Names) -> words.Get:
    """Return what says the value of a tag for a life."""
    told_by, kept = life.told_by, names.kept[life]
    return lambda tag: _said(told_by, tag) or kept.get(tag)


def _asked(life: Life, names: Names) -> Row:
    """Return what was asked for: symbol, side, quantity, type, prices, time in force."""
    get = _get(life, names)
    asked = words.symbol_and_side(get)
    asked |= words.terms(get, is_request=life.told_by[0].type != "8")
    return {**asked, "quantity": _remaining(life, get("38"))}


def leaves_nothing(life: Life, names: Names) -> bool:
    """Return whether a replace took an order down to what was executed of it: no order is left."""
    return life.accepted is not None and _remaining(life, _get(life, names)("38")) == "0"


def _remaining(life: Life, quantity: str | None) -> str | None:
    """Return the quantity; after a replace, what of the new one was not executed before it."""
    if life.accepted is None:
        return quantity
    whole, done = decimal(quantity), life.accepted.number("14")
    return None if whole is None or done is None else plain(EXACT.subtract(whole, done))


def _stated(kind: Kind, message: Message, get: words.Get) -> Row:
    """Return the columns a dialect takes from tags of its own, the extras, and the place."""
    cells = message.dialect.columns.get(kind, {})
    taken = {source.tag for source in cells.values()}
    known = _OF_FILL if kind is Kind.FILLS else _OF_ORDER
    extras = {
        EXTRA_PREFIX + tag: text
        for tag, text in message.tags.items()
        if text and tag not in known and tag not in taken
    }
    quantity = message.number("32")
    stated = ((name, words.cell(source, get, quantity)) for name, source in cells.items())
    filled = {name: text for name, text in stated if text is not None}
    return {**extras, **filled, **message.place}


def _end(life: Life) -> tuple[str | None, str | None]:
    """Return when and why an order ended: the first report that ends it, and is not taken back."""
    ended: tuple[str, str] | None = None
    for what, report in life.reports:
        if what is Happened.FILLED:
            if ended is None and report.get("39") == "2":
                ended = report.at, "filled"
        elif what in _OUTCOMES:
            ended = ended or (report.at, str(what))
        elif what in EXECUTIONS and ended is not None and ended[1] == "filled" and _works(report):
            ended = None
    if ended is None and _said(life.told_by, "59") not in STAYS:
        done = (report.at for what, report in life.reports if what is Happened.DONE_FOR_DAY)
        ended = next(((at, "expired") for at in done), None)
    return ended or (None, None)


def _works(report: Message) -> bool:
    """Return whether a bust or correction says that something is left to work of its order."""
    return report.get("39") in {"0", "1"} and (report.number("151") or 0) > 0


def _outcome(life: Life) -> tuple[str | None, str | None]:
    """Return when and how a route ended; one that ended after a fill was filled in part."""
    ended_at, reason = _end(life)
    if reason is None or reason == "filled":
        return ended_at, reason
    in_part = any(what is Happened.FILLED for what, _ in life.reports)
    return ended_at, "partial" if in_part else _OUTCOMES[Happened(reason)]


def _at(life: Life, code: str) -> str | None:
    """Return when a report of a new order (0) or a pending one (A) was made."""
    for what, report in life.reports:
        if what is Happened.BEGUN and (report.get("150") or report.get("39")) == code:
            return report.at
    return None


def _last_market(life: Life) -> str | None:
    return next((text for _, report in life.reports if (text := report.get("30"))), None)


def _reject_reason(life: Life) -> str | None:
    for what, report in life.reports:
        if what is Happened.REJECTED:
            return report.get("58") or report.get("103")
    return None


def fill_rows(
    executions: Sequence[Execution], ids: Mapping[Execution, str | None], names: Names
) -> list[Row]:
    """Return the fills, busts and corrections that executions are."""
    by_exec_id: dict[str, list[Execution]] = defaultdict(list)
    for each in executions:
        for exec_id in each.exec_ids:
            by_exec_id[exec_id].append(each)
    targets = {each: target_of(each, by_exec_id) for each in executions if each.amends}
    times = _times(executions, targets)
    known = frozenset(ids.values())
    rows: list[Row] = []
    for each in executions:
        target = targets.get(each)
        named = ids[target] if target is not None else _unheld(each, known, names)
        refers_to = named if each.amends else None
        row = _fill_row(each, target, times[each], names)
        rows.append({**row, "fill_id": ids[each], "refers_to": refers_to})
    return rows


def _fill_row(
    each: Execution,
    target: Execution | None,
    executed_at: str,
    names: Names,
) -> Row:
    report, life = each.report, each.life
    row: dict[str, str | int | None] = {
        "route_id": names.of_life[life] if life is not None and names.is_route(life) else None,
        "order_id": names.order_of(life) if life is not None else report.get("37"),
        "venue": each.get("30"),
        "executed_at": executed_at,
        "price": _executed(each, "31", target),
        "quantity": _executed(each, "32", target),
        "liquidity": words.cell(words.LIQUIDITY, each.get, None),
        "status": str(each.what) if each.amends else "ok",
    }
    return {**row, **_stated(Kind.FILLS, report, each.get)}


def _unheld(each: Execution, known: Collection[str | None], names: Names) -> str | None:
    """Return the fill that a bust or correction names and that no report here tells of.

    Where another order's fill has that name, it is qualified, so as not to take that one out.
    """
    report, named = each.report, each.report.get("19")
    if named not in known:
        return named
    order = names.of_life[each.life] if each.life is not None else report.get("37")
    return "-".join(word for word in (report.date, order, named) if word)


def _executed(each: Execution, tag: str, target: Execution | None) -> str | None:
    """Return a price or quantity; a bust may leave out those of the fill it takes back."""
    text = each.get(tag)
    if each.what is Happened.BUSTED and target is not None and not decimal(text):
        return target.get(tag)
    return text


def _times(
    executions: Iterable[Execution], targets: Mapping[Execution, Execution | None]
) -> Mapping[Execution, str]:
    """Return when each was executed: of a correction, when that which it corrects was, if held."""
    times: dict[Execution, str] = {}
    for each in executions:
        path: dict[Execution, None] = {}
        at = each
        while at not in times and at not in path and at.what is Happened.CORRECTED:
            target = targets[at]
            if target is None:
                break
            path[at] = None
            at = target
        times.setdefault(at, at.report.at)
        times.update(dict.fromkeys(path, times[at]))
    return times
