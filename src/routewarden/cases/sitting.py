"""Who sits in a review: their seats, who is there, who stepped aside, and how votes come out.

The seats are facts of the case, as the firm's setting had them when it was opened. Presence is each
one's own act, at a meeting. Who is recused from a matter, or from all, counts for nothing in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from routewarden.cases.case import Act, Case
from routewarden.policy.committee import Committee, Seat

ALL = "all"
"""What somebody is recused from who takes no part at all."""
YES, NO, ABSTAIN = "yes", "no", "abstain"
PASSED, FAILED, WITHDRAWN = "passed", "failed", "withdrawn"

_SEAT = "member "


def facts_of(committee: Committee) -> dict[str, str]:
    """Return what a case says of who sits."""
    seats = {
        f"{_SEAT}{number}": f"{seat} {name}"
        for number, (name, seat) in enumerate(sorted(committee.seats.items()), 1)
    }
    voted = {} if committee.majority is None else {"majority": str(committee.majority)}
    return {**seats, "quorum": str(committee.quorum), **voted}


def seats(case: Case) -> Mapping[str, Seat]:
    """Return who sits in a case, and as what."""
    parts = (said.partition(" ") for name, said in case.facts.items() if name.startswith(_SEAT))
    return {name: Seat(seat) for seat, _, name in parts}


def by_vote(case: Case) -> bool:
    """Return whether a committee decides by vote; else an officer and a reviewer sign."""
    return "majority" in case.facts


def quorum(case: Case) -> int:
    """Return how many it takes."""
    return int(case.facts["quorum"])


def voters(case: Case) -> frozenset[str]:
    """Return those who count: everybody but a secretary."""
    return frozenset(name for name, seat in seats(case).items() if seat is not Seat.SECRETARY)


def leads(case: Case, name: str) -> bool:
    """Return whether somebody leads: a chair, or the officer."""
    return seats(case).get(name) in {Seat.CHAIR, Seat.OFFICER}


def meeting(case: Case) -> str:
    """Return the meeting convened last; empty if none was."""
    return "".join(act.item for act in case.of("convene")[-1:])


def attending(case: Case, at: str) -> frozenset[str]:
    """Return who said that they are at a meeting."""
    return frozenset(act.by for act in case.of("attend") if act.item == at)


def recusals(case: Case, item: str) -> frozenset[str]:
    """Return who takes no part in a matter, or in any."""
    return frozenset(act.by for act in case.of("recuse") if act.item in {item, ALL})


def able(case: Case, item: str, at: str) -> frozenset[str]:
    """Return who counts in a matter at a meeting: there, with a seat that votes, not recused."""
    return attending(case, at) & voters(case) - recusals(case, item)


def short_of_quorum(case: Case, here: Iterable[str]) -> str:
    """Return why some persons are too few; empty if they are enough."""
    names, needed = sorted(here), quorum(case)
    if len(names) >= needed:
        return ""
    who = ", ".join(names) or "nobody"
    return f"it takes a quorum of {needed}, and there is {who}, not counting who is recused"


def motions(case: Case) -> Mapping[str, Act]:
    """Return the motions, by what they are called."""
    return case.latest("move")


def tallies(case: Case) -> Mapping[str, Act]:
    """Return how each motion ended that did."""
    return case.latest("tally")


def votes(case: Case, motion: str) -> Mapping[str, str]:
    """Return the votes on a motion that count, by who cast them."""
    out = recusals(case, motion)
    return {a.by: a.choice for a in case.of("vote") if a.item == motion and a.by not in out}


def outcome(case: Case, motion: str) -> str:
    """Return how a motion comes out by its votes; an abstention is neither for nor against."""
    cast = list(votes(case, motion).values())
    yes, no = cast.count(YES), cast.count(NO)
    return PASSED if yes > Fraction(case.facts["majority"]) * (yes + no) else FAILED
