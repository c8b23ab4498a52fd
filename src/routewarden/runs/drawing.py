"""Charts drawn: a Vega-Lite specification to SVG, with the fonts the package ships."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

import vl_convert

from routewarden.evidence.chart import Spec
from routewarden.evidence.document import Document, figures_of
from routewarden.runs.typeface import fonts

_VEGA_LITE = "6.4"


def draw_figures(document: Document) -> Mapping[str, str]:
    """Return the SVG of every figure of a document, by the figure's name."""
    return {figure.name: draw_chart(figure.chart) for figure in figures_of(document)}


def draw_chart(spec: Spec) -> str:
    """Return the SVG of a chart; nothing is fetched from anywhere."""
    _register()
    svg: str = vl_convert.vegalite_to_svg(
        json.dumps(spec), vl_version=_VEGA_LITE, allowed_base_urls=[]
    )
    return svg


@cache
def _register() -> None:
    vl_convert.register_font_directory(str(fonts()))
