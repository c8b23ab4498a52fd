"""Written procedures, controls and duties, and the documents that say how they stand."""

from __future__ import annotations

import pytest

from routewarden.evidence.document import Notice, Paragraph, tables_of
from routewarden.evidence.framework import (
    Frame,
    Standing,
    assessed,
    assessment,
    book_of,
    playbook,
)
from routewarden.evidence.table import Tone
from routewarden.policy.controls import CONTROLS, DUTIES, Proof
from routewarden.policy.limits import BY_NAME
from routewarden.policy.wsp import ProcedureTextError, read_wsp
from routewarden.policy.wsp_text import TEMPLATE

FRAME = Frame("Example Securities LLC", "2026-07-01 to 2026-09-30", "Log of 12 entries")
KEPT = dict.fromkeys(CONTROLS, Standing(done=3, last="2026-07-08", proof="event 9"))
BOOK = read_wsp(
    "# Ours\n\n## Daily\n\nAll of it\nis measured. {control: measure-daily}\n\n## Paper"
)


def test_a_procedure_names_its_controls_and_keeps_its_text() -> None:
    daily, paper = BOOK.procedures
    assert (BOOK.title, daily.title, paper.title) == ("Ours", "Daily", "Paper")
    assert daily.paragraphs == ("All of it is measured.",)
    assert (daily.controls, paper.controls) == (("measure-daily",), ())
    assert BOOK.controls == {"measure-daily"}


def test_a_control_is_named_over_the_end_of_a_line() -> None:
    (one,) = read_wsp("## A\nx {control:\nqueue-daily} {control: queue-daily}").procedures
    assert one.controls == ("queue-daily",)


def test_no_text_is_no_procedures() -> None:
    assert read_wsp("").procedures == ()
    assert read_wsp("").title == "Written supervisory procedures"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("## A\n{control: dance}", "A: there is no control 'dance'"),
        ("## A\n## B\n## A", "A: there are two procedures of this title"),
    ],
)
def test_what_cannot_be_used_says_why(text: str, why: str) -> None:
    with pytest.raises(ProcedureTextError, match=why):
        read_wsp(text)


def test_the_template_can_be_used_and_names_every_control() -> None:
    book = read_wsp(TEMPLATE)
    assert book.controls == set(CONTROLS)
    assert len(book.procedures) == 10


def test_controls_and_duties_hold_together() -> None:
    for control in CONTROLS.values():
        assert not control.within or control.within in BY_NAME
        assert bool(control.within) == (control.proof not in {Proof.TIMELY, Proof.APPROVED})
    assert {name for duty in DUTIES for name in duty.controls} <= set(CONTROLS)
    assert all("read November 2026" in d.source or "recalled" in d.source for d in DUTIES)


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing(), "never due in this period"),
        (Standing(waiting=1), "not due yet"),
        (Standing(done=2), "ran 2 of 2 times due"),
        (Standing(done=2, late=1), "ran 3 of 3 times due; 1 of them late"),
        (
            Standing(done=2, missed=("2026-07-08",)),
            "ran 2 of 3 times due; not for 2026-07-08",
        ),
        (
            Standing(missed=tuple("abcdefgh")),
            "ran 0 of 8 times due; not for a, b, c, d, e, f and 2 more",
        ),
    ],
)
def test_a_record_is_said_in_a_few_words(standing: Standing, words: str) -> None:
    assert standing.words == words


def test_the_book_shows_the_record_of_each_control_and_says_where_none_is_named() -> None:
    document = book_of(BOOK, KEPT, FRAME, "approved by C. Co")
    daily, paper, signatures = document.sections
    assert daily.blocks[0] == Paragraph("All of it is measured.")
    assert [cell.text for cell in tables_of(document)[0].rows[0]] == [
        *("Executions measured", "each trading date", "ran 3 of 3 times due"),
        *("2026-07-08", "event 9"),
    ]
    assert isinstance(paper.blocks[0], Notice)
    assert (signatures.title, document.status) == ("Approval", "approved by C. Co")


def test_the_playbook_has_a_line_for_each_control() -> None:
    late = KEPT | {"queue-daily": Standing(missed=("2026-07-08",), next_due="2026-07-09")}
    (table,) = tables_of(playbook(late, FRAME))
    assert len(table.rows) == len(CONTROLS)
    state = {row[0].text: (row[3].text, row[3].tone) for row in table.rows}
    assert state["Exceptions put in the queue"] == ("not kept", Tone.BAD)
    assert state["Executions measured"] == ("kept", Tone.GOOD)


def test_a_duty_without_control_record_or_text_is_a_gap() -> None:
    standings = KEPT | {"review-quarterly": Standing(missed=("2026Q2",))}
    found = {each.duty.name: each for each in assessed(read_wsp(TEMPLATE), standings)}
    assert found["diligence"].gap == ""
    assert found["routing-disclosure"].gap == "no control shows it"
    gap = "review-quarterly ran 0 of 1 times due; not for 2026Q2"
    assert found["regular-and-rigorous"].gap == gap
    assert found["outsourcing"].gap == ""
    unnamed = {each.duty.name: each.gap for each in assessed(read_wsp(""), KEPT)}
    assert "the written procedures do not name measure-daily" in unnamed["diligence"]


def test_the_assessment_counts_its_gaps() -> None:
    found = assessed(read_wsp(TEMPLATE), KEPT)
    document = assessment(found, FRAME)
    notice, table = document.sections[0].blocks
    assert isinstance(notice, Notice)
    gaps = sum(bool(each.gap) for each in found)
    assert notice.title == f"{gaps} of {len(found)} duties have a gap"
    assert len(tables_of(document)[0].rows) == len(DUTIES)
    assert table == tables_of(document)[0]
    whole = assessment([each for each in found if not each.gap], FRAME)
    assert isinstance(first := whole.sections[0].blocks[0], Notice)
    assert first.kind == "good"
