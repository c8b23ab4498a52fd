"""Due diligence at work: cases opened, by people or because a year is over, and their reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from routewarden import __version__
from routewarden.base.canonical import Digest, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.base.period import Span
from routewarden.cases.answers import carried, standing, told
from routewarden.cases.case import Act, Case, Document, Opening, RefusedError, decide
from routewarden.cases.diligence import APPROVED, DECLINED, KIND, PURPOSES, REPORT, decision
from routewarden.cases.renewal import Standing, standings
from routewarden.cases.roles import Role
from routewarden.evidence.candidates import comparison_of
from routewarden.evidence.diligence import Diligence, report_of
from routewarden.policy.questionnaire import QUESTIONNAIRE, Questionnaire, read_questionnaire
from routewarden.rules.rule import Severity
from routewarden.runs.letter import make_letter
from routewarden.runs.liquidity import latest_quarter, liquidity_of
from routewarden.store.cases import Docket, act_of, begin_case, docket, keep, open_case, visible
from routewarden.store.home import Home
from routewarden.store.session import new_york_date

REFRESH = PURPOSES[1]


class ProviderNameError(RoutewardenError):
    """A provider is to be looked into that has no name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r}: no provider's name; give it on one line, as its users have it")


class OpenAlreadyError(RoutewardenError):
    """A provider is being looked into already."""

    def __init__(self, case: Case) -> None:
        super().__init__(
            f"{case.id} about {case.facts['provider']} is {case.state}. Finish it first: "
            f"`routewarden case show {case.id}`."
        )


class NotDiligenceError(RoutewardenError):
    """A case is no due diligence."""

    def __init__(self, case_id: str) -> None:
        super().__init__(f"{case_id}: no due diligence. `routewarden vendor list` shows those.")


class NotAlikeError(RoutewardenError):
    """Cases cannot be compared."""

    def __init__(self, ids: Sequence[str], why: str) -> None:
        super().__init__(f"{', '.join(ids)}: {why}.")


@dataclass(frozen=True, slots=True)
class Report:
    """A report as PDF; `act` keeps it with the case, None where it is a draft."""

    data: bytes
    act: Act | None


def open_diligence(home: Home, provider: str, purpose: str, comparison: str) -> Case:
    """Open a case about a provider as the user whose token is shown.

    Raises:
        ProviderNameError: The name is none.
        OpenAlreadyError: One is open.
        RefusedError: It is not theirs to open.
    """
    if not provider.strip() or provider != provider.strip() or not provider.isprintable():
        raise ProviderNameError(provider)
    known, actor, at = docket(home), home.actor, home.now()
    stands = _standings(home, known).get(provider)
    if stands is not None and stands.latest.is_open:
        raise OpenAlreadyError(stands.latest)
    facts = _facts(home, provider, purpose, stands)
    facts |= {"comparison": comparison} if comparison else {}
    whose = (actor.name, tuple(actor.roles), at, new_york_date(at))
    return open_case(home, KIND, _opening(facts, whose))


def open_refreshes(home: Home) -> list[Case]:
    """Open the annual refresh of each provider for which it is time; again is once."""
    at, found = home.now(), []
    for stands in _standings(home, docket(home)).values():
        if not stands.is_due(new_york_date(at)) or stands.decided is None:
            continue
        facts = _facts(home, stands.provider, REFRESH, stands)
        facts |= {"approved until": str(stands.until)}
        opening = _opening(facts, ("", (), at, new_york_date(at)))
        case = begin_case(home, KIND, opening, f"{stands.provider}:{stands.decided.id}")
        found += [] if case is None else [case]
    return found


def provider_standings(home: Home) -> list[Standing]:
    """Return how the providers stand that whoever asks may see."""
    known = docket(home)
    cases = visible(known.cases.values(), home)
    return list(standings(cases, home.policy().limits).values())


def _standings(home: Home, known: Docket) -> dict[str, Standing]:
    return dict(standings(known.cases.values(), home.policy().limits))


def _opening(facts: dict[str, str], whose: tuple[str, tuple[Role, ...], str, date]) -> Opening:
    title = f"{facts['purpose'].capitalize()}: {facts['provider']}"
    return Opening(facts["provider"], title, Severity.MEDIUM, *whose, facts)


def _facts(home: Home, provider: str, purpose: str, stands: Standing | None) -> dict[str, str]:
    """Return what a case begins with: the questions, and the answers of before that stand."""
    asked = read_questionnaire(home.setting(QUESTIONNAIRE))
    questions = asked.questions
    facts = {
        "provider": provider,
        "purpose": purpose,
        "questionnaire": home.blobs.put_bytes(asked.text.encode()),
        "version": asked.version,
        "questions": " ".join(each.id for each in questions),
        "required": " ".join(each.id for each in questions if each.required),
        "documented": " ".join(each.id for each in questions if each.document),
    }
    before = None if stands is None else stands.signed
    if before is not None:
        then = questionnaire_of(home, before).by_id()
        same = [
            each.id for each in questions if each.id in then and then[each.id].text == each.text
        ]
        held = {name: each for name, each in standing(before).items() if each.is_given}
        facts |= {"before": before.id, "carried": carried(same, held)}
    return facts


def questionnaire_of(home: Home, case: Case) -> Questionnaire:
    """Return the questionnaire that a case is about, as it was when the case was opened."""
    digest = Digest(case.facts["questionnaire"])
    return read_questionnaire(home.blobs.path(digest).read_bytes().decode())


def diligence_case(home: Home, case_id: str) -> Case:
    """Return a case about a provider that whoever asks may see.

    Raises:
        NoCaseError: There is none of that number.
        NotDiligenceError: It is about something else, or not theirs to see.
    """
    case = docket(home).case(case_id)
    if case.procedure.kind != KIND or not visible([case], home):
        raise NotDiligenceError(case_id)
    return case


def gathered(home: Home, case: Case, span: Span | None = None) -> Diligence:
    """Return a case with all that its report says.

    Liquidity is that of a span; without one of the newest measured quarter, if there is one.
    """
    asked, cases = questionnaire_of(home, case), docket(home).cases
    newest = latest_quarter(home)
    over = newest.span if span is None and newest is not None else span
    return Diligence(
        case=case,
        asked=asked,
        told={each.id: told(each.id, case, cases) for each in asked.questions},
        liquidity=None if over is None else liquidity_of(home, over),
        firm=home.policy().firm,
        prepared=f"log of {home.log.size:,} entries",
        footer=f"Routewarden {__version__}, {home.now()}. Built for the oversight of a third "
        "party's order routing; the obligation is the firm's.",
        day=home.today(),
    )


def make_report(home: Home, case: Case, span: Span | None) -> Report:
    """Return the report of a case; once it is decided, with the act that keeps it there.

    Raises:
        RefusedError: It is presented already, or not theirs to keep.
    """
    data = make_letter(report_of(gathered(home, case, span)), home.now())
    if decision(case) is None:
        return Report(data, None)
    if case.state not in {APPROVED, DECLINED}:
        why = f"it is {case.state}; `case document` writes the {REPORT} that was presented"
        raise RefusedError(case.id, "report", why)
    name = f"{case.id}-{home.today()}.pdf"
    act = act_of(home, "report", documents=(Document(REPORT, name, sha256(data)),))
    decide(case, act)
    keep(home, REPORT, name, data)
    return Report(data, act)


def compared(home: Home, cases: Sequence[Case]) -> tuple[Diligence, ...]:
    """Return candidates' cases, to be set side by side.

    Raises:
        NotAlikeError: They are fewer than two, or not about one questionnaire.
    """
    ids = [case.id for case in cases]
    if len(set(ids)) < 2:
        raise NotAlikeError(ids, "name two cases or more")
    if len({case.facts["questionnaire"] for case in cases}) > 1:
        raise NotAlikeError(ids, "they were asked by different questionnaires")
    return tuple(gathered(home, case) for case in cases)


def make_comparison(found: Sequence[Diligence], made: str) -> bytes:
    """Return candidates side by side as PDF."""
    return make_letter(comparison_of(found), made)
