"""Charts as values: Vega-Lite specifications, one for screen and paper.

A point carries its value for drawing and the text of it that tables show. Series differ by place,
dash and shape as well as by colour. Colours are names of roles: paper takes them as they are, the
page puts its own in their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Spec = Mapping[str, object]

INK, SOFT, RULE, MARK = "#16202b", "#5a6875", "#d9dfe5", "#a3281e"
SERIES = ("#0b5cad", "#c0631f", "#2c7a4b", "#7a4fa3", "#8a6d00", "#4d6b7f")
ROLES: Mapping[str, str] = {
    INK: "ink",
    SOFT: "soft",
    RULE: "rule",
    MARK: "bad",
    **{colour: f"series-{number}" for number, colour in enumerate(SERIES, 1)},
}
"""The page's name for each colour."""

FONT = "Source Sans 3"
_WIDTH, _HEIGHT, _BAR = 560, 230, 16
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a category or an ISO date, as drawn and as shown; unknown is None, and a gap."""

    at: str
    value: float | None
    text: str
    series: str = ""


@dataclass(frozen=True, slots=True)
class Axes:
    """What the axes are called, with units; `format` is d3's, such as `.1%`."""

    category: str
    value: str
    format: str = ",~f"


@dataclass(frozen=True, slots=True)
class Limit:
    """A benchmark or threshold, drawn across the chart and named."""

    value: float
    label: str


def bars(points: Sequence[Point], axes: Axes, limits: Sequence[Limit] = ()) -> Spec:
    """Return bars by category, in the order given; side by side where there are series."""
    series = _series(points)
    place = {"field": "at", "type": "nominal", "sort": None, "title": axes.category}
    beside = {"yOffset": {"field": "series", "sort": list(series)}} if len(series) > 1 else {}
    shared = {"y": place, **beside}
    value = {"field": "value", "type": "quantitative"}
    drawn: dict[str, object] = {
        "mark": {"type": "bar"},
        "encoding": {**shared, "x": {**value, **_scale(axes)}, "color": _colour(series)},
    }
    named: dict[str, object] = {
        "mark": {"type": "text", "align": "left", "dx": 4, "color": INK, "fontSize": 11},
        "encoding": {
            **shared,
            "x": {"field": "end", "type": "quantitative"},
            "text": {"field": "text"},
        },
    }
    step = _BAR if len(series) > 1 else _BAR + 2
    size = {"width": _WIDTH, "height": {"step": step, "for": "position"}}
    if len(series) > 1:
        size["height"] = {"step": step, "for": "offset"}
    return _spec(points, [drawn, named, *_limits(limits, "x")], size)


def lines(points: Sequence[Point], axes: Axes, limits: Sequence[Limit] = ()) -> Spec:
    """Return lines over dates, one for each series; a value that is not known leaves a gap."""
    series = _series(points)
    drawn: dict[str, object] = {
        "mark": {"type": "line", "strokeWidth": 2, "invalid": "break-paths-show-path-domains"},
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "scale": {"type": "utc"},
                "title": axes.category,
                "axis": {"format": "%-d %b", "labelOverlap": True, "grid": False},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                **_scale(axes, {"zero": False, "nice": True}),
            },
            "color": _colour(series),
            "strokeDash": _by_series(series, _DASHES),
        },
    }
    dots = {**drawn, "mark": {"type": "point", "filled": True, "size": 34, "opacity": 1}}
    dots["encoding"] = {
        **{name: part for name, part in _encoding(drawn).items() if name != "strokeDash"},
        "shape": _by_series(series, _SHAPES),
    }
    size = {"width": _WIDTH, "height": _HEIGHT}
    return _spec(points, [drawn, dots, *_limits(limits, "y")], size)


def _encoding(layer: Mapping[str, object]) -> Mapping[str, object]:
    encoding = layer["encoding"]
    return encoding if isinstance(encoding, Mapping) else {}


def _series(points: Sequence[Point]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(point.series for point in points))


def _scale(axes: Axes, scale: Mapping[str, object] | None = None) -> Mapping[str, object]:
    found: dict[str, object] = {
        "title": axes.value,
        "axis": {"format": axes.format, "tickCount": 6},
    }
    return found if scale is None else {**found, "scale": scale}


def _by_series(series: Sequence[str], looks: Sequence[object]) -> Mapping[str, object]:
    """Return an encoding that gives each series its look, and the legend's line if it needs one."""
    chosen = [looks[number % len(looks)] for number in range(len(series))]
    return {
        "field": "series",
        "type": "nominal",
        "sort": list(series),
        "scale": {"domain": list(series), "range": chosen},
        "legend": {"title": None, "orient": "top"} if len(series) > 1 else None,
    }


def _colour(series: Sequence[str]) -> Mapping[str, object]:
    return _by_series(series, SERIES)


def _limits(limits: Sequence[Limit], channel: str) -> list[Mapping[str, object]]:
    """Return, for each limit, its dashed rule and its name beside it."""
    layers: list[Mapping[str, object]] = []
    for limit in limits:
        data = {"values": [{"limit": limit.value, "label": limit.label}]}
        at = {channel: {"field": "limit", "type": "quantitative"}}
        rule = {"type": "rule", "color": MARK, "strokeDash": [5, 3], "strokeWidth": 1.5}
        text = {"type": "text", "color": MARK, "fontSize": 11, "align": "left"}
        beyond = {"x": {"value": _WIDTH + 10}} if channel == "y" else {"y": {"value": -8}}
        named = {**at, **beyond, "text": {"field": "label"}}
        layers.append({"data": data, "mark": rule, "encoding": at})
        layers.append({"data": data, "mark": text, "encoding": named})
    return layers


def _spec(
    points: Sequence[Point], layers: Sequence[Mapping[str, object]], size: Mapping[str, object]
) -> Spec:
    values = [
        {
            "at": point.at,
            "value": point.value,
            "end": max(point.value or 0.0, 0.0),
            "text": point.text,
            "series": point.series,
        }
        for point in points
    ]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "layer": list(layers),
        **size,
        "config": _CONFIG,
    }


_CONFIG: Mapping[str, object] = {
    "font": FONT,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT,
        "titleColor": INK,
        "gridColor": RULE,
        "domainColor": SOFT,
        "tickColor": SOFT,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 220,
    },
    "legend": {"labelColor": INK, "labelFontSize": 11, "symbolType": "square"},
}
