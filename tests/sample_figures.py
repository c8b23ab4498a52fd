"""The sample review's charts, each with the numbers it was drawn from."""

from __future__ import annotations

from decimal import Decimal

from routewarden.evidence.chart import Axes, Limit, Point, bars, lines
from routewarden.evidence.document import Figure
from routewarden.evidence.table import Cell, Heading, Table, text_cell
from routewarden.measures.shown import NO_VALUE

VENUES = (
    "XNAS",
    "XNYS",
    "ARCX",
    "IEXG",
    "BATS",
    "EDGX",
    "MEMX",
    "Dark pool with a long name (ATS)",
)


def venue_figure() -> Figure:
    parts = (
        ("XNAS", "0.313"),
        ("XNYS", "0.201"),
        ("ARCX", "0.148"),
        ("Dark pool <x> & co", "0.062"),
    )
    points = tuple(Point(name, float(part), f"{Decimal(part) * 100:.1f} %") for name, part in parts)
    return Figure(
        "venue-share",
        "Share of routed volume",
        "XNAS takes the most, 31.3 %, above the limit of 25 %.",
        bars(points, Axes("Venue", "Share of routed shares", ".0%"), (Limit(0.25, "limit 25 %"),)),
        Table(
            "venue-share-data",
            "Share of routed volume: the numbers",
            "",
            (Heading("Venue"), Heading("Share", "%", numeric=True)),
            tuple(
                (text_cell(p.at), Cell(p.text, part))
                for p, (_, part) in zip(points, parts, strict=True)
            ),
            folded=True,
        ),
    )


def quarters_figure() -> Figure:
    points = tuple(
        Point(
            venue,
            (at + 1) * (1.1 if quarter == "2026Q3" else 1.0),
            f"{(at + 1) * (1.1 if quarter == '2026Q3' else 1.0):.1f}",
            quarter,
        )
        for at, venue in enumerate(VENUES[:4])
        for quarter in ("2026Q2", "2026Q3")
    )
    return Figure(
        "slippage-by-quarter",
        "Slippage against the quarter before",
        "Slippage rose by a tenth on every venue.",
        bars(
            points,
            Axes("Venue", "Slippage, bps (lower is better)", ".1f"),
            (Limit(3.0, "benchmark 3.0"),),
        ),
        Table(
            "slippage-by-quarter-data",
            "Slippage by quarter: the numbers",
            "",
            (Heading("Venue"), Heading("Quarter"), Heading("Slippage", "bps", numeric=True)),
            tuple((text_cell(p.at), text_cell(p.series), Cell(p.text, p.text)) for p in points),
            folded=True,
        ),
    )


def days_figure() -> Figure:
    days = [f"2026-{month:02}-{day:02}" for month in (7, 8, 9) for day in range(1, 29, 2)]
    points = tuple(
        Point(
            day,
            None if at == 20 else 20 + at * 7 % 11 + 9 * (name == "limit"),
            f"{20 + at * 7 % 11 + 9 * (name == 'limit')}",
            name,
        )
        for name in ("market", "limit")
        for at, day in enumerate(days)
    )
    return Figure(
        "fill-time",
        "Fill time by day",
        "Market orders stayed under the limit of 30 ms on every date but none of limit orders.",
        lines(points, Axes("Trading date", "Fill time, ms"), (Limit(30, "limit 30 ms"),)),
        Table(
            "fill-time-data",
            "Fill time by day: the numbers",
            "",
            (
                Heading("Date", dated=True),
                Heading("Class"),
                Heading("Fill time", "ms", numeric=True),
            ),
            tuple(
                (
                    Cell(p.at, p.at),
                    text_cell(p.series),
                    Cell(NO_VALUE) if p.value is None else Cell(p.text, p.text),
                )
                for p in points
            ),
            folded=True,
        ),
    )
