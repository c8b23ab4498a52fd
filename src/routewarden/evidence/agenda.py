"""The agenda of a review, drawn from the data: what has to be answered, and what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from routewarden.cases import coverage, review
from routewarden.cases.case import Case
from routewarden.cases.sitting import by_vote, quorum, seats
from routewarden.evidence.document import Block, Document, Notice, NoticeKind, Paragraph, Section
from routewarden.evidence.table import Cell, Heading, Table, count_cell, text_cell
from routewarden.policy.best_execution import ASKED


@dataclass(frozen=True, slots=True)
class Matter:
    """An open case that the review should know of: due when, as a date or empty."""

    case: Case
    due: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the data say beside the case.

    `verdicts` are the few metrics read first with their verdicts, `areas` those of the framework
    that ask for action or could not be answered: title, status and why.
    """

    verdicts: Sequence[tuple[str, str]]
    areas: Sequence[tuple[str, str, str]]
    matters: Sequence[Matter]
    package: str


def agenda(case: Case, told: Told, firm: str, made: str) -> Document:
    """Return the agenda of a review, made at an instant in RFC 3339."""
    quarter = case.facts["quarter"]
    return Document(
        title=f"Agenda: review of {quarter}",
        subtitle="Drawn from the quarter's measured orders and the open cases",
        firm=firm,
        period=quarter,
        prepared=f"{case.id} as of {case.digest}",
        sections=(
            _sitting(case, told),
            _quality(told),
            _differences(case),
            _coverage(case),
            _provider(told),
            _others(told),
        ),
        footer=f"Made {made[:19]} UTC. {case.id}, digest {case.digest}. Built for the review of "
        "FINRA Rule 5310.09; the obligation is the firm's.",
        brief=True,
    )


def _table(name: str, title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Block:
    """Return a table, numbers under headings that begin with ">"; a word where it has no rows."""
    heads = tuple(Heading(each.lstrip(">"), numeric=each[0] == ">") for each in headings)
    cells = tuple(tuple(row) for row in rows)
    return Table(name, title, "", heads, cells) if cells else Paragraph(f"{title}: none.")


def _texts(*texts: str) -> tuple[Cell, ...]:
    return tuple(map(text_cell, texts))


def _sitting(case: Case, told: Told) -> Section:
    people = _table(
        "people", "Who sits", ("Name", "Seat"),
        (_texts(name, seat) for name, seat in sorted(seats(case).items())),
    )  # fmt: skip
    way = "decides by vote" if by_vote(case) else "an officer and a reviewer sign"
    blocks: list[Block] = [people, Paragraph(f"Package: manifest {case.facts['manifest']}.")]
    if told.package != case.facts["manifest"]:
        text = f"The newest has manifest {told.package}. Say whether it changes anything."
        blocks.append(Notice(NoticeKind.WARNING, "A later package was written", text))
    lead = f"Quorum {quorum(case)}; {way}."
    return Section("sitting", "1. Opening: attendance, recusal, quorum", lead, tuple(blocks))


def _quality(told: Told) -> Section:
    verdicts = _table("verdicts", "Read first", ("Metric", "Verdict"),
                      (_texts(*each) for each in told.verdicts))  # fmt: skip
    areas = _table("areas", "Areas that ask for an answer", ("Area", "Threshold", "Because"),
                   (_texts(*each) for each in told.areas))  # fmt: skip
    lead = "Whether order-by-order review applies is to be said, with a reason."
    return Section("quality", "2. Execution quality", lead, (verdicts, areas))


def _differences(case: Case) -> Section:
    drafts = review.drafts(case)
    table = _table("drafts", "Drafts", ("Difference", "What is worse"),
                   (_texts(*each) for each in drafts.items()))  # fmt: skip
    lead = (
        f"Drafted from verdicts: {len(drafts)}. Each is held to be material or not; each that is "
        "needs a decision, to modify routing or to justify not to, with owner and date."
    )
    return Section("differences", "3. Material differences", lead, (table,))


def _coverage(case: Case) -> Section:
    empty = coverage.empty(case)
    count = Counter("|".join(each.split("|")[:2]) for each in empty)
    titles = {each.factor.name.lower(): f"{each.factor.capitalize()}, {each.citation}"
              for each in ASKED}  # fmt: skip
    rows = []
    for group, number in sorted(count.items()):
        factor, _, kind = group.partition("|")
        words = kind.replace("_", " ")
        rows.append((text_cell(titles[factor]), text_cell(words),
                     text_cell(f"{group}|{coverage.EVERY}"), count_cell(number)))  # fmt: skip
    table = _table("empty", "Cells without a number or a word",
                   ("Factor", "Type", "Word on all of them", ">Cells"), rows)  # fmt: skip
    thin = len(coverage.meant(case, coverage.THIN) & coverage.lacking(case))
    lead = (
        f"{len(empty):,} cells need a word: why each is open, or why it does not apply. Thin "
        f"securities may be decided together ({coverage.THIN}): {thin:,} cells without a number. "
        "Each cell is listed in the coverage map."
    )
    return Section("coverage", "4. Coverage of the rule's factors", lead, (table,))


def _provider(told: Told) -> Section:
    held = [each for each in told.matters if each.case.facts.get("provider")]
    ordered = sorted(held, key=lambda m: (m.case.facts["provider"], m.case.procedure.kind))
    table = _table(
        "provider", "Open matters with providers",
        ("Provider", "Kind", "Case", "What", "State", "Due"),
        (_texts(each.case.facts["provider"], each.case.procedure.kind, each.case.id,
                each.case.title, each.case.state, each.due) for each in ordered),
    )  # fmt: skip
    lead = f"Open cases that name a provider: {len(held)}."
    return Section("provider", "5. The provider", lead, (table,))


def _others(told: Told) -> Section:
    rest = [each.case for each in told.matters if not each.case.facts.get("provider")]
    counts = Counter((case.procedure.kind, case.severity.value) for case in rest)
    rows = [(*_texts(kind, grave), count_cell(n)) for (kind, grave), n in sorted(counts.items())]
    table = _table("others", "Other open cases", ("Kind", "Severity", ">Open"), rows)
    lead = f"Open cases that name none: {len(rest)}."
    return Section("others", "6. Other matters", lead, (table,))
