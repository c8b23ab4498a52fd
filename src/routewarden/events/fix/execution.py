"""Executions: each once, however many sessions told of it and however often.

Reports with one ExecID, symbol, side, price, quantity and trade date are one execution, if they are
of one order and its children; or of different sessions, where no more than one of the orders is
held. A parent's report may name its child's ExecID in SecondaryExecID 527. All else is another
execution, and so are two of one content that one order's sibling children tell of, or that
a session tells of one order with another market or CumQty: venues number their executions alike.
Those that share an ExecID all the same are told apart by as much of trade date, order, side,
quantity, price, market and CumQty as it takes, each put before the ExecID: `20260701-E1`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from routewarden.events.fix.family import Parent, top
from routewarden.events.fix.life import Life, Told
from routewarden.events.fix.message import Message, agree
from routewarden.events.fix.report import EXECUTIONS, Happened


@dataclass(slots=True, eq=False)
class Execution:
    """An execution, a bust or a correction: who told of it, the best teller first.

    `family` is the order at the top, None where no report says whose the execution is.
    """

    what: Happened
    family: Hashable
    told: list[tuple[Life | None, Message]]

    @property
    def life(self) -> Life | None:
        """The life it belongs to."""
        return self.told[0][0]

    @property
    def report(self) -> Message:
        """The report it rests on."""
        return self.told[0][1]

    def get(self, tag: str) -> str | None:
        """Return what the first report that states a tag says."""
        return next((text for _, each in self.told if (text := each.get(tag))), None)

    @property
    def amends(self) -> bool:
        """Whether it is a bust or a correction."""
        return self.what is not Happened.FILLED

    @property
    def exec_ids(self) -> set[str]:
        """The ExecIDs it was told under."""
        return {exec_id for _, each in self.told if (exec_id := each.get("17"))}

    @property
    def exec_id(self) -> str | None:
        """The ExecID as it was told."""
        return self.report.get("17")


def executions_of(told: Iterable[Told], parents: Mapping[Life, Parent]) -> list[Execution]:
    """Return the executions that reports tell of, each once, in order of their times."""
    tellings = [
        (life is not None and _is_child(life, parents), report, life, what)
        for life, what, report in told
        if what in EXECUTIONS
    ]
    of_children = {
        (_family(life, report, parents), report.get("17"))
        for of_child, report, life, _ in tellings
        if of_child
    }
    alike: dict[Hashable, list[tuple[bool, Message, Life | None, Happened]]] = defaultdict(list)
    for of_child, report, life, what in tellings:
        named = None if of_child else report.get("527")
        is_child_s = named and (_family(life, report, parents), named) in of_children
        content = _content(what, report, named if is_child_s else report.get("17"))
        alike[content].append((not of_child, report, life, what))
    found: list[Execution] = []
    for same in alike.values():
        found += _apart(sorted(same, key=lambda each: (each[0], each[1].order)), parents)
    return sorted(found, key=lambda each: (each.report.order, each.exec_id or ""))


def _content(what: Happened, report: Message, exec_id: str | None) -> Hashable:
    """Return what two reports of one execution have in common."""
    if exec_id is None:  # nothing says that two such reports are one
        return report.order
    numbers = tuple(report.number(tag) or report.get(tag) for tag in ("31", "32"))
    stated = tuple(report.get(tag) for tag in ("55", "54", "19"))
    return what, exec_id, report.date, numbers, stated


def _apart(
    tellings: Sequence[tuple[bool, Message, Life | None, Happened]],
    parents: Mapping[Life, Parent],
) -> list[Execution]:
    """Return the executions that reports of equal content tell of."""
    found: list[Execution] = []
    for _, report, life, what in tellings:
        family = _family(life, report, parents)
        may_be = [each for each in found if not _differs(each, life, report, parents)]
        same = [each for each in may_be if each.family == family]
        same = same or [each for each in may_be if _is_one(each, life, report)]
        if same:
            market = report.get("30")
            max(same, key=lambda each: each.get("30") == market).told.append((life, report))
        else:
            found.append(Execution(what, family, [(life, report)]))
    return found


def _differs(
    one: Execution, life: Life | None, report: Message, parents: Mapping[Life, Parent]
) -> bool:
    """Return whether a report cannot tell of an execution: of a sibling, or of another venue's."""
    return life is not None and any(
        _are_siblings(other, life, parents)
        if other.root is not life.root
        else message.session == report.session and not agree(message, report, ("14", "30"))
        for other, message in one.told
        if other is not None
    )


def _are_siblings(one: Life, other: Life, parents: Mapping[Life, Parent]) -> bool:
    """Return whether two lives are child orders, and neither was worked for the other."""
    if not (_is_child(one, parents) and _is_child(other, parents)):
        return False
    return one.root not in _line(other, parents) and other.root not in _line(one, parents)


def _is_child(life: Life, parents: Mapping[Life, Parent]) -> bool:
    return life in parents and parents[life].routed


def _line(life: Life, parents: Mapping[Life, Parent]) -> set[Life]:
    """Return the orders a life was worked for, and itself, as the roots of their chains."""
    line = {life.root}
    while (parent := parents.get(life)) is not None and parent.routed and parent.life is not None:
        life = parent.life
        line.add(life.root)
    return line


def _family(life: Life | None, report: Message, parents: Mapping[Life, Parent]) -> Hashable:
    if life is None:
        return report.get("37")
    order = top(life, parents)
    return order.root if isinstance(order, Life) else order


def _is_one(one: Execution, life: Life | None, report: Message) -> bool:
    """Return whether another session's report of equal content tells of an execution once more."""
    if any(each.session == report.session for _, each in one.told):
        return False
    return not (_is_held(one.life) and _is_held(life))


def _is_held(life: Life | None) -> bool:
    return life is not None and bool(life.told_by)


def fill_ids(
    executions: Sequence[Execution], names: Mapping[Life, str]
) -> Mapping[Execution, str | None]:
    """Return the fill's identifier of each execution: its ExecID, qualified where shared."""
    sharing: dict[tuple[str, Happened], list[Execution]] = defaultdict(list)
    for each in executions:
        if each.exec_id is not None:
            sharing[each.exec_id, each.what].append(each)
    ids: dict[Execution, str | None] = dict.fromkeys(executions)
    for (exec_id, what), several in sharing.items():
        is_fills_too = what is not Happened.FILLED and (exec_id, Happened.FILLED) in sharing
        bare = f"{what}-{exec_id}" if is_fills_too else exec_id
        qualifiers = [_qualifiers(each, names) for each in several]
        for each, words in zip(several, told_apart(qualifiers), strict=True):
            ids[each] = "-".join((*words, bare))
    return ids


def _qualifiers(each: Execution, names: Mapping[Life, str]) -> tuple[tuple[str, ...], ...]:
    report = each.report
    order = names[each.life] if each.life is not None else report.get("37") or ""
    rest = (report.get(tag) or "" for tag in ("55", "54", "32", "31", "19"))
    where = (report.get(tag) or "" for tag in ("30", "14"))
    told = (report.get("527") or "", *report.session)
    return (report.date,), (order,), tuple(rest), tuple(where), told


def told_apart(qualifiers: Sequence[tuple[tuple[str, ...], ...]]) -> list[tuple[str, ...]]:
    """Return as many of each one's words as tell all of them apart; none for one alone."""
    most = len(qualifiers[0])
    for count in range(most + 1):
        words = [sum(each[:count], ()) for each in qualifiers]
        if len(set(words)) == len(words):
            break
    return words


def target_of(
    amendment: Execution, by_exec_id: Mapping[str, Sequence[Execution]]
) -> Execution | None:
    """Return the execution that a bust or correction names, the likeliest of those it may mean."""
    named = [
        each
        for each in by_exec_id.get(amendment.report.get("19") or "", ())
        if each is not amendment and each.what is not Happened.BUSTED and _may_mean(amendment, each)
    ]
    if not named:
        return None
    told = amendment.report

    def likeness(each: Execution) -> tuple[bool, bool, bool, bool, tuple[object, ...]]:
        report = each.report
        return (
            each.family == amendment.family,
            each.life is amendment.life,
            report.get("55") == told.get("55"),
            report.order < told.order,
            report.order,
        )

    return max(named, key=likeness)


def _may_mean(amendment: Execution, each: Execution) -> bool:
    """Return whether a bust or correction may be of an execution: not of another order's."""
    if not agree(amendment.report, each.report, ("55",)):
        return False
    return each.family == amendment.family or not (_is_held(amendment.life) and _is_held(each.life))
