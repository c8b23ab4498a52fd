"""A sample firm: its market simulated in a process of its own, its files taken in as they come."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty

from routewarden.base.canonical import sha256
from routewarden.base.errors import RoutewardenError
from routewarden.base.period import Quarter
from routewarden.base.schema import Kind
from routewarden.benchmarks.dashboard import METRICS
from routewarden.ledger.note import parse_key
from routewarden.policy.calendar import us_equity_calendar
from routewarden.runs.period import read_period
from routewarden.runs.pipeline import run
from routewarden.runs.review.gathered import CUSTOMERS
from routewarden.simulator.dialects.cat import cat
from routewarden.simulator.dialects.children import children
from routewarden.simulator.dialects.drop_copy import drop_copy
from routewarden.simulator.dialects.oms import oms
from routewarden.simulator.dialects.quality import quality
from routewarden.simulator.faults import EVERY_FAULT, Fault
from routewarden.simulator.stage import Scale
from routewarden.simulator.venues import EXPECTED_VENUES
from routewarden.simulator.world import SAMPLE, play, simulate
from routewarden.store.approvals import approve_policy, in_force, propose
from routewarden.store.home import Home, make_home, opened
from routewarden.store.persons import add_person, make_person_key
from routewarden.store.segments import Arrival, ingest, repair

_QUIET: frozenset[Fault] = frozenset()
_BEFORE_DATES = 5
_GLANCE_S = 1  # how often a silent process is looked at
_SOURCE = "simulated for this sample"

Step = Callable[[str], None]


class SampleLostError(RoutewardenError):
    """The process that simulates a sample ended before it was done."""

    def __init__(self) -> None:
        super().__init__(
            "the simulation ended early, for want of memory or because it was killed. "
            "Run `demo` again: it goes on from here."
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """Which world: its seed, its quarter, how much of it, and what is wrong with it."""

    seed: int
    quarter: Quarter
    scale: Scale = SAMPLE
    faults: frozenset[Fault] = EVERY_FAULT


@dataclass(frozen=True, slots=True)
class _File:
    kind: Kind
    path: Path
    delivered: date


def build(sample: Sample, root: Path, step: Step) -> None:
    """Write a sample's files beneath a home, take them in and measure them.

    The home goes through what a firm's own would: raw files in, each with the date it was
    delivered; then a run. One built before comes to the same, and changes nothing.
    """
    folder = root / "sample"
    folder.mkdir(exist_ok=True)
    with opened(root) as home, _played(sample, folder) as files:
        step("the quarter before")
        _write_policy(sample, home)
        repair(home, _silent)
        for file in files:
            step(f"taking in {file.path.name}")
            ingest(home, Arrival(file.kind, file.path, file.delivered), _silent, _silent)
    with opened(root) as home:
        run(home, None, None, lambda day, _done, _of: step(f"measuring {day}"))


@contextmanager
def _played(sample: Sample, folder: Path) -> Iterator[Iterator[_File]]:
    """Give the files of a sample as another process writes them."""
    context = get_context("spawn")
    queue: Queue[_File | None] = context.Queue()
    player = context.Process(target=_play, args=(sample, folder, queue), daemon=True)
    player.start()
    try:
        yield _told(queue, player)
        player.join()
    finally:
        player.terminate()


def _told(queue: Queue[_File | None], player: BaseProcess) -> Iterator[_File]:
    """Yield the files a process tells of, until it says that there are no more.

    Raises:
        SampleLostError: The process ended before that.
    """
    while True:
        try:
            file = queue.get(timeout=_GLANCE_S)
        except Empty:
            if not player.is_alive():
                raise SampleLostError from None
            continue
        if file is None:
            return
        yield file


def _play(sample: Sample, folder: Path, queue: Queue[_File | None]) -> None:
    """Write a sample's files, and tell of each; what runs in the other process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command answers, and ends this process
    span = sample.quarter.span
    world = (sample.seed, us_equity_calendar(), (span.first, span.last), sample.scale)
    for chapter in play(*world, sample.faults):
        for file in chapter.files:
            path = folder / file.name
            path.write_bytes(file.content)
            queue.put(_File(file.kind, path, file.delivered))
    _write_dialects(sample, folder / "dialects")
    queue.put(None)


# -- As others would send it ----------------------------------------------------------------------


def _write_dialects(sample: Sample, folder: Path) -> None:
    """Write the sample's last date as an OMS, a router, a FIX session and a regulator have it.

    They are for trying profiles on, and are not taken in: that date without its faults.
    """
    folder.mkdir(exist_ok=True)
    calendar, span = us_equity_calendar(), sample.quarter.span
    day = calendar.trading_dates(span.first, span.last)[-1]
    tables = simulate(sample.seed, calendar, (day, day), sample.scale, _QUIET).tables
    told = (tables[Kind.ORDERS], tables[Kind.ROUTES], tables[Kind.FILLS])
    orders, routes, fills = told
    files = {
        "oms.csv": oms(orders),
        "router.csv": children(routes, fills),
        "quality.csv": quality(tables[Kind.VENDOR_REPORT]),
        "drop-copy.log": drop_copy(*told),
        "cat.json": cat(*told, day),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


# -- The quarter before ----------------------------------------------------------------------------


def _write_policy(sample: Sample, home: Home) -> None:
    """Propose the sample firm's settings and approve them, as a firm would; those approved stay."""
    if b"[[figure]]\nmetric" in in_force(home, "prior.toml"):
        return
    key = _second_person(home)
    for name, text in (
        ("firm.toml", 'name = "Sample Securities (simulated)"\n'),
        ("venues.toml", _venues_text(sample)),
        ("industry.toml", _INDUSTRY),
        ("prior.toml", _prior_text(sample)),
    ):
        if in_force(home, name) != text.encode():
            propose(home, name, text.encode(), _SOURCE)
            approve_policy(home, sha256(text.encode()), key)


def _second_person(home: Home) -> Path:
    """Register somebody made up, who approves what the sample proposes; return their key's file."""
    folder, name = home.root / "sample" / "keys", "sample.example"
    public = folder / f"{name}.pub"
    key = (
        parse_key(public.read_text().strip()) if public.exists() else make_person_key(folder, name)
    )
    add_person(home, "S. Ample (simulated)", key)
    return folder / f"{name}.pem"


_INDUSTRY = """\
[[figure]]
metric = "effective_over_quoted"
orders = "market"
value = "0.82"
from = 2020-01-01
source = "an industry average made up for this sample"
simulated = true
"""


def _venues_text(sample: Sample) -> str:
    since = sample.quarter.before.span.first
    return "\n".join(
        f'[[venue]]\nmic = "{mic}"\nfrom = {since}\nsource = "{_SOURCE}"\n'
        'approved_by = "nobody: a sample"\n'
        for mic in sorted(EXPECTED_VENUES)
    )


def _prior_text(sample: Sample) -> str:
    """Return the quarter before as a table of figures: its last dates, simulated without faults."""
    calendar, span = us_equity_calendar(), sample.quarter.before.span
    dates = calendar.trading_dates(span.first, span.last)[-_BEFORE_DATES:]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "before"
        make_home(root)
        with opened(root) as home:
            for chapter in play(sample.seed, calendar, (dates[0], dates[-1]), sample.scale, _QUIET):
                for file in chapter.files:
                    path = Path(folder) / file.name
                    path.write_bytes(file.content)
                    ingest(home, Arrival(file.kind, path), _silent, _silent)
            run(home, None, None, lambda _day, _done, _of: None)
            return _figures(home, sample.quarter)


def _figures(home: Home, quarter: Quarter) -> str:
    before = quarter.before
    cells = read_period(home, before.span, (), {}).only(CUSTOMERS).cells()
    return "\n".join(
        f'[[figure]]\nmetric = "{name}"\norders = "{orders}"\nvalue = "{of[name].value:f}"\n'
        f"n = {of[name].n}\nfrom = {quarter.span.first}\n"
        f'source = "{before}, summary of {_BEFORE_DATES} trading dates"\nsimulated = true\n'
        for orders, of in cells.items()
        for name in METRICS
        if name in of and of[name].value is not None
    )


def _silent(_more: int) -> None:
    return
