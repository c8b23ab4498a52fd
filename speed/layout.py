"""How quotes are stored: what the lake's layout costs in bytes and in reading, beside others.

Each candidate holds the same day. What is timed is the decoding of what a measure needs (instant,
bid and ask) of all of it, and of 40 of its 2,000 symbols, in processor seconds: the files are in
memory already. Polars chooses a column's encoding by itself (dictionary or plain): there is no way
to ask it for delta encoding, so that is not among the candidates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import polars as pl

from routewarden.base.exact import PRICE_SCALE, to_decimal, to_scaled
from routewarden.base.time import datetime_utc
from routewarden.store.lakefile import GROUP_ROWS
from speed.figure import Figure, ratio
from speed.pairs import Job, Timed, in_turns
from speed.size import Size
from speed.vendor_files import SYMBOLS, quotes, symbol

_ROWS, _QUICK_ROWS = 10_000_000, 1_000_000
_FEW = 40
_UNITS_OF_A_CENT = 10**6


@dataclass(frozen=True, slots=True)
class Layout:
    """A way to store quotes with Polars."""

    codec: Literal["lz4", "zstd", "snappy", "uncompressed"] = "lz4"
    level: int | None = None
    group_rows: int = GROUP_ROWS
    by_symbol: bool = True
    integers: bool = True


CHOSEN = Layout()
OTHERS: Mapping[str, Layout] = {
    "zstd 1": replace(CHOSEN, codec="zstd", level=1),
    "time order": replace(CHOSEN, by_symbol=False),
    "decimals and timestamps": replace(CHOSEN, integers=False),
    "uncompressed": replace(CHOSEN, codec="uncompressed"),
    "snappy": replace(CHOSEN, codec="snappy"),
    "zstd 3": replace(CHOSEN, codec="zstd", level=3),
    "zstd 9": replace(CHOSEN, codec="zstd", level=9),
    "row groups of 16k": replace(CHOSEN, group_rows=1 << 14),
    "row groups of 256k": replace(CHOSEN, group_rows=1 << 18),
    "row groups of 1M": replace(CHOSEN, group_rows=1 << 20),
}
"""What the chosen layout is compared with; the first few in a quick look."""
_QUICK_OTHERS = 3


def figures(size: Size) -> list[Figure]:
    """Return bytes and times of each other layout over those of the chosen one."""
    names = list(OTHERS)[: _QUICK_OTHERS if size.quick else None]
    layouts = {"chosen": CHOSEN, **{name: OTHERS[name] for name in names}}
    paths = _written(layouts, size)
    pairs = 1 if size.quick else size.pairs
    whole, few = (
        in_turns(
            {
                name: Job("layout:decoded", {"path": str(path), "few": some, **_types(name)})
                for name, path in paths.items()
            },
            pairs,
        )
        for some in (False, True)
    )
    found = []
    for name in names:
        found += [
            ratio(f"{name}: bytes", [_bytes(paths[name])], [_bytes(paths["chosen"])], None),
            ratio(f"{name}: reading all", _cpu(whole[name]), _cpu(whole["chosen"]), None),
            ratio(f"{name}: reading 40 symbols", _cpu(few[name]), _cpu(few["chosen"]), None),
        ]
    return found


def decoded(path: str, *, few: bool, integers: bool) -> Iterator[tuple[int, ...] | None]:
    """Read instant, bid and ask, of all or of some symbols; the answer adds them up."""
    wanted = [symbol(number) for number in range(0, SYMBOLS, SYMBOLS // _FEW)]
    file = pl.scan_parquet(path, glob=False)
    yield None
    chosen = file.filter(pl.col("symbol").is_in(wanted)) if few else file
    rows = chosen.select("at", "bid", "ask").collect()
    bid, ask, at = rows["bid"].sum(), rows["ask"].sum(), rows["at"].max()
    if not integers:
        row = pl.DataFrame({"bid": [bid], "ask": [ask], "at": rows["at"].tail(1)})
        bid, ask = row.select(to_scaled(pl.col("bid", "ask"), PRICE_SCALE)).row(0)
        at = rows["at"].dt.epoch("ns").max()
    yield rows.height, int(bid), int(ask), int(str(at))


def _types(name: str) -> dict[str, bool]:
    return {"integers": name == "chosen" or OTHERS[name].integers}


def _bytes(path: Path) -> float:
    return path.stat().st_size


def _cpu(times: list[Timed]) -> list[float]:
    return [each.cpu_s for each in times]


def _written(layouts: Mapping[str, Layout], size: Size) -> dict[str, Path]:
    """Write the same day in each layout; return where."""
    rows = _QUICK_ROWS if size.quick else _ROWS
    folder = size.folder / "layout" / str(rows)
    paths = {name: folder / f"{name}.parquet" for name in layouts}
    if all(path.exists() for path in paths.values()):
        return paths
    folder.mkdir(parents=True, exist_ok=True)
    day = _day(rows)
    by_symbol = day.sort("symbol", "at", "seq")
    for name, layout in layouts.items():
        stored = by_symbol if layout.by_symbol else day
        if not layout.integers:
            prices = (to_decimal(pl.col(side), PRICE_SCALE).alias(side) for side in ("bid", "ask"))
            stored = stored.with_columns(*prices, datetime_utc(pl.col("at")))
        stored.write_parquet(
            paths[name],
            compression=layout.codec,
            compression_level=layout.level,
            row_group_size=layout.group_rows,
        )
    return paths


def _day(rows: int) -> pl.DataFrame:
    names = pl.Series([symbol(number) for number in range(SYMBOLS)])
    parts = (
        part.with_columns(
            names.gather(part["number"]).alias("symbol"),
            pl.col("bid", "ask") * _UNITS_OF_A_CENT,
            pl.col("bid_size", "ask_size") * 10**8,
        ).drop("number")
        for part in quotes(rows)
    )
    return pl.concat(parts)
