"""What each field of an event holds: its shape, how long it may be, and its choice values.

Source: CAT Reporting Technical Specifications for Industry Members 4.1.0 r15. A field has one
meaning in every event. Choice values are one list for equities and options, as loose as the looser.

The fields that name a market (`destination`, `marketCenterID`) have choice values too, and are not
held to them: an order sent to `XNYS` where CAT says `NYSE` is an order all the same, and refusing
it would lose it from oversight. Such a venue is kept as written, so it stands out as itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Shape(StrEnum):
    """The shapes a value may have."""

    TEXT = "a text"
    WORD = "one of its choice values"
    NUMBER = "a number"
    INSTANT = "a timestamp"
    FLAG = "true or false"
    PAIRS = "names with values"
    ARRAY = "an array"


@dataclass(frozen=True, slots=True)
class Field:
    """What a field holds.

    `size` is the most characters of a text or digits before a number's point (0: no limit),
    `scale` the most digits after it.
    """

    shape: Shape
    size: int = 0
    scale: int = 0
    words: tuple[str, ...] = ()


_TEXTS: Mapping[int, str] = {
    0: "marketCenterID",
    4: "exchOriginCode",
    5: "type",
    7: "CATReporterIMID originatingIMID",
    16: "counterparty destination receiverIMID senderIMID",
    20: "infoBarrierID",
    22: "optionID symbol",
    40: "firmDesignatedID seqNum session tapeTradeID",
    64: (
        "RFQID deskOrderID firmROEID fulfillmentID manualOrderID orderID pairedOrderID "
        "parentOrderID priorDeskOrderID priorFulfillmentID priorOrderID priorRoutedOrderID quoteID "
        "routedOrderID tradeID"
    ),
}

_NUMBERS: Mapping[tuple[int, int], str] = {
    (10, 8): "displayPrice nbbPrice nboPrice netPrice price workingPrice",
    (12, 0): "displayQty minQty nbbQty nboQty",
    (12, 6): "cancelQty leavesQty quantity",
    (20, 0): "clearingFirm errorROEID",
}

_SHAPES: Mapping[Shape, str] = {
    Shape.INSTANT: (
        "cancelTimestamp electronicTimestamp eventTimestamp fillKeyDate manualOrderKeyDate "
        "nbboTimestamp orderKeyDate parentOrderKeyDate priorFillKeyDate priorOrderKeyDate "
        "quoteKeyDate requestTimestamp tradeKeyDate"
    ),
    Shape.FLAG: (
        "BFMMFlag affiliateFlag cancelFlag custDspIntrFlag dupROIDCond electronicDupFlag "
        "manualFlag multiLegInd negotiatedTradeFlag routeRejectedFlag solicitationFlag"
    ),
    Shape.PAIRS: "handlingInstructions timeInForce",
    Shape.ARRAY: "aggregatedOrders atsOrderType buyDetails clientDetails firmDetails sellDetails",
}

_WORDS: Mapping[str, str] = {
    "accountHolderType": "A E F I O V P X",
    "actionType": "NEW RPR COR DEL",
    "atsDisplayInd": "S A Y N",
    "capacity": "A P R",
    "deptType": "A ATS DMA SA T O",
    "destinationType": "F E N O D S",
    "fulfillmentLinkType": "Y YS YP YE FOR O OS OE OML OME",
    "initiator": "C F",
    "isoInd": "ISOD ISOI NA",
    "nbboSource": "D H NA S",
    "openCloseIndicator": "Open Close",
    "orderType": "CAB LMT MKT",
    "receivingDeskType": "A AR B C CR D EC FB IN IS O PF PR PT S SW T TR",
    "reportingExceptionCode": "C F N P",
    "representativeInd": "Y YS YP YE N O OS OE OML OMS OME",
    "senderType": "F E N O S",
    "side": "B S SL SS SX",
    "sideDetailsInd": "BUY SELL NA",
    "tradingSession": "FOR PRE PREREG REG REGPOST POST PREPOST ALL",
}

TIMES_IN_FORCE = ("DAY", "GFD", "GTC", "GTD", "GTM", "GTT", "GTX", "IOC", "IOR")
"""The names of a timeInForce. Names of handlingInstructions come and go, and are not checked."""

FIELDS: Mapping[str, Field] = {
    **{
        name: Field(Shape.TEXT, size=size)
        for size, names in _TEXTS.items()
        for name in names.split()
    },
    **{
        name: Field(Shape.NUMBER, size=size, scale=scale)
        for (size, scale), names in _NUMBERS.items()
        for name in names.split()
    },
    **{name: Field(shape) for shape, names in _SHAPES.items() for name in names.split()},
    **{name: Field(Shape.WORD, words=tuple(words.split())) for name, words in _WORDS.items()},
}
"""Every field of the events that are checked."""
