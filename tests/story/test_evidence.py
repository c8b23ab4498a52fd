"""A review handed to somebody outside, and made again by another process."""

from __future__ import annotations

import ast
import random
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from routewarden.ledger.outside import Outside
from routewarden.ledger.pack import check_pack
from routewarden.runs.verifier import verifier
from tests.command import must, routewarden
from tests.integration import homes
from tests.unit.test_ledger_pack import located

FLIPS = 1_500


@dataclass(frozen=True)
class World:
    """A firm that reviewed a quarter, a pack of it, and a checkpoint kept before."""

    home: Path
    pack: Path
    kept: Path

    @property
    def key(self) -> str:
        return (self.home / "keys" / "log.pub").read_text().strip()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("evidence")
    home, kept = folder / "firm", folder / "kept"
    must(home, "init")
    texts = {
        "orders": homes.orders_csv(),
        "routes": homes.routes_csv(),
        "quotes": homes.quotes_csv(),
        "fills": homes.fills_csv(),
    }
    for kind, text in texts.items():
        (folder / kind).write_text(text)
        assert routewarden(home, "ingest", kind, folder / kind).status in {0, 3}
    kept.write_bytes((home / "evidence" / "log" / "checkpoint").read_bytes())
    must(home, "run")
    must(home, "review", "2026Q3")
    must(home, "evidence", "pack", "2026Q3", "--out", folder / "pack.zip")
    return World(home, folder / "pack.zip", kept)


def bare(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the verifier of a pack in an empty folder, with an interpreter that has no packages."""
    command = [sys.executable, "-I", "-S", "verify.py", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - ours


@pytest.fixture
def outside(world: World, tmp_path: Path) -> Path:
    """An empty folder with the verifier out of the pack."""
    with zipfile.ZipFile(world.pack) as archive:
        (tmp_path / "verify.py").write_bytes(archive.read("verify.py"))
    return tmp_path


def test_the_verifier_is_one_short_file_for_python_3_9() -> None:
    source = verifier()

    assert len(source.splitlines()) < 1_500
    ast.parse(source, feature_version=(3, 9))
    assert "import routewarden" not in source
    assert "from routewarden" not in source


def test_a_bare_python_checks_every_byte(world: World, outside: Path) -> None:
    sound = bare(outside, world.pack)
    known = bare(outside, world.pack, "--key", world.key, "--checkpoint", world.kept)

    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout.endswith("(internal consistency only: no outside witness vouches for it)\n")
    assert known.returncode == 0, known
    assert "whose key you gave; goes on from the " in known.stdout


def test_a_bare_python_names_what_was_changed(world: World, outside: Path) -> None:
    data = bytearray(world.pack.read_bytes())
    data[located(bytes(data))["review/review.pdf"][0] + 77] ^= 4
    (outside / "pack.zip").write_bytes(data)
    told = bare(outside, "pack.zip")

    assert (told.returncode, told.stdout) == (1, "FAILED\n")
    assert told.stderr.startswith("review/review.pdf: bytes ")
    assert bare(outside, "nothing.zip").returncode == 2
    assert bare(outside, world.pack, "--key", "no key").returncode == 2


def test_flipped_bytes_are_found_and_located(world: World) -> None:
    """A bit of 1,500 bytes drawn from all of a pack, of which a third outside the members."""
    data, draw, wrong = world.pack.read_bytes(), random.Random(9), []
    places = located(data)
    parts = [place for place in places if not place[0].isalnum() or " of " in place]
    drawn = [
        (p, draw.randrange(*places[p])) for p in (draw.choice(parts) for _ in range(FLIPS // 3))
    ]
    for _ in range(FLIPS - len(drawn)):
        at = draw.randrange(len(data))
        drawn.append((next(p for p, (a, b) in places.items() if a <= at < b), at))
    for place, at in drawn:
        altered = bytearray(data)
        altered[at] ^= 1 << draw.randrange(8)
        told = [each.where for each in check_pack(bytes(altered), Outside()).wrong]
        if len(told) != 1 or place not in told[0]:
            wrong.append((place, at, told))
    assert wrong == []


def test_the_same_home_packs_the_same_bytes_and_notes_it(world: World, tmp_path: Path) -> None:
    again = must(world.home, "evidence", "pack", "2026Q3", "--out", tmp_path / "p.zip", "--json")
    more = must(
        *(world.home, "evidence", "pack", "2026Q3", "--with-records"),
        *("--out", tmp_path / "r.zip", "--json"),
    )

    assert (tmp_path / "p.zip").read_bytes() == world.pack.read_bytes()
    assert len(more.json["members"]) == len(again.json["members"]) + 4
    checked = must(tmp_path, "verify", tmp_path / "r.zip", "--json").json
    assert (checked["ok"], checked["members"]) == (True, len(more.json["members"]) + 1)
    assert must(world.home, "verify").status == 0


def test_a_quarter_without_a_review_cannot_be_packed(world: World, tmp_path: Path) -> None:
    refused = routewarden(world.home, "evidence", "pack", "2026Q2", "--out", tmp_path / "p.zip")

    assert (refused.status, "there is no review of it in the log" in refused.err) == (2, True)


def test_the_verifier_can_be_had_without_a_pack(world: World, tmp_path: Path) -> None:
    must(world.home, "evidence", "verifier", "--out", tmp_path / "v.py")

    assert (tmp_path / "v.py").read_text() == verifier()


# -- Made again ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "varied",
    [
        {"TZ": "Asia/Tokyo", "LC_ALL": "C.utf8", "PYTHONHASHSEED": "1"},
        {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "77"},
    ],
)
def test_a_review_made_again_is_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, varied: dict[str, str]
) -> None:
    for name, value in varied.items():
        monkeypatch.setenv(name, value)
    again = must(world.home, "rerun", "2026Q3", "--json").json

    assert (again["compared"], again["differing"]) == (True, [])
    assert {"manifest.json", "review.pdf", "review.xlsx", "review.html"} < set(again["parts"])


def test_a_run_made_again_is_the_same(world: World) -> None:
    size = must(world.home, "verify", "--json").json["entries"]
    runs = [
        answer.json
        for number in range(size)
        if (answer := routewarden(world.home, "rerun", str(number), "--json")).status == 0
    ]

    assert "2026-07-01" in runs[0]["parts"]
    assert [run["differing"] for run in runs] == [[] for _ in runs]


def test_what_other_code_made_is_served_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("routewarden.runs.rerun.code_digest", lambda: "0" * 64)
    again = routewarden(world.home, "rerun", "2026Q3", "--out", tmp_path / "then")

    assert again.status == 1
    assert "Made by other code" in again.err.splitlines()[0]
    assert must(tmp_path, "verify", tmp_path / "then").status == 0


def test_a_review_behind_its_files_comes_out_otherwise(world: World, tmp_path: Path) -> None:
    """It was made of results from before the last file; the log as read has that file."""
    home, late = shutil.copytree(world.home, tmp_path / "firm"), tmp_path / "late.csv"
    late.write_text(homes.orders_csv(14))
    routewarden(home, "ingest", "orders", late)
    must(home, "review", "2026Q3")
    again = routewarden(home, "rerun", "2026Q3")

    assert again.status == 1
    assert "review.pdf: came out otherwise" in again.err


def test_a_review_goes_on_where_the_time_stamping_authority_is_silent(
    world: World, tmp_path: Path
) -> None:
    home = shutil.copytree(world.home, tmp_path / "firm")
    setting = home / "policy" / "witnesses.toml"
    pem = "-----BEGIN CERTIFICATE-----"
    setting.write_text(f'[time_stamp]\nurl = "http://127.0.0.1:9"\ncertificate = "{pem}"\n')

    assert "The log is not stamped" in must(home, "review", "2026Q3").err


@pytest.mark.parametrize("what", ["2026Q1", "0", "none"])
def test_what_was_never_made_cannot_be_made_again(world: World, what: str) -> None:
    refused = routewarden(world.home, "rerun", what)

    assert (refused.status, "no run or review in this log is named so" in refused.err) == (2, True)
