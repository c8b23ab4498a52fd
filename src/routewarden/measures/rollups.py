"""What a day keeps of its fills, orders and routes: their cells, and the roll-ups read from first.

`cells_*` have every dimension kept, sorted by symbol; `kinds_*` have all but the symbol;
`securities_*` the symbol and what a security is looked at by. `*_times` are histograms of fill
times. Each is a sum of the one before, and days add up to months and quarters.
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

_KEYS = {
    part: [
        *(f"by {name}" for name in names),
        "bucket" if source == "times" else "missing",
    ]
    for source, parts in KEPT.items()
    for part, names in parts.items()
}  # fmt: skip


def part_for(source: str, names: Collection[str]) -> str | None:
    """Return the smallest part of a source that has some dimensions; None where none has."""
    parts = KEPT[source].items()
    return next((part for part, kept in parts if set(names) <= set(kept)), None)


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
