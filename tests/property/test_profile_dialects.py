"""A table told in any dialect a profile can describe is read back as it was."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routewarden.base.schema import TABLES, Kind
from routewarden.sources import csv_text
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given, read_profiled
from routewarden.sources.reject import Reject
from routewarden.sources.typed import Bounds

BOUNDS = Given(Bounds(0, 4 * 10**18), "trades.csv")
TRADES = TABLES[Kind.TRADES]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NS = 10**9


@dataclass(frozen=True)
class Trade:
    symbol: str
    at: int
    price: Decimal
    size: Decimal


@dataclass(frozen=True)
class Dialect:
    encoding: str
    delimiter: str
    decimal: str
    grouping: str
    zone: str
    form: str
    times: str
    newline: str

    @property
    def toml(self) -> str:
        return f"""
            name = "random"
            [file]
            encoding = "{self.encoding}"
            delimiter = "{self.delimiter}"
            [numbers]
            decimal = "{self.decimal}"
            grouping = "{self.grouping}"
            [time]
            zone = "{self.zone}"
            form = "{self.form}"
            ambiguous = "earlier"
            [[table]]
            kind = "trades"
            [table.columns]
            symbol = "Sym"
            at = "Time"
            price = "Px"
            size = {{ column = "Lots", times = "{self.times}" }}
        """

    def write(self, trades: list[Trade]) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.newline)
        writer.writerow(["Sym", "Time", "Px", "Lots"])
        for trade in trades:
            lots = trade.size / Decimal(self.times)
            cells = [self.number(trade.price), self.number(lots)]
            writer.writerow([trade.symbol, self.instant(trade.at), *cells])
        return text.getvalue().encode(self.encoding)

    def number(self, value: Decimal) -> str:
        plain = f"{value:,f}".replace(".", "D").replace(",", self.grouping)
        return plain.replace("D", self.decimal)

    def instant(self, at: int) -> str:
        local = (EPOCH + timedelta(seconds=at // NS)).astimezone(ZoneInfo(self.zone))
        text = local.strftime(self.form.replace("%.f", "").replace("%9f", ""))
        dot = "." if "%.f" in self.form else ""
        return f"{text}{dot}{at % NS:09}" if "f" in self.form else text


dialects = st.builds(
    Dialect,
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-16-be", "cp1252", "iso-8859-15", "cp850"]),
    delimiter=st.sampled_from([",", ";", "|", "\t", "^"]).map(lambda s: s.replace("\t", "\\t")),
    decimal=st.sampled_from([".", ","]),
    grouping=st.sampled_from(["", ".", ",", "'", " "]),
    zone=st.sampled_from(["UTC", "America/New_York", "Europe/London", "Asia/Kolkata"]),
    form=st.sampled_from(
        ["%Y-%m-%d %H:%M:%S%.f", "%m/%d/%Y %H:%M:%S%.f", "%d.%m.%y %H:%M:%S%.f", "%Y%m%d%H%M%S%9f"]
    ),
    times=st.sampled_from(["1", "100", "0.01", "0.0001", "5"]),
    newline=st.sampled_from(["\n", "\r\n"]),
).filter(lambda dialect: dialect.decimal != dialect.grouping)

trades = st.builds(
    Trade,
    symbol=st.text("ABé1 ,;\"'", min_size=1, max_size=6).filter(str.strip),
    at=st.integers(NS * 10**9, 1_800_000_000 * NS),
    price=st.integers(1, 10**14).map(lambda n: Decimal(n).scaleb(-8)),
    size=st.integers(1, 10**19).map(lambda n: (Decimal(n) * 5).scaleb(-8)),
)


def told(data: bytes, profile: str) -> tuple[list[dict[str, Any]], list[Reject], int]:
    batches = list(read_profiled(TRADES, data, read_profile(profile), BOUNDS))
    rows = [row for batch in batches for row in batch.records.iter_rows(named=True)]
    rejects = [reject for batch in batches for reject in batch.rejects]
    return rows, rejects, sum(batch.others for batch in batches)


def second_showing(at: int, zone: str) -> bool:
    local = (EPOCH + timedelta(seconds=at // NS)).astimezone(ZoneInfo(zone))
    return bool(local.fold)


@settings(deadline=None, max_examples=60)
@given(dialects, st.lists(trades, min_size=1, max_size=6))
def test_any_dialect_reads_back_exactly(dialect: Dialect, meant: list[Trade]) -> None:
    assume(not any(second_showing(trade.at, dialect.zone) for trade in meant))
    real = Dialect(**{**dialect.__dict__, "delimiter": dialect.delimiter.replace("\\t", "\t")})
    data = real.write(meant)

    rows, rejects, others = told(data, dialect.toml)

    assert (rejects, others) == ([], 0)
    found = [(row["symbol"], row["at"], row["price"], row["size"]) for row in rows]
    assert found == [
        (each.symbol, each.at, int(each.price.scaleb(8)), int(each.size.scaleb(8)))
        for each in meant
    ]


@settings(deadline=None, max_examples=60)
@given(dialects, st.lists(trades, min_size=1, max_size=8), st.integers(1, 200), st.data())
def test_the_size_of_the_blocks_changes_nothing(
    dialect: Dialect, meant: list[Trade], block_bytes: int, draw: st.DataObject
) -> None:
    """Whatever stands in the file, once a few of its bytes are others."""
    real = Dialect(**{**dialect.__dict__, "delimiter": dialect.delimiter.replace("\\t", "\t")})
    data = bytearray(real.write(meant))
    for _ in range(draw.draw(st.integers(0, 3))):
        place = draw.draw(st.integers(0, len(data) - 1))
        data[place] = draw.draw(st.sampled_from([0, 10, 13, 34, 44, 59, 65, 129, 255]))
    whole = told(bytes(data), dialect.toml)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_text, "BLOCK_BYTES", block_bytes)
        parts = told(bytes(data), dialect.toml)

    assert parts == whole


@settings(deadline=None, max_examples=60)
@given(dialects, st.lists(trades, min_size=1, max_size=8), st.data())
def test_every_record_and_reject_is_where_it_says(
    dialect: Dialect, meant: list[Trade], draw: st.DataObject
) -> None:
    """Spans do not overlap, and between them stand only the header and line ends."""
    real = Dialect(**{**dialect.__dict__, "delimiter": dialect.delimiter.replace("\\t", "\t")})
    data = bytearray(real.write(meant))
    place = draw.draw(st.integers(len(data) // 2, len(data) - 1))
    data[place] = draw.draw(st.sampled_from([0, 10, 13, 34, 44, 59, 65, 129, 255]))
    rows, rejects, _ = told(bytes(data), dialect.toml)
    spans = [(row["start"], row["end"], row["line"]) for row in rows]
    spans += [(each.start, each.end, each.line) for each in rejects]

    unit = 2 if "16" in dialect.encoding else 1
    position = 0
    between = b""
    for start, end, _line in sorted(spans):
        assert position <= start < end <= len(data)
        between += bytes(data[position:start])
        position = end
    if min(spans)[0] > 0:  # else the whole file was refused
        assert len((between + bytes(data[position:])).replace(b"\0", b"").split()) <= 6 * unit


def rows_of_fixed(values: list[tuple[int, int]]) -> bytes:
    return b"".join(f"{at:015d}{px:011d}AB  \n".encode() for at, px in values)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 235959), st.integers(1, 10**10)), min_size=1, max_size=9),
    st.integers(1, 100),
)
def test_implied_decimals_and_times_of_day_of_a_fixed_width_are_exact(
    values: list[tuple[int, int]], block_bytes: int
) -> None:
    times = [(s // 10000 % 24, s // 100 % 60, s % 60) for s, _ in values]
    lines = [
        (int(f"{h:02}{m:02}{s:02}") * NS + px % NS, px)
        for (h, m, s), (_, px) in zip(times, values, strict=True)
    ]
    profile = """
        name = "fixed"
        [file]
        format = "fixed"
        fields = { T = [0, 15], P = [15, 11], S = [26, 4] }
        [time]
        form = "%H%M%S%9f"
        date = { name = "([0-9]{8})", form = "%Y%m%d" }
        [[table]]
        kind = "trades"
        [table.columns]
        symbol = "S"
        at = "T"
        price = { column = "P", times = "0.0001" }
        size = { value = "1" }
    """
    name = Given(BOUNDS.bounds, "trades-20260701.txt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_text, "BLOCK_BYTES", block_bytes)
        batches = list(read_profiled(TRADES, rows_of_fixed(lines), read_profile(profile), name))
    records = pl.concat([batch.records for batch in batches])

    midnight = 1_782_864_000 * NS  # 2026-07-01T00:00:00Z
    assert records["at"].to_list() == [
        midnight + (h * 3600 + m * 60 + s) * NS + px % NS
        for (h, m, s), (_, px) in zip(times, values, strict=True)
    ]
    assert records["price"].to_list() == [px * 10**4 for _, px in values]
    assert records["line"].to_list() == list(range(1, len(values) + 1))
