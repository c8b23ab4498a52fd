"""Real TAQ files, read by the shipped profiles, and by plain Python from the layouts alone."""

from __future__ import annotations

import csv
import gzip
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from routewarden import sources
from routewarden.base.schema import TABLES, Kind
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given, read_profiled
from routewarden.sources.typed import Bounds

DATA = Path(os.environ.get("ROUTEWARDEN_DATA", Path(__file__).parents[3] / "shared" / "data"))
TAQ = DATA / "market" / "taq"
PROFILES = Path(next(iter(sources.__path__))) / "profiles"
UNIT = 10**8
_LETTERS = "A XASE B XBOS C XCIS D FINR J EDGA K EDGX M XCHI N XNYS P ARCX Q XNAS T XNAS V IEXG"
_MORE = "X XPSX Y BATY Z BATS"
_WORDS = f"{_LETTERS} {_MORE}".split()
MICS = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
Row = tuple[object, ...]

pytestmark = pytest.mark.skipif(
    not TAQ.exists(), reason=f"no real TAQ files under {TAQ} (set ROUTEWARDEN_DATA)"
)


def _read(kind: Kind, file: str, profile: str) -> tuple[pl.DataFrame, int]:
    """Return the records and how many rows are neither; none is refused."""
    text = (PROFILES / f"{profile}.toml").read_text()
    data = gzip.decompress((TAQ / file).read_bytes())
    given = Given(Bounds(0, 2 * 10**18), file)
    batches = list(read_profiled(TABLES[kind], data, read_profile(text), given))
    assert [reject for batch in batches for reject in batch.rejects] == []
    records = pl.concat([batch.records for batch in batches])
    return records, sum(batch.others for batch in batches)


def _rows(file: str) -> list[dict[str, str]]:
    with gzip.open(TAQ / file, "rt", newline="") as lines:
        return list(csv.DictReader(lines))


def _utc(text: str) -> int:
    whole = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    return int(whole.timestamp()) * 10**9 + int(text[20:].ljust(9, "0"))


def _units(text: str, factor: str = "1") -> int:
    value = Decimal(text) * Decimal(factor) * UNIT
    assert value == int(value)
    return int(value)


def _told(records: pl.DataFrame, *names: str) -> list[Row]:
    return records.select(names).rows()


def test_every_trade_that_stands_is_a_record() -> None:
    file = "XXX_trades_20180102_03.csv.gz"
    records, others = _read(Kind.TRADES, file, "taq")
    rows = _rows(file)
    standing = [(line, row) for line, row in enumerate(rows, 2) if row["CORR"] == "0"]
    assert (records.height, others) == (len(standing), len(rows) - len(standing)) == (77_261, 2)
    expected = [
        (
            *(row["SYMBOL"], _utc(row["DT"]), _units(row["PRICE"]), _units(row["SIZE"])),
            *(MICS[row["EX"]], row["COND"].strip() or None, line),
        )
        for line, row in standing
    ]
    names = ("symbol", "at", "price", "size", "venue", "conditions", "line")
    assert _told(records, *names) == expected


def test_every_quote_is_its_venue_s_in_shares() -> None:
    file = "XXX_quotes_20180102_03.csv.gz"
    records, others = _read(Kind.VENUE_QUOTES, file, "taq")
    rows = _rows(file)
    assert (records.height, others) == (len(rows), 0) == (131_401, 0)
    expected = [
        (
            *(row["SYMBOL"], _utc(row["DT"]), MICS[row["EX"]]),
            *(_units(row["BID"]) or None, _units(row["BIDSIZ"], "100")),
            *(_units(row["OFR"]) or None, _units(row["OFRSIZ"], "100")),
        )
        for row in rows
    ]
    names = ("symbol", "at", "venue", "bid", "bid_size", "ask", "ask_size")
    assert _told(records, *names) == expected


def _fixed() -> list[str]:
    text = gzip.decompress((TAQ / "nyse_daily_taq_pre2015_sample.txt.gz").read_bytes()).decode()
    head, *lines = text.split("\r\n")
    assert head.startswith(" N02062014")
    return [line for line in lines if line.strip()]


def _old(line: str) -> Row:
    """A quote of fixed width, by the places of its layout."""
    day = datetime(2014, 2, 6, tzinfo=ZoneInfo("America/New_York"))
    midnight = int(day.timestamp())
    seconds = int(line[:2]) * 3600 + int(line[2:4]) * 60 + int(line[4:6])
    at = (midnight + seconds) * 10**9 + int(line[6:9]) * 10**6
    symbol = f"{line[10:16].strip()} {line[16:26].strip()}".strip()
    bid, ask = int(line[26:37]) * 10**4, int(line[44:55]) * 10**4
    sizes = (int(size) * 100 * UNIT for size in (line[37:44], line[55:62]))
    return (symbol, at, bid or None, ask or None, *sizes, int(line[69:85]))


OLD = ("symbol", "at", "bid", "ask", "bid_size", "ask_size", "seq")


def test_every_quote_of_fixed_width_is_its_venue_s() -> None:
    records, others = _read(Kind.VENUE_QUOTES, "nyse_daily_taq_pre2015_sample.txt.gz", "taq-2014")
    lines = _fixed()
    assert (records.height, others) == (len(lines), 0) == (9_994, 0)
    assert _told(records, *OLD) == [_old(line) for line in lines]
    venues = [MICS.get(line[9], line[9]) for line in lines]
    assert records["venue"].to_list() == venues


def test_the_quotes_of_fixed_width_marked_as_the_nbbo_are_quotes() -> None:
    records, others = _read(Kind.QUOTES, "nyse_daily_taq_pre2015_sample.txt.gz", "taq-2014")
    lines = _fixed()
    marked = [
        line
        for line in lines
        if (line[88], line[85]) == ("C", "1") or (line[88], line[86]) == ("N", "4")
    ]
    assert (records.height, others) == (len(marked), len(lines) - len(marked)) == (418, 9_576)
    assert sorted(_told(records, *OLD), key=str) == sorted(map(_old, marked), key=str)
