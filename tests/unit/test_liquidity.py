"""Material sources of liquidity: exact shares, and each gap there can be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from routewarden.base.period import Quarter
from routewarden.benchmarks.liquidity import FILLED, TRADED, Gap, Liquidity, sources_of
from routewarden.evidence.document import Notice, Paragraph
from routewarden.evidence.liquidity import (
    basis,
    by_venue,
    every_source,
    gap_table,
    liquidity_section,
)
from routewarden.policy.limits import Limit

FIVE = Decimal("0.05")
VOLUMES = {"XNYS": 600, "XNAS": 200, "EDGX": 50, "IEXG": 49, "FINN": 81, None: 20}


def shares(name: str, rows: dict[str | None, int], symbol: str = "ABC") -> pl.DataFrame:
    schema = TRADED if name == "traded" else FILLED
    data = [(symbol, venue, number * 10**8) for venue, number in rows.items()]
    return pl.DataFrame(data, schema=dict(schema), orient="row")


def found(
    stated: tuple[str, ...], filled: dict[str | None, int], volumes: dict[str | None, int] = VOLUMES
) -> pl.DataFrame:
    return sources_of(shares("traded", volumes), shares("filled", filled), stated, FIVE)


def gaps(rows: pl.DataFrame) -> dict[str | None, str]:
    return dict(rows.filter(pl.col("gap").is_not_null()).select("venue", "gap").iter_rows())


def liquidity(rows: pl.DataFrame, stated: tuple[str, ...] = ("XNYS",), by: str = "") -> Liquidity:
    limit = Limit("material_share_least", FIVE, date(2026, 1, 1), "minutes", by)
    return Liquidity(Quarter(2026, 1).span, limit, stated, rows, 2, 1, 7 * 10**8)


def test_a_venue_is_material_from_just_the_share_on() -> None:
    rows = found(("XNYS",), {"XNYS": 10})
    told = dict(rows.select("venue", "is_material").iter_rows())

    assert told == {"XNYS": True, "XNAS": True, "EDGX": True, "IEXG": False, "FINN": None,
                    None: None}  # fmt: skip
    assert rows.filter(venue="EDGX")["share"].to_list() == [50_000_000_000]


def test_each_gap_has_its_name() -> None:
    assert gaps(found(("XNYS", "XNAS"), {"XNYS": 10, "WHSA": 1})) == {
        "XNAS": Gap.NOT_USED,
        "EDGX": Gap.NOT_REACHED,
        "WHSA": Gap.NOT_STATED,
        "FINN": Gap.OFF_EXCHANGE,
        None: Gap.OFF_EXCHANGE,
    }


def test_without_a_list_nobody_says_what_is_reached() -> None:
    rows = found((), {"XNYS": 10, "WHSA": 1})

    assert gaps(rows)["XNAS"] == Gap.NOT_LISTED
    assert "WHSA" not in gaps(rows)
    assert rows["stated"].null_count() == rows.height


def test_a_security_without_trades_has_no_shares() -> None:
    rows = found(("XNYS",), {"XNYS": 10}, {})

    assert rows.select("share", "is_material", "gap").row(0) == (None, None, None)


def test_venues_are_added_up_over_securities() -> None:
    both = pl.concat([shares("traded", VOLUMES), shares("traded", {"XNYS": 1_000}, "XYZ")])
    rows = sources_of(both, shares("filled", {"XNYS": 3, "WHSA": 1}), ("XNYS",), FIVE)
    venues = liquidity(rows).venues()
    first = venues.row(0, named=True)

    assert (first["venue"], first["material"], first["share"]) == ("XNYS", 2, 800_000_000_000)
    assert first["filled_share"] == 750_000_000_000
    assert venues["traded"].sum() == both["traded"].sum()


def test_what_is_unknown_is_said() -> None:
    told = liquidity(found((), {"XNYS": 10}), stated=(), by="CCO")

    assert basis(told) == (
        "2026-01-01 to 2026-03-31: 2 securities the firm had orders in. A venue is material for a "
        "security with at least 5.0 % of its consolidated volume (minutes, approved by CCO). Of 1 "
        "of them no trades are held: unknown. 7 shares were executed whose security is not known. "
        "No list of venues was in force, so nobody can say what is to be reached."
    )
    (notice,) = liquidity_section(None).blocks
    assert isinstance(notice, Notice)


@pytest.mark.parametrize(("venue", "filled", "blocks"), [("XNYS", {"XNYS": 1}, 2), ("X", {}, 4)])
def test_gaps_are_listed_where_there_are_any(
    venue: str, filled: dict[str | None, int], blocks: int
) -> None:
    rows = found(("XNYS",), filled, {venue: 10})
    known = Liquidity(Quarter(2026, 1).span, liquidity(rows).least, ("XNYS",), rows, 1, 0, 0)
    section = liquidity_section(known)

    assert len(section.blocks) == blocks
    assert "unknown" not in basis(known)
    assert isinstance(section.blocks[0], Paragraph)


def test_tables_show_parts_and_keep_exact_values() -> None:
    told = liquidity(found(("XNYS",), {"XNYS": 10, None: 1}))
    row = next(row for row in by_venue(told).rows if row[0].text == "EDGX")

    assert (row[2].text, row[2].exact) == ("5.0 %", "0.050000000000")
    assert {row[1].text for row in gap_table(told).rows} == {"XNAS", "EDGX", "FINN", "not told"}
    assert len(every_source(told).rows) == len(VOLUMES)
    empty = liquidity(found(("XNYS",), {"XNYS": 10}, {}))
    assert by_venue(empty).rows[0][2].exact == ""
