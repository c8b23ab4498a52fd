"""Values inside a because-sentence: instants, prices and quantities as a person reads them."""

from __future__ import annotations

import polars as pl

from routewarden.base.exact import (
    PER_SHARE_SCALE,
    PRICE_SCALE,
    QUANTITY_SCALE,
    plain,
    to_decimal,
)
from routewarden.base.time import MS_SCALE, render_instant

NONE = "none"


def said(expr: pl.Expr) -> pl.Expr:
    """Return text, or the word none."""
    return expr.fill_null(NONE)


def instant(name: str) -> pl.Expr:
    """Return an instant column as text."""
    return said(render_instant(pl.col(name)))


def price(expr: pl.Expr) -> pl.Expr:
    """Return a price (10**-8) as text."""
    return said(plain(to_decimal(expr, PRICE_SCALE)))


def quantity(name: str) -> pl.Expr:
    """Return a quantity column (10**-8) as text."""
    return said(plain(to_decimal(pl.col(name), QUANTITY_SCALE)))


def milliseconds(expr: pl.Expr) -> pl.Expr:
    """Return a time (ns) as milliseconds."""
    return said(plain(to_decimal(expr, MS_SCALE)))


def per_share(expr: pl.Expr) -> pl.Expr:
    """Return an amount a share (10**-9) as text."""
    return said(plain(to_decimal(expr, PER_SHARE_SCALE)))


def fraction(expr: pl.Expr) -> pl.Expr:
    """Return a fraction (float) as a percentage to one decimal."""
    return pl.format("{}%", said((expr * 100).round(1).cast(pl.String)))


def ratio(expr: pl.Expr) -> pl.Expr:
    """Return a number (float) to two decimals."""
    return said(expr.round(2).cast(pl.String))
