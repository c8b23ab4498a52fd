"""What the lake gives back is what went in, in whatever pieces and files it was written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.base.canonical import Digest
from routewarden.base.schema import TABLES, Kind
from routewarden.sources.table import no_records
from routewarden.store.depot import Folder
from routewarden.store.lake import MARKER, Lake, no_rows
from routewarden.store.lakefile import in_order, loaded, symbols_of
from routewarden.store.staging import Limits, unwatched, write_dates

ORDER = {
    Kind.QUOTES: ("symbol", "at", "seq", "line"),
    Kind.FILLS: ("executed_at", "fill_id", "line"),
    Kind.PAYMENTS: ("payer", "payee", "venue", "from", "line"),
}
NOON = 1_782_907_200_000_000_000
DAY = 86_400_000_000_000
FEW = st.integers(0, 3)
SIZES = st.one_of(st.none(), st.integers(0, 10**20), st.sampled_from([2**63 - 1, 2**63]))

QUOTE = st.fixed_dictionaries(
    {
        "symbol": st.sampled_from(["A", "AA", "B", "É", "NA"]),
        "at": st.builds(lambda day, step: NOON + day * DAY + step, st.integers(0, 1), FEW),
        "bid": st.one_of(st.none(), FEW),
        "bid_size": SIZES,
        "ask_size": st.one_of(st.none(), FEW),
        "condition": st.one_of(st.none(), st.just("R")),
        "seq": st.one_of(st.none(), FEW),
        "x_note": st.one_of(st.none(), st.just("n")),
    }
)
FILL = st.fixed_dictionaries(
    {
        "fill_id": st.text("ab", min_size=1, max_size=2),
        "executed_at": st.builds(lambda step: NOON + step, FEW),
        "price": st.integers(1, 9),
        "quantity": st.integers(1, 2**64),
        "fee": st.one_of(st.none(), st.integers(-(10**24), 10**24)),
    }
)
PAYMENT = st.fixed_dictionaries(
    {"payer": st.one_of(st.none(), st.just("P")), "amount": st.integers(-5, 5)}
)


def frames(
    kind: Kind, rows: Sequence[dict[str, object]], heights: Sequence[int]
) -> list[pl.DataFrame]:
    """The rows as records, in frames of some heights; a last column no row has a value of goes."""
    empty = no_records(TABLES[kind])
    extra = {name: pl.String() for row in rows[:1] for name in row if name.startswith("x_")}
    schema = {**empty.schema, **extra}
    placed = [{**row, "line": n, "start": n, "end": n} for n, row in enumerate(rows, 2)]
    whole = pl.DataFrame(placed, schema=schema)
    found, at = [], 0
    for height in heights:
        found.append(whole.slice(at, height))
        at += height
    return [
        frame.drop(*(name for name in extra if frame[name].null_count() == frame.height))
        for frame in (*found, whole.slice(at))
    ]


def check(kind: Kind, pieces: list[pl.DataFrame], limits: Limits) -> None:
    table = TABLES[kind]
    whole = pl.concat(pieces, how="diagonal").drop("start", "end")
    expected = whole.sort(*ORDER[kind], nulls_last=False)
    with TemporaryDirectory() as folder:
        written = dict(write_dates(table, pieces, Path(folder), unwatched, limits))
        ordered = in_order(map(str, written))
        held = [loaded(table, pl.read_parquet(path, glob=False)) for path in ordered]
        read = pl.concat([no_rows(table).drop("file"), *held], how="diagonal")
        counts = [symbols_of(path) for path in ordered]

        assert sum(written.values()) == whole.height
        assert sorted(Path(folder).iterdir()) == sorted(written)
        for path, rows in written.items():
            assert pl.scan_parquet(path).select(pl.len()).collect().item() == rows

    if table.dated_by is not None:  # dates follow one another, and within one the order is kept
        day = (pl.col(table.dated_by) - NOON) // DAY
        expected = expected.sort(day, maintain_order=True)
    assert read.select(sorted(expected.columns)).equals(expected.select(sorted(expected.columns)))
    if kind is Kind.QUOTES:
        told = [pair for count in counts for pair in count or []]
        dated = read.select("symbol", day=(pl.col("at") - NOON) // DAY)
        rows_of = dated.group_by("symbol", "day", maintain_order=True).len()
        assert told == rows_of.select("symbol", "len").rows()
    else:
        assert counts == [None] * len(counts)


LIMITS = st.builds(
    Limits,
    held=st.sampled_from([1, 2, 5, 17, 1_000]),
    held_bytes=st.sampled_from([1, 500, 10**9]),
    file=st.sampled_from([1, 4, 10**6]),
    run=st.sampled_from([1, 3, 10**6]),
)
HEIGHTS = st.lists(st.integers(0, 9), max_size=6)


@settings(deadline=None, max_examples=30)
@given(st.lists(QUOTE, min_size=1, max_size=40), HEIGHTS, LIMITS)
def test_quotes_come_back_as_they_were_with_ties_in_the_order_of_the_file(
    rows: list[dict[str, object]], heights: list[int], limits: Limits
) -> None:
    check(Kind.QUOTES, frames(Kind.QUOTES, rows, heights), limits)


@settings(deadline=None, max_examples=12)
@given(st.lists(FILL, min_size=1, max_size=30), HEIGHTS, LIMITS)
def test_so_do_records_that_have_no_symbols(
    rows: list[dict[str, object]], heights: list[int], limits: Limits
) -> None:
    check(Kind.FILLS, frames(Kind.FILLS, rows, heights), limits)


@settings(deadline=None, max_examples=40)
@given(st.lists(FILL, min_size=1, max_size=30), HEIGHTS, LIMITS, st.sets(st.integers(0, 29)))
def test_so_do_records_in_order_of_time_but_for_some(
    rows: list[dict[str, object]], heights: list[int], limits: Limits, misplaced: set[int]
) -> None:
    timed = [
        {**row, "executed_at": NOON + (n // 2 if n not in misplaced else n // 9) * DAY // 20}
        for n, row in enumerate(rows)
    ]
    check(Kind.FILLS, frames(Kind.FILLS, timed, heights), limits)


@settings(deadline=None, max_examples=8)
@given(st.lists(PAYMENT, min_size=1, max_size=20), HEIGHTS, LIMITS)
def test_so_do_records_whose_every_column_may_be_empty(
    rows: list[dict[str, object]], heights: list[int], limits: Limits
) -> None:
    check(Kind.PAYMENTS, frames(Kind.PAYMENTS, rows, heights), limits)


@settings(deadline=None, max_examples=10)
@given(st.lists(QUOTE, min_size=1, max_size=40))
def test_a_date_in_many_files_reads_as_in_one(rows: list[dict[str, object]]) -> None:
    table, records = TABLES[Kind.QUOTES], frames(Kind.QUOTES, rows, [])
    read = []
    for limits in (Limits(), Limits(file=1)):
        with TemporaryDirectory() as folder:
            lake = Lake(Folder(Path(folder)), Path(folder) / "staging")
            target = Path(folder) / lake.folder(Kind.QUOTES, Digest("d"))
            target.mkdir(parents=True)
            (target / MARKER).touch()
            list(write_dates(table, records, target, unwatched, limits))
            days = sorted(lake.dates(Kind.QUOTES).items())
            symbol = str(rows[0]["symbol"])
            read.append(
                (
                    days,
                    lake.read(Kind.QUOTES).rows(),
                    [lake.read(Kind.QUOTES, day=day).rows() for day, _ in days],
                    lake.read(Kind.QUOTES, symbols=[symbol]).rows(),
                )
            )
    assert read[0] == read[1]
