"""What vendors call the canonical columns, and the codes they write for their words.

Field names and codes of the FIX protocol, of exchanges' and brokers' exports; a name that means
two things is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from routewarden.base.schema import Kind

_NAMES = {
    "order_id": (
        "orderid orderno ordernumber ordernr clordid clientorderid ordid parentordid "
        "parentorderid parentorderno orderref orderreference order auftragsnummer "
        "ordernummer"
    ),
    "parent_order_id": "parentorderid parentordid parent",
    "root_order_id": "rootorderid rootid root",
    "route_id": "routeid childordid childorderid childid routeno routeref childorder childref",
    "fill_id": (
        "fillid execid executionid execno tradeid executionno execref tradeno tradenumber "
        "traderef fillno dealid"
    ),
    "refers_to": "execrefid refersto refexecid origexecid refexecno",
    "symbol": "symbol ticker sym instrument security wertpapier securitysymbol stock",
    "side": "side bs buysell direction action ordside orderside kv kaufverkauf",
    "quantity": (
        "quantity qty shares orderqty ordqty lastqty execqty lastshares orderquantity "
        "ordersize tradeqty tradequantity fillqty filledshares execshares lastquantity "
        "execquantity size stück stueck menge"
    ),
    "size": "size volume qty quantity shares",
    "price": "price px lastpx execprice execpx fillprice tradeprice executionprice lastprice kurs",
    "limit_price": "limitprice limitpx limit lmtprice lmtpx px price",
    "stop_price": "stopprice stoppx stop trigger",
    "order_type": "ordertype ordtype type auftragsart",
    "time_in_force": "timeinforce tif gültigkeit",
    "held": "held heldnotheld heldflag",
    "directed": "directed directedflag",
    "account_type": "accounttype accttype acctype",
    "account_id": "accountid account acct",
    "customer_id": "customerid customer clientid client",
    "capacity": "capacity ordercapacity",
    "asset_class": "assetclass asset securitytype",
    "router": "router sor",
    "strategy": "strategy algo",
    "desk": "desk",
    "venue": (
        "venue exchange exch ex mic mkt market lastmkt exdestination destination dest "
        "exdest lastmarket executionvenue execvenue marketcenter routedto"
    ),
    "received_at": (
        "receivedat receivedtime receivetime recvtime recvd orderreceived received "
        "entrytime timereceived transacttime created createdat createdon createddate "
        "creationtime arrivaltime arrival entered submittedat submittime ordertime "
        "eingang eingangszeit"
    ),
    "sent_at": (
        "sentat senttime routetime routedat sent timesent sendtime sendingtime routesenttime"
    ),
    "acknowledged_at": "acknowledgedat acktime acked acknowledged",
    "executed_at": (
        "executedat exectime executiontime filltime tradetime executed transacttime "
        "tradedat lasttime"
    ),
    "ended_at": "endedat endtime closedtime canceltime closed",
    "end_reason": "endreason orderstatus ordstatus status",
    "outcome": "outcome state routestatus",
    "reject_reason": "rejectreason text",
    "instructions": "instructions execinst",
    "liquidity": (
        "liquidity liq liquidityindicator liqind lastliquidityind liquidityflag addremove "
        "lastliquidity makertaker"
    ),
    "fee": "fee fees commission",
    "status": "status exectype exectranstype",
    "at": "at time timestamp datetime dt quotetime tradetime",
    "bid": "bid bidprice bidpx bestbid",
    "ask": "ask askprice askpx offer ofr bestask offerprice",
    "bid_size": "bidsize bidsz bidqty",
    "ask_size": "asksize asksz offersize ofrsize askqty",
    "conditions": "conditions cond salecondition",
    "condition": "condition cond quotecondition",
    "seq": "seq seqnum seqno sequencenumber",
}
NAMES: Mapping[str, tuple[str, ...]] = {
    column: tuple(names.split()) for column, names in _NAMES.items()
}
"""Names a column goes by, small letters and digits only; each also goes by its own."""

DATES = (
    "datum",
    "executiondate",
    "filldate",
    "createddate",
    "date",
    "tradedate",
    "tradingdate",
    "execdate",
    "orderdate",
)
TIMES = ("time", "timeofday", "tradetime", "exectime", "ordertime")

_ORDER_TYPES = {
    **dict.fromkeys(("MKT", "MARKET", "M", "1"), "market"),
    **dict.fromkeys(("LMT", "LIMIT", "LIM", "L", "2"), "limit"),
    **dict.fromkeys(("STP", "STOP", "3"), "stop"),
    **dict.fromkeys(("STL", "STPLMT", "STOP LIMIT", "STOPLIMIT", "4"), "stop_limit"),
    **dict.fromkeys(("PEG", "PEGGED", "P"), "pegged"),
    **dict.fromkeys(("MOC", "5"), "market_on_close"),
    **dict.fromkeys(("LOC", "B"), "limit_on_close"),
    "MOO": "market_on_open",
    "LOO": "limit_on_open",
}
_FLAGS = {
    **dict.fromkeys(("Y", "YES", "TRUE", "T", "1"), "true"),
    **dict.fromkeys(("N", "NO", "FALSE", "F", "0"), "false"),
}
_ENDS = {
    **dict.fromkeys(("FILLED", "FULLY FILLED"), "filled"),
    **dict.fromkeys(("CANCELLED", "CANCELED", "CXL"), "cancelled"),
    **dict.fromkeys(("EXPIRED", "DONE FOR DAY"), "expired"),
    **dict.fromkeys(("REJECTED", "REJ"), "rejected"),
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "side": {
        **dict.fromkeys(("B", "BUY", "BOT", "BOUGHT", "K", "KAUF", "1"), "buy"),
        **dict.fromkeys(("S", "SELL", "SLD", "SOLD", "V", "VERKAUF", "2"), "sell"),
        **dict.fromkeys(("SS", "SHORT", "SELL SHORT", "SHORT SELL", "SSHRT", "5"), "sell_short"),
        **dict.fromkeys(("SSE", "SELL SHORT EXEMPT", "6"), "sell_short_exempt"),
    },
    "order_type": _ORDER_TYPES,
    "time_in_force": {
        **dict.fromkeys(("DAY", "TAG", "0"), "day"),
        **dict.fromkeys(("GTC", "1"), "gtc"),
        **dict.fromkeys(("OPG", "2"), "opening"),
        **dict.fromkeys(("IOC", "3"), "ioc"),
        **dict.fromkeys(("FOK", "4"), "fok"),
        **dict.fromkeys(("GTD", "6"), "gtd"),
        **dict.fromkeys(("CLS", "7"), "closing"),
    },
    "held": {**_FLAGS, "H": "true", "NH": "false", "HELD": "true", "NOT HELD": "false"},
    "directed": _FLAGS,
    "further_routable": _FLAGS,
    "ioi": _FLAGS,
    "sp500": _FLAGS,
    "capacity": {"A": "agency", "P": "principal", "R": "riskless"},
    "asset_class": {"EQ": "equity", "EQUITY": "equity", "OPT": "option", "OPTION": "option"},
    "account_type": {"RETAIL": "retail", "INSTITUTIONAL": "institutional"},
    "end_reason": {**_ENDS, "REPLACED": "replaced"},
    "outcome": {**_ENDS, "PARTIAL": "partial", "PARTIALLY FILLED": "partial"},
    "liquidity": {
        **dict.fromkeys(("A", "ADD", "ADDED", "MAKER"), "added"),
        **dict.fromkeys(("R", "REMOVE", "REMOVED", "TAKER"), "removed"),
        **dict.fromkeys(("X", "ROUTED"), "routed"),
    },
    "status": {"NEW": "ok", "OK": "ok", "BUST": "busted", "CORRECTED": "corrected"},
}
"""Codes that mean one word wherever they are written, in capitals, by canonical column."""

GUESSED = (
    *(Kind.ORDERS, Kind.ROUTES, Kind.FILLS, Kind.QUOTES, Kind.VENUE_QUOTES, Kind.TRADES),
    *(Kind.HALTS, Kind.SECURITIES, Kind.PAYMENTS, Kind.VENDOR_REPORT),
)
"""The kinds a file is tried as, in this order."""


_MARKED = re.compile(r"[ _](?:utc|gmt|et|ny|us|ns|ms)$|code$|flag$")
_TIME = re.compile("datetime|timestamp")


def usual(name: str) -> str:
    """Return a name without what says how it is written: its unit, its zone, that it is a code."""
    told = _MARKED.sub("", re.sub(r"\(.*\)", "", name).strip().lower())
    return _TIME.sub("time", bare(told)).removeprefix("is")


def bare(name: str) -> str:
    """Return a column's name in small letters and digits."""
    return "".join(letter for letter in name.lower() if letter.isalnum())
