"""The supervisory framework on paper: the written procedures, the playbook, and how it measures up.

Each is a document value: the book is what the firm approved, with what each control's record shows;
the playbook is one page of what has to be done next; the assessment sets every duty beside the
controls that answer it, and says where none does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routewarden.evidence.document import (
    Block,
    Document,
    Form,
    Notice,
    NoticeKind,
    Paragraph,
    Section,
)
from routewarden.evidence.table import Cell, Heading, Table, Tone, text_cell
from routewarden.policy.controls import CONTROLS, DUTIES, Duty
from routewarden.policy.wsp import Book


@dataclass(frozen=True, slots=True)
class Standing:
    """How a control did over a period: counts, the last time it ran, what it missed, what is next.

    `missed` names the dates or quarters it did not run for, `next_due` a date in words; `proof` is
    what shows the last time it ran.
    """

    done: int = 0
    late: int = 0
    missed: tuple[str, ...] = ()
    waiting: int = 0
    last: str = ""
    proof: str = ""
    next_due: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether it ran each time it was due."""
        return not self.missed and not self.late

    @property
    def words(self) -> str:
        """Say it in a few words."""
        due = self.done + self.late + len(self.missed)
        if not due:
            return "not due yet" if self.waiting else "never due in this period"
        said = [f"ran {self.done + self.late:,} of {due:,} times due"]
        said += [f"{self.late:,} of them late"] if self.late else []
        said += [f"not for {_some(self.missed)}"] if self.missed else []
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the documents say beside their own matter: firm, period, and what it was made from."""

    firm: str
    period: str
    prepared: str


def _some(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def book_of(book: Book, standings: Mapping[str, Standing], frame: Frame, status: str) -> Document:
    """Return the written procedures; `status` says on whose word they are in force."""
    sections = tuple(
        Section(
            f"procedure-{number}",
            f"{number}. {each.title}",
            "",
            (
                *(Paragraph(text) for text in each.paragraphs),
                *_controls(number, each.controls, standings),
            ),
        )
        for number, each in enumerate(book.procedures, start=1)
    )
    names = ("Date", "Signature")
    form = Form("Approved", "Name and function", names, ("Chair of the committee", "Compliance"))
    signed = Section("signatures", "Approval", "", (form,))
    return Document(
        title=book.title,
        subtitle="What is done, by whom, how often, and what shows that it was",
        firm=frame.firm,
        period=frame.period,
        prepared=frame.prepared,
        sections=(*sections, signed),
        footer="A control ran if the log says so; what the text asks beyond is shown elsewhere.",
        status=status,
    )


def _controls(
    number: int, names: Sequence[str], standings: Mapping[str, Standing]
) -> tuple[Block, ...]:
    if not names:
        return (Notice(NoticeKind.INFO, "Names no control", "The log does not show its doing."),)
    return (control_table(f"controls-{number}", names, standings),)


_CONTROL_HEADINGS = (
    Heading("Control"),
    Heading("How often"),
    Heading("Record"),
    Heading("Last", dated=True),
    Heading("Shown by"),
)


def control_table(name: str, controls: Sequence[str], standings: Mapping[str, Standing]) -> Table:
    """Return the table of some controls and what their record shows."""
    rows = []
    for control in (CONTROLS[each] for each in controls):
        standing = standings[control.name]
        tone = Tone.GOOD if standing.is_kept else Tone.BAD
        rows.append(
            (
                text_cell(control.title),
                text_cell(control.cadence),
                Cell(standing.words, standing.words, tone=tone),
                Cell(standing.last, standing.last),
                text_cell(standing.proof),
            )
        )
    caption = "What the log shows of the period."
    return Table(name, "Controls", caption, _CONTROL_HEADINGS, tuple(rows))


def playbook(standings: Mapping[str, Standing], frame: Frame) -> Document:
    """Return the one page of what is done when: each step's state, last proof and next due."""
    headings = (
        Heading("Step"),
        Heading("How often"),
        Heading("What is done"),
        Heading("State"),
        Heading("Last", dated=True),
        Heading("Shown by"),
        Heading("Next due"),
    )
    rows = []
    for control in CONTROLS.values():
        standing = standings[control.name]
        tone = Tone.GOOD if standing.is_kept else Tone.BAD
        rows.append(
            (
                text_cell(control.title),
                text_cell(control.cadence),
                text_cell(control.means),
                Cell("kept" if standing.is_kept else "not kept", standing.words, tone=tone),
                Cell(standing.last, standing.last),
                text_cell(standing.proof),
                text_cell(standing.next_due or None),
            )
        )
    table = Table("steps", "Steps", "What the log shows of the period.", headings, tuple(rows))
    section = Section("playbook", "What is done, and what is next", "", (table,))
    return Document(
        title="Operational playbook",
        subtitle="Oversight of the order router",
        firm=frame.firm,
        period=frame.period,
        prepared=frame.prepared,
        sections=(section,),
        footer="",
        brief=True,
    )


@dataclass(frozen=True, slots=True)
class Assessed:
    """A duty, what the log shows of its controls, and what is missing; no gap is an empty one."""

    duty: Duty
    evidence: str
    gap: str


def assessed(book: Book, standings: Mapping[str, Standing]) -> tuple[Assessed, ...]:
    """Return how the framework measures up to each duty."""
    return tuple(_assessed(duty, book, standings) for duty in DUTIES)


def _assessed(duty: Duty, book: Book, standings: Mapping[str, Standing]) -> Assessed:
    gaps = [] if duty.controls else ["no control shows it"]
    for name in duty.controls:
        standing = standings[name]
        if name not in book.controls:
            gaps.append(f"the written procedures do not name {name}")
        if not standing.is_kept:
            gaps.append(f"{name} {standing.words}")
    evidence = "; ".join(f"{name}: {standings[name].words}" for name in duty.controls)
    return Assessed(duty, evidence, "; ".join(gaps))


def assessment(found: Sequence[Assessed], frame: Frame) -> Document:
    """Return the assessment as a document: duty, controls, evidence, gap."""
    headings = (
        Heading("Duty"),
        Heading("Source"),
        Heading("Controls"),
        Heading("What the log shows"),
        Heading("Gap"),
    )
    rows = tuple(
        (
            text_cell(each.duty.asks),
            text_cell(each.duty.source),
            text_cell(", ".join(each.duty.controls) or None),
            text_cell(each.evidence or None),
            Cell(each.gap or "none", each.gap, tone=Tone.BAD if each.gap else Tone.GOOD),
        )
        for each in found
    )
    gaps = sum(bool(each.gap) for each in found)
    kind = NoticeKind.WARNING if gaps else NoticeKind.GOOD
    notice = Notice(kind, f"{gaps} of {len(found)} duties have a gap")
    caption = "Duties in our words; the rules' own words govern."
    table = Table("duties", "Duties", caption, headings, rows)
    return Document(
        title="How the framework measures up",
        subtitle="Each duty, the controls that answer it, their record, and what is missing",
        firm=frame.firm,
        period=frame.period,
        prepared=frame.prepared,
        sections=(Section("duties", "Duties and controls", "", (notice, table)),),
        footer="",
        brief=True,
    )
