"""A rule: a question asked of each row of a frame, and what to do when the answer is not "no".

A rule is a value. It answers yes, no or unknown; unknown is a finding too. Counts are conserved:
asked = yes + no + unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl


class Severity(StrEnum):
    """How much a finding matters, least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """The severity's place, for comparing."""
        return list(Severity).index(self)


class Subject(StrEnum):
    """What a rule asks about, which names the frame it reads."""

    FILL = "fill"
    ORDER = "order"
    ROUTE = "route"
    AMENDMENT = "amendment"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Rule:
    """A question about each row of a frame.

    `when` is true where the finding is, null where it cannot be known. `asked` leaves out rows the
    question has no meaning for. `because` is the sentence that explains a finding, `remedy` what
    to do about it.
    """

    id: str
    title: str
    severity: Severity
    subject: Subject
    when: pl.Expr
    because: pl.Expr
    remedy: str
    source: str
    asked: pl.Expr | None = None


FINDINGS = {
    "rule": pl.String(),
    "severity": pl.String(),
    "verdict": pl.String(),
    "subject": pl.String(),
    "id": pl.String(),
    "because": pl.String(),
    "file": pl.String(),
    "line": pl.Int64(),
}
"""The columns of a frame of findings; `file` is the digest of the raw file, `line` its place."""

_IDS = {
    Subject.FILL: pl.col("fill_id"),
    Subject.ORDER: pl.col("order_id"),
    Subject.ROUTE: pl.col("route_id"),
    Subject.AMENDMENT: pl.col("fill_id"),
    Subject.QUOTE: pl.col("symbol"),
}


def judge(rule: Rule, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rule's findings among the rows of its frame, in the frame's order."""
    asked = frame if rule.asked is None else frame.filter(rule.asked)
    answered = asked.with_columns(answer=rule.when)
    return answered.filter(pl.col("answer").fill_null(value=True)).select(
        rule=pl.lit(rule.id),
        severity=pl.lit(rule.severity.value),
        verdict=pl.when(pl.col("answer")).then(pl.lit("yes")).otherwise(pl.lit("unknown")),
        subject=pl.lit(rule.subject.value),
        id=_IDS[rule.subject],
        because=rule.because,
        file=pl.col("file"),
        line=pl.col("line"),
    )
