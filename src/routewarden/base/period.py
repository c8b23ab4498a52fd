"""Quarters and months of trading dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from routewarden.base.errors import RoutewardenError


class NotAQuarterError(RoutewardenError):
    """The text names no quarter."""

    def __init__(self, text: str) -> None:
        super().__init__(f"'{text}' is no quarter; write one like 2026Q3.")


@dataclass(frozen=True, slots=True)
class Span:
    """The dates from `first` to `last`, both included, under a name such as 2026Q3 or 2026-07."""

    name: str
    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Return whether a date is in it."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a calendar year."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def span(self) -> Span:
        """Its dates."""
        months = self.months
        return Span(str(self), months[0].first, months[-1].last)

    @property
    def months(self) -> tuple[Span, Span, Span]:
        """Its three months."""
        one, two, three = (month(self.year, self.number * 3 - 2 + more) for more in range(3))
        return one, two, three

    @property
    def before(self) -> Quarter:
        """The quarter before it."""
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)


def month(year: int, number: int) -> Span:
    """Return a month, 1 to 12, of a year."""
    after = date(year + number // 12, number % 12 + 1, 1)
    return Span(f"{year}-{number:02}", date(year, number, 1), after - timedelta(days=1))


def quarter_of(day: date) -> Quarter:
    """Return the quarter a date is in."""
    return Quarter(day.year, (day.month + 2) // 3)


def parse_quarter(text: str) -> Quarter:
    """Return the quarter written 2026Q3.

    Raises:
        NotAQuarterError: The text is not that.
    """
    written = re.fullmatch(r"([12]\d{3})Q([1-4])", text, flags=re.ASCII)
    if written is None:
        raise NotAQuarterError(text)
    return Quarter(int(written[1]), int(written[2]))
