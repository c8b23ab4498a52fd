"""The line without a home: canonical rows in, measured frames out, through the same functions."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from routewarden.base.schema import TABLES, Kind
from routewarden.base.time import trading_date
from routewarden.events.identity import identify
from routewarden.events.lifecycle import resolve
from routewarden.events.linking import Records
from routewarden.market.reference import attach_asset_class
from routewarden.market.tape import Tape, build_tape
from routewarden.policy.calendar import us_equity_calendar
from routewarden.runs.day import Market, measure_day, needed
from routewarden.runs.export import export_fills, export_orders
from routewarden.sources.table import no_records, read_table
from routewarden.sources.typed import Bounds

CALENDAR = us_equity_calendar()
SESSIONS = CALENDAR.sessions()
BOUNDS = Bounds(946_702_800_000_000_000, 1_861_938_000_000_000_000)
"""2000-01-01 to 2028-12-31, New York."""


@dataclass(frozen=True, slots=True)
class Firm:
    """What a firm holds: the text of its CSV files, in the order they were received."""

    files: Mapping[Kind, Sequence[str]]
    regular: Sequence[str] = field(default=())


def csv_of(rows: Sequence[Mapping[str, str]], columns: Sequence[str] = ()) -> str:
    """Write rows as CSV; the columns are those given, or all that any row has."""
    names = columns or sorted({name for row in rows for name in row})
    frame = pl.DataFrame(
        {name: [row.get(name) or None for row in rows] for name in names},
        schema=dict.fromkeys(names, pl.String),
    )
    buffer = io.StringIO()
    frame.write_csv(buffer)
    return buffer.getvalue()


def records(firm: Firm, kind: Kind) -> pl.DataFrame:
    """Read a kind's files as the store does: in the order of their digests, ids once."""
    table, held = TABLES[kind], no_records(TABLES[kind])
    for text in firm.files.get(kind, ()):
        digest = hashlib.sha256(text.encode()).hexdigest()
        batches = list(read_table(table, text.encode(), BOUNDS))
        rejects = [reject for batch in batches for reject in batch.rejects]
        assert rejects == [], rejects[:3]
        rows = pl.concat([no_records(table), *(batch.records for batch in batches)], how="diagonal")
        rows = identify(table, rows, held).records
        held = pl.concat([held, rows.with_columns(file=pl.lit(digest))], how="diagonal")
    if "file" not in held.columns:
        held = held.with_columns(file=pl.lit(None, dtype=pl.String))
    return held.drop("start", "end")


def measure(firm: Firm) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the exported fills and orders of every trading date."""
    resolved = resolve(records(firm, Kind.FILLS))
    orders = attach_asset_class(records(firm, Kind.ORDERS), records(firm, Kind.SECURITIES))
    held = Records(orders, records(firm, Kind.ROUTES), resolved.fills)
    stamps = pl.concat(
        [
            held.orders["received_at"].alias("at"),
            held.routes["sent_at"].alias("at"),
            held.fills["executed_at"].alias("at"),
        ]
    )
    dates = pl.DataFrame(stamps).select(trading_date(pl.col("at")).unique().sort()).to_series()
    quotes = records(firm, Kind.QUOTES)
    quote_dates = quotes.select(trading_date(pl.col("at"))).to_series()
    trades = records(firm, Kind.TRADES)

    def tape(day: date) -> Tape:
        return build_tape(quotes.filter(quote_dates == day))

    market = Market(tape, SESSIONS, trades, firm.regular)
    days = [measure_day(day, needed(day, held), market) for day in dates]
    fills = pl.concat([export_fills(day.fills) for day in days], how="diagonal")
    placed = pl.concat([export_orders(day.orders) for day in days], how="diagonal")
    return fills.sort("executed_at", "fill_id"), placed.sort("received_at", "order_id")
