"""What a provider of routing is asked before it is chosen, and again each year: versioned data.

A question says why it is asked, by its sources; a source says how firmly it is known, since a
citation that nobody read in its own text must not look like one that somebody did. The bytes of a
questionnaire are its identity: a case is about the one it was opened with.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from routewarden.base.canonical import Digest, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.policy.diligence_questions import QUESTIONNAIRE_TEXT

QUESTIONNAIRE = "questionnaire.toml"

_QUESTION_KEYS = {"id", "section", "text", "why", "sources", "required", "document"}
_SOURCE_KEYS = {"id", "cite", "dated", "firm"}


class Firmness(StrEnum):
    """How firmly what a source says is known."""

    READ = "read"
    PARTLY = "partly"
    SECONDARY = "secondary"
    RECALLED = "recalled"
    OWN = "own"


FIRM_WORDS: Mapping[Firmness, str] = {
    Firmness.READ: "read in its own text",
    Firmness.PARTLY: "read in part",
    Firmness.SECONDARY: "as others state it",
    Firmness.RECALLED: "from memory: check before quoting",
    Firmness.OWN: "the firm's own question",
}


class QuestionnaireError(RoutewardenError):
    """The firm's questionnaire cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/{QUESTIONNAIRE}: {entry}: {value}. It has version and title, a list "
            f"source with id, cite, dated and firm (one of {', '.join(Firmness)}), a list section "
            f"with id and title, and [[question]] with {', '.join(sorted(_QUESTION_KEYS))}."
        )


@dataclass(frozen=True, slots=True)
class Source:
    """What a question rests on: a citation, its date, and how firmly it is known."""

    id: str
    cite: str
    dated: str
    firm: Firmness

    def __str__(self) -> str:
        """Cite it in a line."""
        parts = (self.cite, self.dated, FIRM_WORDS[self.firm])
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `required` to be answered, and whether a `document` is to come with it."""

    id: str
    section: str
    text: str
    why: str
    sources: tuple[Source, ...]
    required: bool
    document: bool


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version of the questions, by section in order, and the text that states it."""

    version: str
    title: str
    sections: Mapping[str, str]
    questions: tuple[Question, ...]
    text: str

    @property
    def digest(self) -> Digest:
        """What it is known by: its bytes."""
        return sha256(self.text.encode())

    def of(self, section: str) -> tuple[Question, ...]:
        """Return the questions of a section."""
        return tuple(each for each in self.questions if each.section == section)

    def by_id(self) -> Mapping[str, Question]:
        """Return each question by its id."""
        return {each.id: each for each in self.questions}


def read_questionnaire(text: str) -> Questionnaire:
    """Return the questionnaire that a text states; where it is empty, the one that ships.

    Raises:
        QuestionnaireError: The text is none.
    """
    text = text or QUESTIONNAIRE_TEXT
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise QuestionnaireError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"version", "title", "source", "section", "question"}:
        raise QuestionnaireError(entry=min(extra), value="no such entry")
    sources = {each.id: each for each in map(_source, _rows(table, "source", _SOURCE_KEYS))}
    sections = {
        _text(row, "id"): _text(row, "title") for row in _rows(table, "section", {"id", "title"})
    }
    rows = _rows(table, "question", _QUESTION_KEYS)
    questions = tuple(_question(row, sources, sections) for row in rows)
    ids = [each.id for each in questions]
    if not ids or len(ids) > len(set(ids)):
        raise QuestionnaireError(entry="question", value="none, or two of one id")
    if idle := [name for name in sections if name not in {each.section for each in questions}]:
        raise QuestionnaireError(entry=idle[0], value="a section without a question")
    stated = (_text(table, "version"), _text(table, "title"))
    return Questionnaire(*stated, sections, questions, text)


def _rows(
    table: Mapping[str, object], name: str, keys: Collection[str]
) -> Iterator[Mapping[str, object]]:
    rows = table.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise QuestionnaireError(entry=name, value="missing, or no list of tables")
    for row in rows:
        if odd := set(row) ^ set(keys):
            where = f"{name} {row.get('id', '')}".strip()
            raise QuestionnaireError(entry=where, value=f"{min(odd)} is missing, or no entry")
        yield row


def _text(row: Mapping[str, object], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise QuestionnaireError(entry=key, value=value)
    return value


def _source(row: Mapping[str, object]) -> Source:
    firm, dated = row["firm"], row["dated"]
    if firm not in set(Firmness) or not isinstance(dated, str):
        raise QuestionnaireError(entry=f"source {row['id']}", value=f"{dated}, {firm}")
    return Source(_text(row, "id"), _text(row, "cite"), dated, Firmness(str(firm)))


def _question(
    row: Mapping[str, object], sources: Mapping[str, Source], sections: Mapping[str, str]
) -> Question:
    name, section, named = _text(row, "id"), _text(row, "section"), row["sources"]
    if " " in name or "@" in name:
        raise QuestionnaireError(entry=name, value="an id has no space and no @")
    if section not in sections:
        raise QuestionnaireError(entry=f"question {name}", value=f"no section {section}")
    if not isinstance(named, list) or not named or not set(named) <= set(sources):
        raise QuestionnaireError(entry=f"question {name}", value=f"no such sources: {named}")
    required, document = row["required"], row["document"]
    if not isinstance(required, bool) or not isinstance(document, bool):
        raise QuestionnaireError(entry=f"question {name}", value="say true or false")
    return Question(
        id=name,
        section=section,
        text=_text(row, "text"),
        why=_text(row, "why"),
        sources=tuple(sources[each] for each in named),
        required=required,
        document=document,
    )
