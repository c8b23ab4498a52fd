"""The written procedures in force, and what the log shows of their controls, put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from routewarden.evidence.framework import Frame, Standing
from routewarden.policy.controls import CONTROLS
from routewarden.policy.wsp import WSP, Book, read_wsp
from routewarden.runs.controls import Ran, State, ran
from routewarden.store.approvals import Footing, stretches
from routewarden.store.home import Home


def procedures(home: Home) -> tuple[Book, str]:
    """Return the written procedures in force, and on whose word; a book of none where none are.

    Raises:
        ProcedureTextError: They cannot be used.
    """
    book = read_wsp(home.setting(WSP))
    held = next((each for each in stretches(home) if each.name == WSP and each.until is None), None)
    if not book.procedures or held is None:
        return book, "no procedures are written down yet"
    by = f" by {held.by}" if held.footing is Footing.APPROVED else ""
    return book, f"{held.footing}{by}, {held.since[:10]}, digest {held.digest[:12]}"


def standings(home: Home, first: date, last: date) -> dict[str, Standing]:
    """Return how each control did over a period."""
    by_control: dict[str, list[Ran]] = {name: [] for name in CONTROLS}
    for each in ran(home, first, last):
        by_control[each.control.name].append(each)
    return {name: _standing(found) for name, found in by_control.items()}


def _standing(found: Iterable[Ran]) -> Standing:
    every = list(found)
    of = _by_state(every)
    shown = [each for each in every if each.at is not None and each.state is not State.MISSED]
    last = max(shown, key=lambda each: each.at or date.min, default=None)
    waiting = of[State.WAITING]
    return Standing(
        done=len(of[State.DONE]),
        late=len(of[State.LATE]),
        missed=tuple(each.what if each.due else each.proof for each in of[State.MISSED]),
        waiting=len(waiting),
        last="" if last is None else str(last.at),
        proof="" if last is None else last.proof,
        next_due=f"{waiting[0].what}: by {waiting[0].due}" if waiting else "",
    )


def _by_state(found: Iterable[Ran]) -> Mapping[State, list[Ran]]:
    by_state: dict[State, list[Ran]] = {state: [] for state in State}
    for each in found:
        by_state[each.state].append(each)
    return by_state


def frame_of(home: Home, first: date, last: date) -> Frame:
    """Return what the documents say of firm and period, and what they were made from."""
    prepared = f"Log of {home.log.size:,} entries, {home.today()}"
    return Frame(home.policy().firm, f"{first} to {last}", prepared)
