"""What a provider is asked: the questions that ship, and what a firm's own must be like."""

from __future__ import annotations

import pytest

from routewarden.policy.questionnaire import Firmness, QuestionnaireError, read_questionnaire

SHIPPED = read_questionnaire("")
OWN = """\
version = "1"
title = "Ours"
source = [{id = "own", cite = "ours", dated = "", firm = "own"}]
section = [{id = "s", title = "S"}]
[[question]]
id = "Q"
section = "s"
text = "What?"
why = "Because."
sources = ["own"]
required = true
document = false
"""


def test_the_questions_that_ship_cover_every_section() -> None:
    assert {name: len(SHIPPED.of(name)) for name in SHIPPED.sections} == {
        "venues": 4, "logic": 8, "conflicts": 4, "security": 5, "fourth": 2, "history": 2,
        "leakage": 5,
    }  # fmt: skip
    assert len(SHIPPED.by_id()) == 30


def test_a_source_says_how_firmly_it_is_known() -> None:
    said = {source.id: str(source) for each in SHIPPED.questions for source in each.sources}

    assert said["5310a"] == "FINRA Rule 5310(a)(1), 2026-11, read in its own text"
    assert said["3110"] == "FINRA Rule 3110, from memory: check before quoting"
    assert {s.firm for q in SHIPPED.questions for s in q.sources} == set(Firmness)


def test_a_firm_has_its_own_questions_by_their_bytes() -> None:
    own = read_questionnaire(OWN)

    assert (own.version, [each.id for each in own.questions]) == ("1", ["Q"])
    assert own.digest != SHIPPED.digest != read_questionnaire(OWN + "\n").digest


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('version = "1"', "version = [", "the file"),
        ('version = "1"', 'version = ""', "version"),
        ('version = "1"', 'version = "1"\nother = 1', "no such entry"),
        ("source = [{", "source = 1\nnone = [{", "no such entry"),
        ('section = [{id = "s", title = "S"}]', "section = 1", "no list of tables"),
        ('title = "S"}', 'title = "S", more = 1}', "section s: more"),
        ('firm = "own"', 'firm = "sure"', "source own"),
        ('id = "Q"', 'id = "Q 1"', "no space"),
        ('section = "s"', 'section = "t"', "no section t"),
        ('title = "S"}]', 'title = "S"}, {id = "t", title = "T"}]', "without a question"),
        ('sources = ["own"]', 'sources = ["other"]', "no such sources"),
        ("required = true", "required = 1", "say true or false"),
        ("document = false", "", "document is missing"),
        ("document = false", "document = false\n" + OWN[OWN.index("[[") :], "two of one id"),
    ],
)
def test_a_questionnaire_that_cannot_be_used_says_why(before: str, after: str, why: str) -> None:
    with pytest.raises(QuestionnaireError, match=why):
        read_questionnaire(OWN.replace(before, after, 1))
