"""The venues the firm expects its orders at: dated, with a source and whoever approved them.

Nothing ships. Until the firm lists its venues nobody can say that one is unexpected, so on a date
without a list in force the question is not asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from routewarden.base.errors import RoutewardenError

REPORTING_FACILITIES = frozenset({"FINN", "FINC", "FINY", "FINO", "XADF"})
"""Where trades made off exchange are reported: their volume is of venues that are not told.

Source: ISO 10383 market identifiers of FINRA, list of February 2025.
"""

SHIPPED_TEXT = """\
# The venues orders may go to, by the name your files give them. On a date for which none is
# listed, no venue is called unexpected. `to` (included) may be left out.
#
# [[venue]]
# mic = "XNYS"
# from = 2026-01-01
# to = 2026-12-31
# source = "best execution committee, minutes of 2025-12-15"
# approved_by = "who approved it"
"""


@dataclass(frozen=True, slots=True)
class ExpectedVenue:
    """A venue that is expected from a date to another, both included; `until` None is open."""

    mic: str
    since: date
    until: date | None
    source: str
    approved_by: str


class VenuesError(RoutewardenError):
    """The firm's list of venues cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/venues.toml: {entry}: {value}. Write each as [[venue]] with mic, "
            'from = 2026-01-01, perhaps to, source = "…" and approved_by = "…".'
        )


@dataclass(frozen=True, slots=True)
class Venues:
    """Every venue ever listed."""

    entries: tuple[ExpectedVenue, ...] = ()

    def on(self, day: date) -> tuple[str, ...]:
        """Return the venues expected on a date, sorted; empty where no list is in force."""
        return tuple(
            sorted(
                {
                    entry.mic
                    for entry in self.entries
                    if entry.since <= day and (entry.until is None or day <= entry.until)
                }
            )
        )


def read_venues(text: str) -> Venues:
    """Return the venues of the firm's `venues.toml`.

    Raises:
        VenuesError: The text is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VenuesError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"venue"}:
        raise VenuesError(entry=min(extra), value="no such entry")
    return Venues(tuple(_entries(table.get("venue", []))))


def _entries(rows: object) -> Iterator[ExpectedVenue]:
    if not isinstance(rows, list):
        raise VenuesError(entry="venue", value=rows)
    for row in rows:
        if not isinstance(row, dict):
            raise VenuesError(entry="venue", value=row)
        yield _entry(row)


def _entry(row: Mapping[str, object]) -> ExpectedVenue:
    texts = {key: row.get(key) for key in ("mic", "source", "approved_by")}
    name = str(texts["mic"])
    if extra := set(row) - {"from", "to", *texts}:
        raise VenuesError(entry=name, value=f"no such entry: {min(extra)}")
    for key, text in texts.items():
        if not isinstance(text, str) or not text:
            raise VenuesError(entry=f"{name}.{key}", value=text)
    since, until = row.get("from"), row.get("to")
    if type(since) is not date:
        raise VenuesError(entry=f"{name}.from", value=since)
    if until is not None and (type(until) is not date or until < since):
        raise VenuesError(entry=f"{name}.to", value=until)
    return ExpectedVenue(name, since, until, str(texts["source"]), str(texts["approved_by"]))
