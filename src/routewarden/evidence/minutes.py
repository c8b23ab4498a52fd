"""Minutes of a review, drafted from what was done: nothing is in them that is no act of the case.

They name who was there, who stepped aside, who said what, what was decided and why, each vote by
name, and what all of it rested on, by digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from routewarden.cases import coverage, review
from routewarden.cases.case import Act, Case
from routewarden.cases.sitting import (
    able,
    attending,
    by_vote,
    leads,
    motions,
    quorum,
    seats,
    tallies,
    voters,
    votes,
)
from routewarden.evidence.document import Block, Document, Form, Paragraph, Section
from routewarden.evidence.table import Cell, Heading, Table, text_cell
from routewarden.policy.best_execution import ASKED

_RULE = "Built for the review of FINRA Rule 5310.09; the obligation is the firm's."


def minutes(case: Case, firm: str, made: str) -> Document:
    """Return the minutes of a review as it stands, drafted at an instant in RFC 3339."""
    quarter = case.facts["quarter"]
    return Document(
        title=f"Minutes: review of {quarter}",
        subtitle="Execution quality of orders routed by a third party's smart order router",
        firm=firm,
        period=quarter,
        prepared=f"{case.id} as of {case.digest}",
        sections=(
            _attendance(case),
            _considered(case),
            _differences(case),
            *_motions(case),
            *_remarks(case),
            _evidence(case),
            _signatures(case),
        ),
        footer=f"Drafted {made[:19]} UTC from {len(case.acts)} acts of {case.id}, digest "
        f"{case.digest}. {_RULE}",
        status="For signature",
        brief=True,
    )


def _table(name: str, title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Block:
    """Return a table of texts; where it has no rows, a word that says so."""
    heads = tuple(Heading(each, below=each == _WHY) for each in headings)
    cells = tuple(tuple(Cell(text, text) for text in row) for row in rows)
    return Table(name, title, "", heads, cells) if cells else Paragraph(f"{title}: none.")


_WHY = "Reason"


def _said(acts: Iterable[Act]) -> str:
    return "; ".join(f"{act.reason} ({act.by})" for act in acts)


def _attendance(case: Case) -> Section:
    recused = case.of("recuse")
    rows = [
        (
            name,
            seat,
            ", ".join(act.item for act in case.of("attend") if act.by == name) or "absent",
            "; ".join(f"{act.item}: {act.reason}" for act in recused if act.by == name) or "none",
        )
        for name, seat in sorted(seats(case).items())
    ]
    table = _table("attendance", "Attendance", ("Name", "Seat", "Attended", "Recused from"), rows)
    met = tuple(Paragraph(_met(case, number)) for number in _convened(case))
    return Section("attendance", "Attendance and quorum", _way(case), (table, *met))


def _way(case: Case) -> str:
    if by_vote(case):
        return (
            f"The quorum is {quorum(case)} of {len(voters(case))} who vote; a motion passes with "
            f"more than {case.facts['majority']} of the votes for and against."
        )
    return "A designated officer reviews, and a second reviewer signs; both attend."


def _convened(case: Case) -> list[int]:
    return [number for number, act in enumerate(case.acts) if act.step == "convene"]


def _met(case: Case, number: int) -> str:
    act, then = case.acts[number], replace(case, acts=case.acts[:number])
    here = sorted(able(then, act.item, act.item))
    others = sorted(attending(then, act.item) - set(here))
    also = f"; also there: {', '.join(others)}" if others else ""
    return (
        f"Meeting {act.item}, convened by {act.by} on {act.day} with a quorum: "
        f"{', '.join(here)}{also}."
    )


def _considered(case: Case) -> Section:
    lacking = coverage.lacking(case)
    words = [act for act in case.of("consider") if act.choice != coverage.NUMBER]
    rows = [
        (
            _cells(act.item),
            act.choice.replace("_", " "),
            str(len(coverage.meant(case, act.item) & lacking)),
            act.by,
            act.reason,
        )
        for act in case.of("consider")
    ]
    headings = ("Cells", "Word", "Without a number", "By", _WHY)
    blocks: list[Block] = [_table("considered", "What was said of cells", headings, rows)]
    said = case.of("order-by-order")
    blocks.extend(
        Paragraph(f"Order-by-order review {act.choice.replace('_', ' ')}: {act.reason} ({act.by}).")
        for act in said[-1:]
    )
    left = len(coverage.empty(case))
    lead = (
        "Every factor by type of order and security is in the coverage map. "
        f"{len(lacking):,} cells have no number; {len(words):,} words were said on them"
        + (f", and {left:,} are left empty." if left else ", and none is left empty.")
    )
    return Section("considered", "What was considered", lead, tuple(blocks))


_TITLES = {each.factor.name.lower(): each.factor.capitalize() for each in ASKED}


def _cells(item: str) -> str:
    """Return in words which cells an item names."""
    if item == coverage.THIN:
        return "Every cell of thin securities"
    factor, kind, symbol = item.split("|", 2)
    of = "every security" if symbol == coverage.EVERY else symbol
    return f"{_TITLES[factor]}; {kind.replace('_', ' ')}; {of}"


def _differences(case: Case) -> Section:
    drafts, material, decided = (
        review.drafts(case),
        review.differences(case),
        review.decisions(case),
    )
    answers = case.latest("difference", "immaterial")
    named = list(dict.fromkeys([*drafts, *answers]))
    blocks: list[Block] = [
        _table(
            "differences",
            "Differences",
            ("Difference", "Drafted from the data", "Held", "By", _WHY),
            (
                (item, drafts.get(item, "no"), _held(answers.get(item)), _by(answers.get(item)),
                 _said(_about(case, item, "difference", "immaterial")))
                for item in named
            ),
        ),
        _table(
            "decisions",
            "Decisions",
            ("Difference", "Decision", "Owner", "By", "Decided by", _WHY),
            (
                (item, act.choice.replace("_", " "), act.to, str(act.due), act.by, act.reason)
                for item, act in decided.items()
            ),
        ),
    ]  # fmt: skip
    lead = f"Differences in execution quality held to be material: {len(material)}."
    return Section("differences", "Material differences", lead, tuple(blocks))


def _about(case: Case, item: str, *steps: str) -> tuple[Act, ...]:
    """Return the acts of some steps about an item, in order."""
    return tuple(act for act in case.of(*steps) if act.item == item)


def _held(act: Act | None) -> str:
    if act is None:
        return "not answered"
    return "material" if act.step == "difference" else "not material"


def _by(act: Act | None) -> str:
    return "" if act is None else act.by


def _motions(case: Case) -> tuple[Section, ...]:
    if not by_vote(case):
        return ()
    ended = tallies(case)
    rows = [
        (
            item,
            f"{act.reason} ({act.by})",
            "; ".join(f"{name}: {vote}" for name, vote in _votes_then(case, item)) or "none",
            ended[item].choice if item in ended else "not tallied",
            _said(act for act in _about(case, item, "tally") if act.reason),
        )
        for item, act in motions(case).items()
    ]
    headings = ("Motion", "Moved", "Votes", "Result", "Remark")
    table = _table("motions", "Motions", headings, rows)
    return (Section("motions", "Votes", "Each vote by name.", (table,)),)


def _votes_then(case: Case, motion: str) -> list[tuple[str, str]]:
    """Return the votes that counted when a motion was tallied."""
    ends = [n for n, act in enumerate(case.acts) if (act.step, act.item) == ("tally", motion)]
    then = replace(case, acts=case.acts[: ends[0]]) if ends else case
    return sorted(votes(then, motion).items())


def _remarks(case: Case) -> tuple[Section, ...]:
    told = case.of("note", "reopen")
    if not told:
        return ()
    rows = [(str(act.day), act.by, act.item, act.reason) for act in told]
    table = _table("remarks", "Remarks", ("Date", "By", "About", _WHY), rows)
    return (Section("remarks", "Remarks", "", (table,)),)


def _evidence(case: Case) -> Section:
    rows = [
        ("Package of the quarter (manifest)", case.facts["manifest"]),
        ("Setting of who reviews", case.facts["setting"]),
        *((f"{document.kind}: {document.name}", document.digest) for document in case.documents),
        (f"{case.id} as minuted", case.digest),
    ]
    table = Table(
        "evidence",
        "Evidence",
        "",
        (Heading("What"), Heading("SHA-256")),
        tuple((text_cell(what), text_cell(digest)) for what, digest in rows),
    )
    lead = "What was before those who reviewed, by the digest of its bytes."
    return Section("evidence", "Evidence", lead, (table,))


def _signatures(case: Case) -> Section:
    firsts = sorted(name for name in voters(case) if leads(case, name))
    first = f"{seats(case)[firsts[0]].capitalize()}: {' or '.join(firsts)}"
    second = "Member other than the first" if by_vote(case) else _reviewer(case)
    form = Form("Signed by", "Who", ("Name", "Signature", "Date"), (first, second))
    lead = "Signatures in the record are bound to the digest of these minutes and all before them."
    return Section("signatures", "Signatures", lead, (form,))


def _reviewer(case: Case) -> str:
    return "Reviewer: " + "".join(name for name in voters(case) if not leads(case, name))
