"""A document as a value: what it says, in order, whatever renders it.

The PDF, the workbook, the web page and the Parquet tables are four renderings of one document, so
a number is the same in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from routewarden.base.canonical import sha256
from routewarden.evidence.table import Cell, Heading, Table, Tone, text_cell

_UNSAFE = re.compile(r"[^A-Za-z0-9]+")


class NoticeKind(StrEnum):
    """How a notice is meant; each has a word and a sign of its own, never colour alone."""

    GOOD = "good"
    INFO = "info"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must not miss."""

    kind: NoticeKind
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A number to see first: what it is, its unit, over what; `exact` is the value behind it."""

    title: str
    value: str
    unit: str
    over: str
    exact: str = ""
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True, slots=True)
class Facts:
    """Some numbers to see first, as tiles."""

    name: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A Vega-Lite chart (see `chart`), what it says in words, and the numbers it was drawn from."""

    name: str
    title: str
    caption: str
    chart: Mapping[str, object]
    table: Table


@dataclass(frozen=True, slots=True)
class OrderStory:
    """One order: its headline, its facts, its tick chart (SVG) and every event behind the chart.

    `name` is the anchor cells link to: see `anchor`.
    """

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    chart: str
    events: Table


@dataclass(frozen=True, slots=True)
class Stories:
    """Orders told one by one; `name` names the table of all their events.

    Paper tells the first `on_paper` only, where there is such a number.
    """

    name: str
    stories: tuple[OrderStory, ...]
    on_paper: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """Lines to fill in by hand: what is printed on each, and the names of what is left blank."""

    title: str
    printed: str
    blanks: tuple[str, ...]
    lines: tuple[str, ...]


Block = Paragraph | Notice | Facts | Table | Figure | Stories | Form


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter; `name` is its anchor."""

    name: str
    title: str
    lead: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What is read, and what it goes by.

    `prepared` says what it was made from, such as the ledger's size, and stands on every page of
    paper; `status` says what it is as yet, such as a draft for the committee. A `brief` one, a
    letter or minutes, has a head in place of a cover and contents.
    """

    title: str
    subtitle: str
    firm: str
    period: str
    prepared: str
    sections: tuple[Section, ...]
    footer: str
    status: str = ""
    brief: bool = False


def anchor(order_id: str) -> str:
    """Return the anchor of an order's story: one for each id, whatever letters the id has."""
    plain = _UNSAFE.sub("-", order_id)
    return (
        f"order-{plain}" if plain == order_id else f"order-{plain}-{sha256(order_id.encode())[:8]}"
    )


def tables_of(document: Document) -> tuple[Table, ...]:
    """Return every table of a document, in its order: tiles and events of orders are tables too."""
    return tuple(
        table
        for section in document.sections
        for block in section.blocks
        for table in _tables(section, block)
    )


def figures_of(document: Document) -> tuple[Figure, ...]:
    """Return every figure of a document, in its order."""
    blocks = (block for section in document.sections for block in section.blocks)
    return tuple(block for block in blocks if isinstance(block, Figure))


def _tables(section: Section, block: Block) -> Iterator[Table]:
    match block:
        case Table():
            yield block
        case Figure():
            yield block.table
        case Facts():
            yield _facts_table(section, block)
        case Stories() if block.stories:
            yield _events_table(section, block)
        case _:
            return


def _facts_table(section: Section, block: Facts) -> Table:
    return Table(
        name=block.name,
        title=f"{section.title}: at a glance",
        caption="The numbers shown first.",
        headings=(
            Heading("What"),
            Heading("Value", numeric=True),
            Heading("Unit"),
            Heading("Over"),
        ),
        rows=tuple(
            (
                text_cell(fact.title),
                Cell(fact.value, fact.exact, tone=fact.tone),
                text_cell(fact.unit),
                text_cell(fact.over),
            )
            for fact in block.facts
        ),
    )


def _events_table(section: Section, block: Stories) -> Table:
    first = block.stories[0].events
    return replace(
        first,
        name=block.name,
        title=f"{section.title}: every event",
        headings=(Heading("Order"), *first.headings),
        rows=tuple(
            (text_cell(story.title), *row) for story in block.stories for row in story.events.rows
        ),
    )
