"""Minutes and agenda say what is in the case, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from routewarden.base.canonical import Digest
from routewarden.cases.case import Case, Document
from routewarden.evidence.agenda import Matter, Told, agenda
from routewarden.evidence.document import Document as Paper
from routewarden.evidence.document import Form, Notice, Paragraph, tables_of
from routewarden.evidence.minutes import minutes
from tests.reviewed import FUNCTION, complete, done, minuted, new, sitting

NOW = "2026-01-20T16:00:00Z"


def rows(paper: Paper) -> Mapping[str, list[tuple[str, ...]]]:
    return {t.name: [tuple(c.text for c in row) for row in t.rows] for t in tables_of(paper)}


def said(paper: Paper) -> str:
    blocks = [block for section in paper.sections for block in section.blocks]
    return " ".join(block.text for block in blocks if isinstance(block, Paragraph))


def told(case: Case) -> Mapping[str, list[tuple[str, ...]]]:
    return rows(minutes(case, "Kestrel LLC", NOW))


def test_they_name_who_was_there_and_who_stepped_aside() -> None:
    case = done(complete(), "Cy", "recuse", item="all", reason="a brother works there")
    paper = minutes(case, "Kestrel LLC", NOW)

    assert rows(paper)["attendance"] == [
        ("Ann", "chair", "january", "none"),
        ("Bob", "member", "january", "none"),
        ("Cy", "member", "january", "all: a brother works there"),
        ("Di", "secretary", "january", "none"),
    ]
    assert "convened by Ann on 2026-01-20 with a quorum: Ann, Bob, Cy; also there: Di." in said(
        paper
    )


def test_they_say_what_was_decided_by_whom_and_why() -> None:
    found = told(complete())

    assert found["considered"][2] == (
        "Every cell of thin securities", "open", "2", "Bob", "no number",
    )  # fmt: skip
    assert found["considered"][0][0] == "Customer needs and expectations; market; every security"
    assert found["differences"] == [("D1", "slower", "material", "Bob", "twice as slow (Bob)")]
    assert found["decisions"] == [
        ("D1", "justify not modifying", "Bob", "2026-03-01", "Ann", "the provider mends it")
    ]
    assert found["motions"] == [
        ("M1", "that it be adopted (Ann)", "Ann: yes; Bob: abstain; Cy: no", "failed", "")
    ]


def test_votes_are_told_as_they_counted_when_tallied() -> None:
    later = done(complete(), "Bob", "recuse", item="all", reason="shares")

    assert told(later)["motions"][0][2] == "Ann: yes; Bob: abstain; Cy: no"


def test_a_draft_of_minutes_says_what_is_open() -> None:
    case = done(sitting(), "Ann", "move", item="M1", reason="x")
    case = done(case, "Bob", "note", reason="asked for it in writing")
    case = done(case, "Bob", "consider", item="costs|market|ABC", choice="number")
    paper = minutes(case, "Kestrel LLC", NOW)

    assert "and 4 are left empty." in paper.sections[1].lead
    assert rows(paper)["differences"] == [("D1", "slower", "not answered", "", "")]
    assert rows(paper)["motions"][0][2:] == ("none", "not tallied", "")
    assert rows(paper)["remarks"][0][3] == "asked for it in writing"
    assert "Decisions: none." in said(paper)


def test_evidence_is_named_by_digest() -> None:
    case = complete()

    assert [row[1] for row in told(case)["evidence"]] == [
        "bb" * 32, "cc" * 32, "aa" * 32, case.digest,
    ]  # fmt: skip


def test_an_officer_and_a_reviewer_have_no_votes_to_tell() -> None:
    case = sitting(new(FUNCTION), "Ann", "Di")
    case = done(case, "Di", "immaterial", item="D1", reason="small")
    paper = minutes(case, "Kestrel LLC", NOW)
    (form,) = [b for section in paper.sections for b in section.blocks if isinstance(b, Form)]

    assert "motions" not in rows(paper)
    assert form.lines == ("Officer: Ann", "Reviewer: Di")
    assert rows(paper)["differences"][0][2] == "not material"
    assert "a second reviewer signs" in paper.sections[0].lead


# -- The agenda ------------------------------------------------------------------------------------

QUIET = Told([("Fill rate", "in line")], [], [], "bb" * 32)


def test_the_agenda_lists_drafts_and_cells_by_group() -> None:
    found = rows(agenda(new(), QUIET, "Kestrel LLC", NOW))

    assert found["drafts"] == [("D1", "slower")]
    assert found["empty"][0] == (
        "Customer needs and expectations, FINRA Rule 5310.09(b)(7)", "market", "needs|market|*",
        "2",
    )  # fmt: skip


def test_the_agenda_says_when_there_is_nothing_to_say() -> None:
    paper = agenda(new(FUNCTION, ()), QUIET, "Kestrel LLC", NOW)

    assert "Drafts: none." in said(paper)
    assert "Other open cases: none." in said(paper)
    assert "an officer and a reviewer sign" in paper.sections[0].lead


def test_the_agenda_has_open_matters_by_provider_and_the_rest_by_kind() -> None:
    theirs = replace(new(), id="RV-2", facts={**new().facts, "provider": "Router Inc"})
    matters = [Matter(theirs, "2026-02-01"), Matter(new(), "")]
    found = rows(agenda(new(), replace(QUIET, matters=matters), "Kestrel LLC", NOW))

    assert found["provider"] == [
        ("Router Inc", "review", "RV-2", "Quarterly review 2025Q4", "preparing", "2026-02-01")
    ]
    assert found["others"] == [("review", "medium", "1")]


def test_the_agenda_warns_of_a_later_package() -> None:
    paper = agenda(new(), replace(QUIET, package="ff" * 32), "Kestrel LLC", NOW)
    notices = [b for section in paper.sections for b in section.blocks if isinstance(b, Notice)]

    assert [notice.title for notice in notices] == ["A later package was written"]


def test_minutes_once_kept_are_among_the_evidence_of_the_next() -> None:
    case = done(minuted(complete()), "Bob", "reopen", reason="a date was wrong")

    assert ("minutes: minutes.pdf", "dd" * 32) in told(case)["evidence"]
    assert Document("minutes", "minutes.pdf", Digest("dd" * 32)) in case.documents
