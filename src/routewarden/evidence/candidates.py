"""Candidates side by side: the same questions, what each answered, how each was rated and why."""

from __future__ import annotations

from collections.abc import Sequence

from routewarden.cases.answers import Change
from routewarden.cases.diligence import conditions, decision, undocumented
from routewarden.evidence.diligence import Diligence, last_of, outcome, rating
from routewarden.evidence.document import Document, Section
from routewarden.evidence.table import Cell, Heading, Table, Tone, text_cell
from routewarden.measures.shown import NO_VALUE


def comparison_of(found: Sequence[Diligence]) -> Document:
    """Return candidates' cases about one questionnaire as a document."""
    first = found[0]
    return Document(
        title="Candidates compared",
        subtitle=f"{first.asked.title}, version {first.asked.version}",
        firm=first.firm,
        period=f"{', '.join(each.case.id for each in found)}, {first.day}",
        prepared=first.prepared,
        sections=(_overview(found), *(_section(found, name) for name in first.asked.sections)),
        footer=first.footer,
    )


def overview(found: Sequence[Diligence]) -> Table:
    """Return what decides between candidates: a row for each thing, a column for each of them."""
    rows = (
        ("case", *(each.case.id for each in found)),
        ("state", *(each.case.state for each in found)),
        ("risk", *(rating(each.case) for each in found)),
        ("risk: reasons", *(_reason(each, "rate") for each in found)),
        ("recommended", *(_choice(each) for each in found)),
        ("recommended: reasons", *(_reason(each, "recommend") for each in found)),
        ("decided", *(outcome(each.case) for each in found)),
        ("decided: reasons", *(_decided(each) for each in found)),
        ("not answered", *(_open(each) for each in found)),
        ("documents missing", *(", ".join(undocumented(each.case)) for each in found)),
        ("conditions", *(_conditions(each) for each in found)),
    )
    return Table(
        name="overview",
        title="Overview",
        caption=f"Questionnaire {found[0].asked.version}, {found[0].asked.digest[:12]}.",
        headings=(Heading("what"), *(Heading(each.case.facts["provider"]) for each in found)),
        rows=tuple(tuple(text_cell(each) for each in row) for row in rows),
    )


def _overview(found: Sequence[Diligence]) -> Section:
    lead = "Each was asked the same questions, in the same words."
    return Section("overview", "Overview", lead, (overview(found),))


def _section(found: Sequence[Diligence], name: str) -> Section:
    title = found[0].asked.sections[name]
    table = Table(
        name=f"answers-{name}",
        title=title,
        caption="",
        headings=(
            Heading("no."),
            Heading("question"),
            *(Heading(each.case.facts["provider"]) for each in found),
        ),
        rows=tuple(
            (
                text_cell(question.id),
                text_cell(question.text),
                *(_answer(each, question.id) for each in found),
            )
            for question in found[0].asked.of(name)
        ),
    )
    return Section(name, title, "", (table,))


def _answer(found: Diligence, name: str) -> Cell:
    said = found.told[name]
    basis = ", ".join(f"{each.name} to {said.until}" for each in said.documents)
    tone = Tone.BAD if said.change is Change.OPEN else Tone.NEUTRAL
    text = said.text or ("asked back" if said.is_asked_back else "not answered")
    return Cell(text, text, basis=basis, tone=tone)


def _open(found: Diligence) -> str:
    return ", ".join(name for name, each in found.told.items() if each.change is Change.OPEN)


def _reason(found: Diligence, step: str) -> str:
    act = last_of(found.case, step)
    return NO_VALUE if act is None else act.reason


def _choice(found: Diligence) -> str:
    act = last_of(found.case, "recommend")
    return NO_VALUE if act is None else act.choice


def _decided(found: Diligence) -> str:
    act = decision(found.case)
    return NO_VALUE if act is None else act.reason


def _conditions(found: Diligence) -> str:
    return "; ".join(
        f"{name} by {act.due}: {act.reason}" for name, act in conditions(found.case).items()
    )
