"""The page as a value: what it says, in order, whatever renders it."""

from __future__ import annotations

from dataclasses import dataclass

from routewarden.evidence.table import Table


@dataclass(frozen=True, slots=True)
class Fact:
    """A number at the head of the page: what it is, and over what."""

    title: str
    value: str
    unit: str
    over: str


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of what was executed a metric covers, and why the rest is out (fractions)."""

    title: str
    covered: float
    label: str
    left_out: str


@dataclass(frozen=True, slots=True)
class OrderStory:
    """One order: its headline, its facts, its tick chart (SVG) and every event behind the chart."""

    title: str
    facts: tuple[tuple[str, str], ...]
    chart: str
    events: Table


@dataclass(frozen=True, slots=True)
class Page:
    """The executions of a period, measured against the market."""

    title: str
    period: str
    facts: tuple[Fact, ...]
    scorecards: tuple[Table, ...]
    breakdowns: tuple[Table, ...]
    coverage: tuple[Bar, ...]
    findings: Table
    stories: tuple[OrderStory, ...]
    definitions: Table
    provenance: Table
    footer: str
