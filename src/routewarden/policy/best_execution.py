"""What a review of execution quality has to consider, by the rule that asks for it.

Source: FINRA Rule 5310, as of November 2026. Paragraph (a)(1) names what reasonable diligence takes
into account; Supplementary Material .09(b) names what a regular and rigorous review considers, at
least quarterly, security by security and by type of order. Titles are ours; the rule's own words
govern.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Factor(StrEnum):
    """A factor of the rule."""

    PRICE_IMPROVEMENT = "price improvement opportunities"
    DISIMPROVEMENT = "differences in price disimprovement"
    LIMIT_LIKELIHOOD = "likelihood that limit orders execute"
    SPEED = "speed of execution"
    SIZE = "size of execution"
    COSTS = "transaction costs"
    NEEDS = "customer needs and expectations"
    PAYMENT = "internalization and payment for order flow"
    CHARACTER = "character of the market for the security"
    TRANSACTION = "size and type of transaction"
    MARKETS = "number of markets checked"
    ACCESS = "accessibility of the quotation"
    TERMS = "terms and conditions of the order"


@dataclass(frozen=True, slots=True)
class Asked:
    """A factor and the paragraph that names it."""

    factor: Factor
    citation: str


_REVIEW, _DILIGENCE = "FINRA Rule 5310.09(b)", "FINRA Rule 5310(a)(1)"
_OF_DILIGENCE = (
    Factor.CHARACTER, Factor.TRANSACTION, Factor.MARKETS, Factor.ACCESS, Factor.TERMS,
)  # fmt: skip

ASKED: tuple[Asked, ...] = (
    *(
        Asked(factor, f"{_REVIEW}({number})")
        for number, factor in enumerate((f for f in Factor if f not in _OF_DILIGENCE), start=1)
    ),
    *(
        Asked(factor, f"{_DILIGENCE}({letter})")
        for letter, factor in zip("ABCDE", _OF_DILIGENCE, strict=True)
    ),
)
"""The eight factors of the review, then the five of reasonable diligence."""
