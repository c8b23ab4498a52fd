"""What CAT's words mean in canonical ones, only where that is sure; elsewhere null.

Source: CAT Reporting Technical Specifications for Industry Members 4.1.0 r15 (choice values,
handling instructions), and for the markets its list of Exchange IDs beside ISO 10383.
"""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.events.cat.held import Event

SIDES: Mapping[str, str] = {
    "B": "buy",
    "S": "sell",
    "SL": "sell",
    "SS": "sell_short",
    "SX": "sell_short_exempt",
}

SESSIONS: Mapping[str, str] = {"REG": "regular", "PRE": "pre", "POST": "post"}
"""Sessions that are one session; an order good for several is of none of them."""

ACCOUNT_TYPES: Mapping[str, str] = {
    "A": "institutional",
    "I": "retail",
    "O": "market_maker",
    "P": "proprietary",
}
"""Account holders: institutional and individual customers, market making, other proprietary.

An employee's (E), a foreign (F), an average price (V) and an error account (X) may be of any type.
"""

EXCHANGES: Mapping[str, str] = {
    "NYSE": "XNYS",
    "ARCA": "ARCX",
    "AMER": "XASE",
    "NSX": "XCIS",
    "CHX": "XCHI",
    "NSDQ": "XNAS",
    "BX": "XBOS",
    "PSX": "XPSX",
    "BZX": "BATS",
    "BYX": "BATY",
    "EDGA": "EDGA",
    "EDGX": "EDGX",
    "IEX": "IEXG",
    "MEMX": "MEMX",
    "PEARLEQ": "EPRL",
    "LTSE": "LTSE",
    "24X": "24EQ",
    "TXSE": "TXSE",
    "CBOE": "XCBO",
    "C2": "C2OX",
    "BZXOP": "BATO",
    "EDGXOP": "EDGO",
    "PHLX": "XPHL",
    "NOM": "XNDQ",
    "NOBO": "XBXO",
    "ISE": "XISX",
    "GEMX": "GMNI",
    "MRX": "MCRY",
    "ARCAOP": "ARCO",
    "AMEROP": "AMXO",
    "BOX": "XBOX",
    "MIAMI": "XMIO",
    "PEARL": "MPRL",
    "EMLD": "EMLD",
    "SPHR": "SPHR",
    "MEMXOP": "MXOP",
}
"""Exchange IDs and the MICs of ISO 10383 they stand for. What is not here is kept as written."""

_AT_THE_OPEN = {"MOO", "LOO"}
_AT_THE_CLOSE = {"MOC", "LOC"}
_STOPS = {"STOP", "STOPF", "TS", "TTS"}
_TIMES_IN_FORCE: Mapping[str, str] = {"DAY": "day", "IOC": "ioc", "GTC": "gtc", "GTD": "gtd"}
_BASIC_TYPES: Mapping[str, str] = {"MKT": "market"}


def order_type(event: Event) -> str | None:
    """Return the canonical order type; a type without one is returned as it is, to be refused.

    A cabinet order (CAB) is a limit order at its cabinet price, where it states that price.
    """
    told = set(event.pairs("handlingInstructions"))
    stated = event.text("orderType")
    limited = stated == "LMT" or (stated == "CAB" and event.text("price") is not None)
    if told & _AT_THE_OPEN:
        return "limit_on_open" if limited else "market_on_open"
    if told & _AT_THE_CLOSE:
        return "limit_on_close" if limited else "market_on_close"
    if told & _STOPS:
        return "stop_limit" if limited else "stop"
    if "PEG" in told:
        return "pegged"
    return "limit" if limited else _BASIC_TYPES.get(stated or "", stated)


def stop_price(event: Event) -> str | None:
    """Return the price an order waits for."""
    stated = event.pairs("handlingInstructions").get("STOP")
    return stated if isinstance(stated, str) else None


def time_in_force(event: Event) -> str | None:
    """Return how long an order lasts; an auction or fill-or-kill instruction says it closer."""
    told = set(event.pairs("handlingInstructions"))
    if told & _AT_THE_OPEN:
        return "opening"
    if told & _AT_THE_CLOSE:
        return "closing"
    if "FOK" in told:
        return "fok"
    return _TIMES_IN_FORCE.get(next(iter(event.pairs("timeInForce")), ""))


def instructions(event: Event) -> str | None:
    """Return a route's canonical instructions."""
    told = event.pairs("handlingInstructions")
    words = [
        *(["iso"] if event.text("isoInd") in ("ISOD", "ISOI") else []),
        *(["post_only"] if "ALO" in told else []),
        *(["reserve"] if "RSV" in told else []),
    ]
    return " ".join(words) or None


def asset_class(event: Event) -> str:
    """Return whether an event is of a share or an option."""
    return "option" if event.type.startswith("MO") else "equity"


def venue(event: Event, names: Mapping[str, str]) -> str | None:
    """Return where a route went: a name of the firm's own, an exchange's MIC, or as written."""
    stated = event.text("destination")
    known = {**EXCHANGES, **names} if event.text("destinationType") == "E" else names
    return None if stated is None else known.get(stated, stated)
