"""A document as Typst source: calls of the paper's functions with plain strings.

Text reaches Typst only inside string literals, where nothing is markup; so there is one escape.
How it looks is the template's business (`runs/templates/paper.typ`); which tables need a sheet on
its side, and which letters the typeface lacks, is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from routewarden.evidence.document import (
    Block,
    Document,
    Facts,
    Figure,
    Form,
    Notice,
    OrderStory,
    Paragraph,
    Section,
    Stories,
)
from routewarden.evidence.table import Cell, Footnote, Heading, Table, Tone
from routewarden.evidence.tickchart import on_paper

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\n", "\t": " "}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONG = re.compile(r"\S{20,}")
_JOINT = re.compile(r"(?<=[_/.:-])")
_TOGETHER = re.compile(r" (?=%)|(?<=>) ")
_BREAK, _NO_BREAK = "\N{ZERO WIDTH SPACE}", "\N{NO-BREAK SPACE}"

_LETTER = 0.5  # of the type size: the width of a usual letter, with some room
_GAP, _DENSE_GAP = 11, 7  # points between columns
_SLASH = " / "  # where a column of numbers may break
_UPRIGHT, _ON_ITS_SIDE = 493, 740  # points from margin to margin
_HALF = 236  # of a sheet, for a narrow table set in two columns
_SIZES = (8.5, 8.0, 7.5)  # of a table's type upright, in points
_SMALLEST = 7.0  # on its side
_LONG_TABLE = 16  # rows
_LONGEST = 22  # letters a text column is given room for
_PHRASE = 32  # letters from which a text column shares what is left
_SENTENCE = 60  # letters from which it takes no more
_BAR = 80  # points of a column with bars


@dataclass(frozen=True, slots=True)
class _Call:
    """A call of the template, whether it needs a sheet on its side, or goes with the next."""

    text: str
    wide: bool = False
    leads: bool = False
    section: str = ""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as paper has room for it."""

    heading: Heading
    cells: tuple[Cell, ...]
    dense: bool

    @property
    def longest(self) -> int:
        """The letters of the broadest entry: a basis takes two lines, numbers break at slashes."""
        return max((max(self._letters(cell), len(cell.basis) // 2 + 2) for cell in self.cells),
                   default=0)  # fmt: skip

    def width(self, size: float) -> float:
        """The points it wants: a number whole, text up to where it wraps, a bar its own."""
        if self.has_bars:
            return _BAR
        titles = f"{self.heading.title} {self.heading.unit}".split()
        title = max(map(len, titles), default=1)
        longest = self.longest if self.heading.numeric else min(self.longest, _LONGEST)
        return max(title, longest) * size * _LETTER + (_DENSE_GAP if self.dense else _GAP)

    def track(self, size: float) -> str:
        """Its width on paper.

        Short entries take what they need, phrases and sentences share what is left. A basis wraps
        under its number, so its column is as broad as the number wants.
        """
        if self.has_bars:
            return f"{_BAR}pt"
        if self.longest > _PHRASE and not self.heading.numeric:
            return f"{min(self.longest, _SENTENCE)}fr"
        wraps = any(cell.basis or _SLASH in cell.text for cell in self.cells)
        if wraps or self.dense:
            return f"{self.width(size):.1f}pt"
        return "auto"

    @property
    def has_bars(self) -> bool:
        return any(cell.share is not None for cell in self.cells)

    def _letters(self, cell: Cell) -> int:
        parts = cell.text.split(_SLASH) if self.heading.numeric else [cell.text]
        return max(map(len, parts)) + (2 if cell.tone is not Tone.NEUTRAL else 0)


@dataclass(frozen=True, slots=True)
class _Paper:
    """What the calls refer to: charts by name, the orders told, and the notes, numbered so far."""

    charts: Mapping[str, str]
    anchors: frozenset[str]
    notes: dict[Footnote, int] = field(default_factory=dict)

    def number(self, table: Table, note: int | None) -> int | None:
        """Return a footnote's number among the notes of the whole paper, each of which has one."""
        if note is None:
            return None
        return self.notes.setdefault(table.notes[note - 1], len(self.notes) + 1)


def typst_source(document: Document, charts: Mapping[str, str], letters: frozenset[str]) -> str:
    """Return the body of the paper.

    `charts` holds the SVG of each figure by its name. Footnotes of all tables stand at the end,
    each once. A letter that is not in `letters` is written as its number, such as [U+65E5], since
    paper that is kept may not show a blank in its place.
    """
    anchors = {
        story.name
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Stories)
        for story in block.stories[: block.on_paper]
    }
    paper = _Paper(charts, frozenset(anchors))
    calls = [call for section in document.sections for call in _section(section, paper)]
    if paper.notes:
        notes = _array(_array((quoted(note.term), quoted(note.text))) for note in paper.notes)
        calls.append(_Call(f"#endnotes({notes})"))
    head = _named(
        title=document.title, subtitle=document.subtitle, firm=document.firm,
        period=document.period, prepared=document.prepared, status=document.status,
        closing=document.footer,
    )  # fmt: skip
    brief = ", brief: true" if document.brief else ""
    parts = [f'#import "/paper.typ": *\n#show: review.with({head}{brief})']
    for wide, run in groupby(calls, key=lambda call: call.wide and call.section):
        body = "\n".join(call.text for call in run)
        parts.append(body if wide is False else f"#sideways[\n{body}\n]")
    return _with_letters("\n".join(parts) + "\n", letters)


def quoted(text: str) -> str:
    """Return a Typst string literal that shows just this text."""
    plain = "".join(_ESCAPES.get(letter, letter) for letter in text)
    return f'"{_CONTROL.sub(lambda found: _number(found[0]), plain)}"'


def is_wide(table: Table) -> bool:
    """Return whether a table needs a sheet on its side."""
    sizes = (*_SIZES, _SMALLEST) if table.dense else _SIZES
    return all(_width(_columns(table), size) > _UPRIGHT for size in sizes)


def _with_letters(source: str, letters: frozenset[str]) -> str:
    """Write each letter the typeface lacks as its number; the source's own letters are ASCII."""
    lacking = {letter for letter in set(source) if not letter.isascii()} - letters
    lacking -= {_BREAK, _NO_BREAK}
    return source.translate({ord(letter): _number(letter) for letter in lacking})


def _number(letter: str) -> str:
    return f"[U+{ord(letter):04X}]"


def _section(section: Section, paper: _Paper) -> list[_Call]:
    """Return the calls of a section; what leads to a table goes onto the table's sheet.

    What lies on its side begins a sheet in every section. A table named as its section needs no
    heading of its own.
    """
    head = f"#section({_named(name=section.name, title=section.title, lead=section.lead)})"
    blocks = (
        replace(block, title="")
        if isinstance(block, Table) and block.title == section.title
        else block
        for block in section.blocks
    )
    body = [call for block in blocks for call in _block(block, paper)]
    calls: list[_Call] = []
    for call in reversed([_Call(head, leads=True), *body]):
        wide = call.wide or (call.leads and bool(calls) and calls[-1].wide)
        calls.append(replace(call, wide=wide, section=section.name))
    return calls[::-1]


def _block(block: Block, paper: _Paper) -> Iterator[_Call]:
    match block:
        case Paragraph():
            yield _Call(f"#paragraph({quoted(block.text)})", leads=True)
        case Notice():
            given = _named(kind=block.kind, title=block.title, body=block.text)
            yield _Call(f"#notice({given})", leads=True)
        case Facts():
            tiles = (
                _dictionary(title=fact.title, value=fact.value, unit=fact.unit, over=fact.over,
                            tone=fact.tone)
                for fact in block.facts
            )  # fmt: skip
            yield _Call(f"#tiles({_array(tiles)})")
        case Figure():
            given = _named(title=block.title, caption=block.caption, svg=paper.charts[block.name])
            yield _Call(f"#chart({given})")
            yield from _table(block.table, paper, level=3)
        case Table():
            yield from _table(block, paper)
        case Form():
            blanks, lines = (_array(map(quoted, part)) for part in (block.blanks, block.lines))
            given = _named(title=block.title, printed=block.printed)
            yield _Call(f"#form({given}, blanks: {blanks}, lines: {lines})")
        case _:
            told = block.stories[: block.on_paper]
            yield from (call for story in told for call in _story(story, paper))


def _story(story: OrderStory, paper: _Paper) -> Iterator[_Call]:
    facts = _array(_array((quoted(name), quoted(value))) for name, value in story.facts)
    given = _named(name=story.name, title=story.title, svg=on_paper(story.chart))
    events = _table(replace(story.events, title="", caption=""), paper)
    told = "\n".join(call.text for call in events)
    yield _Call(f"#story({given}, facts: {facts})[\n{told}\n]")


def _table(whole: Table, paper: _Paper, level: int = 2) -> Iterator[_Call]:
    """Return a call for each part of a table: one too broad for any sheet is told in parts."""
    if whole.paper_rows == 0:
        return
    table, below = _split(_numbered(_cut(whole), paper))
    wide = is_wide(table)
    for number, part in enumerate(_parts(table), 1):
        heads = _array(_heading(heading) for heading in part.headings)
        rows = _array(_array(_cell(cell, paper.anchors) for cell in row) for row in part.rows)
        under = _array(quoted(text) for text in below)
        columns = _columns(part)
        room = _ON_ITS_SIDE if wide else _UPRIGHT
        size = next((s for s in _SIZES if _width(columns, s) <= room), _SMALLEST)
        narrow = not below and _width(columns, size) <= _HALF
        twice = len(part.rows) > _LONG_TABLE and narrow
        title = part.title if number == 1 else f"{part.title} (continued)".lstrip()
        yield _Call(
            f"#data-table({_named(title=title, caption=part.caption)}, "
            f"{_named(twice=twice, dense=part.dense)}, "
            f"level: {level}, size: {size}pt, "
            f"columns: {_array(column.track(size) for column in columns)},\n  "
            f"heads: {heads},\n  rows: {rows},\n  below: {under})",
            wide,
        )


def _cut(table: Table) -> Table:
    """Return what paper has of a table, which says how much more there is."""
    more = len(table.rows) - (table.paper_rows or len(table.rows))
    if more <= 0:
        return table
    said = f"{more:,} more rows are in the workbook, the web page and the attached table."
    caption = f"{table.caption} {said}".lstrip()
    return replace(table, rows=table.rows[: table.paper_rows], caption=caption)


def _numbered(table: Table, paper: _Paper) -> Table:
    """Return a table whose footnotes count through the paper; and a dense one without its bases."""
    headings = tuple(
        replace(heading, note=paper.number(table, heading.note)) for heading in table.headings
    )
    rows = tuple(
        tuple(
            replace(
                cell, note=paper.number(table, cell.note), basis="" if table.dense else cell.basis
            )
            for cell in row
        )
        for row in table.rows
    )
    return replace(table, headings=headings, rows=rows)


def _split(table: Table) -> tuple[Table, list[str]]:
    """Return a table without the columns that are set below its rows, and those texts by row."""
    beside = [at for at, heading in enumerate(table.headings) if not heading.below]
    if len(beside) == len(table.headings):
        return table, []
    texts = [
        " ".join(row[at].text for at, heading in enumerate(table.headings) if heading.below)
        for row in table.rows
    ]
    headings = tuple(table.headings[at] for at in beside)
    rows = tuple(tuple(row[at] for at in beside) for row in table.rows)
    return replace(table, headings=headings, rows=rows), texts


def _parts(table: Table) -> Iterator[Table]:
    """Split the columns so that each part fits a sheet on its side; the first column is in each."""
    columns = _columns(table)
    chosen = [0]
    parts = [chosen]
    for at in range(1, len(columns)):
        tried = [*chosen, at]
        width = _width([columns[place] for place in tried], _SMALLEST)
        if len(chosen) > 1 and width > _ON_ITS_SIDE:
            chosen = [0]
            parts.append(chosen)
        chosen.append(at)
    if len(parts) == 1:
        yield table
        return
    for part in parts:
        yield replace(
            table,
            headings=tuple(table.headings[at] for at in part),
            rows=tuple(tuple(row[at] for at in part) for row in table.rows),
        )


def _columns(table: Table) -> list[_Column]:
    return [
        _Column(heading, tuple(row[at] for row in table.rows), table.dense)
        for at, heading in enumerate(table.headings)
    ]


def _width(columns: Sequence[_Column], size: float) -> float:
    """Return the points a table wants: numbers whole, text up to where it wraps."""
    return sum(column.width(size) for column in columns)


def _heading(heading: Heading) -> str:
    means = heading.means if len(heading.means) <= _LONGEST else ""
    return _dictionary(
        title=heading.title, unit=heading.unit, means=means,
        numeric=heading.numeric, note=heading.note or 0,
    )  # fmt: skip


def _cell(cell: Cell, anchors: frozenset[str]) -> str:
    """Return a cell: a string, or a dictionary where there is more to it than its text."""
    more: dict[str, str | float] = {}
    if cell.basis:
        more["basis"] = _TOGETHER.sub(_NO_BREAK, cell.basis)
    if cell.tone is not Tone.NEUTRAL:
        more["tone"] = cell.tone
    if cell.link in anchors:
        more["to"] = cell.link
    if cell.share is not None:
        more["share"] = min(max(cell.share, 0.0), 1.0)
    if cell.note is not None:
        more["note"] = cell.note
    text = _LONG.sub(lambda word: _breakable(word[0]), cell.text)
    return _dictionary(text=text, **more) if more else quoted(text)


def _breakable(word: str) -> str:
    """Let a word too long for a column break: after its signs, else anywhere even."""
    parts = _JOINT.split(word)
    return _BREAK.join(part[at : at + 14] for part in parts for at in range(0, len(part), 14))


def _named(**values: str | float) -> str:
    return ", ".join(f"{name}: {_value(value)}" for name, value in values.items())


def _dictionary(**values: str | float) -> str:
    return f"({_named(**values)})"


def _value(value: str | float) -> str:
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return f"{value:.4f}"


def _array(items: Iterator[str] | Sequence[str]) -> str:
    """Return an array; the comma makes one of a single item."""
    return f"({''.join(f'{item}, ' for item in items)})"
