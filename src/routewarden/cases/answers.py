"""The answers of a diligence case as they stand: given in it, or carried from the one before.

What is carried is a fact of the case, `VC-1 SC-1@2026-05-01`: the question's id, and behind an @
until when the documents that came with its answer are good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from routewarden.cases.case import Act, Case, Document

REAFFIRM = "reaffirm"
ASK_BACK = "query"


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands as the answer to a question.

    `origin` is the case it was given in, `act` what gave it, known there only. It is given once
    somebody said it in this case, or that it still holds; by whom and when is in `by` and `day`.
    `until` is the date its documents are good to.
    """

    origin: str
    by: str = ""
    day: date | None = None
    act: Act | None = None
    until: date | None = None
    is_given: bool = False
    is_asked_back: bool = False

    @property
    def has_document(self) -> bool:
        """Whether documents came with it."""
        return self.until is not None

    def expired_on(self, day: date) -> bool:
        """Whether its documents are no longer good on a date."""
        return self.until is not None and self.until < day


def standing(case: Case) -> Mapping[str, Answer]:
    """Return the answer to each question that has one, asked back or not given though it may be."""
    before = case.facts.get("before", "")
    found = dict(_read(before, case.facts.get("carried", "")))
    for act in case.acts:
        match act.step:
            case "answer":
                until = act.due if act.documents else None
                found[act.item] = Answer(case.id, act.by, act.day, act, until, is_given=True)
            case "reaffirm":
                for name in [act.item] if act.item else _left(case.id, found):
                    found[name] = _reaffirmed(found[name], act)
            case "query":
                asked = found.get(act.item, Answer(case.id))
                found[act.item] = replace(asked, is_given=False, is_asked_back=True)
            case _:
                pass
    return found


def _reaffirmed(answer: Answer, act: Act) -> Answer:
    return replace(answer, by=act.by, day=act.day, is_given=True, is_asked_back=False)


def carried(questions: Iterable[str], held: Mapping[str, Answer]) -> str:
    """Return as a fact the answers to some questions that a case carries forward."""
    known = [(name, held[name].until) for name in questions if name in held]
    return " ".join(name if until is None else f"{name}@{until}" for name, until in known)


class Change(StrEnum):
    """What became of an answer since the case before."""

    FIRST = ""
    NEW = "new"
    CHANGED = "changed"
    SAME = "unchanged"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Told:
    """A question of a case as it is told: the words that stand, who answers for them, since when.

    `by` gave the answer in this case or said that it still holds; nobody has yet where `change` is
    open. `until` is the date its documents are good to.
    """

    text: str = ""
    by: str = ""
    day: date | None = None
    documents: tuple[Document, ...] = ()
    until: date | None = None
    change: Change = Change.OPEN
    is_asked_back: bool = False


def told(name: str, case: Case, cases: Mapping[str, Case]) -> Told:
    """Return a question of a case; `cases` are those before it, by number."""
    answer = standing(case).get(name)
    if answer is None:
        return Told()
    act, before = _given(name, case, cases), cases.get(case.facts.get("before", ""))
    earlier = None if before is None else _given(name, before, cases)
    said, documents = _said(act)
    return Told(
        text=said,
        by=answer.by,
        day=answer.day,
        documents=documents,
        until=answer.until,
        change=_change(answer, before, (_said(earlier), (said, documents))),
        is_asked_back=answer.is_asked_back,
    )


_Said = tuple[str, tuple[Document, ...]]


def _said(act: Act | None) -> _Said:
    return ("", ()) if act is None else (act.reason, act.documents)


def _change(answer: Answer, before: Case | None, said: tuple[_Said, _Said]) -> Change:
    if not answer.is_given:
        return Change.OPEN
    if before is None:
        return Change.FIRST
    then, now = ((text, {each.digest for each in held}) for text, held in said)
    if then == ("", set()):
        return Change.NEW
    return Change.SAME if then == now else Change.CHANGED


def _given(name: str, case: Case, cases: Mapping[str, Case]) -> Act | None:
    """Return the act that gave an answer, in the case or one before it; None if none did."""
    answer = standing(case).get(name)
    while answer is not None and answer.act is None and answer.origin != case.id:
        case = cases[answer.origin]
        answer = standing(case).get(name)
    return None if answer is None else answer.act


def _read(before: str, text: str) -> Iterator[tuple[str, Answer]]:
    for each in text.split():
        name, _, until = each.partition("@")
        yield name, Answer(before, until=date.fromisoformat(until) if until else None)


def _left(case_id: str, found: Mapping[str, Answer]) -> list[str]:
    """Return what was carried and is not settled."""
    return [
        name for name, each in found.items()
        if each.origin != case_id and not each.is_given and not each.is_asked_back
    ]  # fmt: skip
