"""Numbers as vendors write them, exactly: digits are moved and multiplied as whole numbers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from routewarden.base.exact import integer
from routewarden.sources.profile.model import Digits

_MOST_DIGITS = 38  # of two factors together: their product stays below 2**127

_SPECIAL = r"\.+*?()|[]{}^$-"


def literal(text: str) -> str:
    """Return the regular expression of a text."""
    return "".join("\\" + letter if letter in _SPECIAL else letter for letter in text)


def number_form(digits: Digits) -> str:
    """Return the regular expression of a number: groups, if there are any, are of three."""
    mark, group = literal(digits.decimal), literal(digits.grouping)
    whole = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+" if group else "[0-9]+"
    sign = rf"[+-]?(?:{literal(digits.currency)})?"
    return rf"^{sign}(?:(?:{whole})(?:{mark}[0-9]*)?|{mark}[0-9]+)$"


def plain_number(raw: pl.Expr, digits: Digits) -> pl.Expr:
    """Return numbers as plain decimals; null where the text is none."""
    bare = raw.str.replace(digits.currency, "", literal=True) if digits.currency else raw
    if digits.grouping:
        bare = bare.str.replace_all(digits.grouping, "", literal=True)
    pointed = bare.str.replace(digits.decimal, ".", literal=True).str.strip_prefix("+")
    return pl.when(raw.str.contains(number_form(digits))).then(pointed)


def product(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """Return the product of plain decimals as one; null where it has too many digits to be sure."""

    def multiply(columns: Sequence[pl.Series]) -> pl.Series:
        return _multiplied(_whole(columns[0]), _whole(columns[1]))

    return pl.map_batches([left, right], multiply, return_dtype=pl.String(), is_elementwise=True)


def _multiplied(a: pl.DataFrame, b: pl.DataFrame) -> pl.Series:
    """Multiply column by column: as one expression, each step would repeat all before it."""
    fits = a["length"] + b["length"] <= _MOST_DIGITS
    both = pl.DataFrame({"a": a["number"], "b": b["number"], "places": a["places"] + b["places"]})
    places, digits = pl.col("places"), pl.col("digits")
    both = both.with_columns(number=pl.when(fits).then(pl.col("a")) * pl.when(fits).then("b"))
    unsigned = pl.col("number").cast(pl.String).str.strip_prefix("-")
    both = both.with_columns(digits=unsigned.str.zfill(places + 1))
    sign = pl.when(pl.col("number") < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = digits.str.slice(0, digits.str.len_chars() - places)
    point = pl.when(places > 0).then(pl.lit(".")).otherwise(pl.lit(""))
    return both.select(sign + whole + point + digits.str.tail(places)).to_series()


def _whole(column: pl.Series) -> pl.DataFrame:
    """Return plain decimals as a `number`, how many of its digits are decimals, its `length`.

    Zeros after the last decimal and before the first digit are none of a number's digits.
    """
    text, pointed, places = pl.col("text"), pl.col("pointed"), pl.col("places")
    frame = column.alias("text").to_frame()
    frame = frame.with_columns(pointed=text.str.contains(".", literal=True))
    frame = frame.with_columns(pl.when(pointed).then(text.str.strip_chars_end("0")).otherwise(text))
    decimals = text.str.len_chars() - 1 - text.str.find(".", literal=True)
    frame = frame.with_columns(
        places=pl.when(pointed).then(decimals).otherwise(0).cast(pl.Int64),
        negative=text.str.starts_with("-"),
        text=text.str.replace(".", "", literal=True).str.strip_chars_start("-0"),
    )
    number = pl.when(text == "").then(pl.lit("0")).otherwise(text).cast(pl.Int128, strict=False)
    return frame.select(
        number=number * pl.when("negative").then(integer(-1)).otherwise(integer(1)),
        places=places,
        length=text.str.len_chars().cast(pl.Int64),
    )
