"""The standard's codes in the data model's words; a code without a word stays as it is.

Source: FIX 4.2 to 5.0 SP2, the fields named.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from routewarden.base.schema import LIMIT_TYPES
from routewarden.events.fix.message import EXACT, decimal, plain
from routewarden.sources.fix.dialect import Cell

Words = dict[str, str | None]
"""Canonical columns as text."""

Get = Callable[[str], str | None]
"""What a tag says, None where nothing does."""

_SIDES = {
    "1": "buy",
    "2": "sell",
    "3": "buy",
    "4": "sell",
    "5": "sell_short",
    "6": "sell_short_exempt",
}
_TYPES = {
    "1": "market",
    "2": "limit",
    "3": "stop",
    "4": "stop_limit",
    "5": "market_on_close",
    "7": "limit",  # or better
    "B": "limit_on_close",
    "P": "pegged",
}
_AT_OPEN = {"1": "market_on_open", "2": "limit_on_open"}
_AT_CLOSE = {"1": "market_on_close", "2": "limit_on_close"}
_LIVES = {
    "0": "day",
    "1": "gtc",
    "2": "opening",
    "3": "ioc",
    "4": "fok",
    "6": "gtd",
    "7": "closing",
}
_CAPACITIES = {"A": "agency", "P": "principal", "R": "riskless"}  # OrderCapacity 528
_RULE_80A = {"A": "agency", "P": "principal"}  # 47, whose other letters say more than capacity
_RIGHTS = {"0": "P", "1": "C"}  # PutOrCall
_ROOT_MOST = 6
_STRIKE_PAST = 10**8  # thousandths of a dollar: eight digits
_EXPIRY = re.compile(r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_CLASSES = {"OPT": "option", "CS": "equity", "PS": "equity"}
_SESSIONS = {"1": "regular", "6": "post"}  # before FIX 5.0 they are whatever two firms agree on
_INSTRUCTIONS = {"f": "iso", "6": "post_only", "M": "midpoint_peg", "R": "primary_peg"}

LIQUIDITY = Cell(
    "851", {"1": "added", "2": "removed", "3": "routed", "4": "auction"}, other="unknown"
)
"""LastLiquidityInd; what neither added nor removed is unknown."""


def symbol_and_side(get: Get) -> Words:
    """Return Symbol, with SymbolSfx after a blank where there is one, and Side."""
    side = get("54")
    name = " ".join(part for part in (get("55"), get("65")) if part)
    symbol = _contract(get) if get("167") == "OPT" else name or None
    return {"symbol": symbol, "side": _SIDES.get(side or "", side)}


def _contract(get: Get) -> str | None:
    """Return an option's symbol by the OSI, such as `AAPL  250221C00250000`: no root is a contract.

    None where the message leaves out root, expiry, right or strike.
    """
    root, month, strike = get("55") or "", get("200") or "", decimal(get("202"))
    if len(root) > _ROOT_MOST:
        return root  # the contract already
    day = (get("205") or "").zfill(2) if len(month) == len("YYYYMM") else ""
    expiry, right = get("541") or month + day, _RIGHTS.get(get("201") or "")
    thousandths = None if strike is None else EXACT.multiply(strike, Decimal(1000))
    if right is None or not _EXPIRY.fullmatch(expiry) or thousandths is None:
        return None
    if thousandths != int(thousandths) or not 0 < thousandths < _STRIKE_PAST:
        return None
    return f"{root:<{_ROOT_MOST}}{expiry[2:]}{right}{int(thousandths):08}" if root else None


def terms(get: Get, *, is_request: bool) -> Words:
    """Return order type, prices and time in force; a request that states none is for the day."""
    kind, life = get("40"), get("59")
    timed = {"2": _AT_OPEN, "7": _AT_CLOSE}.get(life or "", {})
    word = timed.get(kind or "") or _TYPES.get(kind or "", kind)
    return {
        "order_type": word,
        "limit_price": _limit(get, word),
        "stop_price": get("99") if word in {"stop", "stop_limit"} else None,
        "time_in_force": _LIVES.get(life) if life else ("day" if is_request else None),
    }


def _limit(get: Get, word: str | None) -> str | None:
    """Return Price where the type has one; a peg may go without, and some write that as 0."""
    if word not in (*LIMIT_TYPES, "pegged") or (word == "pegged" and not decimal(get("44"))):
        return None
    return get("44")


def handling(get: Get, version: str) -> Words:
    """Return what is said of who an order is for, and of how it may be worked."""
    held = {"1": "false", "5": "true"}
    asked = (get("1031") or "").split()
    session = _SESSIONS.get(get("336") or "") if version == "FIXT.1.1" else None
    return {
        "held": next((held[code] for code in (get("18") or "").split() if code in held), None),
        "directed": "true" if "DIR" in asked else None,
        "session": session,
        "capacity": _CAPACITIES.get(get("528") or "") or _RULE_80A.get(get("47") or ""),
        "asset_class": _CLASSES.get(get("167") or ""),
        "account_id": get("1"),
    }


def instructions(get: Get) -> str | None:
    """Return what a child order asks of its venue: ExecInst, and how much of it is shown."""
    asked = (get("18") or "").split()
    said = [word for code, word in _INSTRUCTIONS.items() if code in asked]
    shown, whole = decimal(get("1138") or get("111")), decimal(get("38"))
    if shown == 0:
        said.append("hidden")
    elif shown is not None and whole is not None and shown < whole:
        said.append("reserve")
    return " ".join(said) or None


def cell(source: Cell, get: Get, quantity: Decimal | None) -> str | None:
    """Return what a tag says of a column; where a number is exact it stays so."""
    text = get(source.tag)
    if text is None:
        return None
    if source.words or source.other is not None:
        text = source.words.get(text, text if source.other is None else source.other)
    number = decimal(text)
    if number is None or (source.times is None and not source.per_share):
        return text
    if source.times is not None:
        number = EXACT.multiply(number, source.times)
    if not source.per_share:
        return plain(number)
    return None if quantity is None else plain(EXACT.multiply(number, quantity))
