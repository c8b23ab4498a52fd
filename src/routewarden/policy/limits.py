"""The numbers rules and verdicts compare with: dated, with a source and whoever approved them.

A limit is in force from a date until a later one of the same name, so an old quarter is judged by
the limits of that quarter. What ships was approved by nobody, and says so.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

import polars as pl

from routewarden.base.errors import RoutewardenError
from routewarden.base.exact import PER_SHARE_SCALE
from routewarden.base.time import NS_PER_MS, NS_PER_SECOND

SHIPPED_FROM = date(2000, 1, 1)
SHIPPED_SOURCE = "shipped default"


class In(StrEnum):
    """The unit of a limit."""

    PER_SHARE = "price/share"
    MS = "ms"
    SECONDS = "s"
    FRACTION = "fraction"
    RATIO = "ratio"
    COUNT = "count"


_FACTORS: Mapping[In, int] = {
    In.PER_SHARE: 10**PER_SHARE_SCALE,
    In.MS: NS_PER_MS,
    In.SECONDS: NS_PER_SECOND,
    In.COUNT: 1,
}
"""What exact units are counted in: 10**-9 of a price, nanoseconds, ones. The others are floats."""


@dataclass(frozen=True, slots=True)
class LimitKind:
    """What a limit of a name limits, its unit, and what ships."""

    name: str
    unit: In
    shipped: str
    means: str


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in force from a date on; `approved_by` is empty where nobody approved it."""

    name: str
    value: Decimal
    since: date
    source: str
    approved_by: str


_PER_SHARE, _MS, _S, _FRACTION, _RATIO, _COUNT = In

KINDS: tuple[LimitKind, ...] = (
    LimitKind("verdict_orders_least", _COUNT, "30", "orders or fills a verdict needs on each side"),
    LimitKind("tolerance_price_improvement", _PER_SHARE, "0.0001", "price improvement in line"),
    LimitKind("tolerance_reversion", _PER_SHARE, "0.00005", "reversion that is in line"),
    LimitKind("tolerance_spread", _PER_SHARE, "0.0001", "spreads and costs that are in line"),
    LimitKind("tolerance_spread_capture", _FRACTION, "0.02", "spread capture and E/Q in line"),
    LimitKind("tolerance_fill_rate", _FRACTION, "0.02", "fill rates and shares in line"),
    LimitKind("tolerance_fill_time_ms", _MS, "5", "times in line: the larger of this"),
    LimitKind("tolerance_fill_time", _FRACTION, "0.05", "and this share of the benchmark"),
    LimitKind("outside_nbbo_window_ms", _MS, "1000", "how far back the worst far side is sought"),
    LimitKind("disimprovement_most", _PER_SHARE, "0.01", "worse than the quote at receipt by more"),
    LimitKind("latency_mads", _RATIO, "5", "log route time above the trailing median, in MADs"),
    LimitKind("latency_rise_least", _RATIO, "1.3", "and above the trailing median by this factor"),
    LimitKind("latency_fills_least", _COUNT, "10", "routes of the day, and of the window, needed"),
    LimitKind("fill_rate_drop_most", _FRACTION, "0.1", "fall below the class's trailing fill rate"),
    LimitKind("fill_rate_z", _RATIO, "4", "standard errors that fall must also be"),
    LimitKind("fill_rate_orders_least", _COUNT, "30", "orders needed in the week and the window"),
    LimitKind("concentration_most", _FRACTION, "0.5", "share of volume at one paying venue"),
    LimitKind("drift_most", _FRACTION, "0.08", "rise of a paying venue's share over the period"),
    LimitKind("drift_z", _RATIO, "4", "standard errors that rise must also be"),
    LimitKind("stale_quote_most", _S, "30", "age of a quote while the symbol trades elsewhere"),
    LimitKind("stale_trades_least", _COUNT, "5", "trades outside that quote that show it is stale"),
    LimitKind("claim_price_improvement", _PER_SHARE, "0.0001", "vendor's claim against ours"),
    LimitKind("claim_fill_time", _FRACTION, "0.02", "vendor's claim against ours, of ours"),
    LimitKind("claim_fraction", _FRACTION, "0.005", "vendor's claim of a fraction against ours"),
    LimitKind("leak_excess_most", _FRACTION, "0.1", "share of orders seen fading, over matched"),
    LimitKind("leak_z", _RATIO, "4", "standard errors that excess must also be"),
    LimitKind("leak_orders_least", _COUNT, "50", "swept orders needed"),
    LimitKind("late_days_most", _COUNT, "1", "trading dates until an execution must be known"),
    LimitKind("exception_days_high", _COUNT, "2", "trading dates to settle a high exception in"),
    LimitKind("exception_days_medium", _COUNT, "5", "trading dates to settle a medium one in"),
    LimitKind("exception_days_low", _COUNT, "20", "trading dates to settle a low one in"),
    LimitKind("confirmation_days", _COUNT, "2", "trading dates to confirm what another closed in"),
    LimitKind("control_days", _COUNT, "2", "trading dates for a daily control to have run in"),
    LimitKind("review_days", _COUNT, "30", "trading dates after a quarter to review it in"),
    LimitKind("signature_days", _COUNT, "45", "trading dates after it to sign its review in"),
    LimitKind("expectation_missed_most", _FRACTION, "0.05", "of what a router is expected to do"),
    LimitKind("configuration_days", _COUNT, "10", "trading dates to test and approve a version in"),
    LimitKind("material_share_least", _FRACTION, "0.05", "a security's volume at a material venue"),
    LimitKind("diligence_every_days", _COUNT, "365", "days an approval of a provider stands"),
    LimitKind("diligence_lead_days", _COUNT, "45", "days before that its refresh is opened"),
    LimitKind("diligence_days", _COUNT, "30", "trading dates to settle a provider's diligence in"),
    LimitKind("notice_days", _COUNT, "5", "trading dates to send the provider a notice in"),
    LimitKind("remedy_notice_days", _COUNT, "5", "trading dates to notify a provider in"),
    LimitKind("remedy_answer_days", _COUNT, "10", "trading dates until an inquiry must begin"),
    LimitKind("remedy_investigation_days", _COUNT, "20", "trading dates to say what it was in"),
    LimitKind("remedy_plan_days", _COUNT, "20", "trading dates to agree on corrective action in"),
    LimitKind("remedy_monitoring_days", _COUNT, "120", "trading dates to end monitoring in"),
    LimitKind("remedy_transition_days", _COUNT, "60", "trading dates to leave a provider in"),
    LimitKind("release_alpha", _FRACTION, "0.05", "chance to release what is not mended"),
    LimitKind("release_beta", _FRACTION, "0.1", "chance to send back what is mended"),
    LimitKind("release_effect", _FRACTION, "0.5", "part of a failure's rate that has to be gone"),
    LimitKind("release_dates_least", _COUNT, "10", "monitored trading dates before a conclusion"),
    LimitKind("release_base_least", _COUNT, "10", "trading dates of a failure, to test against"),
    LimitKind("clock_offset_most_ms", _MS, "50", "a clock's offset from its reference"),
)

BY_NAME: Mapping[str, LimitKind] = {kind.name: kind for kind in KINDS}


class LimitError(RoutewardenError):
    """The firm's table of limits cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/limits.toml: {entry}: {value}. Write each as [[limit]] with name, "
            'value = "0.05", from = 2026-01-01, source = "…" and approved_by = "…".'
        )


class NoLimitError(RoutewardenError):
    """No limit of a name is in force on a date."""

    def __init__(self, name: str, day: date) -> None:
        super().__init__(f"policy/limits.toml: no {name} is in force on {day}. Add one from then.")


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit there was, whatever its date."""

    entries: tuple[Limit, ...]

    def at(self, name: str, day: date) -> Limit:
        """Return the limit in force on a date: of those begun by then, the one begun last.

        Raises:
            NoLimitError: There is none.
        """
        begun = [entry for entry in self.entries if entry.name == name and entry.since <= day]
        if not begun:
            raise NoLimitError(name, day)
        return max(begun, key=lambda entry: entry.since)

    def column(self, name: str, dated: pl.Expr, days: Sequence[date]) -> pl.Expr:
        """Return the limit of each row's date as an expression; `days` are the dates there are.

        Exact units are whole numbers (10**-9 of a price, nanoseconds, ones), the rest floats.
        """
        values = [(day, self.at(name, day).value) for day in sorted(set(days))]
        factor = _FACTORS.get(BY_NAME[name].unit)
        dtype = pl.Float64() if factor is None else pl.Int64()
        scaled = [float(value) if factor is None else int(value * factor) for _, value in values]
        return dated.replace_strict([day for day, _ in values], scaled, return_dtype=dtype)

    def words(self, name: str, dated: pl.Expr, days: Sequence[date]) -> pl.Expr:
        """Return the same in words: the limit, its unit, its source and who approved it."""
        known = sorted(set(days))
        said = [_words(self.at(name, day), BY_NAME[name].unit) for day in known]
        return dated.replace_strict(known, said, return_dtype=pl.String())


def _words(limit: Limit, unit: In) -> str:
    approved = f", approved by {limit.approved_by}" if limit.approved_by else ""
    return f"{limit.value:f} {unit} ({limit.source}{approved})"


def read_limits(text: str) -> Limits:
    """Return the limits that ship, and over them those of the firm's `limits.toml`.

    Raises:
        LimitError: The text is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LimitError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"limit"}:
        raise LimitError(entry=min(extra), value="no such entry")
    shipped = [
        Limit(kind.name, Decimal(kind.shipped), SHIPPED_FROM, SHIPPED_SOURCE, "") for kind in KINDS
    ]
    return Limits((*shipped, *_entries(table.get("limit", []))))


def _entries(rows: object) -> Iterator[Limit]:
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LimitError(entry="limit", value=rows)
    seen: set[tuple[str, date]] = set()
    for row in rows:
        limit = _entry(row)
        if (limit.name, limit.since) in seen:
            raise LimitError(entry=limit.name, value=f"given twice from {limit.since}")
        seen.add((limit.name, limit.since))
        yield limit


def _entry(row: Mapping[str, object]) -> Limit:
    name, since = row.get("name"), row.get("from")
    if not isinstance(name, str) or name not in BY_NAME:
        raise LimitError(entry="name", value=name)
    texts = {key: row.get(key) for key in ("value", "source", "approved_by")}
    if extra := set(row) - {"name", "from", *texts}:
        raise LimitError(entry=name, value=f"no such entry: {min(extra)}")
    if type(since) is not date or since <= SHIPPED_FROM:
        raise LimitError(entry=f"{name}.from", value=since)
    for key, text in texts.items():
        if not isinstance(text, str) or not text:
            raise LimitError(entry=f"{name}.{key}", value=text)
    return Limit(name, _number(name, str(texts["value"])), since, str(texts["source"]),
                 str(texts["approved_by"]))  # fmt: skip


def _number(name: str, text: str) -> Decimal:
    """Return a limit's value; one of a whole unit must be whole in it."""
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise LimitError(entry=f"{name}.value", value=text) from error
    factor = _FACTORS.get(BY_NAME[name].unit)
    whole = factor is None or value * factor == int(value * factor) if value.is_finite() else False
    if not whole or value < 0:
        raise LimitError(entry=f"{name}.value", value=text)
    return value


def shipped_text() -> str:
    """Return the `limits.toml` a new home gets: every limit, as a remark to start from."""
    lines = [
        "# The firm's own limits. Each counts from its date until a later one of the same name, so",
        "# an old quarter is judged by the limits of its time. What ships is listed below; it was",
        "# approved by nobody.",
        "#",
        *(f"# {kind.name} = {kind.shipped} {kind.unit}: {kind.means}" for kind in KINDS),
        "#",
        "# [[limit]]",
        '# name = "drift_most"',
        '# value = "0.05"',
        "# from = 2026-01-01",
        '# source = "best execution committee, minutes of 2025-12-15"',
        '# approved_by = "who approved it"',
    ]
    return "\n".join(lines) + "\n"
