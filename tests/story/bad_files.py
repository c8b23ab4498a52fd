"""Files as they really arrive, and what must be said of each: records, duplicates, rejects."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

Rejected = list[tuple[int, str]]

HEADER = "fill_id,executed_at,price,quantity,order_id"
GOOD = "f1,2026-07-01T13:30:01Z,10.05,100,o1"
LAST = "f9,2026-07-01T13:30:09Z,10.05,100,o1"


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and what must be said of it."""

    data: Callable[[], bytes]
    records: int
    rejected: Rejected
    duplicates: int = 0
    kind: str = "fills"

    @property
    def status(self) -> int:
        """The exit status that says so."""
        return 3 if self.rejected else 0


def row(number: int = 1, **other: str) -> str:
    """Return a good row, but for what is stated."""
    cells = {
        "fill_id": f"f{number}",
        "executed_at": f"2026-07-01T13:30:0{number}Z",
        "price": "10.05",
        "quantity": "100",
        "order_id": "o1",
    }
    return ",".join({**cells, **other}.values())


def text(*lines: str, header: str = HEADER, ending: str = "\n") -> bytes:
    """Return a CSV file."""
    return "".join(line + ending for line in (header, *lines)).encode()


def of(*lines: str, header: str = HEADER, **expected: Any) -> Case:  # noqa: ANN401 - Case's own
    """Return the case of some CSV lines; the last good one goes in whatever is before it."""
    return Case(lambda: text(*lines, LAST, header=header), **expected)


def each(reason: str, column: str, *values: str) -> Case:
    """Return the case of rows whose column is refused for one reason."""
    lines = [row(1, **{column: value}) for value in values]
    return of(*lines, records=1, rejected=[(n + 2, reason) for n in range(len(lines))])


def taken(column: str, *values: str) -> Case:
    """Return the case of rows whose column is fine."""
    lines = [row(1, **{"fill_id": f"g{n}", column: value}) for n, value in enumerate(values)]
    return of(*lines, records=len(values) + 1, rejected=[])


CSV_FILES: Mapping[str, Case] = {
    "cut mid-row": Case(lambda: text(GOOD)[:-20], 0, [(2, "ragged")]),
    "cut mid-row after a good one": Case(lambda: text(GOOD, LAST)[:-30], 1, [(3, "ragged")]),
    "no newline at the end": Case(lambda: text(GOOD)[:-1], 1, []),
    "wrong columns": Case(lambda: b"a,b\n1,2\n3,4\n", 0, [(2, "missing"), (3, "missing")]),
    "one column too few": Case(
        lambda: text("f1,2026-07-01T13:30:01Z,1,o1", header=HEADER.replace("quantity,", "")),
        0,
        [(2, "missing")],
    ),
    "UTF-16": Case(lambda: text(GOOD).decode().encode("utf-16"), 0, [(1, "encoding")]),
    "UTF-16 without a mark": Case(
        lambda: text(GOOD).decode().encode("utf-16-le"), 0, [(1, "no_header")]
    ),
    "Latin-1 in a row": Case(
        lambda: text(GOOD, row(2, fill_id="é"), LAST).decode().encode("latin-1"),
        2,
        [(3, "encoding")],
    ),
    "Latin-1 in the header": Case(
        lambda: "fill_id,nöte\n1,2\n".encode("latin-1"), 0, [(1, "encoding")]
    ),
    "a 10 MB line": of(GOOD, "x" * 10_000_000, records=2, rejected=[(3, "too_long")]),
    "a 10 MB line of commas": of(GOOD, "," * 10_000_000, records=2, rejected=[(3, "too_long")]),
    "a 10 MB header": Case(lambda: b"x" * 10_000_000 + b"\n", 0, [(1, "no_header")]),
    "a NUL byte in a row": of(GOOD, row(2, fill_id="f\0"), records=2, rejected=[(3, "nul_byte")]),
    "a NUL byte in the header": Case(lambda: b"fill\0_id\n1\n", 0, [(1, "no_header")]),
    "NUL bytes only": Case(lambda: bytes(5_000), 0, [(1, "no_header")]),
    "empty": Case(lambda: b"", 0, [(1, "no_header")]),
    "a byte-order mark only": Case(lambda: b"\xef\xbb\xbf", 0, [(1, "no_header")]),
    "blank lines only": Case(lambda: b"\n\n\n", 0, [(1, "no_header")]),
    "header only": Case(text, 0, []),
    "a repeated column": Case(lambda: b"fill_id,fill_id\na,b\n", 0, [(1, "no_header")]),
    "a byte-order mark": Case(lambda: b"\xef\xbb\xbf" + text(GOOD), 1, []),
    "lines that end in CRLF": Case(lambda: text(GOOD, LAST, ending="\r\n"), 2, []),
    "lines that end in CR": Case(lambda: text(GOOD, ending="\r"), 0, [(1, "no_header")]),
    "blank lines between": of("", GOOD, "", "", records=2, rejected=[]),
    "rows too short and too long": of(
        GOOD, "f2,2026", row(3) + ",more", records=2, rejected=[(3, "ragged"), (4, "ragged")]
    ),
    "a quotation that never ends": of('"f1,2026', records=1, rejected=[(2, "malformed")]),
    "text after a quotation": of('"f1"x,2026,1,1,o', records=1, rejected=[(2, "malformed")]),
    "semicolons": Case(lambda: text(GOOD).replace(b",", b";"), 0, [(2, "missing")]),
    "a damaged gzip file": Case(lambda: b"\x1f\x8b\x08\0\xff\xfe" * 9, 0, [(1, "unreadable")]),
    "a gzip file that breaks off": Case(
        lambda: gzip.compress(text(GOOD, *[""] * 9_999), 0)[:5_000], 1, [(1, "unreadable")]
    ),
    "a long field beside a quotation": Case(
        lambda: text(f"{GOOD},{'y' * 200_000}", f'{LAST},"q"', header=f"{HEADER},note"), 2, []
    ),
    "dates outside the calendar": each(
        *("outside_calendar", "executed_at", "1999-12-31T12:00:00Z", "2035-01-02T15:00:00Z"),
        *("2300-01-02T15:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        *("1677-01-01T00:00:00Z", "2262-12-31T00:00:00Z"),
    ),
    "no instants": each(
        *("not_an_instant", "executed_at", "2026-02-30T13:30:00Z", "2026-07-01T13:30:00"),
        *("2026-07-01 13:30:00Z", "2026-07-01T13:30:00+02:00", "2026-07-01T13:30:60Z"),
        *("2026-07-01T24:00:00Z", "2026-07-01T13:30:00.1234567891Z", "2026-07-01", "NaT"),
        *("1782912601000000000", "07/01/2026 13:30", "\uff12026-07-01T13:30:00Z"),
    ),
    "instants": taken(
        *("executed_at", "2026-07-01T13:30:00.123456789Z", "2026-07-01T13:30:00+00:00"),
        *("2026-07-01T13:30:00.0Z", "2000-01-03T15:00:00Z", "2028-12-29T15:00:00Z"),
    ),
    "ids that look like something else": taken(
        "fill_id", "NA", "TRUE", "NAN", "1E5", "00123", "123", "null", "None", "-", "=1+1", " x"
    ),
    "too many decimals": each("too_precise", "price", "10.123456789012", "0.000000001"),
    "decimals that are zeros": taken("price", "10.10000000000000", "5.", ".5", "007.5"),
    "no decimals": each(
        *("not_a_decimal", "price", "1e1", "1E5", "NaN", "inf", "+1", "$1", " 5", "0x10"),
        *("1_000", "--1", "1.2.3", "abc", "\uff11"),
    ),
    "prices out of range": each(
        "out_of_range", "price", "0", "-1", "1000000.00000001", "9" * 60, "1" * 38 + ".5"
    ),
    "prices at the ends of the range": taken("price", "0.00000001", "1000000", "1000000.00"),
    "quantities out of range": each(
        "out_of_range", "quantity", "0", "-5", "1000000000000.00000001"
    ),
    "quantities at the ends of the range": taken("quantity", "0.00000001", "1000000000000"),
    "required cells that are empty": of(
        *(row(1, **{name: ""}) for name in ("fill_id", "executed_at", "price", "quantity")),
        records=1,
        rejected=[(n, "missing") for n in (2, 3, 4, 5)],
    ),
    "a fill of nothing": of(row(1, order_id=""), records=1, rejected=[(2, "missing")]),
    "equal rows, in other words": of(
        GOOD, row(1, price="10.050", quantity="100.0"), records=2, rejected=[], duplicates=1
    ),
    "one id, other content": of(
        *(GOOD, row(1, quantity="101"), GOOD, row(1, price="9")),
        records=2,
        rejected=[(3, "conflict"), (5, "conflict")],
        duplicates=1,
    ),
    "one id, another extra": of(
        f"{GOOD},a",
        f"{GOOD},b",
        records=1,
        rejected=[(3, "conflict"), (4, "ragged")],
        header=f"{HEADER},note",
    ),
    "quotes that repeat": Case(
        lambda: text(*["NA,2026-07-01T13:30:00Z,1,2"] * 3, header="symbol,at,bid,ask"),
        3,
        [],
        kind="quotes",
    ),
    "a limit order without its price": Case(
        lambda: (
            b"order_id,received_at,symbol,side,quantity,order_type\n"
            b"o1,2026-07-01T13:30:00Z,TRUE,buy,1,limit\no2,2026-07-01T13:30:00Z,1E5,Buy,1,market\n"
        ),
        0,
        [(2, "missing"), (3, "unknown_word")],
        kind="orders",
    ),
}

INSTANT = datetime(2026, 7, 1, 13, 30, 1, tzinfo=UTC)
FAR = datetime(2300, 1, 2, 15, tzinfo=UTC)


def parquet(rows: int = 2, **other: pl.Series | list[Any]) -> bytes:
    """Return a Parquet file of good fills, but for what is stated."""
    columns = {
        "fill_id": [f"f{n}" for n in range(rows)],
        "executed_at": pl.Series([INSTANT] * rows, dtype=pl.Datetime("ns", "UTC")),
        "price": pl.Series([Decimal("10.05")] * rows, dtype=pl.Decimal(18, 8)),
        "quantity": [str(n + 1) for n in range(rows)],
        "order_id": ["o1"] * rows,
    }
    buffer = io.BytesIO()
    pl.DataFrame({**columns, **other}).write_parquet(buffer)
    return buffer.getvalue()


def pq(records: int, rejected: Rejected, **other: Any) -> Case:  # noqa: ANN401 - columns
    """Return the case of a Parquet file."""
    return Case(lambda: parquet(**other), records, rejected)


def both(reason: str) -> Rejected:
    """Return the rejects of both rows for one reason."""
    return [(1, reason), (2, reason)]


def instants(unit: Any, zone: str | None = "UTC", at: datetime = INSTANT) -> pl.Series:  # noqa: ANN401
    """Return two instants of a unit and a zone."""
    naive = pl.Series([at.replace(tzinfo=None)] * 2, dtype=pl.Datetime(unit))
    return naive if zone is None else naive.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)


def no_columns() -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame().write_parquet(buffer)
    return buffer.getvalue()


def endless_orders() -> bytes:
    """Return two orders that end in the year 2300."""
    columns = {"symbol": "NA", "side": "buy", "quantity": "1", "order_type": "market"}
    buffer = io.BytesIO()
    pl.DataFrame(
        {
            "order_id": ["o1", "o2"],
            "received_at": instants("us"),
            "ended_at": instants("us", at=FAR),
        }
        | {name: [value] * 2 for name, value in columns.items()}
    ).write_parquet(buffer)
    return buffer.getvalue()


PARQUET_FILES: Mapping[str, Case] = {
    "decimals": pq(2, []),
    "cut": Case(lambda: parquet()[:-20], 0, [(1, "unreadable")]),
    "cut in half": Case(lambda: parquet()[: len(parquet()) // 2], 0, [(1, "unreadable")]),
    "nothing but the mark": Case(lambda: b"PAR1", 0, [(1, "unreadable")]),
    "no rows": Case(lambda: parquet(rows=0), 0, []),
    "no columns": Case(no_columns, 0, []),
    "binary floats": pq(0, both("binary_float"), price=[10.05, 10.0]),
    "small binary floats": pq(
        0, both("binary_float"), quantity=pl.Series([1.5, 2.0], dtype=pl.Float32)
    ),
    "a binary float beside nothing": pq(
        0, [(1, "binary_float"), (2, "missing")], price=[1.5, None]
    ),
    "floats outside the data model": pq(2, [], note=[1.5, float("nan")]),
    "naive nanoseconds": pq(0, both("not_an_instant"), executed_at=instants("ns", None)),
    "naive microseconds": pq(0, both("not_an_instant"), executed_at=instants("us", None)),
    "UTC nanoseconds": pq(2, [], executed_at=instants("ns")),
    "UTC microseconds": pq(2, [], executed_at=instants("us")),
    "New York milliseconds": pq(2, [], executed_at=instants("ms", "America/New_York")),
    "instants past 64 bits": pq(0, both("outside_calendar"), executed_at=instants("us", at=FAR)),
    "an optional instant past 64 bits": Case(
        endless_orders, 0, both("outside_calendar"), 0, "orders"
    ),
    "dates for instants": pq(0, both("not_an_instant"), executed_at=[date(2026, 7, 1)] * 2),
    "text": pq(1, [(2, "not_a_decimal")], price=["10.05", "1e1"]),
    "integers": pq(2, [], price=[10, 11], quantity=[100, 200]),
    "integers out of range": pq(1, [(2, "out_of_range")], quantity=[100, 2**62]),
    "integer ids": pq(2, [], fill_id=[1, 2]),
    "twelve decimals": pq(
        1, [(2, "too_precise")], price=[Decimal("10.050000000000"), Decimal("10.050000000001")]
    ),
    "nothing where something is required": pq(1, [(1, "missing")], price=[None, Decimal(1)]),
    "a column of nothing": pq(0, both("missing"), fill_id=[None, None]),
    "categories": pq(2, [], venue=pl.Series(["XNAS", "XNYS"], dtype=pl.Categorical)),
    "flags for words": pq(0, both("unknown_word"), status=[True, False]),
    "lists and structs": pq(2, [], a=[[1], None], b=[{"x": 1}, None]),
    "a struct for a price": pq(0, both("not_a_decimal"), price=[{"x": 1}, {"x": 2}]),
    "durations": pq(2, [], took=[timedelta(seconds=1), None]),
    "times": pq(2, [], at=pl.Series([1, None], dtype=pl.Time)),
    "columns named like our own": pq(2, [], line=["7", "8"], start=["a", "b"], end=["c", "d"]),
    "equal rows": Case(lambda: parquet(fill_id=["f", "f"], quantity=["1", "1.0"]), 1, [], 1),
    "CSV in its name only": Case(lambda: text(GOOD), 1, []),
}
