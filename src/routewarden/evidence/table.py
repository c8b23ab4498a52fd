"""Tables and charts as values: what screen and paper show, before either has a look.

A cell carries the text people read and the exact value it stands for, so that sorting and exporting
never go by what was rounded for the eye.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from routewarden.measures.measure import Better, Measure
from routewarden.measures.population import Population
from routewarden.measures.scorecard import Cell as MetricCell
from routewarden.measures.scorecard import Row
from routewarden.measures.shown import NO_VALUE, shown, unit_shown

_HUNDRED = Decimal(100)


class Tone(StrEnum):
    """How a value is to be taken; its word or sign stands beside the colour."""

    GOOD = "good"
    BAD = "bad"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's title, its unit, and what it means.

    Exact values of a `numeric` column are plain decimals, of a `dated` one ISO dates. `note` counts
    the table's footnotes from one. Paper sets a `below` column under each row, over its width.
    """

    title: str
    unit: str = ""
    means: str = ""
    numeric: bool = False
    dated: bool = False
    note: int | None = None
    below: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown, the exact value behind it, and a remark for whoever points at it.

    `basis` is a small line under the value, such as its coverage; `share` a fraction to draw as a
    bar; `link` the anchor of an order's story; `note` counts the table's footnotes from one.
    """

    text: str
    exact: str = ""
    remark: str = ""
    basis: str = ""
    link: str = ""
    tone: Tone = Tone.NEUTRAL
    share: float | None = None
    note: int | None = None


@dataclass(frozen=True, slots=True)
class Footnote:
    """What a term of a table means: definition, unit, sign and source, in a few sentences."""

    term: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table with a caption that says what its numbers are over.

    Its name is unique in a document. A `folded` one opens at a click on screen. Paper has the first
    `paper_rows` rows only, and says how many more there are; none at all of a table it has 0 of. Of
    a `dense` one paper leaves out what stands in small under the values.
    """

    name: str
    title: str
    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[Footnote, ...] = ()
    folded: bool = False
    paper_rows: int | None = None
    dense: bool = False


def text_cell(text: str | None) -> Cell:
    """Return a cell of text."""
    return Cell(NO_VALUE if text is None else text, text or "")


def count_cell(number: int | Decimal) -> Cell:
    """Return a cell of a whole count or of shares."""
    return Cell(f"{number:,.0f}", f"{number:f}" if isinstance(number, Decimal) else str(number))


DIRECTION: Mapping[Better, str] = {
    Better.HIGHER: "▲ higher is better",
    Better.LOWER: "▼ lower is better",
    Better.NEITHER: "",
}


ARROWS: Mapping[Better, str] = {
    Better.HIGHER: "▲",
    Better.LOWER: "▼",
    Better.NEITHER: "",
}

_UNDER_EACH = "Under each number, the shares it could be taken of."

POPULATION_TITLES: Mapping[str, str] = {
    Population.CUSTOMER: "customer orders, held, not directed, in the regular session",
    Population.UNKNOWN: "orders whose account type, held or directed is not stated",
    Population.NOT_CUSTOMER: "orders of the firm and of market makers",
    Population.NOT_HELD: "customer orders not held",
    Population.DIRECTED: "customer orders directed to a venue",
    Population.OUTSIDE_SESSION: "customer orders received outside the regular session",
    Population.NO_ORDER: "executions whose order is not held",
}


def measure_note(title: str, measure: Measure) -> Footnote:
    """Return the footnote of a measure: definition, unit, sign and source."""
    sign = DIRECTION[measure.better].lstrip("▲▼ ")
    parts = (measure.means, f"Unit: {unit_shown(measure.unit)}", sign, measure.source)
    return Footnote(title, "; ".join(part.rstrip(".;") for part in parts if part) + ".")


def metric_cell(cell: MetricCell | None) -> Cell:
    """Return a metric's cell: its value, its coverage, and what was left out as the remark."""
    if cell is None or not cell.applies:
        return Cell(NO_VALUE, "", "not applicable")
    left = ", ".join(f"{name} {part.shares:,.0f}" for name, part in sorted(cell.excluded.items()))
    shares = f"{cell.shares:,.0f}"
    basis = f"{shares} sh" if cell.coverage is None else f"{_part(cell.coverage)} of {shares}"
    exact = "" if cell.value is None else f"{cell.value:f}"
    remark = f"left out: {left}" if left else "nothing left out"
    return Cell(shown(cell.value, cell.metric.unit), exact, remark, basis)


def _part(coverage: Decimal) -> str:
    return "all" if coverage == 1 else f"{coverage * _HUNDRED:.1f} %"


def by_class(rows: tuple[Row, ...], kind: tuple[str | None, str], classes: Sequence[str]) -> Table:
    """Return the scorecard of an asset class and population: a row for each metric."""
    asset_class, population = kind
    found = {
        row.group["order_class"]: row
        for row in rows
        if (row.group["asset_class"], row.group["population"]) == kind
    }
    present = tuple(name for name in classes if name in found)
    cells = {name: {cell.metric.name: cell for cell in found[name].cells} for name in present}
    metrics = {cell.metric.name: cell.metric for row in found.values() for cell in row.cells}
    return Table(
        name=f"scorecard-{asset_class}-{population}",
        title=f"{(asset_class or 'unknown').capitalize()}: {POPULATION_TITLES[population]}",
        caption=f"Averages by shares; ▲ higher is better, ▼ lower is better. {_UNDER_EACH}",
        headings=(
            Heading("Metric"),
            Heading("Unit"),
            Heading("▲▼"),
            *(Heading(name.replace("_", " "), numeric=True) for name in present),
        ),
        rows=tuple(
            (
                text_cell(metric.title),
                text_cell(unit_shown(metric.unit)),
                Cell(ARROWS[metric.better], metric.better.value, DIRECTION[metric.better]),
                *(metric_cell(cells[name].get(metric.name)) for name in present),
            )
            for metric in metrics.values()
        ),
    )


def by_dimension(rows: tuple[Row, ...], dimension: str, metrics: tuple[str, ...]) -> Table:
    """Return a row for each value of a dimension and each class, with some metrics."""
    known = {cell.metric.name: cell.metric for row in rows for cell in row.cells}
    wanted = [known[name] for name in metrics if name in known]
    return Table(
        name=f"by-{dimension}",
        title=f"By {dimension.replace('_', ' ')}",
        caption="Customer orders, held, not directed, received in the regular session. "
        f"{_UNDER_EACH}",
        headings=(
            Heading(dimension.replace("_", " ")),
            Heading("Asset class"),
            Heading("Order class"),
            *(
                Heading(m.title, unit_shown(m.unit), DIRECTION[m.better], numeric=True)
                for m in wanted
            ),
        ),
        rows=tuple(
            (
                text_cell(row.group[dimension]),
                text_cell(row.group["asset_class"]),
                text_cell((row.group["order_class"] or NO_VALUE).replace("_", " ")),
                *(metric_cell(cells.get(metric.name)) for metric in wanted),
            )
            for row in rows
            for cells in [{cell.metric.name: cell for cell in row.cells}]
        ),
    )
