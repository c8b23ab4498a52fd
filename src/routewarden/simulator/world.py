"""A sample firm's world: a market, customers, a vendor's router and venues, date by date.

A seed and a calendar make it, and nothing else: the same two make the same world, to the letter.
A date's market and customers depend on no other date, so a longer quiet world begins as a shorter
one does. Only this reaches across dates: orders good till cancelled, which are told of once, as
they stood at the end of their first date; what is told late or again; the vendor's report of a
month; and the plan of what goes wrong, which is drawn from the seed and all the dates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from routewarden.base.schema import CANONICAL, Kind
from routewarden.policy.calendar import Calendar
from routewarden.simulator.faults import EVERY_FAULT, Fault, Planted
from routewarden.simulator.render import csv_bytes, text_frame
from routewarden.simulator.stage import Scale, Sheet, Span, scenes

SAMPLE = Scale()
"""The scale of a sample firm: about 60,000 orders and six million quotes a quarter."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file as the firm receives it, on a date: canonical CSV, some lines of it unreadable."""

    kind: Kind
    name: str
    delivered: date
    content: bytes


@dataclass(frozen=True, slots=True)
class Chapter:
    """What a trading date brings, or the time after the last: files, and the key to their faults.

    What lasts is told of in the chapter it begins in.
    """

    files: tuple[Delivery, ...]
    answers: tuple[Planted, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Canonical tables of text, as CSV cells would hold them (null is empty), and the key."""

    tables: Mapping[Kind, pl.DataFrame]
    answers: tuple[Planted, ...]


def play(
    seed: int,
    calendar: Calendar,
    span: Span,
    scale: Scale = SAMPLE,
    faults: frozenset[Fault] = EVERY_FAULT,
) -> Iterator[Chapter]:
    """Yield the world of a seed, a trading date at a time, then what comes after the last.

    Every kind that is dated comes as a file a date. Nothing is kept of a date but open orders, what
    is still to be told and the sums of the month.
    """
    for scene in scenes(seed, calendar, span, scale, faults):
        yield Chapter(tuple(_delivery(sheet) for sheet in scene.sheets), scene.answers)


def simulate(
    seed: int,
    calendar: Calendar,
    span: Span,
    scale: Scale = SAMPLE,
    faults: frozenset[Fault] = EVERY_FAULT,
) -> World:
    """Return a small world whole; lines that cannot be read are in no table."""
    played = list(scenes(seed, calendar, span, scale, faults))
    tables = {kind: [text_frame(kind, [])] for kind in CANONICAL}
    for scene in played:
        for sheet in scene.sheets:
            tables[sheet.kind].append(sheet.table)
    whole = {kind: pl.concat(parts) for kind, parts in tables.items()}
    return World(whole, tuple(answer for scene in played for answer in scene.answers))


def _delivery(sheet: Sheet) -> Delivery:
    content = csv_bytes(sheet.table, sheet.broken)
    return Delivery(sheet.kind, f"{sheet.kind}{sheet.suffix}.csv", sheet.delivered, content)
