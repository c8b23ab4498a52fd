"""An order against the market it met: the quote as steps, its routes and fills as marks.

The chart is SVG text, drawn from values alone; colours are left to the page's style sheet, and
shapes tell the marks apart without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

WIDTH, HEIGHT = 760, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 14, 30
_TICKS = 4
_MS = 1_000_000
_PAPER = (
    "text{font:11px 'Source Sans 3';fill:#55626f}.grid{stroke:#d9dfe5}"
    ".bid,.ask{fill:none;stroke-width:1.8}.bid{stroke:#1b6ca8}"
    ".ask{stroke:#b3541e;stroke-dasharray:6 3}.received line{stroke:#16202b;stroke-width:2}"
    ".routed line{stroke:#5a6875;stroke-dasharray:1.5 3;stroke-width:1.5}"
    ".filled circle{fill:#16202b;stroke:#fff;stroke-width:1.5}"
)


@dataclass(frozen=True, slots=True)
class Step:
    """A quote from its instant (UTC ns) on; a side that is absent is None."""

    at: int
    bid: Decimal | None
    ask: Decimal | None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: `kind` is received, routed or filled."""

    at: int
    kind: str
    label: str
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TickChart:
    """What the chart shows, from `start` to `end` (UTC ns); times are told from `origin`."""

    origin: int
    start: int
    end: int
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    x: Callable[[int], float]
    y: Callable[[Decimal], float]


def draw(chart: TickChart) -> str:
    """Return the chart as an SVG element."""
    low, high = _range(chart)
    span, height = max(chart.end - chart.start, 1), HEIGHT - _TOP - _BOTTOM
    scale = _Scale(
        x=lambda at: _LEFT + (at - chart.start) / span * (WIDTH - _LEFT - _RIGHT),
        y=lambda price: _TOP + float((high - price) / (high - low)) * height,
    )
    parts = [
        *_grid(chart, low, high, scale),
        *_line("bid", [(step.at, step.bid) for step in chart.steps], chart.end, scale),
        *_line("ask", [(step.at, step.ask) for step in chart.steps], chart.end, scale),
        *(_mark(mark, scale) for mark in chart.marks),
    ]
    return (
        f'<svg class="tick" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-label="Bid and ask around the order, with its routes and fills">'
        f"{''.join(parts)}</svg>"
    )


def on_paper(svg: str) -> str:
    """Return a chart with the style sheet it has on the page, for paper: black on white."""
    return svg.replace(
        "<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" ', 1
    ).replace(">", f"><style>{_PAPER}</style>", 1)


def _range(chart: TickChart) -> tuple[Decimal, Decimal]:
    """Return the price range, with a margin; a flat market still has some height."""
    prices = [price for step in chart.steps for price in (step.bid, step.ask) if price is not None]
    prices += [mark.price for mark in chart.marks if mark.price is not None]
    low, high = min(prices, default=Decimal(0)), max(prices, default=Decimal(1))
    margin = (high - low) / 8 or Decimal("0.01")
    return low - margin, high + margin


def _grid(chart: TickChart, low: Decimal, high: Decimal, scale: _Scale) -> Iterator[str]:
    for number in range(_TICKS + 1):
        price = low + (high - low) * number / _TICKS
        y = scale.y(price)
        yield f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield (
            f'<text class="axis" x="{_LEFT - 6}" y="{y + 4:.1f}" '
            f'text-anchor="end">{price:.3f}</text>'
        )
        at = chart.start + (chart.end - chart.start) * number // _TICKS
        anchor = "start" if number == 0 else "end" if number == _TICKS else "middle"
        yield (
            f'<text class="axis" x="{scale.x(at):.1f}" y="{HEIGHT - 10}" '
            f'text-anchor="{anchor}">{elapsed(at - chart.origin)}</text>'
        )


def elapsed(ns: int) -> str:
    """Return a time from receipt as people read it."""
    ms = ns / _MS
    sign = "+" if ns >= 0 else "\N{MINUS SIGN}"
    if abs(ms) < 1_000:
        return f"{sign}{abs(ms):.1f} ms"
    if abs(ms) < 120_000:
        return f"{sign}{abs(ms) / 1_000:.2f} s"
    return f"{sign}{abs(ms) / 60_000:.1f} min"


def _line(
    name: str, points: Sequence[tuple[int, Decimal | None]], end: int, scale: _Scale
) -> Iterator[str]:
    """Draw one side as steps, with a gap wherever it is absent."""
    path, drawn = "", False
    ends = [*(at for at, _ in points), end][1:]
    for (at, price), until in zip(points, ends, strict=True):
        if price is None:
            drawn = False
            continue
        x, y = scale.x(at), scale.y(price)
        path += f"{'L' if drawn else 'M'}{x:.1f} {y:.1f}H{scale.x(until):.1f}"
        drawn = True
    if path:
        yield f'<path class="{name}" d="{path}"/>'


def _mark(mark: Mark, scale: _Scale) -> str:
    x, title = scale.x(mark.at), f"<title>{escape(mark.label)}</title>"
    if mark.price is None:
        return (
            f'<g class="{mark.kind}">{title}<line x1="{x:.1f}" x2="{x:.1f}" '
            f'y1="{_TOP}" y2="{HEIGHT - _BOTTOM}"/></g>'
        )
    y = scale.y(mark.price)
    return f'<g class="{mark.kind}">{title}<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/></g>'
