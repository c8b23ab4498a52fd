"""A FIX message of an order's life: its tags, its time and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

import polars as pl

from routewarden.base.time import render_instant, trading_date
from routewarden.native.numbers import parse_instant
from routewarden.sources.fix.dialect import FixDialect
from routewarden.sources.fix.fields import first_of_each
from routewarden.sources.fix.reader import fix_instant

OF_ORDERS = ("D", "G", "F", "8")
"""New order, replace request, cancel request, execution report. A cancel reject changes nothing."""

EXACT = Context(prec=200)
"""Arithmetic that rounds nothing a message could hold."""

Order = tuple[int, int, str, str, int, str]
"""What puts messages in one order: times, session, number, identifier."""

_STANDARD = FixDialect()
_DECIMAL = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{0,30})?|-?\.[0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class Message:
    """One message.

    `at` is TransactTime, else when it was first sent, as text and as ns to order by (SendingTime's
    where that is no instant); `date` its trading date, YYYYMMDD. Of a tag that stands twice the
    first counts. `order` puts messages in one order, whatever order they came in.
    """

    type: str
    version: str
    session: tuple[str, str]
    tags: Mapping[str, str]
    at: str
    instant: int
    date: str
    order: Order
    place: Mapping[str, str | int | None]
    dialect: FixDialect

    @property
    def receiver(self) -> str | None:
        """Whom the order was sent to: a report comes from there."""
        sender, target = self.session
        return (sender if self.type == "8" else target) or None

    def get(self, tag: str) -> str | None:
        """Return the value of a tag; None where it is absent or empty."""
        return self.tags.get(tag) or None

    def name(self, tag: str) -> str | None:
        """Return an identifier, without a broker's prefix."""
        return self.dialect.name(self.tags.get(tag))

    def number(self, tag: str) -> Decimal | None:
        """Return a plain decimal; None where there is none."""
        return decimal(self.tags.get(tag))


def decimal(text: str | None) -> Decimal | None:
    """Return a plain decimal as a number, None if a text is none."""
    return Decimal(text) if text and _DECIMAL.fullmatch(text) else None


def agree(one: Message, other: Message, tags: Iterable[str]) -> bool:
    """Return whether two messages agree in what both of them state."""
    for tag in tags:
        left, right = one.get(tag), other.get(tag)
        if left != right and left is not None and right is not None:
            return False
    return True


def plain(number: Decimal) -> str:
    """Return a number as text: no exponent, no superfluous zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def read_messages(records: pl.DataFrame, dialects: Mapping[str, FixDialect]) -> list[Message]:
    """Return the messages of orders' lives among records of Kind.FIX, in order of their times."""
    transacted, first_sent = (
        fix_instant(pl.col("fields").str.extract(f"(?:^|\x01){tag}=([^\x01]+)"))
        for tag in ("60", "122")
    )
    is_again = pl.col("possible_duplicate") & parse_instant(first_sent).is_not_null()
    sent_again = pl.when(is_again).then(first_sent)
    told = pl.coalesce(transacted, sent_again, render_instant(pl.col("sent_at")))
    frame = (
        records.filter(pl.col("msg_type").is_in(OF_ORDERS))
        .with_columns(told=told)
        .with_columns(instant=pl.coalesce(parse_instant(pl.col("told")), "sent_at"))
        .with_columns(date=trading_date(pl.col("instant")).dt.strftime("%Y%m%d"))
    )
    read = (_message(row, dialects) for row in frame.iter_rows(named=True))
    return sorted(read, key=lambda message: message.order)


def _message(row: Mapping[str, str | int | None], dialects: Mapping[str, FixDialect]) -> Message:
    sender, target = str(row["sender"] or ""), str(row["target"] or "")
    instant, sent_at = int(row["instant"] or 0), int(row["sent_at"] or 0)
    return Message(
        type=str(row["msg_type"]),
        version=str(row["begin_string"]),
        session=(sender, target),
        tags=first_of_each(str(row["fields"])),
        at=str(row["told"]),
        instant=instant,
        date=str(row["date"]),
        order=(instant, sent_at, sender, target, int(row["seq"] or 0), str(row["message_id"])),
        place={name: row.get(name) for name in ("file", "line", "start", "end")},
        dialect=dialects.get(str(row["file"]), _STANDARD),
    )
