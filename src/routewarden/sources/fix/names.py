"""What the tags of FIX that tell of orders and executions are called."""

from __future__ import annotations

from collections.abc import Mapping

from routewarden.sources.fix.fields import first_of_each

NAMES: Mapping[int, str] = {
    1: "Account",
    6: "AvgPx",
    8: "BeginString",
    9: "BodyLength",
    10: "CheckSum",
    11: "ClOrdID",
    14: "CumQty",
    17: "ExecID",
    18: "ExecInst",
    19: "ExecRefID",
    20: "ExecTransType",
    21: "HandlInst",
    30: "LastMkt",
    31: "LastPx",
    32: "LastQty",
    34: "MsgSeqNum",
    35: "MsgType",
    37: "OrderID",
    38: "OrderQty",
    39: "OrdStatus",
    40: "OrdType",
    41: "OrigClOrdID",
    43: "PossDupFlag",
    44: "Price",
    47: "Rule80A",
    49: "SenderCompID",
    52: "SendingTime",
    54: "Side",
    55: "Symbol",
    56: "TargetCompID",
    58: "Text",
    59: "TimeInForce",
    60: "TransactTime",
    75: "TradeDate",
    76: "ExecBroker",
    97: "PossResend",
    99: "StopPx",
    100: "ExDestination",
    102: "CxlRejReason",
    103: "OrdRejReason",
    111: "MaxFloor",
    122: "OrigSendingTime",
    126: "ExpireTime",
    150: "ExecType",
    151: "LeavesQty",
    167: "SecurityType",
    198: "SecondaryOrderID",
    207: "SecurityExchange",
    336: "TradingSessionID",
    375: "ContraBroker",
    378: "ExecRestatementReason",
    432: "ExpireDate",
    434: "CxlRejResponseTo",
    526: "SecondaryClOrdID",
    527: "SecondaryExecID",
    528: "OrderCapacity",
    582: "CustOrderCapacity",
    583: "ClOrdLinkID",
    847: "TargetStrategy",
    851: "LastLiquidityInd",
    880: "TrdMatchID",
    1003: "TradeID",
    1031: "CustOrderHandlingInst",
    1080: "RefOrderID",
    1138: "DisplayQty",
}
"""The name of each tag; a tag that is not here is known by its number alone."""

_KNOWN_BY = (35, 11, 37, 17)


def known_by(fields: str) -> str:
    """Return what a message is found by in a log: its type and identifiers, by name and tag."""
    tags = first_of_each(fields)
    stated = ((tag, tags.get(str(tag))) for tag in _KNOWN_BY)
    return ", ".join(f"{NAMES[tag]} {tag} is '{text}'" for tag, text in stated if text)
