"""A made-up trading day: quotes by symbol and time, and fills by symbol and execution.

Symbols differ in activity as real ones do, quotes come in bursts, one in 2,000 is crossed, and each
symbol's first lack their offer. `tied` puts nine in ten quotes at the time of another.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from routewarden.store.lakefile import SYMBOLS

OPEN = 1_782_912_600_000_000_000  # 2026-07-01T13:30:00Z, 09:30 in New York
SESSION = 23_400 * 10**9
TICK = 1_000_000  # 0.01 in units of 10**-8
ROWS_A_FILE = 16_000_000
ROWS_A_GROUP = 1 << 16
ORDER_TYPES, VENUES, SIZES = 6, 16, 6
SIDES = ("buy", "sell", "sell_short", "sell_short_exempt")

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Made:
    """How much there is of a day; fills are in the first `traded` symbols by chance, or in all."""

    quotes: int
    fills: int
    symbols: int
    traded: int | None = None
    tied: bool = False
    seed: int = 1


def day(folder: Path, made: Made) -> Path:
    """Return the folder of a day's files, which are written unless they are there."""
    name = f"{made.quotes}-{made.fills}-{made.symbols}-{made.traded}-{made.tied}-{made.seed}"
    target = folder / f"day-{name}"
    if target.is_dir():
        return target
    part = folder / f".{target.name}"
    part.mkdir(parents=True, exist_ok=True)
    _write(part, made)
    return part.rename(target)


def _write(folder: Path, made: Made) -> None:
    rng = np.random.default_rng(made.seed)
    names = [f"S{number:05d}" for number in range(made.symbols)]
    share = np.minimum(rng.pareto(1.1, made.symbols) + 0.05, 30)
    quotes = _counts(share, made.quotes)
    traded = np.zeros(made.symbols, dtype=bool)
    traded[rng.permutation(made.symbols)[: made.traded]] = True
    fills = _counts(share * traded, made.fills)
    held, files, told, rows = [], 0, list[pl.DataFrame](), 0
    for code, name in enumerate(names):
        own = _quotes(rng, int(quotes[code]), made)
        held.append(own.with_columns(symbol=pl.lit(name), code=pl.lit(code, dtype=pl.Int32)))
        if fills[code]:
            executed = _fills(rng, int(fills[code]), own)
            told.append(
                executed.with_columns(symbol=pl.lit(name), code=pl.lit(code, dtype=pl.Int32))
            )
        rows += own.height
        if rows + int(quotes[min(code + 1, made.symbols - 1)]) > ROWS_A_FILE:
            _save(held, folder / f"quotes-{files:02d}.parquet")
            held, files, rows = [], files + 1, 0
    if held:
        _save(held, folder / f"quotes-{files:02d}.parquet")
    _save(told, folder / "fills.parquet")
    (folder / "made.json").write_text(json.dumps(asdict(made)))


def _counts(share: npt.NDArray[np.float64], total: int) -> Integers:
    """Share out a total, at least one to each that has any."""
    counts: Integers = np.maximum(
        (share / share.sum() * total).astype(np.int64), (share > 0).astype(int)
    )
    counts[np.argmax(counts)] += total - counts.sum()
    return counts


def _quotes(rng: np.random.Generator, rows: int, made: Made) -> pl.DataFrame:
    gaps = rng.standard_exponential(rows, dtype=np.float32) ** 3  # bursts and silences
    passed = np.cumsum(gaps, dtype=np.float64)
    at = OPEN + (passed * (SESSION / max(passed[-1], 1e-9))).astype(np.int64)
    at += np.arange(rows)  # so that no two are at one time
    if made.tied:
        at = at[np.arange(rows) // 10 * 10]
    bid = rng.integers(500, 30_000) + np.abs(np.cumsum(rng.integers(-1, 2, rows, dtype=np.int8)))
    ask = bid + rng.integers(1, 4, rows, dtype=np.int8)
    ask[rng.integers(0, rows, rows // 2000)] -= 4
    offered = np.arange(rows) >= min(3, rows - 1)
    return pl.DataFrame({"at": at, "bid": bid * TICK, "ask": ask * TICK}).with_columns(
        ask=pl.when(pl.Series(offered)).then("ask")
    )


def _fills(rng: np.random.Generator, rows: int, quotes: pl.DataFrame) -> pl.DataFrame:
    """Executions near quotes, most at the far side, some better; received up to seconds before."""
    seen = np.sort(rng.integers(0, quotes.height, rows))
    at = np.sort(quotes["at"].to_numpy()[seen] + rng.integers(0, 10**6, rows))
    taken = (rng.standard_exponential(rows) ** 2 * 2e8).astype(np.int64) + 50_000
    side = rng.choice(4, rows, p=(0.5, 0.35, 0.14, 0.01))
    near = quotes["bid"].to_numpy()[seen] + np.where(side == 0, TICK, 0)
    return pl.DataFrame(
        {
            "received_at": at - taken,
            "route_at": at - (taken * rng.random(rows)).astype(np.int64),
            "executed_at": at,
            "side": pl.Series(side).replace_strict(range(4), SIDES, return_dtype=pl.Enum(SIDES)),
            "price": near + rng.choice((0, 0, 0, TICK // 2, TICK // 10), rows),
            "quantity": rng.choice((1, 50, 100, 100, 100, 200, 300, 500, 1000), rows),
            "order_type": _skewed(rng, ORDER_TYPES, rows),
            "venue": _skewed(rng, VENUES, rows),
            "size": _skewed(rng, SIZES, rows),
        }
    )


def _skewed(rng: np.random.Generator, kinds: int, rows: int) -> npt.NDArray[np.int8]:
    """Draw kinds of which the first are the more frequent."""
    return (rng.random(rows) ** 1.5 * kinds).astype(np.int8)


def _save(parts: list[pl.DataFrame], path: Path) -> None:
    frame = pl.concat(parts)
    counts = [[part["symbol"][0], part.height] for part in parts]
    frame.write_parquet(
        path, compression="lz4", row_group_size=ROWS_A_GROUP, metadata={SYMBOLS: json.dumps(counts)}
    )
