"""Due diligence on a provider: asked, answered, rated, approved or declined, presented and signed.

The case is about one version of a questionnaire. Whoever answers, rates or recommends does not
approve, and whoever prepared it does not sign. On a refresh the answers of the last signed case are
carried forward, and count once somebody says that they still hold; a document counts until its
date. What is expected and missing is let through by a condition about that question only.
"""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.cases.answers import ASK_BACK, REAFFIRM, standing
from routewarden.cases.case import Act, Case, Procedure, Step, Term
from routewarden.cases.roles import Role

KIND = "diligence"
REPORT = "diligence report"
"""The kind of the document that senior management is presented with, and signs."""
PURPOSES = ("selection", "annual refresh", "replacement")
RATINGS = ("low", "medium", "high")
APPROVE, WITH_CONDITIONS, DECLINE = RECOMMENDATIONS = (
    "approve", "approve with conditions", "decline",
)  # fmt: skip

ASKING, RECOMMENDED, APPROVED, DECLINED, PRESENTED, SIGNED = (
    "asking", "recommended", "approved", "declined", "presented", "signed",
)  # fmt: skip
_PREPARES = frozenset({Role.ANALYST, Role.COMPLIANCE})
_COMMITTEE = frozenset({Role.MEMBER, Role.CHAIR})
_ANSWERS = _PREPARES | {Role.VENDOR}
_DECIDED = frozenset({APPROVED, DECLINED})
_PREPARING = ("answer", REAFFIRM, "rate", "recommend", "condition")


def _asked(case: Case, act: Act) -> str:
    ids = case.facts["questions"].split()
    return "" if act.item in ids else f"{act.item} is no question; there are {', '.join(ids)}"


def _dated(_: Case, act: Act) -> str:
    if act.documents and act.due is None:
        return "say until when the documents are good (--due)"
    return _not_expired(act)


def _not_expired(act: Act) -> str:
    if act.documents and act.due is not None and act.due < act.day:
        return f"the documents were good until {act.due}"
    return ""


def _carried(case: Case, act: Act) -> str:
    known = standing(case)
    if act.item and (act.item not in known or known[act.item].origin == case.id):
        return f"{act.item} has no answer of before that stands"
    left = [each for each in known.values() if each.origin != case.id and not each.is_given]
    return "" if act.item or left else "no answer of before is left"


def _answered(case: Case, act: Act) -> str:
    """Say which questions still keep anybody from recommending or approving."""
    if act.choice == DECLINE:
        return ""
    known = standing(case)
    given = {name for name, each in known.items() if each.is_given}
    back = [name for name, each in known.items() if each.is_asked_back]
    missing = [name for name in case.facts["required"].split() if name not in given]
    late = [name for name in sorted(given) if known[name].expired_on(act.day)]
    for names, why in (
        (back, "asked back and not answered"),
        ([name for name in missing if name not in back], "not answered"),
        (late, "its document has expired"),
    ):
        if names:
            return f"{', '.join(names)}: {why}"
    return ""


def _rated(case: Case, act: Act) -> str:
    if act.choice == DECLINE:
        return ""
    steps = [each.step for each in case.acts]
    if "rate" not in steps:
        return "rate the risk first"
    last = len(steps) - steps[::-1].index("rate")
    since = [each for each in case.acts[last:] if each.step in {"answer", REAFFIRM, ASK_BACK}]
    return f"{since[0].item or 'answers'}: came after the rating; rate again" if since else ""


def _conditions(case: Case, _: Act) -> str:
    """Say what must be named before it is approved: conditions, and what they let through."""
    named = conditions(case)
    if case.of("recommend")[-1].choice == WITH_CONDITIONS and not named:
        return "conditions are recommended and none is named; `case condition` names one"
    bare = [name for name in undocumented(case) if name not in named]
    if bare:
        return f"{', '.join(bare)}: no document came, and no condition says when it will"
    return ""


def _about_known(case: Case, act: Act) -> str:
    return _asked(case, act) or (
        "its date is over" if act.due is not None and act.due < act.day else ""
    )


def _is_condition(case: Case, act: Act) -> str:
    left = [each.item for each in open_conditions(case)]
    if act.item in left:
        return ""
    return f"no condition about {act.item} is open" + (f"; {', '.join(left)} are" if left else "")


def _reported(case: Case, _: Act) -> str:
    """Say that the report is missing, or older than the decision."""
    decided = max(n for n, each in enumerate(case.acts) if each.step in {"approve", "decline"})
    kinds = {each.kind for act in case.acts[decided:] for each in act.documents}
    return "" if REPORT in kinds else f"no {REPORT} since the decision; `vendor report` makes one"


def _is_report(_: Case, act: Act) -> str:
    kinds = {each.kind for each in act.documents}
    return "" if kinds == {REPORT} else f"it takes a {REPORT}, as `vendor report` makes it"


def _to_them(case: Case, act: Act) -> str:
    to = case.of("present")[-1].to
    return "" if act.by == to else f"it was presented to {to}"


def undocumented(case: Case) -> tuple[str, ...]:
    """Return the required questions that a document is expected for and has none."""
    known, required = standing(case), case.facts["required"].split()
    return tuple(
        name
        for name in case.facts["documented"].split()
        if name in required and not (name in known and known[name].has_document)
    )


def decision(case: Case) -> Act | None:
    """Return the act that approved or declined it, if one has."""
    acts = case.of("approve", "decline")
    return acts[-1] if acts and case.state not in {ASKING, RECOMMENDED} else None


def conditions(case: Case) -> Mapping[str, Act]:
    """Return the conditions named since the last recommendation, the last about each question."""
    steps = [each.step for each in case.acts]
    last = len(steps) - steps[::-1].index("recommend") if "recommend" in steps else len(steps)
    return {each.item: each for each in case.acts[last:] if each.step == "condition"}


def open_conditions(case: Case) -> tuple[Act, ...]:
    """Return the conditions of an approval that nobody has said are met."""
    decided, met = decision(case), case.latest("meet")
    if decided is None or decided.step != "approve":
        return ()
    return tuple(act for name, act in conditions(case).items() if name not in met)


def _at(*states: str) -> frozenset[str]:
    return frozenset(states)


PROCEDURE = Procedure(
    kind=KIND,
    mark="DD",
    title="due diligence on a provider",
    begins=ASKING,
    ended=_at(SIGNED),
    unasked=True,
    opened_by=_PREPARES,
    shared=frozenset({"answer", REAFFIRM, ASK_BACK}),
    steps=(
        Step(
            "answer", _at(ASKING), _ANSWERS,
            "answer a question; its documents are good until a date (--due)",
            says=True, items=True, guards=(_asked, _dated),
        ),
        Step(
            REAFFIRM, _at(ASKING), _ANSWERS,
            "say that an answer of before still holds, or all that are left", guards=(_carried,),
        ),
        Step(
            ASK_BACK, _at(ASKING), _PREPARES, "ask back: the question waits for another answer",
            says=True, items=True, guards=(_asked,),
        ),
        Step(
            "rate", _at(ASKING), _PREPARES, "rate the risk, by what was answered",
            says=True, choices=RATINGS,
        ),
        Step(
            "recommend", _at(ASKING), _PREPARES, "recommend what the committee is to decide",
            to=RECOMMENDED, says=True, choices=RECOMMENDATIONS, guards=(_answered, _rated),
        ),
        Step(
            "condition", _at(RECOMMENDED), _PREPARES | _COMMITTEE,
            "name a condition about a question, whose it is, and by when",
            says=True, items=True, names=True, dated=True, guards=(_about_known,),
        ),
        *(
            Step("return", states, roles, "have it looked into again", to=ASKING, says=True)
            for states, roles in (
                (_at(RECOMMENDED), _PREPARES | _COMMITTEE),
                (_at(PRESENTED), frozenset({Role.SENIOR})),
            )
        ),
        Step(
            "approve", _at(RECOMMENDED), _COMMITTEE, "approve for the committee",
            to=APPROVED, says=True, bound=True, apart_from=_PREPARING,
            guards=(_answered, _rated, _conditions),
        ),
        Step(
            "decline", _at(RECOMMENDED), _COMMITTEE, "decline for the committee",
            to=DECLINED, says=True, bound=True, apart_from=_PREPARING,
        ),
        Step(
            "report", _DECIDED, _PREPARES, "keep the report that is to be presented",
            shows=True, guards=(_is_report,),
        ),
        Step(
            "present", _DECIDED, frozenset({Role.COMPLIANCE}),
            "present it to a user of senior management",
            to=PRESENTED, names=True, guards=(_reported,),
        ),
        Step(
            "sign", _at(PRESENTED), frozenset({Role.SENIOR}), "sign for senior management",
            to=SIGNED, needs=(REPORT,), bound=True,
            apart_from=(*_PREPARING, "present"), guards=(_to_them,),
        ),
        Step(
            "meet", _at(SIGNED), _PREPARES, "say that a condition is met, and what shows it",
            says=True, items=True, guards=(_is_condition,),
        ),
    ),
    terms={
        state: Term("diligence_days", from_opening=True)
        for state in (ASKING, RECOMMENDED, APPROVED, DECLINED, PRESENTED)
    },
)  # fmt: skip
