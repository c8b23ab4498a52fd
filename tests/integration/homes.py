"""A small firm: some orders, routes, fills and quotes of a day, and what must come of them."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import tomllib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from routewarden.base.canonical import Digest
from routewarden.store.blobs import file_digest
from tests.integration.warm import AS_USUAL, Way, warm

ORDERS = 12
FILLS = 24
DAY = "2026-07-01"


def orders_csv(count: int = ORDERS) -> str:
    """Market and limit orders, one a second."""
    rows = (
        f"O{n},{DAY}T13:{30 + n // 60 % 30}:{n % 60:02}.5Z,{'ABC' if n % 2 else 'NA'},"
        f"{'buy' if n % 3 else 'sell'},{100 + n},{'market' if n % 4 else 'limit'},10.0{n % 9 + 1}"
        for n in range(count)
    )
    return "order_id,received_at,symbol,side,quantity,order_type,limit_price\n" + _lines(rows)


def routes_csv(count: int = ORDERS) -> str:
    """A route an order."""
    rows = (
        f"R{n},O{n},XNAS,{DAY}T13:{30 + n // 60 % 30}:{n % 60:02}.6Z,{100 + n}"
        for n in range(count)
    )
    return "route_id,order_id,venue,sent_at,quantity\n" + _lines(rows)


def fills_csv(count: int = FILLS) -> str:
    """Fills of the orders, the first again in other words, and one whose price is no number."""
    rows = [
        f"F{n},R{n % ORDERS},O{n % ORDERS},{DAY}T13:{31 + n // 60 % 29}:{n % 60:02}.75Z,"
        f"10.0{n % 9 + 1},{n + 1},note {n}"
        for n in range(count)
    ]
    rows.append(rows[0].replace(",1,note", ",1.00,note"))
    rows.append(f"F-bad,R1,O1,{DAY}T13:31:00Z,abc,1,")
    return "fill_id,route_id,order_id,executed_at,price,quantity,note\n" + _lines(rows)


def quotes_csv(count: int = 48) -> str:
    """Quotes of both symbols."""
    rows = (
        f"{'ABC' if n % 2 else 'NA'},{DAY}T13:{30 + n // 60 % 30}:{n % 60:02}Z,"
        f"10.0{n % 5},{100 * n},10.{10 + n % 7},200"
        for n in range(count)
    )
    return "symbol,at,bid,bid_size,ask,ask_size\n" + _lines(rows)


def _lines(rows: Any) -> str:  # noqa: ANN401 - any iterable of text
    return "".join(row + "\n" for row in rows)


@dataclass(frozen=True, slots=True)
class Golden:
    """A firm's files, its home before the fills came in and after, and what was exported."""

    files: dict[str, Path]
    before: Path
    after: Path
    export: bytes
    tree: dict[str, bytes]

    @property
    def fills(self) -> Path:
        """The file that goes in under fire."""
        return self.files["fills"]

    def home(self, where: Path) -> Path:
        """Return a fresh copy of the home without the fills."""
        return copied(self.before, where)


def copied(home: Path, where: Path) -> Path:
    """Return a copy of a home; one whose log is on a server has a copy of the database too."""
    shutil.copytree(home, where)
    if url := database_of(home):
        made, name = f"copy_{secrets.token_hex(8)}", url.partition("?")[0].rpartition("/")[2]
        with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {made} TEMPLATE {name} STRATEGY file_copy".encode())
        storage = (where / "policy" / "storage.toml").read_text()
        (where / "policy" / "storage.toml").write_text(storage.replace(f"/{name}?", f"/{made}?"))
    return where


def database_of(home: Path) -> str | None:
    """Return the address of the database that has a home's log, if a server has."""
    path = home / "policy" / "storage.toml"
    return tomllib.loads(path.read_text()).get("database") if path.exists() else None


def golden(folder: Path, fills: int = FILLS, *init: str) -> Golden:
    """Build the firm and measure it undisturbed."""
    texts = {
        "orders": orders_csv(),
        "routes": routes_csv(),
        "quotes": quotes_csv(),
        "fills": fills_csv(fills),
    }
    files = {kind: folder / f"{kind}.csv" for kind in texts}
    for kind, text in texts.items():
        files[kind].write_text(text, newline="")
    before, home = folder / "before", folder / "undisturbed"
    assert warm(before, "init", *init).status == 0
    for kind in ("orders", "routes", "quotes"):
        assert warm(before, "ingest", kind, files[kind]).status == 0
    copied(before, home)
    taken = warm(home, "ingest", "fills", files["fills"], "--json")
    assert taken.status == 3, taken
    counts = taken.json["files"][0]
    assert (counts["records"], counts["duplicates"], counts["rejects"]) == (fills, 1, 1), taken
    export = finished(home)
    return Golden(files, before, home, export, tree(home))


def finished(home: Path) -> bytes:
    """Run, export the fills and verify; return the export."""
    out = home.parent / f"{home.name}.csv"
    for arguments in (("run",), ("export", "fills", "--out", out), ("verify", "--json")):
        outcome = warm(home, *arguments)
        assert outcome.status == 0, (arguments, outcome)
    assert outcome.json["ok"]
    return out.read_bytes()


def tree(home: Path) -> dict[str, bytes]:
    """Return every file of a home but the database, whose entries hold clock times."""
    paths = sorted(path for path in home.rglob("*") if path.is_file())
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in paths
        if not path.name.startswith("routewarden.sqlite")
    }


def lasting(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return those files of a home that have the same bytes whenever they are written.

    The others hold clock times, the log's size, how often a date was begun, or a key; `verify`
    checks those.
    """
    passing = ("evidence/log/", "keys/", "leases/")
    return {
        name: data
        for name, data in files.items()
        if not name.startswith(passing)
        and name != "measured/last_run.json"
        and not data.startswith(b'{"payload":')  # a signed statement: it names the log's head
    }


def acknowledged(home: Path, kind: str, file: Path) -> list[bytes]:
    """Return the entries of the log that say that a file was taken in."""
    asked = "SELECT entry FROM event WHERE type = 'segment:ingested' AND subject = "
    subject = f"{kind}/{file_digest(file)}"
    if url := database_of(home):
        schema = (home / "routewarden-home").read_text().split()[-1]
        with psycopg.connect(url, options=f"-c search_path={schema}") as server:
            return [entry for (entry,) in server.execute(f"{asked}%s".encode(), (subject,))]
    with closing(sqlite3.connect(home / "routewarden.sqlite", timeout=60)) as database:
        return [entry for (entry,) in database.execute(f"{asked}?", (subject,))]


def times_acknowledged(home: Path, kind: str, file: Path) -> int:
    """Return how many entries of the log say that a file was taken in."""
    return len(acknowledged(home, kind, file))


def blob(home: Path, digest: Digest | str) -> Path:
    """Return where a digest's bytes are."""
    return home / "evidence" / "cas" / "sha256" / digest[:2] / digest[2:4] / digest


def intact_segment(home: Path, kind: str, file: Path) -> bool:
    """Return whether a file is acknowledged, and its bytes and rejects are in their places."""
    entries = acknowledged(home, kind, file)
    manifests = [json.loads(entry)["payload"]["rejects_manifest"] for entry in entries]
    return len(entries) == 1 and all(
        file_digest(blob(home, name)) == name for name in (file_digest(file), *manifests)
    )


def once_more(home: Path, golden: Golden, way: Way = AS_USUAL) -> Any:  # noqa: ANN401 - JSON
    """Ingest the fills again; return what the command said of the file."""
    outcome = warm(home, "ingest", "fills", golden.fills, "--json", way=way)
    assert outcome.status in {0, 3}, outcome
    return outcome.json["files"][0]
