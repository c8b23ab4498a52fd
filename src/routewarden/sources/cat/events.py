"""The events of an order's life: which fields each has, in the order of its CSV positions.

Source: CAT Reporting Technical Specifications for Industry Members 4.1.0 r15, for the events of
equity and of single-leg option orders. A field marked `!` is required, the others are conditional
or optional; `-` is a position that is retired or kept for later. HEAD, KEY and NBBO stand for runs
of fields that many events share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_RUNS = {
    "HEAD": "actionType! errorROEID firmROEID! type! CATReporterIMID",
    "KEY": "orderKeyDate! orderID!",
    "NBBO": "nbbPrice nbbQty nboPrice nboQty nbboSource nbboTimestamp",
}

_EQUITY: Mapping[str, str] = {
    "MENO": (
        "HEAD KEY symbol! eventTimestamp! manualFlag! electronicDupFlag! electronicTimestamp "
        "manualOrderKeyDate manualOrderID deptType! solicitationFlag! RFQID side! price "
        "quantity! minQty orderType! timeInForce! tradingSession! handlingInstructions "
        "custDspIntrFlag! firmDesignatedID! accountHolderType! affiliateFlag! infoBarrierID "
        "aggregatedOrders negotiatedTradeFlag! representativeInd! seqNum atsDisplayInd "
        "displayPrice workingPrice displayQty atsOrderType NBBO netPrice BFMMFlag"
    ),
    "MENOS": "HEAD KEY symbol! originatingIMID eventTimestamp! aggregatedOrders firmDesignatedID",
    "MEOA": (
        "HEAD KEY symbol! eventTimestamp! manualFlag! electronicDupFlag! electronicTimestamp "
        "receiverIMID! senderIMID! senderType! routedOrderID manualOrderKeyDate manualOrderID "
        "affiliateFlag! deptType! side! price quantity! minQty orderType! timeInForce! "
        "tradingSession! isoInd! handlingInstructions custDspIntrFlag! infoBarrierID seqNum "
        "atsDisplayInd displayPrice workingPrice displayQty atsOrderType NBBO solicitationFlag! "
        "pairedOrderID netPrice"
    ),
    "MEOR": (
        "HEAD KEY symbol! originatingIMID eventTimestamp! manualFlag! electronicDupFlag! "
        "electronicTimestamp senderIMID destination destinationType! routedOrderID session "
        "side! price quantity! minQty orderType! timeInForce! tradingSession! affiliateFlag! "
        "isoInd! handlingInstructions routeRejectedFlag! dupROIDCond! seqNum multiLegInd! "
        "pairedOrderID infoBarrierID netPrice quoteKeyDate quoteID"
    ),
    "MEMR": (
        "HEAD KEY symbol! originatingIMID eventTimestamp! manualFlag! electronicTimestamp "
        "senderIMID destination destinationType! routedOrderID priorRoutedOrderID session side! "
        "price quantity! minQty - orderType! timeInForce! tradingSession! affiliateFlag! "
        "isoInd! handlingInstructions routeRejectedFlag! dupROIDCond! seqNum netPrice "
        "multiLegInd!"
    ),
    "MECR": (
        "HEAD KEY symbol! originatingIMID eventTimestamp! manualFlag! electronicTimestamp "
        "cancelQty! - senderIMID destination destinationType! routedOrderID session "
        "routeRejectedFlag! seqNum multiLegInd!"
    ),
    "MEIR": (
        "HEAD KEY symbol! parentOrderKeyDate parentOrderID originatingIMID eventTimestamp! "
        "manualFlag! electronicTimestamp deptType! receivingDeskType! infoBarrierID side! price "
        "quantity! minQty orderType! handlingInstructions timeInForce! tradingSession! "
        "multiLegInd! netPrice deskOrderID"
    ),
    "MEIM": (
        "HEAD KEY symbol! priorOrderKeyDate priorOrderID originatingIMID eventTimestamp! "
        "manualFlag! electronicTimestamp deptType! receivingDeskType! infoBarrierID initiator! "
        "side! price quantity! minQty leavesQty! orderType! handlingInstructions timeInForce! "
        "tradingSession! requestTimestamp netPrice deskOrderID priorDeskOrderID"
    ),
    "MEIC": (
        "HEAD KEY symbol! originatingIMID eventTimestamp! manualFlag! electronicTimestamp "
        "cancelQty! leavesQty! initiator! requestTimestamp infoBarrierID deskOrderID"
    ),
    "MECO": (
        "HEAD KEY symbol! parentOrderKeyDate! parentOrderID! originatingIMID eventTimestamp! "
        "side! price quantity! minQty orderType! timeInForce! tradingSession! "
        "handlingInstructions seqNum atsDisplayInd displayPrice workingPrice displayQty NBBO "
        "multiLegInd! infoBarrierID netPrice manualFlag electronicTimestamp"
    ),
    "MECOM": (
        "HEAD KEY symbol! priorOrderKeyDate priorOrderID originatingIMID eventTimestamp! side! "
        "price quantity! minQty leavesQty! orderType! timeInForce! tradingSession! "
        "handlingInstructions seqNum atsDisplayInd displayPrice workingPrice displayQty NBBO "
        "netPrice manualFlag electronicTimestamp"
    ),
    "MECOC": (
        "HEAD KEY symbol! originatingIMID eventTimestamp! side! cancelQty! leavesQty! - seqNum "
        "manualFlag electronicTimestamp"
    ),
    "MEOM": (
        "HEAD KEY symbol! priorOrderKeyDate priorOrderID originatingIMID eventTimestamp! "
        "manualFlag! manualOrderKeyDate manualOrderID electronicDupFlag! electronicTimestamp "
        "receiverIMID senderIMID senderType routedOrderID requestTimestamp - - - initiator! "
        "side! price quantity! minQty leavesQty! orderType! timeInForce! tradingSession! "
        "isoInd! handlingInstructions custDspIntrFlag! infoBarrierID aggregatedOrders "
        "representativeInd! seqNum atsDisplayInd displayPrice workingPrice displayQty "
        "atsOrderType NBBO netPrice BFMMFlag"
    ),
    "MEOC": (
        "HEAD KEY symbol! originatingIMID eventTimestamp! manualFlag! electronicTimestamp "
        "cancelQty! leavesQty! initiator! seqNum requestTimestamp infoBarrierID"
    ),
    "MEOT": (
        "HEAD tradeKeyDate! tradeID! symbol! eventTimestamp! manualFlag! electronicTimestamp "
        "cancelFlag! cancelTimestamp - - quantity! price! capacity! tapeTradeID marketCenterID "
        "sideDetailsInd! buyDetails sellDetails reportingExceptionCode seqNum NBBO - "
        "clearingFirm counterparty multiLegInd! infoBarrierID"
    ),
    "MEOF": (
        "HEAD fillKeyDate! fulfillmentID! symbol! eventTimestamp! manualFlag! "
        "electronicTimestamp fulfillmentLinkType! cancelFlag! cancelTimestamp quantity! price! "
        "capacity! clientDetails! firmDetails infoBarrierID"
    ),
    "MEFA": (
        "HEAD fillKeyDate! fulfillmentID! priorFillKeyDate priorFulfillmentID symbol! "
        "originatingIMID eventTimestamp! manualFlag! electronicTimestamp quantity! capacity! "
        "price! fulfillmentLinkType! clientDetails firmDetails"
    ),
}

_OPTION: Mapping[str, str] = {
    "MONO": (
        "HEAD KEY optionID! eventTimestamp! manualFlag! manualOrderKeyDate manualOrderID "
        "electronicDupFlag! electronicTimestamp deptType! side! price quantity! minQty "
        "orderType! timeInForce! tradingSession! handlingInstructions firmDesignatedID! "
        "accountHolderType! affiliateFlag! aggregatedOrders solicitationFlag! "
        "openCloseIndicator representativeInd! - RFQID netPrice"
    ),
    "MONOS": (
        "HEAD KEY optionID! originatingIMID eventTimestamp! aggregatedOrders - - firmDesignatedID"
    ),
    "MOOA": (
        "HEAD KEY optionID! eventTimestamp! manualOrderKeyDate manualOrderID manualFlag! "
        "electronicDupFlag! electronicTimestamp receiverIMID! senderIMID! senderType! "
        "routedOrderID deptType! side! price quantity! minQty orderType! timeInForce! "
        "tradingSession! handlingInstructions affiliateFlag! solicitationFlag! pairedOrderID "
        "openCloseIndicator - - netPrice"
    ),
    "MOOR": (
        "HEAD KEY optionID! originatingIMID eventTimestamp! manualFlag! electronicDupFlag! "
        "electronicTimestamp senderIMID destination destinationType! routedOrderID session "
        "side! price quantity! minQty orderType! timeInForce! tradingSession! "
        "handlingInstructions routeRejectedFlag! exchOriginCode affiliateFlag! multiLegInd! "
        "openCloseIndicator - - pairedOrderID netPrice"
    ),
    "MOMR": (
        "HEAD KEY optionID! originatingIMID eventTimestamp! manualFlag! electronicTimestamp "
        "senderIMID destination destinationType! routedOrderID priorRoutedOrderID session side! "
        "price quantity! minQty - orderType! timeInForce! tradingSession! affiliateFlag! "
        "handlingInstructions routeRejectedFlag! dupROIDCond! exchOriginCode openCloseIndicator "
        "netPrice multiLegInd!"
    ),
    "MOCR": (
        "HEAD KEY optionID! originatingIMID eventTimestamp! manualFlag! electronicTimestamp "
        "cancelQty! - senderIMID destination destinationType! routedOrderID session "
        "routeRejectedFlag! multiLegInd!"
    ),
    "MOIR": (
        "HEAD KEY optionID! parentOrderKeyDate parentOrderID originatingIMID eventTimestamp! "
        "manualFlag! electronicTimestamp deptType! receivingDeskType! side! price quantity! "
        "minQty orderType! handlingInstructions openCloseIndicator - - timeInForce! "
        "tradingSession! multiLegInd! netPrice deskOrderID"
    ),
    "MOIM": (
        "HEAD KEY optionID! priorOrderKeyDate priorOrderID originatingIMID eventTimestamp! "
        "manualFlag! electronicTimestamp deptType! receivingDeskType! initiator! side! price "
        "quantity! minQty leavesQty! orderType! handlingInstructions openCloseIndicator "
        "timeInForce! tradingSession! requestTimestamp netPrice deskOrderID priorDeskOrderID"
    ),
    "MOIC": (
        "HEAD KEY optionID! originatingIMID eventTimestamp! manualFlag! electronicTimestamp "
        "cancelQty! leavesQty! initiator! requestTimestamp deskOrderID"
    ),
    "MOCO": (
        "HEAD KEY optionID! parentOrderKeyDate! parentOrderID! originatingIMID eventTimestamp! "
        "side! price quantity! minQty orderType! timeInForce! tradingSession! "
        "handlingInstructions openCloseIndicator! - - multiLegInd! netPrice manualFlag "
        "electronicTimestamp"
    ),
    "MOCOM": (
        "HEAD KEY optionID! priorOrderKeyDate priorOrderID originatingIMID eventTimestamp! "
        "side! price quantity! minQty leavesQty! orderType! timeInForce! tradingSession! "
        "handlingInstructions openCloseIndicator - - netPrice manualFlag electronicTimestamp"
    ),
    "MOCOC": (
        "HEAD KEY optionID! originatingIMID eventTimestamp! side! cancelQty! leavesQty! - - "
        "manualFlag electronicTimestamp"
    ),
    "MOOM": (
        "HEAD KEY optionID! priorOrderKeyDate priorOrderID originatingIMID eventTimestamp! "
        "manualOrderKeyDate manualOrderID manualFlag! electronicDupFlag! electronicTimestamp "
        "receiverIMID senderIMID senderType routedOrderID initiator! side! price quantity! "
        "minQty leavesQty! orderType! timeInForce! tradingSession! handlingInstructions "
        "openCloseIndicator requestTimestamp - aggregatedOrders representativeInd! - - netPrice"
    ),
    "MOOC": (
        "HEAD KEY optionID! originatingIMID eventTimestamp! manualFlag! electronicTimestamp "
        "cancelQty! leavesQty! initiator! - requestTimestamp"
    ),
    "MOOT": (
        "HEAD tradeKeyDate! tradeID! optionID! eventTimestamp! manualFlag! electronicTimestamp "
        "cancelFlag! cancelTimestamp quantity! price! capacity! tapeTradeID! sideDetailsInd! "
        "buyDetails sellDetails marketCenterID! multiLegInd! clearingFirm!"
    ),
    "MOOF": (
        "HEAD fillKeyDate! fulfillmentID! optionID! eventTimestamp! manualFlag! "
        "electronicTimestamp quantity! price! fulfillmentLinkType! clientDetails! firmDetails - "
        "cancelFlag! cancelTimestamp"
    ),
    "MOFA": (
        "HEAD fillKeyDate! fulfillmentID! optionID! priorFillKeyDate priorFulfillmentID "
        "originatingIMID eventTimestamp! manualFlag! electronicTimestamp fulfillmentLinkType! "
        "quantity! price! clientDetails firmDetails -"
    ),
}

_TIMESTAMP_AT: Mapping[int, str] = {
    8: (
        "MENQS MEOFS MEOTS MEPA MERQ MERQS MLNO MLNQ MLOA MLOC MLOR MLOS MLQC MLQS MLRQ MONQ MOOFS "
        "MOPA MORQ"
    ),
    9: (
        "MECRS MEICR MEIMR MEMRS MEOCR MEOMR MEOMS MEORS MEQC MEQR MEQS MLCOC MLCR MLIC MLICR "
        "MLIMR MLMR MLOCR MLOMR MOCRS MOICR MOIMR MOMRS MOOCR MOOMR MOOMS MOORS MOQC"
    ),
    10: "MEAA MENQ MEQM MLCO MLIR MLOE MLOM MLQR MOAA MOQR",
    11: "MEOE MEOJ MLCOM MLIM MOOE MOOJ",
    13: "MLQM MOQM",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A position of an event: the field there (None where there is none) and whether it must be."""

    field: str | None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The positions of an event, or of an element of an array; the fields there; those required."""

    places: tuple[Place, ...]
    fields: frozenset[str | None]
    required: tuple[str, ...]


def layout(*places: Place) -> Layout:
    """Return the layout of some positions."""
    fields = frozenset(place.field for place in places)
    return Layout(places, fields, tuple(p.field for p in places if p.field and p.required))


def _places(text: str) -> tuple[Place, ...]:
    """Return the positions a line of field names describes."""
    names = (name for word in text.split() for name in _RUNS.get(word, word).split())
    return tuple(
        Place(None if name == "-" else name.removesuffix("!"), name.endswith("!")) for name in names
    )


EVENTS: Mapping[str, Layout] = {
    name: layout(*_places(text)) for name, text in {**_EQUITY, **_OPTION}.items()
}
"""The events that are checked, with their positions."""

HEAD = _places("HEAD")
"""The positions that every event begins with."""

OTHER_EVENTS: Mapping[str, int] = {
    name: position for position, names in _TIMESTAMP_AT.items() for name in names.split()
}
"""The specification's other events, with the position of their eventTimestamp (from 0)."""


DELETION = layout(*HEAD[:3])
"""What a deletion consists of."""

ANY_EVENT = layout(*HEAD, Place("eventTimestamp", required=True))
"""What every event has."""

_AGGREGATED = layout(*_places("orderID! orderKeyDate! quantity originatingIMID"))
_EQUITY_SIDE = layout(
    *_places("orderKeyDate orderID side! - firmDesignatedID accountHolderType originatingIMID")
)
_OPTION_SIDE = layout(
    *_places("orderKeyDate orderID side! - originatingIMID firmDesignatedID accountHolderType")
)
_TRADED = layout(*_EQUITY_SIDE.places, Place("BFMMFlag"))


def elements(event: str, field: str) -> Layout | None:
    """Return the parts of an element of an array, in order; None where an element is one text."""
    if field == "atsOrderType":
        return None
    if field == "aggregatedOrders":
        return _AGGREGATED
    if event.startswith("MO"):
        return _OPTION_SIDE
    return _TRADED if event == "MEOT" else _EQUITY_SIDE
