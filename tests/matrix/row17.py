"""Time: clocks that step or stand still, changes of the clocks, short days, the 60th second.

A preloaded library (`stepped_clock.c`) stands between the commands and the system's wall clock. The
expected instants are worked out from the hours written here, not by the program's own zones.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import struct
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

from tests.command import routewarden
from tests.integration.homes import finished
from tests.integration.warm import start
from tests.matrix.golden import DONE, FILLS, RUN, facts, golden, must
from tests.matrix.pool import tried
from tests.matrix.row import NotRunError, Outcome, Volume
from tests.profiled import whole

TITLE = "time"
LEAST = 64
LIBRARY, CLOCK = "stepped_clock.so", "STEPPED_CLOCK"
SECOND = 10**9
STEPS = {
    "+1 s": SECOND,
    "-1 s": -SECOND,
    "+10 min": 600 * SECOND,
    "-10 min": -600 * SECOND,
    "-1 h": -3_600 * SECOND,
    "frozen": 0,
}
PLACES = ("routes", "fills", "run", "middle of the run")
MIDDLE_S = 0.2
EXPORT = "export.csv"

ZONES = {"America/New_York": (-4, -5, 2, 1), "America/Chicago": (-5, -6, 2, 1),
         "Europe/London": (1, 0, 1, 1)}  # fmt: skip
"""Hours east of UTC in summer and winter; the hour no clock shows, and the one shown twice."""
CHANGES = {
    "America/New_York": ("2025-03-09", "2025-11-02", "2026-03-08", "2026-11-01"),
    "America/Chicago": ("2025-03-09", "2025-11-02", "2026-03-08", "2026-11-01"),
    "Europe/London": ("2025-03-30", "2025-10-26", "2026-03-29", "2026-10-25"),
}

SESSIONS = {
    "2025-07-03": ("13:30:00", "17:00:00"), "2025-11-28": ("14:30:00", "18:00:00"),
    "2025-12-24": ("14:30:00", "18:00:00"), "2026-11-27": ("14:30:00", "18:00:00"),
    "2026-12-24": ("14:30:00", "18:00:00"), "2025-12-31": ("14:30:00", "21:00:00"),
    "2026-01-02": ("14:30:00", "21:00:00"), "2026-03-06": ("14:30:00", "21:00:00"),
    "2026-03-09": ("13:30:00", "20:00:00"), "2026-10-30": ("13:30:00", "20:00:00"),
    "2026-11-02": ("14:30:00", "21:00:00"), "2026-07-03": None,
}  # fmt: skip
"""UTC opening and close of the exchanges: short days, year's end, around changes, a holiday."""

MIDNIGHTS = {
    "2026-07-01T03:59:59": "2026-06-30", "2026-07-01T04:00:00": "2026-07-01",
    "2026-12-31T04:59:59": "2026-12-30", "2026-12-31T05:00:00": "2026-12-31",
    "2027-01-01T04:59:59": "2026-12-31", "2027-01-01T05:00:00": "2027-01-01",
    "2026-03-08T04:59:59": "2026-03-07", "2026-11-02T04:59:59": "2026-11-01",
}  # fmt: skip
"""UTC instants and the date it is in New York, where a file was received."""

OFFSETS = {"49": False, "-49": False, "51": True, "-51": True}
"""Milliseconds a source's clock is off its reference, and whether that is to be told."""

LEAP_SECONDS = ("2016-12-31T23:59:60Z", "2026-07-01T14:00:60Z", "2016-12-31 18:59:60",
                "2026-07-01 10:00:60")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario: its kind and what sets it apart from others of the kind."""

    kind: str
    what: tuple[str, ...]


def scenarios() -> list[Scenario]:
    """Return all of them."""
    return [
        *(Scenario("clock", (step, place)) for step in STEPS for place in PLACES),
        *(Scenario("change", (zone, day)) for zone, days in CHANGES.items() for day in days),
        *(Scenario("session", (day,)) for day in SESSIONS),
        *(Scenario("midnight", (instant,)) for instant in MIDNIGHTS),
        *(Scenario("60th second", (text,)) for text in LEAP_SECONDS),
        *(Scenario("offset", (offset,)) for offset in OFFSETS),
    ]


def trials(volume: Volume) -> Outcome:
    """Play the scenarios."""
    _compiled(volume.folder / LIBRARY)
    firm = golden(volume.folder)
    home = firm.home(RUN, volume.folder / "undisturbed")
    (volume.folder / EXPORT).write_bytes(finished(home))
    every = scenarios()
    wanted = volume.of(len(every))
    chosen = [every[n * len(every) // wanted] for n in range(wanted)]
    passed = tried(17, volume, played, chosen)
    figure = (
        f"{len(chosen)} scenarios (clock stepped or frozen, changes of the clocks in "
        f"{len(ZONES)} zones, sessions, midnights, 60th seconds, a source's clock 49 and 51 ms "
        f"off): in {passed} the log was in the order of its index and said where its clock went "
        "back, no event was in the wrong session or on the wrong date, 51 ms were told and 49 not"
    )
    return Outcome(len(chosen), passed, figure)


def _compiled(library: Path) -> None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise NotRunError("no C compiler, which a clock that can be set needs")  # noqa: TRY003
    source = Path(__file__).with_name("stepped_clock.c")
    flags = ("-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror")
    subprocess.run([compiler, *flags, "-o", library, source], check=True)  # noqa: S603


def played(volume: Volume, scenario: Scenario) -> str:
    """Play one; return what is wrong."""
    play: dict[str, Callable[..., str]] = {
        "clock": _clock,
        "change": _change,
        "session": _session,
        "midnight": _midnight,
        "60th second": _sixtieth,
        "offset": _offset,
    }
    folder = Path(mkdtemp(dir=volume.folder))
    why = play[scenario.kind](volume, folder, *scenario.what)
    shutil.rmtree(folder)
    return why


# -- The wall clock --------------------------------------------------------------------------------


def _set(volume: Volume, added: int = 0, stands: int = 0) -> None:
    """Set the clock of this process's commands; the first time, before any of them starts."""
    clock = volume.folder / f"clock {os.getpid()}"
    if CLOCK not in os.environ:
        clock.write_bytes(bytes(16))
        os.environ[CLOCK] = str(clock)
        os.environ["LD_PRELOAD"] = str(volume.folder / LIBRARY)
    with clock.open("r+b") as file:
        file.write(struct.pack("=qq", added, stands))


def _clock(volume: Volume, folder: Path, step: str, place: str) -> str:
    """Step the clock at a place of the golden job: order, proofs and results are as always."""
    firm = golden(volume.folder)
    _set(volume)
    home = firm.home(0, folder / "home")
    stands = _nanoseconds(datetime.now(UTC)) if step == "frozen" else 0
    for command in firm.steps[: RUN + 1]:
        if place in command:
            _set(volume, STEPS[step], stands)
        running = start(home, *command)
        if command == ("run",) and place not in command:
            wait = threading.Event()
            wait.wait(MIDDLE_S)
            _set(volume, STEPS[step], stands)
        answer = running.wait()
        if answer.status not in DONE:
            return f"{command} answered {answer}"
    if facts(home) != firm.held[RUN]:
        return f"the log is not in the order of what happened: {facts(home)}"
    told = [back["entry"] for back in must(home, "verify", "--json").json["clock_set_back"]]
    if told != (stamped := _stamped_back(home)):
        return f"entries stamped before the one before them: told {told} instead of {stamped}"
    same = finished(home) == (volume.folder / EXPORT).read_bytes()
    return "" if same else "the results are others"


def _stamped_back(home: Path) -> list[int]:
    """Return the numbers of the entries whose time is before that of the entry before."""
    with closing(sqlite3.connect(home / "routewarden.sqlite")) as database:
        rows = database.execute("SELECT entry FROM event ORDER BY seq").fetchall()
    at = [_nanoseconds(datetime.fromisoformat(json.loads(entry)["at"])) for (entry,) in rows]
    return [n for n in range(1, len(at)) if at[n] < at[n - 1]]


def _midnight(volume: Volume, folder: Path, instant: str) -> str:
    """Receive a file at an instant: on the date it is in New York."""
    firm = golden(volume.folder)
    _set(volume, 0, _nanoseconds(datetime.fromisoformat(f"{instant}+00:00")))
    home = firm.home(FILLS, folder / "home")
    must(home, *firm.steps[FILLS])
    with closing(sqlite3.connect(home / "routewarden.sqlite")) as database:
        rows = database.execute("SELECT entry FROM event ORDER BY seq DESC LIMIT 1").fetchall()
    entry = json.loads(rows[0][0])
    said = entry["payload"]["delivered"], entry["at"][:19]
    wanted = MIDNIGHTS[instant], instant
    return "" if said == wanted else f"received {said} instead of {wanted}"


def _nanoseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000


# -- Instants in files -----------------------------------------------------------------------------

_TABLE = """
[[table]]
kind = "trades"
columns = { symbol = "S", at = "T", price = "P", size = "Q" }
"""


def _read(texts: list[str], time: str) -> tuple[list[int], list[str]]:
    """Return the instants that a profile makes of some texts, and the reasons for its rejects."""
    data = "S,T,P,Q\n" + "".join(f"A,{text},1,1\n" for text in texts)
    batch = whole(f'name = "n"\n{time}{_TABLE}', data.encode())
    return batch.records["at"].to_list(), [reject.reason.value for reject in batch.rejects]


def _change(_volume: Volume, _folder: Path, zone: str, day: str) -> str:
    """Read times around a change of the clocks, in spring or autumn."""
    summer, winter, gap, twice = ZONES[zone]
    if date.fromisoformat(day).month < 7:
        texts = [f"{day} {gap - 1:02}:59:59", f"{day} {gap:02}:30:00", f"{day} {gap + 1:02}:00:00"]
        wanted = [_at(texts[0], winter), _at(texts[2], summer)]
        rejected, says = ["no_such_time"], dict.fromkeys(("reject", "earlier", "later"), wanted)
    else:
        texts = [f"{day} {hour:02}:{rest}" for hour, rest in
                 ((twice - 1, "59:59"), (twice, "30:00"), (twice + 1, "00:00"))]  # fmt: skip
        ends = [_at(texts[0], summer), _at(texts[2], winter)]
        rejected, says = (
            ["ambiguous_time"],
            {
                "reject": ends,
                "earlier": [ends[0], _at(texts[1], summer), ends[1]],
                "later": [ends[0], _at(texts[1], winter), ends[1]],
            },
        )
    for way, instants in says.items():
        time = f'[time]\nzone = "{zone}"\nform = "%Y-%m-%d %H:%M:%S"\nambiguous = "{way}"\n'
        refused = rejected if len(instants) < len(texts) else []
        if (found := _read(texts, time)) != (instants, refused):
            return f"{way}: {found} instead of {(instants, refused)}"
    return ""


def _at(text: str, east: int) -> int:
    """Return the instant of a local time so many hours east of UTC."""
    return _nanoseconds(datetime.fromisoformat(f"{text}+00:00") - timedelta(hours=east))


def _sixtieth(_volume: Volume, _folder: Path, text: str) -> str:
    """Read a 60th second: no instant is made of it, and it is said why."""
    local = '[time]\nzone = "America/New_York"\nform = "%Y-%m-%d %H:%M:%S"\n'
    found = _read([text], "" if text.endswith("Z") else local)
    return "" if found == ([], ["not_an_instant"]) else f"{found}"


def _offset(_volume: Volume, folder: Path, offset: str) -> str:
    """Take in a measurement of a source's clock: a finding where it is beyond 50 ms."""
    home, texts = folder / "home", {
        "orders": "order_id,received_at,symbol,side,quantity,order_type\n"
        "O,2026-07-01T14:00:00Z,ABC,buy,100,market\n",
        "clocks": f"clock,at,offset_ms,reference\nSOR,2026-07-01T14:00:00Z,{offset},NIST\n",
    }  # fmt: skip
    must(home, "init")
    for kind, text in texts.items():
        (folder / f"{kind}.csv").write_text(text)
        must(home, "ingest", kind, folder / f"{kind}.csv")
    must(home, "run")
    found = must(home, "findings", "--json").json["findings"]
    told = [each["id"] for each in found if each["rule"] == "clock-offset"]
    wanted = ["SOR"] if OFFSETS[offset] else []
    return "" if told == wanted else f"told {told} instead of {wanted}"


def _session(_volume: Volume, folder: Path, day: str) -> str:
    """Receive orders at the edges of a session, and one nanosecond beyond them."""
    hours = SESSIONS[day]
    opening, close = hours or ("13:30:00", "20:00:00")
    inside = {f"{opening}.000000000", f"{close}.000000000"} if hours else set()
    edges = [_before(opening), f"{opening}.000000000", f"{close}.000000000", f"{close}.000000001"]
    orders = "order_id,received_at,symbol,side,quantity,order_type\n" + "".join(
        f"O{n},{day}T{at}Z,ABC,buy,100,market\n" for n, at in enumerate(edges)
    )
    fills = "fill_id,order_id,executed_at,price,quantity\n" + "".join(
        f"F{n},O{n},{day}T{close}.5Z,10,100\n" for n in range(len(edges))
    )
    home, out = folder / "home", folder / "fills.csv"
    routewarden(home, "init")
    for kind, text in (("orders", orders), ("fills", fills)):
        (folder / f"{kind}.csv").write_text(text)
        routewarden(home, "ingest", kind, folder / f"{kind}.csv")
    for command in (("run",), ("export", "fills", "--out", out)):
        if (answer := routewarden(home, *command)).status not in DONE:
            return f"{command} answered {answer}"
    header, *rows = (line.split(",") for line in out.read_text().splitlines())
    names = header.index("fill_id"), header.index("reference_status")
    found = {row[names[0]]: row[names[1]] == "outside_session" for row in rows}
    wanted = {f"F{n}": at not in inside for n, at in enumerate(edges)}
    return "" if found == wanted else f"outside the session: {found} instead of {wanted}"


def _before(clock: str) -> str:
    """Return the last nanosecond before a time of day."""
    earlier = datetime.fromisoformat(f"2000-01-01T{clock}") - timedelta(seconds=1)
    return f"{earlier:%H:%M:%S}.999999999"
