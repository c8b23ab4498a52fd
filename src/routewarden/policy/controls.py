"""Controls: what has to happen, how often, and what in the log shows that it did.

A firm's written procedures name them (`wsp`). Nobody ticks a control off: it ran if the log says
so, and each day it did not is named. A duty says which controls answer it; a duty that none answers
is a gap, and is told as one.

Sources are given with how they are known. What is marked recalled was not read in the rule's own
text: read it before relying on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Cadence(StrEnum):
    """How often a control has to run."""

    DAILY = "each trading date"
    QUARTERLY = "each quarter"
    ALWAYS = "at any time"


class Proof(StrEnum):
    """What shows that a control ran, or holds."""

    MEASURED = "a run in the log measured the date"
    COLLECTED = "the date's findings are in the queue"
    REVIEWED = "the quarter's review is in the log"
    SETTLED = "a case of the kind was settled in time"
    TIMELY = "no open case of the kind is overdue"
    APPROVED = "no setting is in force on nobody's word"


@dataclass(frozen=True, slots=True)
class Control:
    """Something that has to happen: `within` names the limit of trading dates it has.

    `kinds` are the kinds of case it is about, where its proof is of cases.
    """

    name: str
    title: str
    cadence: Cadence
    proof: Proof
    means: str
    within: str = ""
    kinds: tuple[str, ...] = ()


CONTROLS: Mapping[str, Control] = {
    control.name: control
    for control in (
        Control(
            "measure-daily",
            "Executions measured",
            Cadence.DAILY,
            Proof.MEASURED,
            "every trading date's executions are measured against the market's quotes",
            within="control_days",
        ),
        Control(
            "queue-daily",
            "Exceptions put in the queue",
            Cadence.DAILY,
            Proof.COLLECTED,
            "what the rules find of a trading date is put in the queue",
            within="control_days",
        ),
        Control(
            "exceptions-timely",
            "Exceptions settled in time",
            Cadence.ALWAYS,
            Proof.TIMELY,
            "no exception is open past its date",
            kinds=("exception",),
        ),
        Control(
            "review-quarterly",
            "Quarterly review made",
            Cadence.QUARTERLY,
            Proof.REVIEWED,
            "the quarter's data package is made for those who review it",
            within="review_days",
        ),
        Control(
            "committee-quarterly",
            "Quarterly review signed",
            Cadence.QUARTERLY,
            Proof.SETTLED,
            "the committee, or who stands in its place, has signed the quarter's review",
            within="signature_days",
            kinds=("review",),
        ),
        Control(
            "provider-timely",
            "Matters with the provider in time",
            Cadence.ALWAYS,
            Proof.TIMELY,
            "no diligence, breach, duty or remediation is open past its date",
            kinds=("diligence", "breach", "duty", "remediation"),
        ),
        Control(
            "settings-approved",
            "Settings approved by two",
            Cadence.ALWAYS,
            Proof.APPROVED,
            "limits, venues and procedures are in force on the word of two persons",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Duty:
    """What a rule asks of the firm: in our words, with its source, and the controls that answer."""

    name: str
    asks: str
    source: str
    controls: tuple[str, ...]


_READ, _RECALLED = "read November 2026", "recalled, not read in its own text"

DUTIES: tuple[Duty, ...] = (
    Duty(
        "diligence",
        "use reasonable diligence to find the best market for each order",
        f"FINRA Rule 5310(a)(1), {_READ}",
        ("measure-daily", "queue-daily"),
    ),
    Duty(
        "not-transferred",
        "remain answerable where another firm's router handles the orders",
        f"FINRA Rule 5310.09(a), {_RECALLED}",
        ("measure-daily", "review-quarterly"),
    ),
    Duty(
        "regular-and-rigorous",
        "review execution quality at least each quarter, by security and type of order",
        f"FINRA Rule 5310.09(b), {_RECALLED}",
        ("review-quarterly", "committee-quarterly"),
    ),
    Duty(
        "exceptions",
        "look into what stands out, and act on it",
        "FINRA examination findings on best execution, 2018, read November 2026",
        ("queue-daily", "exceptions-timely"),
    ),
    Duty(
        "supervision",
        "supervise by written procedures that say who does what, how often and how it is shown",
        f"FINRA Rule 3110, {_RECALLED}",
        ("settings-approved", "exceptions-timely"),
    ),
    Duty(
        "outsourcing",
        "do due diligence on a provider before and while it is relied on",
        f"FINRA Regulatory Notice 21-29 (2021-08-13), {_RECALLED}",
        ("provider-timely",),
    ),
    Duty(
        "routing-disclosure",
        "publish where held orders were routed, and for what payment, each quarter",
        "SEC Rule 606(a)(1), by its schema of 2019-12-31, read November 2026",
        (),
    ),
)
"""What the framework is measured by (`wsp assess`)."""
