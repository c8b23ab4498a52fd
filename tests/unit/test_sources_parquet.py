from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.sources import parquet_table
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.table import Batch, no_records, read_table
from routewarden.sources.typed import Bounds

BOUNDS = Bounds(946_702_800_000_000_000, 1_861_938_000_000_000_000)
"""2000-01-01 to 2028-12-31, New York."""
HALF_PAST_ONE = 1_782_912_600_000_000_000  # 2026-07-01T13:30:00Z
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
TRADE = {"symbol": ["A"], "at": ["2026-07-01T13:30:00Z"], "price": ["10.05"], "size": ["100"]}


def stored(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def read(frame: pl.DataFrame, kind: Kind = Kind.TRADES) -> Batch:
    (batch,) = read_table(TABLES[kind], stored(frame), BOUNDS)
    return batch


def trade(**columns: object) -> pl.DataFrame:
    return pl.DataFrame({**TRADE, **columns})


def kept(values: pl.Series) -> Any:  # noqa: ANN401 - of any column's type
    """What a column outside the data model is kept as."""
    return read(trade(note=values)).records["x_note"].item()


# -- Parquet ---------------------------------------------------------------------------------------


def test_a_row_of_text_is_a_record_at_its_place() -> None:
    assert read(trade()).records.rows() == [
        ("A", HALF_PAST_ONE, 1_005_000_000, 10_000_000_000, None, None, 1, 0, 0)
    ]


def test_decimals_and_integers_are_exact() -> None:
    prices = pl.Series([Decimal("10.0500000000")], dtype=pl.Decimal(38, 10))

    records = read(trade(price=prices, size=[100])).records

    assert records.select("price", "size").rows() == [(1_005_000_000, 10_000_000_000)]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_timestamp_of_any_zone_is_an_instant(unit: Any) -> None:  # noqa: ANN401 - a literal
    local = pl.Series([datetime(2026, 7, 1, 9, 30)], dtype=pl.Datetime(unit))  # noqa: DTZ001

    records = read(trade(at=local.dt.replace_time_zone("America/New_York"))).records

    assert records["at"].to_list() == [HALF_PAST_ONE]


def test_a_timestamp_without_a_zone_is_no_instant() -> None:
    naive = pl.Series([datetime(2026, 7, 1, 9, 30)])  # noqa: DTZ001 - that is the point

    (reject,) = read(trade(at=naive)).rejects

    assert (reject.line, reject.reason, reject.column) == (1, Reason.NOT_AN_INSTANT, "at")


def test_a_date_is_no_instant_of_a_trade_but_begins_reference_data() -> None:
    day = [date(2026, 7, 1)]
    securities = pl.DataFrame({"symbol": ["A"], "from": day})

    assert read(trade(at=day)).rejects[0].reason is Reason.NOT_AN_INSTANT
    assert read(securities, Kind.SECURITIES).records["from"].to_list() == [
        HALF_PAST_ONE - 34_200_000_000_000  # midnight in New York, nine and a half hours before
    ]


def test_a_stated_timestamp_past_the_years_of_64_bits_is_refused_not_forgotten() -> None:
    halts = pl.DataFrame(
        {
            "symbol": ["A"],
            "from": ["2026-07-01T00:00:00Z"],
            "to": pl.Series([datetime(9999, 12, 31, tzinfo=UTC)], dtype=pl.Datetime("us", "UTC")),
        }
    )

    assert len(read(halts, Kind.HALTS).rejects) == 1


@pytest.mark.parametrize("dtype", [pl.Float32, pl.Float64])
def test_a_binary_float_is_refused(dtype: type[pl.DataType]) -> None:
    prices = pl.Series([10.5, None], dtype=dtype)

    batch = read(pl.concat([trade(), trade()]).with_columns(price=prices))

    assert batch.rejects == (
        Reject(
            1,
            Reason.BINARY_FLOAT,
            "price is a binary float, which is not exact; write decimals or text",
            "price",
        ),
        Reject(2, Reason.MISSING, "price is empty", "price"),
    )


def test_the_first_of_two_floats_that_is_stated_is_named() -> None:
    batch = read(trade(price=pl.Series([None], dtype=pl.Float64), size=[1.5]))

    assert [(reject.line, reject.column) for reject in batch.rejects] == [(1, "size")]


def test_a_row_without_the_float_stays() -> None:
    quotes = pl.DataFrame(
        {"symbol": ["A", "A"], "at": TRADE["at"] * 2, "bid": [1.5, None], "ask": ["2", "2"]}
    )

    assert read(quotes, Kind.QUOTES).records.select("line", "bid", "ask").rows() == [
        (2, None, 200_000_000)
    ]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pl.Series(["x"]), "x"),
        (pl.Series([""]), None),
        (pl.Series([None]), None),
        (pl.Series([7]), "7"),
        (pl.Series([1.5]), "1.5"),
        (pl.Series([True]), "true"),
        (pl.Series([b"\x01\xff"]), "01ff"),
        (pl.Series([date(2026, 7, 1)]), "2026-07-01"),
        (pl.Series([clock(9, 30)]), "09:30:00"),
        (pl.Series([NOON], dtype=pl.Datetime("us", "UTC")), "2026-07-01T12:00:00.000000000Z"),
        (pl.Series(["x"], dtype=pl.Categorical), "x"),
        (pl.Series([{"a": 1}]), '{"note":{"a":1}}'),
        (pl.Series([[1, 2]]), '{"note":[1,2]}'),
    ],
)
def test_a_column_outside_the_data_model_is_kept_as_text(
    values: pl.Series, text: str | None
) -> None:
    assert kept(values) == text


def test_a_duration_outside_the_data_model_is_kept() -> None:
    assert kept(pl.Series([timedelta(seconds=1)])) is not None


def test_a_text_column_takes_what_looks_like_a_number() -> None:
    assert read(trade(symbol=[123])).records["symbol"].to_list() == ["123"]


def test_a_binary_float_is_no_identifier() -> None:
    (reject,) = read(trade(symbol=[123.0])).rejects

    assert (reject.reason, reject.column) == (Reason.BINARY_FLOAT, "symbol")


def test_a_flag_column_takes_booleans() -> None:
    securities = pl.DataFrame({"symbol": ["A"], "from": ["2026-07-01"], "sp500": [True]})

    assert read(securities, Kind.SECURITIES).records["sp500"].to_list() == [True]


@pytest.mark.parametrize("frame", [pl.DataFrame(), trade().clear()])
def test_a_file_without_rows_has_neither_records_nor_rejects(frame: pl.DataFrame) -> None:
    batch = read(frame)

    assert (batch.records.height, batch.rejects) == (0, ())


def test_a_file_cut_short_is_one_reject() -> None:
    (batch,) = read_table(TABLES[Kind.TRADES], stored(trade())[:-5], BOUNDS)

    (reject,) = batch.rejects
    assert (reject.line, reject.reason) == (1, Reason.UNREADABLE)
    assert reject.detail.startswith("not a whole Parquet file: ")
    assert batch.records.is_empty()


def test_a_file_is_read_some_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_table, "_BLOCK_ROWS", 2)
    rows = pl.concat([trade(size=[str(n)]) for n in range(5)])
    batches = list(read_table(TABLES[Kind.TRADES], stored(rows), BOUNDS))

    assert [batch.records["line"].to_list() for batch in batches] == [[2], [3, 4], [5]]
    assert [reject.line for batch in batches for reject in batch.rejects] == [1]  # a size of none
    assert batches[-1].position == len(stored(rows))


def test_an_open_file_is_read_from_its_beginning_wherever_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "trades.parquet"
    path.write_bytes(stored(trade()))
    with path.open("rb") as file:
        file.seek(7)
        (batch,) = read_table(TABLES[Kind.TRADES], path.read_bytes(), BOUNDS, file)

    assert batch.records.height == 1


def test_of_a_file_damaged_inside_what_comes_before_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet_table, "_BLOCK_ROWS", 1_000)
    buffer = io.BytesIO()
    notes = [f"note {n:06} of many that are all of them different" for n in range(50_000)]
    rows = pl.DataFrame({name: values * len(notes) for name, values in TRADE.items()})
    rows.with_columns(pl.Series("note", notes)).write_parquet(
        buffer, row_group_size=1_000, compression="uncompressed"
    )
    data = bytearray(buffer.getvalue())
    inside = data.index(b"note 040000") - 4  # where its length stands
    data[inside : inside + 4] = b"\xff" * 4
    batches = list(read_table(TABLES[Kind.TRADES], bytes(data), BOUNDS))

    rejects = [reject for batch in batches for reject in batch.rejects]
    read = sum(batch.records.height for batch in batches)
    assert 0 < read < len(notes)
    assert [(reject.line, reject.reason) for reject in rejects] == [(read + 1, Reason.UNREADABLE)]


def test_a_file_with_fewer_rows_than_it_says_is_not_whole() -> None:
    buffer = io.BytesIO()
    pl.concat([trade()] * 300).write_parquet(buffer, row_group_size=100)
    data = buffer.getvalue()
    said = data.index(b"\xd8\x04", len(data) - 8 - int.from_bytes(data[-8:-4], "little"))
    more = data[:said] + b"\xda\x04" + data[said + 2 :]  # 300, then 301, as Thrift writes them
    whole, rest = read_table(TABLES[Kind.TRADES], more, BOUNDS)

    assert (whole.records.height, whole.rejects) == (300, ())
    assert [(reject.line, reject.detail) for reject in rest.rejects] == [
        (301, "not a whole Parquet file: it says 301 rows and has 300")
    ]


# -- Tables, from either kind of file --------------------------------------------------------------


def test_a_table_without_records_has_its_columns_and_their_place() -> None:
    assert no_records(TABLES[Kind.HALTS]).schema == {
        "symbol": pl.String(),
        "from": pl.Int64(),
        "to": pl.Int64(),
        "kind": pl.String(),
        "line": pl.Int64(),
        "start": pl.Int64(),
        "end": pl.Int64(),
    }


def csv(text: str, kind: Kind = Kind.HALTS) -> Batch:
    (batch,) = read_table(TABLES[kind], text.encode(), BOUNDS)
    return batch


def test_absent_columns_are_null_and_unknown_ones_follow_under_a_prefix() -> None:
    batch = csv("zone,from,symbol\nq,2026-07-01T13:30:00Z,A\n")

    assert batch.records.columns == [
        *("symbol", "from", "to", "kind", "x_zone", "line", "start", "end")
    ]
    assert batch.records.rows() == [("A", HALF_PAST_ONE, None, None, "q", 2, 17, 42)]


def test_rejects_of_the_reader_and_of_the_values_come_in_the_files_order() -> None:
    batch = csv("symbol,from\nA,never\nB\nC,2026-07-01T13:30:00Z\n,2026-07-01T13:30:00Z\n")

    assert [(reject.line, reject.reason) for reject in batch.rejects] == [
        (2, Reason.NOT_AN_INSTANT),
        (3, Reason.RAGGED),
        (5, Reason.MISSING),
    ]
    assert batch.records["line"].to_list() == [4]


def test_a_batch_knows_where_it_ends() -> None:
    assert csv("symbol,from\nA,2026-07-01T13:30:00Z\n").position == 35


def test_a_block_of_rejects_alone_has_no_records() -> None:
    batch = csv("symbol,from\nA\n")

    assert batch.records.schema == no_records(TABLES[Kind.HALTS]).schema
    assert len(batch.rejects) == 1


@pytest.mark.parametrize("name", ["line", "start", "end", "file", "right"])
def test_an_unknown_column_is_kept_whatever_its_name(name: str) -> None:
    from_csv = csv(f"symbol,from,{name}\nA,2026-07-01T13:30:00Z,mine\n")

    assert from_csv.records[f"x_{name}"].to_list() == ["mine"]


@pytest.mark.parametrize("name", ["line", "start", "end", "file", "right"])
def test_an_unknown_column_of_parquet_is_kept_whatever_its_name(name: str) -> None:
    from_parquet = read(trade(**{name: ["mine"]}))

    assert from_parquet.records[f"x_{name}"].to_list() == ["mine"]
