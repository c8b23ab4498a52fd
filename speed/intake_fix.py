"""Claim 4: a FIX log, read with its sums checked, and taken into the store.

The log is a drop copy's: an order's report, then its fills, 200 to 280 bytes a message. A rate
on one core is messages over processor seconds; the rate into the store is over seconds of the
clock, with whatever else the machine does meanwhile.
"""

from __future__ import annotations

import mmap
import random
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import polars as pl
import simplefix

from routewarden.base.schema import Kind
from routewarden.sources.fix.reader import read_fix
from routewarden.sources.typed import Bounds
from routewarden.store.home import make_home, opened
from routewarden.store.segments import Arrival, ingest
from speed.figure import Figure, Goal, figure, ratio
from speed.pairs import Job, Timed, in_turns
from speed.size import Size

Answer = list[int]
"""Messages, the sum of MsgSeqNum 34, and the sum of SendingTime 52 in µs of the day."""

_BOUNDS = Bounds(0, 4 * 10**18)
_SYMBOLS = ("AAPL", "MSFT", "BRK.B", "F", "GOOGL", "TSLA", "XOM", "NVDA")
_DAY = 86_400_000_000
_QUICK, _USUAL = (10_000, 100_000), (100_000, 2_000_000)
"""How many messages are read in other ways, and how many are taken in."""
_SECONDS = 23_400
_FEW_PAIRS = 2  # enough for a quick look
_MILLION = 1e6


def figures(size: Size) -> list[Figure]:
    """Return the rates on a core and into the store, and the ratios to other ways of reading."""
    few, many = _QUICK if size.quick else _USUAL
    small, large = _log(size, few), _log(size, many)
    others = {"simplefix": "by_simplefix", "a split by Python": "by_split", "Polars": "by_polars"}
    jobs = {name: _job(function, small) for name, function in others.items()}
    pairs = min(size.pairs, _FEW_PAIRS) if size.quick else size.pairs
    each_way = in_turns({**jobs, "ours": _job("read", small)}, pairs)
    taken_in = _job("taken_in", large, home=str(size.folder))
    whole = in_turns({"read": _job("read", large), "taken in": taken_in}, pairs)
    per_core = [many / each.cpu_s for each in whole["read"]]
    stored = [many / each.wall_s for each in whole["taken in"]]
    work = [each.cpu_s * _MILLION / many for each in whole["taken in"]]
    return [
        figure("FIX read, checked, typed, on one core", per_core, "messages/s", _at_least(1e6)),
        figure("FIX taken into the store, both cores", stored, "messages/s", _at_least(0.3e6)),
        figure("FIX taken into the store, processor", work, "s/M messages"),
        figure(
            "FIX taken into the store, memory", [each.peak_mb for each in whole["taken in"]], "MB"
        ),
        *(_times_faster(name, each_way) for name in others),
    ]


def _at_least(value: float) -> Goal:
    return Goal("at least", value)


def _times_faster(other: str, read: dict[str, list[Timed]]) -> Figure:
    over, under = ([each.cpu_s for each in read[name]] for name in (other, "ours"))
    return ratio(f"FIX read: processor time of {other} over ours", over, under, None)


def _job(function: str, log: Path, **given: str) -> Job:
    return Job(f"intake_fix:{function}", {"path": str(log), **given})


def read(path: str) -> Iterator[Answer | None]:
    """Read a log as `ingest` does: sums checked, records typed, rejects by line."""
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as log:
        yield None
        sums = [0, 0, 0]
        for batch in read_fix(memoryview(log), _BOUNDS):
            at = pl.col("sent_at") // 1_000 % _DAY
            found = batch.records.select(pl.len(), pl.col("seq").sum(), at.sum()).row(0)
            sums = [have + more for have, more in zip(sums, found, strict=True)]
        yield sums


def taken_in(path: str, home: str) -> Iterator[Answer | None]:
    """Take a log into the store: bytes flushed, segment committed, lake written; then ask it."""
    with tempfile.TemporaryDirectory(dir=home) as folder:
        make_home(Path(folder) / "home")
        with opened(Path(folder) / "home") as store:
            yield None
            ingest(store, Arrival(Kind.FIX, Path(path)), _unheard, _unheard)
            at = pl.col("sent_at") // 1_000 % _DAY
            held = pl.scan_parquet(store.lake.depot.where("fix/*/*.parquet"))
            yield list(held.select(pl.len(), pl.col("seq").sum(), at.sum()).collect().row(0))


def by_simplefix(path: str) -> Iterator[Answer | None]:
    """Parse by simplefix, which does not ask if the sums are right."""
    log = Path(path).read_bytes()
    yield None
    parser = simplefix.FixParser()
    messages = (_parsed(parser, line) for line in log.splitlines())
    yield _summed((each.get(34), each.get(52)) for each in messages)


def _parsed(parser: simplefix.FixParser, line: bytes) -> simplefix.FixMessage:
    parser.append_buffer(line)  # a line at a time: of a long buffer it copies the rest each time
    return parser.get_message()


def by_split(path: str) -> Iterator[Answer | None]:
    """Split into fields, and check the sums."""
    log = Path(path).read_bytes()
    yield None
    yield _summed(map(_split, log.splitlines()))


def by_polars(path: str) -> Iterator[Answer | None]:
    """Extract two tags from each line, without asking if the sums are right."""
    yield None
    lines = pl.read_csv(
        path, has_header=False, new_columns=["line"], separator="\x02", quote_char=None
    )
    number = pl.col("line").str.extract("\x0134=([0-9]+)").cast(pl.Int64)
    time = pl.col("line").str.extract("\x0152=([^\x01]+)").str.to_datetime("%Y%m%d-%H:%M:%S%.6f")
    at = time.dt.epoch("us") % _DAY
    yield list(lines.select(pl.len(), number=number.sum(), at=at.sum()).row(0))


def _split(line: bytes) -> tuple[bytes, bytes]:
    fields = dict(field.split(b"=", 1) for field in line.split(b"\x01")[:-1])
    header = len(b"8=\x019=\x01") + len(fields[b"8"]) + len(fields[b"9"])
    trailer = len(b"10=000\x01")
    if int(fields[b"9"]) != len(line) - header - trailer:
        raise ValueError(line)
    if int(fields[b"10"]) != sum(line[:-trailer]) % 256:
        raise ValueError(line)
    return fields[b"34"], fields[b"52"]


def _summed(messages: Iterable[tuple[bytes, bytes]]) -> Answer:
    count = numbers = times = 0
    for number, at in messages:
        count += 1
        numbers += int(number)
        seconds = int(at[9:11]) * 3600 + int(at[12:14]) * 60 + int(at[15:17])
        times += seconds * 1_000_000 + int(at[18:])
    return [count, numbers, times]


def _unheard(_: int) -> None:
    """Hear how far it is."""


def _log(size: Size, count: int) -> Path:
    """Return a log of so many messages, made from a seed if it is not there."""
    path = size.folder / f"drop-copy-{count}.fix"
    if not path.exists():
        lots = random.Random(count)
        with path.open("wb") as file:
            file.writelines(_message(lots, number, count) for number in range(count))
    return path


def _message(lots: random.Random, number: int, count: int) -> bytes:
    micros = 48_600_000_000 + number * _SECONDS * 1_000_000 // count
    seconds, fraction = divmod(micros, 1_000_000)
    minutes, second = divmod(seconds, 60)
    at = f"20260701-{minutes // 60:02}:{minutes % 60:02}:{second:02}.{fraction:06}"
    order, nth = divmod(number, 4)
    asked, price = lots.randrange(4, 200) * 100, lots.randrange(10_000, 5_000_000)
    filled = nth * asked // 4
    fields = [
        f"35=8|34={number + 1}|49=ACMESOR|52={at}|56=FIRM|37=O{order:09}|11=20260701-{order:09}",
        f"17=E{number:010}|150={'F' if nth else '0'}|39={1 if nth else 0}|1=A{order % 5000:04}",
        f"55={_SYMBOLS[order % 8]}|54={1 + order % 2}|38={asked}|40=2|59=0|60={at}",
        f"44={price // 10_000}.{price % 10_000:04}|14={filled}|151={asked - filled}",
    ]
    if nth:
        fields.append(f"32={asked // 4}|31={price // 10_000}.{price % 10_000:04}|30=XNAS|851=2")
    body = "|".join([*fields, ""]).replace("|", "\x01").encode()
    message = b"8=FIX.4.4\x019=%d\x01" % len(body) + body
    return message + b"10=%03d\x01\n" % (sum(message) % 256)
