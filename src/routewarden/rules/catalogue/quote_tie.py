"""Two files tell of one symbol and instant, and differ, and nothing says which came last."""

from __future__ import annotations

import polars as pl

from routewarden.rules.rule import Rule, Severity, Subject
from routewarden.rules.speech import instant

RULE = Rule(
    id="quote-tie",
    title="Quotes tied across files",
    severity=Severity.LOW,
    subject=Subject.QUOTE,
    when=pl.lit(value=True),
    because=pl.format(
        "{} at {} differs between files without `seq`; the file with the greater digest stands",
        pl.col("symbol"),
        instant("at"),
    ),
    remedy="Ingest quotes with `seq`, or each symbol and date from one file.",
    source="Reproducibility of the quote in force",
)
