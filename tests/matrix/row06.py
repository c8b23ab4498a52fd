"""The database's connection cut at every packet of a command's transactions, COMMIT included.

A request is a command: a file taken in, or a run. It goes through a proxy that cuts once, or again
when the command tries again, and crashes the server besides in some trials. Whatever it answers,
the same command is then given again without a fault, as whoever had no answer would; then the log
has exactly one entry more.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from routewarden.ledger.entry import StoredEntry, faults
from routewarden.store.settings import NOTED
from tests.command import Outcome as Answer
from tests.integration.homes import DAY, orders_csv, quotes_csv, routes_csv
from tests.integration.postgres import Postgres, postgres
from tests.integration.severing import Cut, How, severing
from tests.integration.warm import warm
from tests.matrix.row import Outcome, Volume, tell

TITLE = "connection to the database lost"
CUTS, CRASHES = 300, 20
LEAST = CUTS + CRASHES
_REQUESTS_OF_A_HOME = 40
_FILLS = 4


@dataclass(frozen=True, slots=True)
class Firm:
    """A home whose log is on a server."""

    home: Path
    server: Postgres
    database: str

    def log(self) -> list[StoredEntry]:
        """Return the entries, as the server has them."""
        schema = (self.home / "routewarden-home").read_text().split()[-1]
        asked = f"SELECT seq, prev, leaf, entry FROM {schema}.event ORDER BY seq"  # noqa: S608 - ours
        return [StoredEntry(*row) for row in self.server.ask(asked, self.database)]

    def by_way_of(self, port: int, *arguments: str | Path) -> Answer:
        """Run a command on the home that finds the server at a port."""
        url = self.server.url(self.database, port)
        (self.home / "policy" / "storage.toml").write_text(f'database = "{url}"\n')
        return warm(self.home, *arguments)


@dataclass(slots=True)
class _Plan:
    """What is still to be cut, by kind of request, and what the trials came to so far."""

    chance: random.Random
    packets: dict[str, Iterator[int]] = field(default_factory=dict)
    passed: int = 0
    at: Counter[str] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)

    def look(self, firm: Firm) -> None:
        """Count the packets of each kind of request, undisturbed; plan to cut at every one."""
        for request in (_request(firm, 0), _request(firm, 2)):
            with severing(firm.server.port, Cut()) as proxy:
                assert firm.by_way_of(proxy.port, *request).status == 0
            order = list(range(1, len(proxy.packets) + 1))
            self.chance.shuffle(order)
            self.packets[str(request[0])] = itertools.cycle(order)


def trials(volume: Volume) -> Outcome:
    """Cut and crash so often, in requests of both kinds."""
    cuts, crashes = volume.of(CUTS), volume.of(CRASHES)
    plan = _Plan(random.Random(volume.seed))
    each = [False] * cuts + [True] * crashes
    plan.chance.shuffle(each)
    with postgres() as server:
        for begin in range(0, len(each), _REQUESTS_OF_A_HOME):
            firm = made(volume.folder / str(begin), server)
            plan.look(firm)
            for number, crash in enumerate(each[begin : begin + _REQUESTS_OF_A_HOME], 3):
                if wrong := _trial(firm, number, plan, crash=crash):
                    tell(6, volume, begin + number - 3, wrong)
                else:
                    plan.passed += 1
    asked, answered = plan.at["COMMIT asked"], plan.at["COMMIT answered"]
    figure = (
        f"{cuts} cuts, {crashes} crashes of the server; {asked} at a COMMIT and {answered} at its "
        f"answer; {plan.settled['itself']} settled by the command itself, "
        f"{plan.settled['again']} by giving it again"
    )
    return Outcome(len(each), plan.passed, figure)


def made(folder: Path, server: Postgres) -> Firm:
    """Make a home with orders, routes and quotes, its log in a database of its own."""
    database = f"firm_{folder.name}"
    folder.mkdir(parents=True)
    server.ask(f"CREATE DATABASE {database}")
    firm = Firm(folder / "home", server, database)
    assert warm(firm.home, "init", "--database", server.url(database)).status == 0
    texts = {"orders": orders_csv(), "routes": routes_csv(), "quotes": quotes_csv()}
    for kind, text in texts.items():
        (folder / f"{kind}.csv").write_text(text, newline="")
        assert firm.by_way_of(server.port, "ingest", kind, folder / f"{kind}.csv").status == 0
    return firm


def _trial(firm: Firm, number: int, plan: _Plan, *, crash: bool) -> str:
    """Disturb one request; return what is wrong, or nothing."""
    request, before = _request(firm, number), firm.log()
    nth = next(plan.packets[str(request[0])])
    how, times = plan.chance.choice(list(How)), 1 if crash else plan.chance.choice((1, 1, 2))
    cut = Cut(nth, times, how, firm.server.restart if crash else _nothing)
    with severing(firm.server.port, cut) as proxy:
        first = firm.by_way_of(proxy.port, *request)
    held = firm.log()
    again = firm.by_way_of(firm.server.port, *request)
    if not proxy.cuts:
        return f"nothing was cut at {nth} of {len(proxy.packets)} packets: {first}"
    plan.at[proxy.cuts[0]] += 1
    plan.settled["itself" if first.status == 0 else "again"] += 1
    if first.status == 0 and not _fresh(before, held):
        wrong = f"acknowledged, and not in the log: {first}"
    else:
        wrong = _complaint(firm, before, first, again)
    return wrong and f"{how} at {proxy.cuts}, packet {nth}: {wrong}"


def _nothing() -> None:
    """Leave the server alone."""


def _request(firm: Firm, number: int) -> tuple[str | Path, ...]:
    """Return a command that has something new to enter: every third measures what came in."""
    if number % 3 == 2:
        return ("run",)
    path = firm.home.parent / f"fills-{number}.csv"
    rows = (
        f"F{number}-{n},R{n},O{n},{DAY}T13:31:{number % 60:02}.75Z,10.01,1" for n in range(_FILLS)
    )
    head = "fill_id,route_id,order_id,executed_at,price,quantity\n"
    path.write_text(head + "".join(f"{row}\n" for row in rows), newline="")
    return ("ingest", "fills", path)


def _fresh(before: list[StoredEntry], after: list[StoredEntry]) -> list[StoredEntry]:
    """Return what came in; that the setting names another port, as it does here, is not of it."""
    return [each for each in after[len(before) :] if each.content["type"] != NOTED]


def _complaint(firm: Firm, before: list[StoredEntry], first: Answer, again: Answer) -> str:
    """Return what the log or the answers have wrong."""
    after = firm.log()
    if first.status not in {0, 75} or "Traceback" in first.err:
        return f"the first answer: {first}"
    if again.status != 0:
        return f"the second answer: {again}"
    if len(_fresh(before, after)) != 1 or after[: len(before)] != before:
        return f"the log had {len(before)} entries and has {len(after)}: {first}, {again}"
    if wrong := faults(after):
        return f"the log: {wrong}"
    checked = firm.by_way_of(firm.server.port, "verify", "--json")
    return "" if checked.status == 0 else f"verify: {checked}"
