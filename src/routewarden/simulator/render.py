"""From whole numbers to the text a file would hold: exact, and as short as it goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import polars as pl

from routewarden.base.exact import plain, to_decimal
from routewarden.base.schema import INSTANTS, NUMBERS, TABLES, Column, Kind, Type
from routewarden.base.time import render_instant
from routewarden.simulator.instruments import INSTRUMENTS
from routewarden.simulator.records import Fill, Order, Route
from routewarden.simulator.spoils import Broken
from routewarden.simulator.tape import Tape
from routewarden.simulator.units import FEE_DECIMALS, PRICE_DECIMALS, QUANTITY_DECIMALS, TICK
from routewarden.simulator.venues import PAID_CLASSES, PAYMENTS

_DECIMALS = {
    Type.PRICE: PRICE_DECIMALS,
    Type.QUOTE: PRICE_DECIMALS,
    Type.QUANTITY: QUANTITY_DECIMALS,
    Type.SIZE: QUANTITY_DECIMALS,
    Type.AMOUNT: FEE_DECIMALS,
    Type.SEQUENCE: 0,
}


def render(kind: Kind, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a canonical table as text, its columns in the data model's order."""
    columns = TABLES[kind].columns
    return frame.select(
        _text(column, frame.schema[column.name]).alias(column.name) for column in columns
    )


def records_frame(kind: Kind, records: Sequence[Order | Route | Fill]) -> pl.DataFrame:
    """Return records as whole numbers, one column per field."""
    return pl.DataFrame(
        [
            pl.Series(
                column.name,
                [getattr(record, column.name) for record in records],
                dtype=_held_as(column),
            )
            for column in TABLES[kind].columns
        ]
    )


def csv_bytes(table: pl.DataFrame, broken: Iterable[Broken] = ()) -> bytes:
    """Return a table of text as a file, with the lines that cannot be read at its end."""
    return table.write_csv().encode() + b"".join(_broken_line(each) for each in broken)


def quotes_frame(tapes: Sequence[Tape]) -> pl.DataFrame:
    """Return tapes as one table. An absent side is left empty or stated as 0, as feeds do."""
    lengths = [len(tape.at) for tape in tapes]
    symbols = pl.Series([tape.instrument.symbol for tape in tapes])
    frame = pl.DataFrame(
        {
            "symbol": symbols.gather(np.repeat(np.arange(len(tapes)), lengths)),
            "at": np.concatenate([tape.at for tape in tapes]),
            "bid": np.concatenate([tape.bid for tape in tapes]),
            "bid_size": np.concatenate([tape.bid_size for tape in tapes]),
            "ask": np.concatenate([tape.ask for tape in tapes]),
            "ask_size": np.concatenate([tape.ask_size for tape in tapes]),
            "seq": np.concatenate([np.arange(1, length + 1) for length in lengths]),
        }
    )
    one_sided = (pl.col("bid") == 0) | (pl.col("ask") == 0)
    left_empty = pl.col("seq") % 2 == 0
    return frame.with_columns(
        *(
            pl.when((pl.col(name) != 0) | ~left_empty).then(pl.col(name)).alias(name)
            for name in ("bid", "bid_size", "ask", "ask_size")
        ),
        pl.when(one_sided).then(pl.lit("Y")).alias("condition"),
    )


def payments_frame(since: date) -> pl.DataFrame:
    """Return what the wholesalers pay from a date on, for each class they pay for."""
    rows = [
        (
            *(terms.payer, terms.payee, terms.payer, since.isoformat(), None, order_class),
            *(terms.basis, terms.amount, terms.unit),
        )
        for terms in PAYMENTS
        for order_class in PAID_CLASSES
    ]
    return text_frame(Kind.PAYMENTS, rows)


def text_frame(kind: Kind, rows: Sequence[tuple[str | None, ...]]) -> pl.DataFrame:
    """Return rows that are text already as a table."""
    schema = dict.fromkeys(TABLES[kind].names, pl.String())
    return pl.DataFrame(rows, schema=schema, orient="row")


def securities_frame(since: date) -> pl.DataFrame:
    """Return the instruments as securities known from a date on."""
    columns = {
        "symbol": [instrument.symbol for instrument in INSTRUMENTS],
        "from": [since.isoformat()] * len(INSTRUMENTS),
        "to": [None] * len(INSTRUMENTS),
        "listing": [None if each.is_crypto else each.home for each in INSTRUMENTS],
        "round_lot": [each.round_lot or None for each in INSTRUMENTS],
        "tick": [TICK] * len(INSTRUMENTS),
        "sp500": [instrument.sp500 for instrument in INSTRUMENTS],
        "asset_class": [instrument.asset_class for instrument in INSTRUMENTS],
    }
    return pl.DataFrame(columns, schema_overrides={"to": pl.String()})


def halts_frame(tapes: Iterable[Tape]) -> pl.DataFrame:
    """Return the pauses of some tapes."""
    rows = [
        (tape.instrument.symbol, tape.pause.start, tape.pause.end, tape.pause.kind)
        for tape in tapes
        if tape.pause.kind
    ]
    schema = {column.name: _held_as(column) for column in TABLES[Kind.HALTS].columns}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _broken_line(broken: Broken) -> bytes:
    row = render(broken.kind, records_frame(broken.kind, [broken.record])).row(0, named=True)
    names = list(row)
    cells = [row[name] or "" for name in names]
    place = names.index(broken.column)
    kept = (
        cells[:place] if broken.cell is None else [*cells[:place], broken.cell, *cells[place + 1 :]]
    )
    return (",".join(kept) + "\n").encode()


def _text(column: Column, held: pl.DataType) -> pl.Expr:
    value = pl.col(column.name)
    if held == pl.String:
        return value
    if column.type is Type.FLAG:
        return pl.when(value).then(pl.lit("true")).when(~value).then(pl.lit("false"))
    if column.type in INSTANTS:
        return render_instant(value)
    if column.type is Type.PRICE:  # 0 is a price not stated
        value = pl.when(value != 0).then(value)
    return plain(to_decimal(value, _DECIMALS[column.type]))


def _held_as(column: Column) -> pl.DataType:
    if column.type in NUMBERS or column.type in INSTANTS:
        return pl.Int64()
    return pl.Boolean() if column.type is Type.FLAG else pl.String()
