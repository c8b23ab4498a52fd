"""A quarterly review: the committee's, or an officer's and a second reviewer's, until two signed.

They meet with a quorum, say a word on every cell of the coverage map that has no number, answer
every difference that was drafted, decide on each that is material, and settle what was moved.
Minutes are of the case as it then is; nothing is decided after them unless it is reopened.
"""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.cases import coverage
from routewarden.cases.case import Act, Case, Guard, Procedure, Step
from routewarden.cases.roles import Role
from routewarden.cases.sitting import (
    ABSTAIN,
    ALL,
    FAILED,
    NO,
    PASSED,
    WITHDRAWN,
    YES,
    able,
    attending,
    by_vote,
    leads,
    meeting,
    motions,
    outcome,
    recusals,
    seats,
    short_of_quorum,
    tallies,
    voters,
    votes,
)

KIND = "review"
MAP, MINUTES = "coverage map", "minutes"
"""The kinds of its documents."""
MODIFY, JUSTIFY = "modify_routing", "justify_not_modifying"
APPLIES = ("applies", "does_not_apply")
_DRAFT = "draft "

PREPARING, SITTING, MINUTED, SIGNING, SIGNED, VOID = (
    "preparing", "sitting", "minuted", "signing", "signed", "void",
)  # fmt: skip


# -- What there is ---------------------------------------------------------------------------------


def drafts(case: Case) -> Mapping[str, str]:
    """Return the differences that the data propose, by what they are called."""
    return {
        name.removeprefix(_DRAFT): text
        for name, text in case.facts.items()
        if name.startswith(_DRAFT)
    }


def drafted(texts: list[str]) -> dict[str, str]:
    """Return what a case says of differences that the data propose."""
    width = len(str(len(texts)))  # that they sort as they count
    return {f"{_DRAFT}D{number:0{width}}": text for number, text in enumerate(texts, 1)}


def differences(case: Case) -> Mapping[str, Act]:
    """Return the differences held to be material, by what they are called."""
    answers = case.latest("difference", "immaterial")
    return {item: act for item, act in answers.items() if act.step == "difference"}


def decisions(case: Case) -> Mapping[str, Act]:
    """Return what was decided last on each difference that is material."""
    material = differences(case)
    return {item: act for item, act in case.latest("decide").items() if item in material}


def missing(case: Case) -> tuple[str, ...]:
    """Return what is still to do before minutes are taken, in the order it is done."""
    empty = coverage.empty(case)
    answered = case.latest("difference", "immaterial")
    waits = (
        ("a meeting is to be convened", not meeting(case)),
        ("whether order-by-order review applies is to be said", not case.of("order-by-order")),
        (f"{len(empty):,} cells have no number and no word on them, first {min(empty, default='')}",
         bool(empty)),
        *((f"draft {item} is to be answered: difference or immaterial", item not in answered)
          for item in drafts(case)),
        *((f"difference {item} is undecided", item not in case.latest("decide"))
          for item in differences(case)),
        *((f"motion {item} is not tallied", item not in tallies(case)) for item in motions(case)),
    )  # fmt: skip
    return tuple(why for why, is_so in waits if is_so)


# -- Who may, and when -----------------------------------------------------------------------------


def _sits(case: Case, act: Act) -> str:
    """Who takes part has a seat that counts, and in a committee the role."""
    if act.by not in voters(case):
        who = ", ".join(sorted(voters(case)))
        return f"{act.by} has no seat that votes; they are {who}"
    if by_vote(case) and not _COMMITTEE.intersection(act.roles):
        return f"{act.by} is neither member nor chair among the users"
    return ""


def _leads(case: Case, act: Act) -> str:
    if not leads(case, act.by):
        return f"{act.by} does not lead the review"
    if by_vote(case) and Role.CHAIR not in act.roles:
        return f"{act.by} is not chair among the users"
    return ""


def _takes_part(case: Case, act: Act) -> str:
    if act.by in recusals(case, act.item):
        return f"{act.by} is recused"
    if act.by not in attending(case, meeting(case)):
        return f"{act.by} does not attend {meeting(case)}"
    return ""


def _quorum_convenes(case: Case, act: Act) -> str:
    here = able(case, act.item, act.item)
    if act.by not in here:
        return f"{act.by} does not attend {act.item}, or is recused"
    return short_of_quorum(case, here)


def _quorum_there(case: Case, act: Act) -> str:
    return short_of_quorum(case, able(case, act.item, meeting(case)))


def _seated(case: Case, act: Act) -> str:
    if act.by not in seats(case):
        return f"{act.by} has no seat; they are {', '.join(sorted(seats(case)))}"
    again = act.by in attending(case, act.item)
    return f"{act.by} attends {act.item} already" if again else ""


def _known_matter(case: Case, act: Act) -> str:
    settled = {**tallies(case), **case.latest("decide")}
    if act.item in settled:
        return f"{act.item} is settled"
    known = {ALL, *drafts(case), *differences(case), *motions(case)}
    return "" if act.item in known else f"'{act.item}': one of {', '.join(sorted(known))}"


# -- What is decided -------------------------------------------------------------------------------


def _new_difference(case: Case, act: Act) -> str:
    if act.item in motions(case) or act.item == ALL:
        return f"{act.item} is something else; call it otherwise"
    return f"{act.item} was stated before" if act.item in differences(case) else ""


def _undecided(case: Case, act: Act) -> str:
    if act.item in case.latest("decide"):
        return f"{act.item} is decided"
    known = {**drafts(case), **differences(case)}
    return "" if act.item in known else f"{act.item}: no difference; {_all(known)}"


def _material(case: Case, act: Act) -> str:
    known = differences(case)
    if act.item not in known:
        return f"{act.item}: no material difference; {_all(known)}"
    late = act.due is not None and act.due < act.day
    return f"{act.due} is past" if late else ""


def _votes_here(case: Case, _: Act) -> str:
    return "" if by_vote(case) else "an officer and a reviewer decide by signing, not by vote"


def _new_motion(case: Case, act: Act) -> str:
    taken = {ALL, *drafts(case), *differences(case), *motions(case)}
    return f"{act.item} is taken; call it otherwise" if act.item in taken else ""


def _open_motion(case: Case, act: Act) -> str:
    if act.item not in motions(case):
        return f"{act.item}: no motion; {_all(motions(case))}"
    return f"{act.item} is tallied" if act.item in tallies(case) else ""


def _votes_once(case: Case, act: Act) -> str:
    cast = {each.by for each in case.of("vote") if each.item == act.item}
    return f"{act.by} has voted on {act.item}" if act.by in cast else ""


def _as_voted(case: Case, act: Act) -> str:
    """A motion ends as its votes say, cast by a quorum; one that cannot be settled is withdrawn."""
    if act.choice == WITHDRAWN:
        return "" if act.reason.strip() else "say why it is withdrawn (--reason)"
    if why := short_of_quorum(case, votes(case, act.item)):
        return f"of those who voted, {why}"
    told = outcome(case, act.item)
    return "" if act.choice == told else f"by its votes it {told}"


def _all(known: Mapping[str, object]) -> str:
    return f"there are {', '.join(sorted(known))}" if known else "there is none"


# -- What is signed --------------------------------------------------------------------------------


def _map_is_held(case: Case, _: Act) -> str:
    held = {(document.kind, document.digest) for document in case.documents}
    is_held = (MAP, case.facts["map"]) in held
    return "" if is_held else "the coverage map it was opened with is not held; attach it"


def _complete(case: Case, _: Act) -> str:
    waits = missing(case)
    return f"{len(waits)} things are missing: {waits[0]}" if waits else ""


def _with_minutes(_: Case, act: Act) -> str:
    held = [document.kind for document in act.documents]
    return "" if held == [MINUTES] else "attach one file, the minutes (--attach FILE --as minutes)"


def _minutes_stand(case: Case, _: Act) -> str:
    """Minutes are of all that was done: nothing but signatures comes after them."""
    after = [act.step for act in case.acts]
    while after and after[-1] == "sign":
        after.pop()
    return "" if after[-1:] == ["minute"] else "the minutes are not of the case as it is"


def _not_recused(case: Case, act: Act) -> str:
    return f"{act.by} is recused from all" if act.by in recusals(case, ALL) else ""


_COMMITTEE = frozenset({Role.MEMBER, Role.CHAIR})
_SIT = _COMMITTEE | {Role.COMPLIANCE, Role.SENIOR, Role.SUPERVISOR}
_HELP = _SIT | {Role.ANALYST}
_BEFORE = frozenset({PREPARING, SITTING})
_AT_WORK = frozenset({SITTING})
_ACTS: tuple[Guard, ...] = (_sits, _takes_part, _quorum_there)
_SIGNS: tuple[Guard, ...] = (_sits, _not_recused, _complete, _minutes_stand)

PROCEDURE = Procedure(
    kind=KIND,
    mark="RV",
    title="a quarterly review",
    begins=PREPARING,
    ended=frozenset({SIGNED, VOID}),
    opened_by=frozenset({Role.COMPLIANCE, Role.CHAIR, Role.ANALYST}),
    steps=(
        Step("attach", _BEFORE, _HELP, "add a document", shows=True),
        Step("note", _BEFORE, _HELP, "say what was found", says=True),
        Step(
            "attend", _BEFORE, _HELP, "say that one is at a meeting", items=True,
            guards=(_seated,),
        ),
        Step(
            "recuse", _BEFORE, _SIT, "take no part in a motion, a difference, or in all",
            items=True, says=True, guards=(_sits, _known_matter),
        ),
        Step(
            "convene", _BEFORE, _SIT, "begin a meeting that has its quorum", to=SITTING,
            items=True, guards=(_leads, _quorum_convenes, _map_is_held),
        ),
        Step(
            "order-by-order", _AT_WORK, _SIT, "say whether order-by-order review applies",
            says=True, choices=APPLIES, guards=_ACTS,
        ),
        Step(
            "consider", _AT_WORK, _SIT, "say a word on a cell of the coverage map, or on many",
            items=True, choices=(coverage.NUMBER, coverage.OPEN, coverage.NOT_APPLICABLE),
            guards=(*_ACTS, coverage.word_on),
        ),
        Step(
            "difference", _AT_WORK, _SIT, "hold that execution quality differs materially",
            items=True, says=True, guards=(*_ACTS, _new_difference),
        ),
        Step(
            "immaterial", _AT_WORK, _SIT, "hold that a difference is not material",
            items=True, says=True, guards=(*_ACTS, _undecided),
        ),
        Step(
            "decide", _AT_WORK, _SIT, "modify routing for a difference, or justify not to",
            items=True, says=True, names=True, dated=True, choices=(MODIFY, JUSTIFY),
            guards=(*_ACTS, _material),
        ),
        Step(
            "move", _AT_WORK, _SIT, "put a motion to the vote", items=True, says=True,
            guards=(_votes_here, *_ACTS, _new_motion),
        ),
        Step(
            "vote", _AT_WORK, _SIT, "vote on a motion", items=True, choices=(YES, NO, ABSTAIN),
            guards=(_votes_here, _sits, _takes_part, _open_motion, _votes_once),
        ),
        Step(
            "tally", _AT_WORK, _SIT, "record how a motion came out", items=True,
            choices=(PASSED, FAILED, WITHDRAWN),
            guards=(_votes_here, _leads, _open_motion, _as_voted),
        ),
        Step(
            "minute", _AT_WORK, _HELP, "keep the minutes of what was done", to=MINUTED,
            shows=True, bound=True, guards=(_complete, _with_minutes),
        ),
        Step(
            "sign", frozenset({MINUTED}), _SIT, "put one's name to it as it stands", to=SIGNING,
            bound=True, guards=(_leads, *_SIGNS),
        ),
        Step(
            "sign", frozenset({SIGNING}), _SIT, "put one's name to it as it stands", to=SIGNED,
            bound=True, apart_from=("sign",), guards=_SIGNS,
        ),
        Step(
            "reopen", frozenset({MINUTED, SIGNING}), _SIT, "take it up again", to=SITTING,
            says=True, guards=(_sits,),
        ),
        Step(
            "void", frozenset({PREPARING, SITTING, MINUTED, SIGNING}), _SIT,
            "end it unsigned, as when others are to sit", to=VOID, says=True,
        ),
    ),
)  # fmt: skip
