"""What customers lost, as tables: every order examined, and what each account is owed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from routewarden.base.exact import MONEY_SCALE, PER_SHARE_SCALE, QUANTITY_SCALE
from routewarden.base.time import render_instant
from routewarden.evidence.table import Cell, Heading, Table, count_cell, text_cell
from routewarden.measures.harm import Harm
from routewarden.measures.measure import Unit
from routewarden.measures.shown import NO_VALUE, shown

_SECONDS = 19  # letters of an instant that say the second


def counts(orders: pl.DataFrame) -> Mapping[Harm, int]:
    """Return how many orders there are of each finding; together they are all of them."""
    found = orders["found"].to_list()
    return {each: found.count(each.value) for each in Harm}


def total(orders: pl.DataFrame) -> Decimal:
    """Return what all orders lost, in the currency, exactly."""
    return _decimal(sum(orders["amount"].to_list()), MONEY_SCALE)


def by_order(orders: pl.DataFrame, *, paper_rows: int | None = None) -> Table:
    """Return the list of orders, those that lost most first."""
    headings = (
        Heading("Order"),
        Heading("Account"),
        Heading("Received", "UTC"),
        Heading("Symbol"),
        Heading("Side"),
        Heading("Executed", "shares", numeric=True),
        Heading("Worse", "shares", numeric=True),
        Heading("Worse by", "price/share", numeric=True),
        Heading("Amount", "currency", numeric=True),
        Heading("Not judged", "shares", numeric=True),
        Heading("Finding"),
    )
    told = orders.with_columns(at=render_instant(pl.col("received_at")))
    return Table(
        name="harm-orders",
        title="Orders examined",
        caption="Worse: executed worse than the far side of the quote at receipt.",
        headings=headings,
        rows=tuple(_order(row) for row in told.iter_rows(named=True)),
        paper_rows=paper_rows,
    )


def _order(row: Mapping[str, object]) -> tuple[Cell, ...]:
    at = row["at"]
    return (
        *(text_cell(_text(row[name])) for name in ("order_id", "account_id")),
        Cell(NO_VALUE if at is None else str(at)[:_SECONDS], _text(at) or ""),
        *(text_cell(_text(row[name])) for name in ("symbol", "side")),
        shares_cell(row["shares"]),
        shares_cell(row["worse"]),
        per_share_cell(row["per_share"]),
        money_cell(row["amount"]),
        shares_cell(row["unjudged"]),
        text_cell(_text(row["found"])),
    )


def by_account(orders: pl.DataFrame) -> Table:
    """Return what each account lost, most first."""
    sums = (
        orders.filter(pl.col("found") == Harm.HARMED.value)
        .group_by("account_id")
        .agg(pl.len(), pl.col("worse").sum(), pl.col("amount").sum())
        .sort([pl.col("amount"), pl.col("account_id")], descending=[True, False])
    )
    headings = (
        Heading("Account"),
        Heading("Orders", numeric=True),
        Heading("Worse", "shares", numeric=True),
        Heading("Amount", "currency", numeric=True),
    )
    rows = tuple(
        (text_cell(account), count_cell(n), shares_cell(worse), money_cell(amount))
        for account, n, worse, amount in sums.iter_rows()
    )
    caption = "Of an order whose account no file states, the account is left open."
    return Table("harm-accounts", "To make whole, by account", caption, headings, rows)


def shares_cell(scaled: object) -> Cell:
    """Return a cell of shares from their integer (10**-8)."""
    value = _decimal(scaled, QUANTITY_SCALE)
    return Cell(shown(value, Unit.SHARES), f"{value:f}")


def per_share_cell(scaled: object) -> Cell:
    """Return a cell of an amount per share from its integer (10**-9); empty where there is none."""
    if scaled is None:
        return Cell(NO_VALUE, "")
    value = _decimal(scaled, PER_SHARE_SCALE)
    return Cell(shown(value, Unit.PER_SHARE), f"{value:f}")


def money_cell(scaled: object) -> Cell:
    """Return a cell of money from its integer (10**-17)."""
    value = _decimal(scaled, MONEY_SCALE)
    return Cell(shown(value, Unit.MONEY), f"{value:f}")


def _decimal(scaled: object, scale: int) -> Decimal:
    """Return the decimal an integer stands for, without superfluous zeros."""
    digits = str(int(str(scaled)))
    sign, digits = (digits[:1], digits[1:]) if digits.startswith("-") else ("", digits)
    padded = digits.zfill(scale + 1)
    text = f"{sign}{padded[:-scale]}.{padded[-scale:]}"
    return Decimal(text.rstrip("0").rstrip("."))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
