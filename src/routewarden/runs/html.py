"""The document as one self-contained page: it needs nothing from anywhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from routewarden.evidence.chart import ROLES
from routewarden.evidence.document import (
    Block,
    Document,
    Facts,
    Figure,
    Form,
    Notice,
    Paragraph,
    Stories,
)
from routewarden.evidence.table import Table

_COLOUR = re.compile("|".join(ROLES))
_KINDS: tuple[tuple[type[Block], str], ...] = (
    (Paragraph, "paragraph"), (Notice, "notice"), (Facts, "facts"),
    (Table, "table"), (Figure, "figure"), (Stories, "stories"),
    (Form, "form"),
)  # fmt: skip


def make_html(document: Document, charts: Mapping[str, str]) -> str:
    """Return the page; `charts` holds the SVG of each figure by its name."""
    environment = Environment(
        loader=PackageLoader("routewarden.runs"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["kind"] = _kind
    drawn = {name: _in_roles(svg) for name, svg in charts.items()}
    return environment.get_template("page.html").render(document=document, charts=drawn)


def _kind(block: Block) -> str:
    return next(name for kind, name in _KINDS if isinstance(block, kind))


def _in_roles(svg: str) -> str:
    """Return a chart in the page's own colours, light or dark."""
    return _COLOUR.sub(lambda found: f"var(--{ROLES[found[0]]})", svg)
