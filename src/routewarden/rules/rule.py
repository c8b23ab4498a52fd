"""A rule: a question asked of each row of a frame, and what to do when the answer is not "no".

A rule is a value. It answers yes, no or unknown; unknown is a finding too. Counts are conserved:
asked = yes + no + unknown. What lacks the sample for an answer is not asked; what lacks an input
that should be there is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from routewarden.policy.limits import SHIPPED_FROM, Limits


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
    """What a rule asks about, which names the frame it reads.

    The first are records of a date; those from FILE on are facts about a period.
    """

    FILL = "fill"
    ORDER = "order"
    ROUTE = "route"
    AMENDMENT = "amendment"
    QUOTE = "quote"
    VENUE_USE = "use of a venue"
    MESSAGE = "message"
    FILE = "file and date"
    CONFLICT = "conflicting record"
    VENUE_DAY = "venue and date"
    CLASS_WEEK = "order class and week"
    VENUE_MONTH = "paying venue and month"
    VENUE_PERIOD = "paying venue and period"
    CLAIM = "vendor's claim"
    ROUTER = "router and period"
    POLICY = "policy file"
    CLOCK = "clock and date"
    CONFIGURED = "router's use and date"
    EXPECTED = "router and month"


@dataclass(frozen=True, slots=True)
class Rule:
    """A question about each row of a frame.

    `when` is true where the finding is, null where it cannot be known. `asked` leaves out rows the
    question has no meaning for. `because` is the sentence that explains a finding, `remedy` what
    to do about it. `limits` names the dated limits it compares with: each comes as the column
    `limit_<name>` in force on the row's `trading_date`, and `said_<name>` in words. A finding is
    only low where `minor` holds. `evidence` lists the ids of the records behind it.
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
    limits: tuple[str, ...] = ()
    minor: pl.Expr | None = None
    evidence: pl.Expr | None = None


FINDINGS = {
    "trading_date": pl.Date(),
    "rule": pl.String(),
    "severity": pl.String(),
    "verdict": pl.String(),
    "subject": pl.String(),
    "id": pl.String(),
    "because": pl.String(),
    "file": pl.String(),
    "line": pl.Int64(),
    "evidence": pl.String(),
}
"""The columns of a frame of findings.

`trading_date` is the last date the finding covers, `file` the digest of the raw file, `line` its
place, `evidence` ids separated by spaces, null where `id` says it all.
"""

_IDS = {
    Subject.FILL: pl.col("fill_id"),
    Subject.ORDER: pl.col("order_id"),
    Subject.ROUTE: pl.col("route_id"),
    Subject.AMENDMENT: pl.col("fill_id"),
    Subject.QUOTE: pl.col("symbol"),
    Subject.VENUE_USE: pl.col("record_id"),
    Subject.MESSAGE: pl.format("line {} byte {}", "line", "start"),
    Subject.FILE: pl.col("file"),
    Subject.CONFLICT: pl.col("record_id"),
    Subject.VENUE_DAY: pl.col("venue"),
    Subject.CLASS_WEEK: pl.format("{} {}", "order_class", "week"),
    Subject.VENUE_MONTH: pl.format("{} {}", "venue", "month"),
    Subject.VENUE_PERIOD: pl.format("{} {}", "venue", "period"),
    Subject.CLAIM: pl.format(
        "{} {} {} {} {}", "period", "symbol", "venue", "order_class", "metric"
    ),
    Subject.ROUTER: pl.format("{} {}", "router", "period"),
    Subject.POLICY: pl.col("policy_file"),
    Subject.CLOCK: pl.col("clock"),
    Subject.CONFIGURED: pl.format(
        "{} {} {}", pl.col("router").fill_null("unstated"), "aspect", "use"
    ),
    Subject.EXPECTED: pl.format("{} {} {}", "router", "expected", "period"),
}


def judge(rule: Rule, frame: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    """Return the rule's findings among the rows of its frame, in the frame's order."""
    limited = with_limits(frame, rule.limits, limits)
    asked = limited if rule.asked is None else limited.filter(rule.asked)
    answered = asked.with_columns(answer=rule.when)
    minor = pl.lit(value=False) if rule.minor is None else rule.minor.fill_null(value=False)
    low = pl.col("answer").is_null() | minor
    return answered.filter(pl.col("answer").fill_null(value=True)).select(
        trading_date=pl.col("trading_date"),
        rule=pl.lit(rule.id),
        severity=pl.when(low)
        .then(pl.lit(Severity.LOW.value))
        .otherwise(pl.lit(rule.severity.value)),
        verdict=pl.when(pl.col("answer")).then(pl.lit("yes")).otherwise(pl.lit("unknown")),
        subject=pl.lit(rule.subject.value),
        id=_IDS[rule.subject],
        because=rule.because,
        file=pl.col("file"),
        line=pl.col("line"),
        evidence=pl.lit(None, dtype=pl.String) if rule.evidence is None else rule.evidence,
    )


def with_limits(frame: pl.DataFrame, names: tuple[str, ...], limits: Limits) -> pl.DataFrame:
    """Add the limits in force on each row's `trading_date`, and what says them."""
    days = frame["trading_date"].unique().to_list() or [SHIPPED_FROM]  # no rows: any date's type
    dated = pl.col("trading_date")
    return frame.with_columns(
        *(limits.column(name, dated, days).alias(f"limit_{name}") for name in names),
        *(limits.words(name, dated, days).alias(f"said_{name}") for name in names),
    )


def without_place(frame: pl.DataFrame) -> pl.DataFrame:
    """Add an absent `file` and `line` to facts that no one line of a file states."""
    return frame.with_columns(file=pl.lit(None, dtype=pl.String), line=pl.lit(None, dtype=pl.Int64))
