"""The report of a due diligence: what was asked and answered, computed and decided, to be signed.

It says what the case says and no more; before the decision it is a draft for the committee.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from routewarden.benchmarks.liquidity import Liquidity
from routewarden.cases.answers import Change, Told
from routewarden.cases.case import Act, Case
from routewarden.cases.diligence import RATINGS, conditions, decision, undocumented
from routewarden.evidence.document import (
    Document,
    Fact,
    Facts,
    Form,
    Notice,
    NoticeKind,
    Paragraph,
    Section,
)
from routewarden.evidence.liquidity import liquidity_section
from routewarden.evidence.table import Cell, Heading, Table, Tone, text_cell
from routewarden.measures.shown import NO_VALUE
from routewarden.policy.questionnaire import Question, Questionnaire

DRAFT, FINAL = "Draft for the committee", "For presentation to senior management"
_DECIDED = {"approve": "approved", "decline": "declined"}


@dataclass(frozen=True, slots=True)
class Diligence:
    """A case with all that its report says: `day` is the date of the report."""

    case: Case
    asked: Questionnaire
    told: Mapping[str, Told]
    liquidity: Liquidity | None
    firm: str
    prepared: str
    footer: str
    day: date

    @property
    def before(self) -> str:
        """The case that answers were carried from; empty if none."""
        return self.case.facts.get("before", "")

    def counted(self, *changes: Change) -> int:
        """Return how many questions have one of some marks."""
        return sum(each.change in changes for each in self.told.values())


def report_of(found: Diligence) -> Document:
    """Return the report as a document."""
    case, decided = found.case, decision(found.case)
    return Document(
        title=f"Due diligence: {case.facts['provider']}",
        subtitle=f"{case.facts['purpose'].capitalize()} of a provider of order routing",
        firm=found.firm,
        period=f"{case.id}, {found.day}",
        prepared=found.prepared,
        sections=(
            _summary(found),
            _decision_section(found, decided),
            liquidity_section(found.liquidity),
            *(_answers(found, name) for name in found.asked.sections),
            _documents(found),
            _why(found.asked),
            _signatures(found, decided),
        ),
        footer=found.footer,
        status=DRAFT if decided is None else FINAL,
    )


def last_of(case: Case, *steps: str) -> Act | None:
    """Return the last act of some steps; None if there is none."""
    acts = case.of(*steps)
    return acts[-1] if acts else None


def rating(case: Case) -> str:
    """Return how the risk is rated; a dash where it is not."""
    act = last_of(case, "rate")
    return NO_VALUE if act is None else act.choice


def outcome(case: Case) -> str:
    """Return what the committee decided, in a word."""
    act = decision(case)
    return "not decided" if act is None else _DECIDED[act.step]


def _summary(found: Diligence) -> Section:
    case, number = found.case, len(found.asked.questions)
    done = number - found.counted(Change.OPEN)
    risk = rating(case)
    facts = [
        Fact("Risk", risk, "", f"one of {', '.join(RATINGS)}", risk, _risk_tone(risk)),
        Fact("Decision", outcome(case), "", "by the committee", outcome(case)),
        Fact("Answered", f"{done}", "questions", f"of {number}", str(done)),
    ]
    if found.before:
        new = found.counted(Change.CHANGED, Change.NEW)
        facts.append(Fact("Changed", f"{new}", "answers", f"since {found.before}", str(new)))
    table = Table(
        name="matter",
        title="The matter",
        caption="",
        headings=(Heading("what"), Heading("is")),
        rows=tuple((text_cell(name), text_cell(value)) for name, value in _matter(found)),
    )
    lead = "What was asked, what was found, and what follows from it."
    return Section("summary", "Summary", lead, (Facts("at-a-glance", tuple(facts)), table))


def _risk_tone(risk: str) -> Tone:
    return Tone.BAD if risk == RATINGS[-1] else Tone.NEUTRAL


def _matter(found: Diligence) -> Iterator[tuple[str, str]]:
    case, facts = found.case, found.case.facts
    by = f" by {case.opened_by}" if case.opened_by else ", when it came due"
    yield "Provider", facts["provider"]
    yield "Purpose", facts["purpose"]
    yield "Case", f"{case.id}, opened {case.opened}{by}; now {case.state}"
    yield "Questionnaire", f"{found.asked.title}, version {found.asked.version}"
    yield "Its digest", found.asked.digest
    if facts.get("comparison"):
        yield "Compared with others as", facts["comparison"]
    if found.before:
        yield "Carried forward from", found.before


def _decision_section(found: Diligence, decided: Act | None) -> Section:
    case = found.case
    rows = [
        _act(label, act)
        for label, act in (
            ("Risk rated", last_of(case, "rate")),
            ("Recommended", last_of(case, "recommend")),
            ("Decided", decided),
        )
        if act is not None
    ]
    acts = Table(
        name="decision-acts",
        title="Rating, recommendation and decision",
        caption="Each as entered in the log, in its author's words.",
        headings=(
            Heading("step"), Heading("which"), Heading("by"), Heading("as"), Heading("at"),
            Heading("reasons", below=True),
        ),
        rows=tuple(rows),
    )  # fmt: skip
    blocks: list[Notice | Table | Paragraph] = []
    if decided is None:
        blocks.append(Notice(NoticeKind.INFO, "Not decided", "The committee has yet to decide."))
    lead = "Who rated, recommended and decided, when and why."
    return Section("decision", "Decision", lead, (*blocks, acts, *_conditions(found)))


def _act(label: str, act: Act) -> tuple[Cell, ...]:
    which = act.choice or _DECIDED[act.step]
    roles = ", ".join(act.roles)
    at = f"{act.at[:10]} {act.at[11:16]} UTC"
    said = (label, which, act.by, roles)
    return (*map(text_cell, said), Cell(at, act.at), text_cell(act.reason))


def _conditions(found: Diligence) -> Iterator[Table | Paragraph]:
    case = found.case
    named, met = conditions(case), case.latest("meet")
    bare = [name for name in undocumented(case) if name not in named]
    if bare:
        yield Paragraph(f"A document is expected, and none came, with {', '.join(bare)}.")
    if not named:
        yield Paragraph("No condition is named.")
        return
    yield Table(
        name="conditions",
        title="Conditions",
        caption="",
        headings=(
            Heading("about"), Heading("owner"), Heading("by", dated=True), Heading("state"),
            Heading("condition", below=True),
        ),
        rows=tuple(
            (
                text_cell(name),
                text_cell(act.to),
                text_cell(str(act.due)),
                text_cell(f"met {met[name].day}" if name in met else "open"),
                text_cell(act.reason),
            )
            for name, act in named.items()
        ),
    )  # fmt: skip


def _answers(found: Diligence, name: str) -> Section:
    title = found.asked.sections[name]
    since = (Heading("since last"),) if found.before else ()
    table = Table(
        name=f"answers-{name}",
        title=title,
        caption="",
        headings=(Heading("no."), Heading("question"), Heading("answer"), Heading("by"), *since),
        rows=tuple(_answer(found, question) for question in found.asked.of(name)),
    )
    return Section(name, title, "", (table,))


def _answer(found: Diligence, question: Question) -> tuple[Cell, ...]:
    said = found.told[question.id]
    is_open = said.change is Change.OPEN
    open_tone = Tone.BAD if is_open and question.required else Tone.NEUTRAL
    mark = "asked back" if said.is_asked_back else str(said.change)
    mark_tone = Tone.NEUTRAL if mark == Change.SAME else Tone.BAD
    needed = "" if question.required else " (optional)"
    text = said.text or ("asked back" if said.is_asked_back else "not answered")
    since = (Cell(mark, mark, tone=mark_tone),) if found.before else ()
    return (
        text_cell(question.id),
        text_cell(question.text + needed),
        Cell(text, said.text, tone=open_tone),
        Cell(said.by, said.by, basis="" if said.day is None else str(said.day)),
        *since,
    )


def _documents(found: Diligence) -> Section:
    rows = [row for question in found.asked.questions for row in _papers(found, question)]
    table = Table(
        name="documents",
        title="Documents",
        caption="Each is kept under its SHA-256 digest, of which the first digits stand here.",
        headings=(
            Heading("question"), Heading("what"), Heading("file"), Heading("digest"),
            Heading("good until", dated=True), Heading("state"),
        ),
        rows=tuple(rows),
    )  # fmt: skip
    lead = "What came with the answers, until when it is good, and what is missing."
    return Section("documents", "Documents", lead, (table,))


def _papers(found: Diligence, question: Question) -> Iterator[tuple[Cell, ...]]:
    said = found.told[question.id]
    if question.document and not said.documents:
        missing = Cell("missing", "missing", tone=Tone.BAD)
        yield (text_cell(question.id), *map(text_cell, ("", "", "", "")), missing)
    expired = said.until is not None and said.until < found.day
    state, tone = ("expired", Tone.BAD) if expired else ("good", Tone.NEUTRAL)
    for each in said.documents:
        yield (
            *map(text_cell, (question.id, each.kind, each.name)),
            Cell(each.digest[:12], each.digest, each.digest),
            text_cell(str(said.until)),
            Cell(state, state, tone=tone),
        )


def _why(asked: Questionnaire) -> Section:
    table = Table(
        name="why",
        title="Why each question is asked",
        caption="A citation says how firmly it is known; the rules' own words govern.",
        headings=(Heading("no."), Heading("why"), Heading("sources")),
        rows=tuple(
            (
                text_cell(each.id),
                text_cell(each.why),
                text_cell("; ".join(map(str, each.sources))),
            )
            for each in asked.questions
        ),
    )
    return Section("why", "Why each question is asked", "", (table,))


def _signatures(found: Diligence, decided: Act | None) -> Section:
    committee = "For the committee" if decided is None else f"For the committee: {decided.by}"
    recommended = last_of(found.case, "recommend")
    prepared = "Prepared by" if recommended is None else f"Prepared by: {recommended.by}"
    form = Form(
        "Presented and signed",
        "As",
        ("Name", "Signature", "Date"),
        (prepared, committee, "Compliance, who presents it", "Senior management"),
    )
    text = Paragraph(
        "What is decided is the firm's decision, and its duty stays its own whoever routes its "
        "orders. The same is signed in the case, bound to its digest."
    )
    return Section("signatures", "Signatures", "", (text, form))
