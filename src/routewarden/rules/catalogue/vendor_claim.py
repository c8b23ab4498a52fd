"""A number of the vendor's that the firm's own records do not bear out."""

from __future__ import annotations

import polars as pl

from routewarden.base.exact import FEE_SCALE, integer, plain, to_decimal, wide
from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import quantity, said

_OFF = pl.col("gap").abs()
_PER_SHARE = 1000  # from 10**-9 to 10**-12


def _number(name: str) -> pl.Expr:
    return said(plain(to_decimal(pl.col(name), FEE_SCALE)))


def _scaled(limit: str) -> pl.Expr:
    """Return a limit that is a fraction as an integer (10**-12), so that they compare exactly."""
    return wide((pl.col(limit) * 10**FEE_SCALE).round().cast(pl.Int64))


_BEYOND = (
    pl.when(pl.col("unit") == "price/share")
    .then(integer(_PER_SHARE) * pl.col("limit_claim_price_improvement") < _OFF)
    .when(pl.col("unit") == "ms")
    .then(_OFF * integer(10**FEE_SCALE) > _scaled("limit_claim_fill_time") * pl.col("ours").abs())
    .when(pl.col("unit") == "fraction")
    .then(_scaled("limit_claim_fraction") < _OFF)
)
_LIMIT = (
    pl.when(pl.col("unit") == "price/share")
    .then(pl.col("said_claim_price_improvement"))
    .when(pl.col("unit") == "ms")
    .then(pl.col("said_claim_fill_time"))
    .when(pl.col("unit") == "fraction")
    .then(pl.col("said_claim_fraction"))
)

_NEAREST = pl.coalesce(pl.format("; nearest: {}", pl.col("nearest")), pl.lit(""))
_CANDIDATES = (
    pl.when(pl.col("candidates").is_not_null())
    .then(pl.format("; may come from: {}", pl.col("candidates").fill_null("")))
    .when(pl.col("gap").is_not_null())
    .then(pl.format("; no other way of reckoning it comes close{}", _NEAREST))
    .otherwise(pl.lit(""))
)

RULE = Rule(
    id="vendor-claim",
    title="The vendor's number is not ours",
    severity=Severity.MEDIUM,
    subject=Subject.CLAIM,
    when=_BEYOND,
    because=pl.format(
        "claimed {} by {}: {} {}; ours {} over {} shares ({} fills or orders), a gap of {}; limit "
        "{}{}",
        pl.col("metric"),
        pl.col("basis"),
        _number("theirs"),
        said(pl.col("unit")),
        _number("ours"),
        quantity("shares"),
        pl.col("n"),
        _number("gap"),
        said(_LIMIT),
        _CANDIDATES,
    ),
    remedy="Ask for the vendor's definition, and for the records behind the number.",
    source="FINRA Rule 5310.09: the review is the firm's own",
    limits=("claim_price_improvement", "claim_fill_time", "claim_fraction"),
)
