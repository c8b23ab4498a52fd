"""Material sources of liquidity as tables: by venue, and where something is not as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from routewarden.base.exact import FEE_SCALE, QUANTITY_SCALE
from routewarden.benchmarks.liquidity import Gap, Liquidity, meaning
from routewarden.evidence.document import Block, Notice, NoticeKind, Paragraph, Section
from routewarden.evidence.table import Cell, Heading, Table, Tone, count_cell, text_cell
from routewarden.measures.measure import Unit
from routewarden.measures.shown import NO_VALUE, shown

_OFF = "not told"
_GRAVE = (Gap.NOT_REACHED, Gap.NOT_USED, Gap.NOT_STATED, Gap.NOT_LISTED)


def liquidity_section(found: Liquidity | None) -> Section:
    """Return what a report says of liquidity; None is a firm of which nothing is measured."""
    lead = "Where the securities of the firm's orders trade, and where its orders were executed."
    if found is None:
        none = Notice(NoticeKind.WARNING, "Not known", "Nothing is measured, so none is computed.")
        return Section("liquidity", "Material sources of liquidity", lead, (none,))
    blocks: tuple[Block, ...] = (Paragraph(basis(found)), by_venue(found))
    gaps = gap_table(found)
    if gaps.rows:
        blocks = (*blocks, gaps, Paragraph(_meanings(found)))
    return Section("liquidity", "Material sources of liquidity", lead, blocks)


def basis(found: Liquidity) -> str:
    """Return what the numbers are over, in sentences."""
    limit = found.least
    whose = f", approved by {limit.approved_by}" if limit.approved_by else ""
    least = shown(limit.value, Unit.FRACTION)
    material = f"at least {least} of its consolidated volume ({limit.source}{whose})"
    orders = f"{found.symbols:,} securities the firm had orders in"
    said = [
        f"{found.span.first} to {found.span.last}: {orders}.",
        f"A venue is material for a security with {material}.",
    ]
    if found.untold:
        said.append(f"Of {found.untold:,} of them no trades are held: unknown.")
    if found.unlinked:
        shares = Decimal(found.unlinked).scaleb(-QUANTITY_SCALE)
        said.append(f"{shares:,.0f} shares were executed whose security is not known.")
    if not found.stated:
        said.append("No list of venues was in force, so nobody can say what is to be reached.")
    return " ".join(said)


def by_venue(found: Liquidity) -> Table:
    """Return a row for each venue, over all the securities."""
    return Table(
        name="liquidity",
        title="By venue",
        caption="Shares of volume and of the firm's executions are over all its securities.",
        headings=(
            Heading("venue"),
            Heading("material for", "securities", numeric=True),
            Heading("part of volume", numeric=True),
            Heading("part of our fills", numeric=True),
            Heading("stated", means="said to be reached"),
            Heading("gaps", "securities"),
        ),
        rows=tuple(_venue(row) for row in found.venues().iter_rows(named=True)),
    )


def _meanings(found: Liquidity) -> str:
    """Return what the gaps that there are mean, in sentences."""
    there = [gap for gap in Gap if gap in set(found.gaps()["gap"])]
    return " ".join(f"{gap.capitalize()}: {meaning(gap)}." for gap in there)


def _venue(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    gaps = [f"{row[gap]:,} {gap}" for gap in Gap if row[gap]]
    tone = Tone.BAD if any(row[gap] for gap in _GRAVE) else Tone.NEUTRAL
    return (
        text_cell(row["venue"] or _OFF),
        count_cell(row["material"]),
        _part(row["share"]),
        _part(row["filled_share"]),
        text_cell(_yes(row["stated"])),
        Cell("; ".join(gaps), "; ".join(gaps), tone=tone),
    )


def gap_table(found: Liquidity) -> Table:
    """Return the securities and venues that have a gap."""
    return _listed(found, "liquidity-gaps", "Gaps by security", gaps=True)


def every_source(found: Liquidity) -> Table:
    """Return every security and venue, as a list to keep."""
    return _listed(found, "liquidity-sources", "Sources of liquidity by security", gaps=False)


def _listed(found: Liquidity, name: str, title: str, *, gaps: bool) -> Table:
    rows = found.gaps() if gaps else found.rows
    return Table(
        name=name,
        title=title,
        caption=f"{found.span.first} to {found.span.last}; material from "
        f"{shown(found.least.value, Unit.FRACTION)} of a security's volume.",
        headings=(
            Heading("security"),
            Heading("venue"),
            Heading("volume", "shares", numeric=True),
            Heading("part of volume", numeric=True),
            Heading("our fills", "shares", numeric=True),
            Heading("material"),
            Heading("stated"),
            Heading("gap"),
        ),
        rows=tuple(_source(row) for row in rows.iter_rows(named=True)),
        paper_rows=60,
    )


def _source(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (
        text_cell(row["symbol"]),
        text_cell(row["venue"] or _OFF),
        count_cell(Decimal(row["traded"]).scaleb(-QUANTITY_SCALE)),
        _part(row["share"]),
        count_cell(Decimal(row["filled"]).scaleb(-QUANTITY_SCALE)),
        text_cell(_yes(row["is_material"])),
        text_cell(_yes(row["stated"])),
        Cell(row["gap"] or "", row["gap"] or "", tone=Tone.BAD if row["gap"] else Tone.NEUTRAL),
    )


def _part(value: int | None) -> Cell:
    if value is None:
        return Cell(NO_VALUE)
    exact = Decimal(value).scaleb(-FEE_SCALE)
    return Cell(shown(exact, Unit.FRACTION), f"{exact:f}")


def _yes(value: bool | None) -> str:  # noqa: FBT001 - a value of three
    return "unknown" if value is None else "yes" if value else "no"
