"""A clock that was further from its reference than it may be."""

from __future__ import annotations

import polars as pl

from routewarden.base.exact import FEE_SCALE, plain, to_decimal
from routewarden.base.time import MS_SCALE
from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import instant, said

_AWAY = pl.col("offset_ms").abs()
_MOST = pl.col("limit_clock_offset_most_ms").cast(pl.Int128)
_NS = 10 ** (FEE_SCALE - MS_SCALE)  # of what `offset_ms` is counted in, a nanosecond

RULE = Rule(
    id="clock-offset",
    title="Clock beyond its tolerance",
    severity=Severity.MEDIUM,
    subject=Subject.CLOCK,
    when=_AWAY > _MOST * _NS,
    because=pl.format(
        "{} ms {} {} at {}, the worst of {} measurements of the date; limit {}",
        said(plain(to_decimal(_AWAY, FEE_SCALE))),
        pl.when(pl.col("offset_ms") > 0).then(pl.lit("ahead of")).otherwise(pl.lit("behind")),
        pl.col("reference").fill_null("its reference"),
        instant("at"),
        pl.col("measurements"),
        pl.col("said_clock_offset_most_ms"),
    ),
    remedy="Synchronise it; see which records of that time it stamped, and keep this as the log.",
    source="FINRA Rule 4590, synchronization of member business clocks",
    limits=("clock_offset_most_ms",),
)
