"""What a day keeps of its fills, orders and routes: their cells, and the roll-ups read from first.

`cells_*` have every dimension kept, sorted by symbol; `kinds_*` have all but the symbol;
`securities_*` the symbol and what a security is looked at by. `*_times` are histograms of fill
times. Each is a sum of the one before, and days add up to months and quarters. Those keep besides
`cards_*`, without venue and size, which a scorecard is read from; and `tables_*`, by symbol and
order class, which the table of every security is divided from.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from routewarden.measures.cube import (
    FILLS,
    ORDERS,
    ROUTES,
    Source,
    added,
    cells,
    narrowed,
    widened,
)
from routewarden.measures.detail import times
from routewarden.measures.dimensions import ALWAYS
from routewarden.measures.grid import sums

_SOURCES = (FILLS, ORDERS, ROUTES)
_SECURITY = ("symbol", *ALWAYS, "router", "reference_source")
_WITHOUT_SYMBOL = {source.name: source.kept[1:] for source in _SOURCES}

KEPT: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "fills": {
        "kinds_fills": _WITHOUT_SYMBOL["fills"],
        "securities_fills": _SECURITY,
        "cells_fills": FILLS.kept,
    },
    "orders": {
        "kinds_orders": _WITHOUT_SYMBOL["orders"],
        "securities_orders": _SECURITY,
        "cells_orders": ORDERS.kept,
    },
    "routes": {"kinds_routes": _WITHOUT_SYMBOL["routes"], "cells_routes": ROUTES.kept},
    "times": {"kinds_times": _SECURITY[1:], "securities_times": _SECURITY},
}
"""The parts that a day keeps of each source with their dimensions, smallest first."""

TABLES: Mapping[str, Source] = {f"tables_{source.name}": source for source in (FILLS, ORDERS)}
"""The parts that a table of every security is divided from, kept by month and by quarter."""
TABLED = ("symbol", *ALWAYS)
"""The dimensions of those."""

CARDS: Mapping[str, str] = {
    f"cards_{source.name}": f"kinds_{source.name}" for source in (FILLS, ORDERS)
}
"""The parts that a scorecard is read from, each with what it is a sum of; kept as those are."""
_CARDED = _SECURITY[1:]

LOOKED_UP = frozenset(f"cells_{source.name}" for source in _SOURCES)
"""The parts that one security is looked up in; a month has them in order, not added up."""
OF_MONTHS = tuple(part for parts in KEPT.values() for part in parts if part not in LOOKED_UP)
"""The parts of its dates that a month adds up."""
OF_QUARTERS = (*(part for part in OF_MONTHS if part.startswith("kinds_")), *TABLES)
"""The parts of its months that a quarter adds up."""

_KEYS = (
    {
        part: [
            *(f"by {name}" for name in names),
            "bucket" if source == "times" else "missing",
        ]
        for source, parts in KEPT.items()
        for part, names in parts.items()
    }
    | {part: [f"by {name}" for name in TABLED] for part in TABLES}
    | {part: [*(f"by {name}" for name in _CARDED), "missing"] for part in CARDS}
)


def part_for(source: str, names: Collection[str]) -> str | None:
    """Return the smallest part of a source that has some dimensions; None where none has."""
    parts = KEPT[source].items()
    return next((part for part, kept in parts if set(names) <= set(kept)), None)


def of_span(part: str, names: Collection[str]) -> str:
    """Return what sums of a part by some dimensions are read from, of a month or a quarter."""
    smaller = next((card for card, of in CARDS.items() if of == part), part)
    return smaller if set(names) <= set(_CARDED) else part


def summaries(
    fills: pl.DataFrame, orders: pl.DataFrame, routes: pl.DataFrame
) -> Mapping[str, pl.DataFrame]:
    """Return what is kept of some measured rows of a date, as it is stored."""
    rows = {FILLS: fills, ORDERS: orders, ROUTES: routes}
    bases = {source: cells(frame, source, source.kept) for source, frame in rows.items()}
    histograms = {part: times(fills, names) for part, names in KEPT["times"].items()}
    return {**rolled_up(bases), **{name: narrowed(each) for name, each in histograms.items()}}


def rolled_up(bases: Mapping[Source, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
    """Return the parts kept of cells by every dimension (in key order), as they are stored."""
    return {
        part: narrowed(base if names == source.kept else added(base, _KEYS[part]))
        for source, base in bases.items()
        for part, names in KEPT[source.name].items()
    }


def merge_parts(parts: Sequence[Mapping[str, pl.DataFrame]]) -> Mapping[str, pl.DataFrame]:
    """Return what is kept of the whole from what is kept of its parts (one at least), as stored."""
    return {name: merged(name, [part[name] for part in parts]) for name in parts[0]}


def merged(part: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return a part of the whole from the same part of its parts, as stored."""
    return narrowed(added(pl.concat([widened(frame) for frame in frames]), _KEYS[part]))


def cards(span: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
    """Return the parts for scorecards from the others of a month or a quarter, as stored."""
    return {card: merged(card, [span[of]]) for card, of in CARDS.items()}


def tables(month: Mapping[str, pl.DataFrame]) -> Mapping[str, pl.DataFrame]:
    """Return the parts for tables from the others of a month, as stored."""
    found = {}
    for part, source in TABLES.items():
        summed = sums(widened(month[f"securities_{source.name}"]), source, _KEYS[part])
        found[part] = narrowed(summed.sort(_KEYS[part], nulls_last=True))
    return found
