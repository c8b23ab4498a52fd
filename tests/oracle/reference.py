"""A second, slow opinion on every fill and order measure, written from the data model alone.

Nothing is shared with the package under test. Rows are read as text, numbers are exact fractions,
instants are integers of nanoseconds, and each question ("which quote was in force?") is answered
by walking over all candidates. None is null: what is made from a null (`_gap`, `_total`) is null.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

Row = Mapping[str, str]
Sessions = Mapping[date, tuple[int, int]]
Value = Fraction | int | str | bool | None
Values = dict[str, Value]
Number = Fraction | int | None

MS = Fraction(1, 10**6)  # a nanosecond in milliseconds
HORIZONS_MS = {"50ms": 50, "1s": 1_000, "15s": 15_000, "1m": 60_000, "5m": 300_000}
ZERO = Fraction(0)
MEASURED = ("ok", "locked")
LIMIT_CLASSES = ("marketable_limit", "inside_quote", "at_quote", "near_quote", "away")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = "9999-12-31T00:00:00Z"  # stands for an end that is not stated; no quote is that late

FILL_COLUMNS = (
    *("fill_id", "symbol", "side", "order_type", "received_at", "sent_at", "order_class"),
    *("reference_status", "route_reference_status", "quoted_spread", "effective_spread"),
    *("effective_spread_at_execution", "price_improvement", "at_or_better", "slippage"),
    *(f"{name}_{horizon}" for name in ("realized_spread", "reversion") for horizon in HORIZONS_MS),
    *("quoted_spread_at_route", "effective_spread_at_route", "price_improvement_at_route"),
    *("explicit_cost", "net_effective_spread", "fill_time_ms", "route_time_ms", "decision_time_ms"),
)


@dataclass(frozen=True, slots=True)
class Tables:
    """The canonical tables of one firm; each quote file comes with its digest."""

    orders: Sequence[Row]
    routes: Sequence[Row]
    fills: Sequence[Row]
    quotes: Sequence[tuple[str, Sequence[Row]]]
    securities: Sequence[Row] = ()
    trades: Sequence[Row] = ()


def instant(text: str) -> int:
    """UTC nanoseconds since 1970 of an RFC 3339 UTC text with at most nine fractional digits."""
    body = text.removesuffix("+00:00") if text.endswith("+00:00") else text.removesuffix("Z")
    whole, _, digits = body.partition(".")
    if body == text or len(whole) != 19 or len(digits) > 9:
        raise ValueError(text)
    moment = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(seconds=1) * 10**9 + int(digits.ljust(9, "0"))


def trading_date(t: int) -> date:
    """The calendar date in New York at an instant."""
    return (EPOCH + timedelta(seconds=t // 10**9)).astimezone(ZoneInfo("America/New_York")).date()


def _number(row: Row, column: str) -> Fraction | None:
    return Fraction(row[column]) if row.get(column, "") else None


def _gap(factor: Fraction | int, left: Number, right: Number) -> Fraction | None:
    return None if left is None or right is None else Fraction(factor * (left - right))


def _total(terms: Iterable[Fraction | None]) -> Fraction | None:
    known = list(terms)
    return None if None in known else sum((term or ZERO for term in known), ZERO)


def _quotient(dividend: Fraction | None, divisor: Fraction | None) -> Fraction | None:
    if dividend is None or not divisor:
        return None
    # round() of a fraction is exact and takes a tie to the even neighbour.
    return Fraction(round(dividend / divisor * 10**12), 10**12)


@dataclass(frozen=True, slots=True)
class _Quote:
    # Decides which is in force: the instant, has a seq, the seq, the file's digest, place in it.
    rank: tuple[int, bool, Fraction, str, int]
    bid: Fraction  # zero: this side is absent
    ask: Fraction
    bid_size: Fraction | None
    ask_size: Fraction | None

    def status(self) -> str:
        if not self.bid or not self.ask:
            return "one_sided" if self.bid or self.ask else "none"
        return "locked" if self.bid == self.ask else "crossed" if self.bid > self.ask else "ok"

    def far(self, sign: int) -> Fraction:
        return self.ask if sign > 0 else self.bid


@dataclass(frozen=True, slots=True)
class _Fill:
    row: Row
    executed_at: int
    price: Fraction
    quantity: Fraction
    order: Row | None
    sent_at: int | None
    at_market: int | None  # when the market received the route: its reference instant


def _mid(quote: _Quote | None) -> Fraction | None:
    return (quote.bid + quote.ask) / 2 if quote is not None else None


def _sign(order: Row) -> int:
    return +1 if order["side"] == "buy" else -1


@dataclass(frozen=True, slots=True)
class _Records:
    orders: Sequence[Row]
    fills: Sequence[_Fill]
    quotes: Mapping[tuple[str, date], Sequence[_Quote]]
    sessions: Sessions
    trades: Sequence[Row]

    def quote(self, symbol: str, t: int) -> _Quote | None:
        today = self.quotes.get((symbol, trading_date(t)), ())
        return max((q for q in today if q.rank[0] <= t), key=lambda q: q.rank, default=None)

    def touch(self, symbol: str, t: int) -> _Quote | None:
        """The quote in force, where it has a mid."""
        quote = self.quote(symbol, t)
        return quote if quote is not None and quote.status() in MEASURED else None

    def session(self, order: Row, t: int) -> tuple[int, int]:
        """Open and close of the date; always open for crypto, never on a date without session."""
        if order["asset_class"] == "crypto":
            return 0, instant(NEVER)
        return self.sessions.get(trading_date(t), (t + 1, t - 1))

    def status(self, order: Row, t: int) -> str:
        (opens, closes), quote = self.session(order, t), self.quote(order["symbol"], t)
        if not opens <= t <= closes:
            return "outside_session"
        return quote.status() if quote is not None else "none"

    def reference(self, order: Row, t: int | None) -> _Quote | None:
        """The quote at a reference instant, where its status allows measuring."""
        if t is None or self.status(order, t) not in MEASURED:
            return None
        return self.touch(order["symbol"], t)

    def mid_after(self, order: Row, fill: _Fill, horizon: str) -> Fraction | None:
        """The mid some time after an execution in regular hours, at the latest at the close."""
        symbol, (opens, closes) = order["symbol"], self.session(order, fill.executed_at)
        later = min(fill.executed_at + HORIZONS_MS[horizon] * 10**6, closes)
        return _mid(self.touch(symbol, later)) if opens <= fill.executed_at <= closes else None


def _quotes_by_day(tables: Tables) -> dict[tuple[str, date], list[_Quote]]:
    by_day: dict[tuple[str, date], list[_Quote]] = {}
    for digest, rows in tables.quotes:
        for place, row in enumerate(rows):
            at, seq = instant(row["at"]), _number(row, "seq")
            rank = (at, seq is not None, seq or ZERO, digest, place)
            bid, ask = (max(_number(row, side) or ZERO, ZERO) for side in ("bid", "ask"))
            quote = _Quote(rank, bid, ask, _number(row, "bid_size"), _number(row, "ask_size"))
            by_day.setdefault((row["symbol"], trading_date(at)), []).append(quote)
    return by_day


def _asset_class(order: Row, securities: Sequence[Row]) -> str:
    in_force = [(-1, "")]
    for security in securities:
        start, end = instant(security["from"]), instant(security.get("to", "") or NEVER)
        if security["symbol"] == order["symbol"] and start <= instant(order["received_at"]) < end:
            in_force.append((start, security.get("asset_class", "")))
    return order.get("asset_class", "") or max(in_force)[1] or "equity"


def _age(fill: Row) -> tuple[int, str]:
    return instant(fill["executed_at"]), fill["fill_id"]


def _in_effect(fill: Row, fills: Sequence[Row]) -> bool:
    changes = [row for row in fills if row.get("status", "") in ("busted", "corrected")]
    if any(row.get("refers_to", "") == fill["fill_id"] for row in changes):
        return False
    if fill.get("status", "") != "corrected" or not fill.get("refers_to", ""):
        return fill.get("status", "") != "busted"
    rivals = [row for row in changes if row.get("refers_to", "") == fill["refers_to"]]
    return all(_age(row) <= _age(fill) for row in rivals if row["status"] == "corrected")


def _read(tables: Tables, sessions: Sessions) -> _Records:
    orders, fills = {}, []
    for row in tables.orders:
        auction = row.get("time_in_force", "") in ("opening", "closing")
        kind, asset_class = row["order_type"], _asset_class(row, tables.securities)
        inferred = {"kind": "auction" if auction else kind, "asset_class": asset_class}
        orders[row["order_id"]] = {**row, **inferred}
    routes = {row["route_id"]: row for row in tables.routes}
    for row in tables.fills:
        route = routes.get(row.get("route_id", ""))
        order = orders.get(row.get("order_id", "") or (route["order_id"] if route else ""))
        sent_at = instant(route["sent_at"]) if route else None
        at_market = instant(route.get("acknowledged_at", "") or route["sent_at"]) if route else None
        numbers = instant(row["executed_at"]), Fraction(row["price"]), Fraction(row["quantity"])
        if _in_effect(row, tables.fills):
            fills.append(_Fill(row, *numbers, order, sent_at, at_market))
    fills.sort(key=lambda fill: _age(fill.row))
    by_receipt = sorted(orders.values(), key=lambda o: (instant(o["received_at"]), o["order_id"]))
    return _Records(by_receipt, fills, _quotes_by_day(tables), sessions, tables.trades)


def _order_class(records: _Records, order: Row) -> str:
    if order["kind"] != "limit":
        return "market" if order["kind"] == "market" else "other"
    quote, sign = records.touch(order["symbol"], instant(order["received_at"])), _sign(order)
    if quote is None:
        return "unclassified"
    limit = Fraction(order["limit_price"])
    far, near = sign * (limit - quote.far(sign)), sign * (limit - quote.far(-sign))
    holds = (far >= 0, near > 0, near == 0, near >= Fraction(-1, 10), True)
    return LIMIT_CLASSES[holds.index(True)]


def measure_fills(tables: Tables, sessions: Sessions) -> list[dict[str, Value]]:
    """Every measure of every fill in effect, by execution instant and fill id."""
    records = _read(tables, sessions)
    result = []
    for fill in records.fills:
        values = _fill_values(records, fill, fill.order) if fill.order is not None else {}
        row = {column: values.get(column) for column in FILL_COLUMNS}
        # The route is held whether or not the order is, and its instant is not a measure.
        result.append({**row, "fill_id": fill.row["fill_id"], "sent_at": fill.sent_at})
    return result


def _spreads(quote: _Quote | None, order: Row, price: Fraction, at: str) -> Values:
    if quote is None:
        return {}
    return {
        f"quoted_spread{at}": quote.ask - quote.bid,
        f"effective_spread{at}": _gap(2 * _sign(order), price, _mid(quote)),
        f"price_improvement{at}": _sign(order) * (quote.far(_sign(order)) - price),
    }


def _fill_values(records: _Records, fill: _Fill, order: Row) -> Values:
    sign, price, t0, te = _sign(order), fill.price, instant(order["received_at"]), fill.executed_at
    quote = records.reference(order, t0)
    explicit_cost = _quotient(_number(fill.row, "fee"), fill.quantity)
    values: Values = {name: order[name] for name in ("symbol", "side", "order_type")}
    values |= _spreads(quote, order, price, "") | {
        "received_at": t0,
        "order_class": _order_class(records, order),
        "reference_status": records.status(order, t0),
        "explicit_cost": explicit_cost,
        "fill_time_ms": _gap(MS, te, t0),
        "route_time_ms": _gap(MS, te, fill.sent_at),
        "decision_time_ms": _gap(MS, fill.sent_at, t0),
    }
    if fill.at_market is not None:
        values["route_reference_status"] = records.status(order, fill.at_market)
        values |= _spreads(records.reference(order, fill.at_market), order, price, "_at_route")
    if quote is None:
        return values
    mid_te, slippage = _mid(records.touch(order["symbol"], te)), _gap(sign, price, _mid(quote))
    values["slippage"] = slippage
    values["at_or_better"] = sign * (quote.far(sign) - price) >= 0
    values["effective_spread_at_execution"] = _gap(2 * sign, price, mid_te)
    # The effective spread is twice the slippage, and the cost counts twice beside it.
    values["net_effective_spread"] = _total([slippage, slippage, explicit_cost, explicit_cost])
    for horizon in HORIZONS_MS:
        later = records.mid_after(order, fill, horizon)
        values[f"realized_spread_{horizon}"] = _gap(2 * sign, price, later)
        values[f"reversion_{horizon}"] = _gap(sign, later, mid_te)
    return values


def _shares(fills: Sequence[_Fill]) -> Fraction:
    return sum((fill.quantity for fill in fills), ZERO)


def _weighted(fills: Sequence[_Fill], values: Iterable[Fraction | None]) -> Fraction | None:
    """The sum of quantity times value; null where a fill has no value."""
    return _total(_gap(f.quantity, value, 0) for f, value in zip(fills, values, strict=True))


def measure_orders(tables: Tables, sessions: Sessions) -> list[dict[str, Value]]:
    """Every measure of every order, by receipt and order id."""
    records = _read(tables, sessions)
    result = []
    for order in records.orders:
        fills = [fill for fill in records.fills if fill.order is order]
        routes = [route for route in tables.routes if route["order_id"] == order["order_id"]]
        outcomes = [route.get("outcome", "") for route in routes]
        values: Values = {
            "order_id": order["order_id"],
            "order_class": _order_class(records, order),
            "reference_status": records.status(order, instant(order["received_at"])),
            "routes": len(routes),
            "rejects": outcomes.count("rejected"),
            "cancels": outcomes.count("cancelled"),
            "venues": len({route["venue"] for route in routes}),
        }
        values |= _costs(records, order, fills) | _averages(records, order, fills)
        result.append(values | _when_executable(records, order, fills))
    return result


def _costs(records: _Records, order: Row, fills: Sequence[_Fill]) -> Values:
    sign, quote = _sign(order), records.reference(order, instant(order["received_at"]))
    mids = [_mid(records.reference(order, fill.at_market)) for fill in fills]
    start, delays = _mid(quote), [_gap(sign, mid, _mid(quote)) for mid in mids]
    executions = [_gap(sign, f.price, mid) for f, mid in zip(fills, mids, strict=True)]
    unfilled = Fraction(order["quantity"]) - _shares(fills)
    end = _mid(records.touch(order["symbol"], instant(order.get("ended_at", "") or NEVER)))
    parts = {
        "delay_cost": _weighted(fills, delays) if quote is not None else None,
        "execution_cost": _weighted(fills, executions),
        "opportunity_cost": _gap(sign * unfilled, end, start) if unfilled > 0 else ZERO,
        "fees": _total(_number(fill.row, "fee") for fill in fills),
    }
    displayed = (quote.ask_size if sign > 0 else quote.bid_size) if quote is not None else None
    reached = [f for f in fills if quote is not None and sign * (quote.far(sign) - f.price) >= 0]
    beyond = max(_shares(reached) - displayed, ZERO) if displayed is not None else None
    sizes = {"displayed_size": displayed, "size_improvement_shares": beyond}
    return {**parts, **sizes, "shortfall": _total(parts.values())}


def _averages(records: _Records, order: Row, fills: Sequence[_Fill]) -> Values:
    sign, t0, ends = _sign(order), instant(order["received_at"]), [f.executed_at for f in fills]
    market = [
        (Fraction(trade["size"]), Fraction(trade["price"]))
        for trade in records.trades
        if trade["symbol"] == order["symbol"] and not trade.get("conditions", "")
        if t0 <= instant(trade["at"]) <= max(ends, default=t0 - 1)
    ]
    volume, turnover = sum(size for size, _ in market), sum(size * price for size, price in market)
    market_vwap = turnover / volume if volume else None
    start = _mid(records.reference(order, t0))
    shares, paid = _shares(fills), _weighted(fills, [fill.price for fill in fills])
    at_start = _gap(shares, start, 0)
    values: Values = {
        "filled_quantity": shares,
        "fill_rate": _quotient(shares, Fraction(order["quantity"])),
        "vwap": _quotient(paid, shares),
        "slippage_bps": _quotient(_gap(10**4 * sign, paid, at_start), at_start),
        "vwap_slippage": _quotient(_gap(sign, paid, _gap(shares, market_vwap, 0)), shares),
        "first_fill_ms": _gap(MS, min(ends, default=None), t0),
        "last_fill_ms": _gap(MS, max(ends, default=None), t0),
    }
    for horizon in HORIZONS_MS:
        later = _weighted(fills, [records.mid_after(order, fill, horizon) for fill in fills])
        gain = _gap(sign, later, paid) if start is not None else None
        values[f"markout_{horizon}"] = _quotient(gain, shares)
        values[f"markout_{horizon}_bps"] = _quotient(_gap(10**4, gain, 0), paid)
    return values


def _executable_at(records: _Records, order: Row) -> int | None:
    t0, symbol = instant(order["received_at"]), order["symbol"]
    opens, closes = records.session(order, t0)
    start, end = max(t0, opens), min(closes, instant(order.get("ended_at", "") or NEVER))
    # Only a new quote of the day can change the answer: no other instant need be tried.
    changes = [quote.rank[0] for quote in records.quotes.get((symbol, trading_date(t0)), ())]
    for t in sorted([start, *changes]) if order["kind"] == "limit" else ():
        touch = records.touch(symbol, t) if start <= t <= end else None
        limit, sign = Fraction(order["limit_price"]), _sign(order)
        if touch is not None and sign * (limit - touch.far(sign)) >= 0:
            return t
    return None


def _when_executable(records: _Records, order: Row, fills: Sequence[_Fill]) -> Values:
    at, both = _executable_at(records, order), 2 * _sign(order)
    quote = records.touch(order["symbol"], at) if at is not None else None
    later = [fill for fill in fills if at is not None and fill.executed_at >= at]
    means = {
        "quoted_spread": [quote.ask - quote.bid if quote else None for _ in later],
        "effective_spread": [_gap(both, fill.price, _mid(quote)) for fill in later],
        "fill_time_ms": [_gap(MS, f.executed_at, at) for f in later],
    }
    for horizon in HORIZONS_MS:
        mids = [records.mid_after(order, fill, horizon) for fill in later]
        gaps = [_gap(both, fill.price, mid) for fill, mid in zip(later, mids, strict=True)]
        means[f"realized_spread_{horizon}"] = gaps
    values: Values = {"executable_at": at}
    for name, gaps in means.items():
        values[f"{name}_when_executable"] = _quotient(_weighted(later, gaps), _shares(later))
    return values
