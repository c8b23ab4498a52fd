"""Row 8: late, repeated, corrected and shuffled data come to one state, and no past answer moves.

One day's records are cut into files at random; some are told twice, some received days late, a few
fills busted or corrected. They are taken in in a random order, with runs in between. At the end
every schedule has the same exports. And each answer given on the way is given again, as known at
the size of the log it was given at.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from routewarden.base.canonical import sha256
from routewarden.base.schema import Kind
from routewarden.runs.export import Part, as_text
from routewarden.runs.past import as_known_at
from routewarden.runs.pipeline import run
from routewarden.runs.reading import NothingMeasuredError, Question, exported
from routewarden.store.home import Home, make_home, opened
from routewarden.store.segments import Arrival, ingest
from tests.matrix.row import Outcome, Volume, tell

TITLE = "late, repeated, corrected and shuffled data"
LEAST = 200

_DAY = date(2026, 7, 1)
_ORDERS = 40
_TWICE, _LATE, _AMENDED = 0.10, 0.05, 0.03
_ASKED_AGAIN = 2  # answers given on the way, of each schedule
_PARTS = (Part.FILLS, Part.ORDERS, Part.SUMMARY)
_HEADS = {
    Kind.ORDERS: "order_id,received_at,symbol,side,quantity,order_type,account_type,held,directed",
    Kind.FILLS: "fill_id,order_id,executed_at,price,quantity,status,refers_to",
    Kind.QUOTES: "symbol,at,bid,ask,seq",
}


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it comes in: its rows, and how many days after the trading date."""

    kind: Kind
    rows: tuple[str, ...]
    late_days: int


def trials(volume: Volume) -> Outcome:
    """Take each schedule in."""
    passed, ends, answers, schedules = 0, set[str](), 0, volume.of(LEAST)
    for number in range(schedules):
        folder = volume.folder / str(number)
        end, wrong, asked = schedule(folder, volume.seed + number)
        shutil.rmtree(folder)
        ends.add(end)
        answers += asked
        if wrong or len(ends) > 1:
            tell(8, volume, number, ", ".join(wrong) or "another final state")
        else:
            passed += 1
    states = "one final state" if len(ends) == 1 else f"{len(ends)} final states"
    figure = f"{states} of {schedules} schedules; {answers} earlier answers came back alike"
    return Outcome(schedules, passed, figure)


def schedule(folder: Path, seed: int) -> tuple[str, list[str], int]:
    """Take one schedule in; return its last state, what is wrong, how many answers were asked."""
    chance = random.Random(seed)
    folder.mkdir(parents=True)
    make_home(folder / "home")
    given: list[tuple[int, str]] = []
    with opened(folder / "home") as home:
        for number, file in enumerate(_files(chance)):
            path = folder / f"{number}.csv"
            path.write_text("\n".join([_HEADS[file.kind], *file.rows, ""]))
            arrival = Arrival(file.kind, path, _DAY + timedelta(file.late_days))
            ingest(home, arrival, _unseen, _unseen)
            if chance.random() < 0.25:
                run(home, None, None, lambda *_: None)
                given.append((home.log.size, _state(home)))
        run(home, None, None, lambda *_: None)
        end = _state(home)
        asked = chance.sample(given, min(len(given), _ASKED_AGAIN))
        wrong = [f"as known at {size}" for size, state in asked if _then(home, size) != state]
    return end, wrong, len(asked)


def _then(home: Home, size: int) -> str:
    with as_known_at(home, size) as past:
        return _state(past.home)


def _state(home: Home) -> str:
    """Return the digest of what can be exported."""
    try:
        frames = [as_text(exported(home, part, Question()).frame) for part in _PARTS]
    except NothingMeasuredError:
        return "nothing"
    return sha256("\0".join(frame.write_csv() for frame in frames).encode())


def _unseen(_: int) -> None:
    """Nobody watches."""


def _files(chance: random.Random) -> list[_File]:
    """Cut the day's rows into files, in a random order."""
    files = [
        _File(kind, tuple(rows[start:end]), chance.choice((1, 3, 5)) if late else 0)
        for kind, rows in _rows().items()
        for start, end in _pieces(len(rows), chance)
        for late in [chance.random() < _LATE]
    ]
    again = [
        _File(each.kind, each.rows[: chance.randrange(1, len(each.rows) + 1)], 0)
        for each in files
        if each.kind is not Kind.QUOTES and chance.random() < _TWICE
    ]
    found = [*files, *again]
    chance.shuffle(found)
    return found


def _pieces(length: int, chance: random.Random) -> list[tuple[int, int]]:
    cuts = sorted({0, length, *(chance.randrange(1, length) for _ in range(3))})
    return list(pairwise(cuts))


def _rows() -> dict[Kind, Sequence[str]]:
    """Return the day's records, the same for every schedule."""
    chance = random.Random("the day itself")
    orders, fills, quotes = [], [], []
    for n in range(_ORDERS):
        at = f"{_DAY}T14:{n:02}"
        symbol, side = ("ABC", "buy") if n % 2 else ("NA", "sell")
        orders.append(f"O{n},{at}:00Z,{symbol},{side},100,market,retail,true,false")
        quotes.append(f"{symbol},{at}:00Z,10.0{n % 3},10.0{5 + n % 3},{n}")
        fills += [f"F{n}-{k},O{n},{at}:0{k + 1}Z,10.0{n % 9},50,ok," for k in range(2)]
        if chance.random() < 2 * _AMENDED:
            fills.append(f"B{n},O{n},{at}:01Z,10.0{n % 9},50,busted,F{n}-0")
        elif chance.random() < 2 * _AMENDED:
            fills.append(f"C{n},O{n},{at}:02Z,10.0{(n + 1) % 9},50,corrected,F{n}-1")
    return {Kind.ORDERS: orders, Kind.FILLS: fills, Kind.QUOTES: quotes}
