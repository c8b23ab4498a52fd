"""Two real days of one NYSE stock, measured by the line and by plain bisection.

The quotes are those of the NYSE alone (EX = N), used as the reference quote and not called a
national best: the set is thinned, and a best over its venues would be crossed half the time. Each
uncorrected trade becomes a market order of its size, received 100 ms before it and routed 40 ms
before it. Its side is that of the quote rule: a buy above the midpoint in force, a sell below; at
the midpoint, or without one, the side of the trade before (the first is a buy).
"""

from __future__ import annotations

import csv
import gzip
import os
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.command import must

DATA = Path(os.environ.get("ROUTEWARDEN_DATA", Path(__file__).parents[3] / "shared" / "data"))
TAQ = DATA / "market" / "taq"
QUOTES, TRADES = (TAQ / f"XXX_{name}_20180102_03.csv.gz" for name in ("quotes", "trades"))

MS = 1_000_000
RECEIVED, ROUTED = 100 * MS, 40 * MS
HORIZONS = {
    "50ms": 50 * MS,
    "1s": 1_000 * MS,
    "15s": 15_000 * MS,
    "1m": 60_000 * MS,
    "5m": 300_000 * MS,
}
SESSIONS = {
    "2018-01-02": (1_514_903_400 * 10**9, 1_514_926_800 * 10**9),  # 14:30 to 21:00 UTC
    "2018-01-03": (1_514_989_800 * 10**9, 1_515_013_200 * 10**9),
}

pytestmark = pytest.mark.skipif(
    not QUOTES.exists(), reason=f"no real TAQ days under {TAQ} (set ROUTEWARDEN_DATA)"
)


@dataclass(frozen=True, slots=True)
class Trade:
    number: int
    at: int
    price: Decimal
    size: str
    side: str


@dataclass(frozen=True, slots=True)
class Book:
    """Quotes by time; of several at one time the last row stands."""

    at: list[int]
    quote: list[tuple[Decimal, Decimal, int]]

    def in_force(self, at: int) -> tuple[Decimal, Decimal, int] | None:
        row = bisect_right(self.at, at) - 1
        found = row >= 0 and _day(self.at[row]) == _day(at)
        return self.quote[row] if found else None

    def mid(self, at: int) -> Decimal | None:
        quote = self.in_force(at)
        return None if quote is None or quote[0] > quote[1] else (quote[0] + quote[1]) / 2


def _ns(text: str) -> int:
    whole = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    return int(whole.timestamp()) * 10**9 + int(text[20:].ljust(9, "0"))


def _day(at: int) -> str:
    """The date in New York; in January it is five hours behind UTC."""
    return str(datetime.fromtimestamp((at - 5 * 3600 * 10**9) // 10**9, UTC).date())


def _text(at: int) -> str:
    return f"{datetime.fromtimestamp(at // 10**9, UTC):%Y-%m-%dT%H:%M:%S}.{at % 10**9:09d}Z"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as file:
        yield from csv.DictReader(file)


def _book() -> Book:
    rows = [
        (_ns(q["DT"]), number, (Decimal(q["BID"]), Decimal(q["OFR"]), int(q["OFRSIZ"]) * 100))
        for number, q in enumerate(_rows(QUOTES))
        if q["EX"] == "N"
    ]
    rows.sort(key=lambda row: row[:2])
    return Book([at for at, _, _ in rows], [quote for _, _, quote in rows])


def _trades(book: Book) -> list[Trade]:
    side, trades = "buy", []
    for number, t in enumerate(_rows(TRADES)):
        if t["CORR"] != "0":
            continue
        at, price = _ns(t["DT"]), Decimal(t["PRICE"])
        mid = book.mid(at)
        if mid is not None and price != mid:
            side = "buy" if price > mid else "sell"
        trades.append(Trade(number, at, price, t["SIZE"], side))
    return trades


def _write(folder: Path, trades: list[Trade]) -> None:
    quotes = ["symbol,at,bid,bid_size,ask,ask_size"]
    quotes += [
        f"XXX,{_text(_ns(q['DT']))},{q['BID']},{int(q['BIDSIZ']) * 100},"
        f"{q['OFR']},{int(q['OFRSIZ']) * 100}"
        for q in _rows(QUOTES)
        if q["EX"] == "N"
    ]
    orders = ["order_id,received_at,symbol,side,quantity,order_type"]
    routes = ["route_id,order_id,venue,sent_at,quantity"]
    fills = ["fill_id,route_id,order_id,executed_at,price,quantity"]
    for t in trades:
        orders.append(f"O{t.number},{_text(t.at - RECEIVED)},XXX,{t.side},{t.size},market")
        routes.append(f"R{t.number},O{t.number},N,{_text(t.at - ROUTED)},{t.size}")
        fills.append(f"F{t.number},R{t.number},,{_text(t.at)},{t.price},{t.size}")
    for name, lines in (
        ("quotes", quotes),
        ("orders", orders),
        ("routes", routes),
        ("fills", fills),
    ):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")


def _status(book: Book, at: int) -> str:
    opening, close = SESSIONS[_day(at)]
    quote = book.in_force(at)
    if not opening <= at <= close:
        return "outside_session"
    if quote is None:
        return "none"
    return "crossed" if quote[0] > quote[1] else "locked" if quote[0] == quote[1] else "ok"


def _expected(book: Book, t: Trade) -> dict[str, Decimal | str | None]:
    """Work the fill out from the definitions, with bisection and decimals."""
    sign = 1 if t.side == "buy" else -1
    status, routed = _status(book, t.at - RECEIVED), _status(book, t.at - ROUTED)
    row: dict[str, Decimal | str | None] = {
        "reference_status": status,
        "route_reference_status": routed,
    }
    at_receipt, at_route = book.in_force(t.at - RECEIVED), book.in_force(t.at - ROUTED)
    measured = status in {"ok", "locked"} and at_receipt is not None
    mid, mid_te = book.mid(t.at - RECEIVED), book.mid(t.at)
    if measured and at_receipt and mid is not None:
        far = at_receipt[1] if sign > 0 else at_receipt[0]
        row["quoted_spread"] = at_receipt[1] - at_receipt[0]
        row["effective_spread"] = 2 * sign * (t.price - mid)
        row["price_improvement"] = sign * (far - t.price)
        row["slippage"] = sign * (t.price - mid)
        if mid_te is not None:
            row["effective_spread_at_execution"] = 2 * sign * (t.price - mid_te)
    if routed in {"ok", "locked"} and at_route is not None:
        row["price_improvement_at_route"] = sign * (
            (at_route[1] if sign > 0 else at_route[0]) - t.price
        )
    opening, close = SESSIONS[_day(t.at)]
    for label, ns in HORIZONS.items():
        later = book.mid(min(t.at + ns, close)) if opening <= t.at <= close else None
        if measured and later is not None:
            row[f"realized_spread_{label}"] = 2 * sign * (t.price - later)
            if mid_te is not None:
                row[f"reversion_{label}"] = sign * (later - mid_te)
    return row


def test_the_real_days_are_measured_as_bisection_measures_them(tmp_path: Path) -> None:
    book = _book()
    trades = _trades(book)
    _write(tmp_path, trades)
    home = tmp_path / "firm"
    must(home, "init")
    for kind in ("orders", "routes", "fills", "quotes"):
        must(home, "ingest", kind, tmp_path / f"{kind}.csv")
    must(home, "run")
    must(home, "export", "fills", "--out", tmp_path / "out.parquet")
    fills = {row["fill_id"]: row for row in pl.read_parquet(tmp_path / "out.parquet").to_dicts()}

    assert len(trades) > 70_000
    assert len(fills) == len(trades)
    names = {name for t in trades[::97] for name in _expected(book, t)}
    assert len(names) == 18
    for t in trades:
        expected = dict.fromkeys(names) | _expected(book, t)
        actual = fills[f"F{t.number}"]
        assert {name: actual[name] for name in names} == expected, t
