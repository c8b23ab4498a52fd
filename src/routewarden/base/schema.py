"""The canonical tables: which columns a record has, and which values each may hold.

A table is a frozen value. The reader, the store, the data dictionary and the simulator all take
their columns from here, so a column has one name, one type and one range everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from routewarden.base import exact
from routewarden.base.side import Side


class Kind(StrEnum):
    """The kinds of file, by the name the command line uses: canonical tables, then messages."""

    ORDERS = "orders"
    ROUTES = "routes"
    FILLS = "fills"
    QUOTES = "quotes"
    VENUE_QUOTES = "venue-quotes"
    TRADES = "trades"
    HALTS = "halts"
    SECURITIES = "securities"
    PAYMENTS = "payments"
    VENDOR_REPORT = "vendor-report"
    CLOCKS = "clocks"
    FIX = "fix"
    CAT = "cat"


class Type(StrEnum):
    """What a column holds, which decides how it is read, checked, stored and written."""

    TEXT = "text"  # opaque and case-sensitive: 00123, 1E5, NA and TRUE are text
    WORD = "word"  # one of a closed set
    FLAG = "flag"  # true or false
    INSTANT = "instant"  # RFC 3339 UTC, to the nanosecond
    BEGIN = "begin"  # an instant, or a date: from its first instant on
    END = "end"  # an instant, or a date: to its last instant
    PRICE = "price"  # 0.00000001 .. 1,000,000
    QUOTE = "quote"  # a price; zero, negative or empty means that side is absent
    QUANTITY = "quantity"  # 0.00000001 .. 10**12
    SIZE = "size"  # 0 .. 10**12
    AMOUNT = "amount"  # -10**12 .. 10**12, twelve decimals
    SEQUENCE = "sequence"  # a 64-bit integer


@dataclass(frozen=True, slots=True)
class Numbers:
    """Decimals and range, both ends included, of a numeric type (in units of 10**-scale)."""

    scale: int
    least: int
    most: int
    dtype: pl.DataType


_INT64, _INT128 = pl.Int64(), pl.Int128()
_MOST_PRICE = 10 ** (6 + exact.PRICE_SCALE)
_MOST_QUANTITY = 10 ** (12 + exact.QUANTITY_SCALE)
_MOST_AMOUNT = 10 ** (12 + exact.FEE_SCALE)

NUMBERS: Mapping[Type, Numbers] = {
    Type.PRICE: Numbers(exact.PRICE_SCALE, 1, _MOST_PRICE, _INT64),
    Type.QUOTE: Numbers(exact.PRICE_SCALE, -9 * 10**18, _MOST_PRICE, _INT64),
    Type.QUANTITY: Numbers(exact.QUANTITY_SCALE, 1, _MOST_QUANTITY, _INT128),
    Type.SIZE: Numbers(exact.QUANTITY_SCALE, 0, _MOST_QUANTITY, _INT128),
    Type.AMOUNT: Numbers(exact.FEE_SCALE, -_MOST_AMOUNT, _MOST_AMOUNT, _INT128),
    Type.SEQUENCE: Numbers(0, -(2**63), 2**63 - 1, _INT64),
}

INSTANTS = frozenset({Type.INSTANT, Type.BEGIN, Type.END})


@dataclass(frozen=True, slots=True)
class Column:
    """A named column; `words` is the closed set of a WORD."""

    name: str
    type: Type = Type.TEXT
    required: bool = False
    words: tuple[str, ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        """The type of the column in a frame of records."""
        if self.type in NUMBERS:
            return NUMBERS[self.type].dtype
        if self.type in INSTANTS:
            return _INT64
        return pl.Boolean() if self.type is Type.FLAG else pl.String()


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of record.

    `key` names the identifier, unique per firm, of kinds that have one. `dated_by` names the
    instant whose trading date the record belongs to; reference data belongs to none. `told_again`
    says that the identifier is a digest of what a message says: two of one identifier are one
    message told twice, and never in conflict. Where in its file such a message stands is kept.
    """

    kind: Kind
    columns: tuple[Column, ...]
    key: str | None = None
    dated_by: str | None = None
    sorted_by: tuple[str, ...] = ()
    told_again: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in the order of the data model."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The frame schema of the columns."""
        return {column.name: column.dtype for column in self.columns}


def _need(name: str, kind: Type = Type.TEXT, *words: str) -> Column:
    return Column(name, kind, required=True, words=words)


def _word(name: str, *words: str) -> Column:
    return Column(name, Type.WORD, words=words)


ORDER_TYPES = (
    *("market", "limit", "stop", "stop_limit", "pegged"),
    *("market_on_open", "limit_on_open", "market_on_close", "limit_on_close"),
)
LIMIT_TYPES = ("limit", "stop_limit", "limit_on_open", "limit_on_close")
"""Order types that must state a limit price."""
TIMES_IN_FORCE = ("day", "ioc", "fok", "gtc", "gtd", "opening", "closing")

_ORDERS = Table(
    Kind.ORDERS,
    key="order_id",
    dated_by="received_at",
    sorted_by=("received_at", "order_id"),
    columns=(
        _need("order_id"),
        _need("received_at", Type.INSTANT),
        _need("symbol"),
        _need("side", Type.WORD, *Side),
        _need("quantity", Type.QUANTITY),
        _need("order_type", Type.WORD, *ORDER_TYPES),
        Column("limit_price", Type.PRICE),
        Column("stop_price", Type.PRICE),
        _word("time_in_force", *TIMES_IN_FORCE),
        Column("held", Type.FLAG),
        Column("directed", Type.FLAG),
        _word("session", "regular", "pre", "post", "overnight"),
        _word("account_type", "retail", "institutional", "proprietary", "market_maker"),
        _word("capacity", "agency", "principal", "riskless"),
        _word("asset_class", "equity", "option", "crypto"),
        Column("router"),
        Column("ended_at", Type.INSTANT),
        _word("end_reason", "filled", "cancelled", "expired", "rejected", "replaced"),
        Column("parent_order_id"),
        Column("root_order_id"),
        Column("strategy"),
        Column("desk"),
        Column("account_id"),
        Column("customer_id"),
    ),
)

_ROUTES = Table(
    Kind.ROUTES,
    key="route_id",
    dated_by="sent_at",
    sorted_by=("sent_at", "route_id"),
    columns=(
        _need("route_id"),
        _need("order_id"),
        _need("venue"),
        _need("sent_at", Type.INSTANT),
        Column("acknowledged_at", Type.INSTANT),
        _need("quantity", Type.QUANTITY),
        _word("order_type", *ORDER_TYPES),
        Column("limit_price", Type.PRICE),
        _word("time_in_force", *TIMES_IN_FORCE),
        Column("instructions"),
        Column("ended_at", Type.INSTANT),
        _word("outcome", "filled", "partial", "cancelled", "expired", "rejected"),
        Column("reject_reason"),
        Column("further_routable", Type.FLAG),
        Column("ioi", Type.FLAG),
    ),
)

_FILLS = Table(
    Kind.FILLS,
    key="fill_id",
    dated_by="executed_at",
    sorted_by=("executed_at", "fill_id"),
    columns=(
        _need("fill_id"),
        Column("route_id"),
        Column("order_id"),
        Column("venue"),
        _need("executed_at", Type.INSTANT),
        _need("price", Type.PRICE),
        _need("quantity", Type.QUANTITY),
        _word("liquidity", "added", "removed", "routed", "auction", "unknown"),
        Column("fee", Type.AMOUNT),
        _word("status", "ok", "busted", "corrected"),
        Column("refers_to"),
    ),
)

_QUOTE_COLUMNS = (
    Column("bid", Type.QUOTE),
    Column("bid_size", Type.SIZE),
    Column("ask", Type.QUOTE),
    Column("ask_size", Type.SIZE),
    Column("condition"),
    Column("seq", Type.SEQUENCE),
)

_QUOTES = Table(
    Kind.QUOTES,
    dated_by="at",
    sorted_by=("symbol", "at"),
    columns=(_need("symbol"), _need("at", Type.INSTANT), *_QUOTE_COLUMNS),
)

_VENUE_QUOTES = Table(
    Kind.VENUE_QUOTES,
    dated_by="at",
    sorted_by=("symbol", "at"),
    columns=(_need("symbol"), _need("at", Type.INSTANT), _need("venue"), *_QUOTE_COLUMNS),
)

_TRADES = Table(
    Kind.TRADES,
    dated_by="at",
    sorted_by=("symbol", "at"),
    columns=(
        _need("symbol"),
        _need("at", Type.INSTANT),
        _need("price", Type.PRICE),
        _need("size", Type.QUANTITY),
        Column("venue"),
        Column("conditions"),
    ),
)

_HALTS = Table(
    Kind.HALTS,
    sorted_by=("symbol", "from"),
    columns=(
        _need("symbol"),
        _need("from", Type.INSTANT),
        Column("to", Type.INSTANT),
        _word("kind", "halt", "luld", "ssr"),
    ),
)

_SECURITIES = Table(
    Kind.SECURITIES,
    sorted_by=("symbol", "from"),
    columns=(
        _need("symbol"),
        _need("from", Type.BEGIN),
        Column("to", Type.END),
        Column("listing"),
        Column("round_lot", Type.QUANTITY),
        Column("tick", Type.PRICE),
        Column("sp500", Type.FLAG),
        _word("asset_class", "equity", "option", "crypto"),
    ),
)

_PAYMENTS = Table(
    Kind.PAYMENTS,
    sorted_by=("payer", "payee", "venue", "from"),
    columns=(
        Column("payer"),
        Column("payee"),
        Column("venue"),
        Column("from", Type.BEGIN),
        Column("to", Type.END),
        Column("order_class"),
        _word("basis", "per_share", "per_contract", "percent_of_spread", "flat"),
        Column("amount", Type.AMOUNT),
        _word("unit", "USD", "USD_per_100"),
    ),
)

_VENDOR_REPORT = Table(
    Kind.VENDOR_REPORT,
    sorted_by=("period", "symbol", "venue", "order_class", "metric"),
    columns=(
        Column("period"),
        Column("symbol"),
        Column("venue"),
        Column("order_class"),
        Column("metric"),
        Column("value", Type.AMOUNT),
        Column("unit"),
        _word("basis", "receipt", "route", "execution"),
        Column("shares", Type.SIZE),
    ),
)

_CLOCKS = Table(
    Kind.CLOCKS,
    dated_by="at",
    sorted_by=("clock", "at"),
    columns=(
        *(_need("clock"), _need("at", Type.INSTANT)),
        *(_need("offset_ms", Type.AMOUNT), Column("reference")),
    ),
)
"""A clock compared with a reference: `offset_ms` is what it shows less what the reference shows."""

_FIX = Table(
    Kind.FIX,
    key="message_id",
    dated_by="sent_at",
    sorted_by=("sent_at", "sender", "target", "seq", "message_id"),
    told_again=True,
    columns=(
        _need("message_id"),
        _need("sent_at", Type.INSTANT),
        _need("msg_type"),
        Column("begin_string"),
        Column("sender"),
        Column("target"),
        Column("seq", Type.SEQUENCE),
        Column("possible_duplicate", Type.FLAG),
        Column("possible_resend", Type.FLAG),
        _need("fields"),
    ),
)
"""A FIX message. `fields` are its fields but 8, 9 and 10, in order, each `tag=value`, SOH between.

`message_id` is the digest of sender, target, sequence number, first sending time and what the
message says, so that a message logged twice or sent again is one.
"""

_CAT = Table(
    Kind.CAT,
    key="event_id",
    dated_by="event_at",
    sorted_by=("event_at", "event_id"),
    told_again=True,
    columns=(
        _need("event_id"),
        _need("event_at", Type.INSTANT),
        _need("type"),
        _need("action"),
        Column("firm_roe_id"),
        Column("reporter"),
        Column("order_id"),
        Column("order_key_date"),
        Column("symbol"),
        _need("fields"),
    ),
)
"""A CAT event. `fields` is the event as a JSON object by field name, keys sorted, numbers as text.

`event_id` is the digest of `fields`.
"""

MESSAGES = (Kind.FIX, Kind.CAT)
"""Kinds of message: what they tell is interpreted into orders, routes and fills."""

CANONICAL = tuple(kind for kind in Kind if kind not in MESSAGES)
"""The kinds of canonical table."""

TABLES: Mapping[Kind, Table] = {
    table.kind: table
    for table in (
        _ORDERS,
        _ROUTES,
        _FILLS,
        _QUOTES,
        _VENUE_QUOTES,
        _TRADES,
        _HALTS,
        _SECURITIES,
        _PAYMENTS,
        _VENDOR_REPORT,
        _CLOCKS,
        _FIX,
        _CAT,
    )
}
