"""Bad files and bad places through the real command line: every row is answered for."""

from __future__ import annotations

import csv
import os
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.command import Outcome
from tests.integration.tracing import absent
from tests.integration.warm import script, warm
from tests.story.bad_files import (
    CSV_FILES,
    GOOD,
    HEADER,
    LAST,
    PARQUET_FILES,
    Case,
    parquet,
    row,
    text,
)

MUTANTS = 60
"""Mutated files in one command."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("empty") / "firm"
    assert warm(home, "init").status == 0
    return home


@pytest.fixture
def home(empty: Path, tmp_path: Path) -> Path:
    return shutil.copytree(empty, tmp_path / "firm")


def plain(outcome: Outcome) -> None:
    """Require that a command ended as documented, without a trace."""
    assert "Traceback" not in outcome.err, outcome.err
    assert outcome.status in {0, 1, 2, 3}, outcome


def unfolded(outcome: Outcome) -> str:
    """Return what a command complained of, without the box and the line ends of a terminal."""
    return " ".join(outcome.err.replace("│", " ").split())


def answers(home: Path, kind: str, *files: Path) -> list[Any]:
    """Ingest files; return what is said of each, once every general promise holds."""
    outcome = warm(home, "ingest", kind, *files, "--json")
    plain(outcome)
    said: list[Any] = outcome.json["files"]  # all of standard output is one document
    rejected = [each for file in said for each in file["rejected"]]
    assert all(each["line"] >= 1 and each["reason"] for each in rejected), rejected
    assert [len(file["rejected"]) for file in said] == [file["rejects"] for file in said]
    assert outcome.status == (3 if rejected else 0), outcome
    verified = warm(home, "verify", "--json")
    assert (verified.status, verified.json["ok"]) == (0, True), verified
    return said


def exported(home: Path, tmp_path: Path) -> list[dict[str, str]]:
    """Run and return the exported fills."""
    assert warm(home, "run").status == 0
    assert warm(home, "export", "fills", "--out", tmp_path / "out.csv").status == 0
    with (tmp_path / "out.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def given(tmp_path: Path, data: bytes, name: str = "fills.csv") -> Path:
    """Write a file."""
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


def answered(case: Case, path: Path, home: Path) -> None:
    """Require that a file is answered for as its case says."""
    path.write_bytes(case.data())
    (said,) = answers(home, case.kind, path)
    rejected = [(each["line"], each["reason"]) for each in said["rejected"]]

    actual = (said["records"], said["duplicates"], rejected)
    assert actual == (case.records, case.duplicates, case.rejected), said


@pytest.mark.parametrize("name", CSV_FILES)
def test_every_row_of_a_csv_file_is_answered_for(name: str, home: Path, tmp_path: Path) -> None:
    answered(CSV_FILES[name], tmp_path / "file.csv", home)


@pytest.mark.parametrize("name", PARQUET_FILES)
def test_every_row_of_a_parquet_file_is_answered_for(name: str, home: Path, tmp_path: Path) -> None:
    answered(PARQUET_FILES[name], tmp_path / "file.parquet", home)


def mutants(seed: int) -> list[tuple[str, bytes]]:
    """Return files with bytes changed, cut out, doubled or zeroed."""
    chance = random.Random(seed)
    lines = [f'{row(n % 9 + 1)},"a, ""b""\n{n}"' for n in range(9)]
    whole = {"csv": text(*lines, header=f"{HEADER},note"), "parquet": parquet(rows=40)}
    made = []
    for number in range(MUTANTS):
        name = chance.choice(sorted(whole))
        data = bytearray(whole[name])
        at, length = chance.randrange(4, len(data) - 4), chance.randrange(1, 40)
        match chance.randrange(4):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length]
            case _:
                data[at : at + length] = bytes(len(data[at : at + length]))
        made.append((f"{number}.{name}", bytes(data)))
    return made


@pytest.mark.parametrize("seed", range(4))
def test_no_damage_to_a_file_breaks_the_command(seed: int, home: Path, tmp_path: Path) -> None:
    files = [given(tmp_path, data, name) for name, data in mutants(seed)]

    assert len(answers(home, "fills", *files)) == MUTANTS


def test_a_person_is_told_the_line_the_reason_and_what_would_be_right(
    home: Path, tmp_path: Path
) -> None:
    """The installed program: the result on one stream, everything else on the other."""
    path = given(tmp_path, text(GOOD, row(2, price="1e1"), LAST))
    outcome = script(home, "ingest", "fills", path)

    assert outcome.status == 3
    assert outcome.err == f"{path}:3: not_a_decimal: price '1e1' is not a plain decimal\n"
    assert outcome.out.splitlines()[-1].split() == ["fills.csv", "2", "0", "1"]


def test_the_same_file_twice_changes_nothing(home: Path, tmp_path: Path) -> None:
    path = given(tmp_path, text(GOOD, row(2, price="bad"), GOOD))
    renamed = given(tmp_path, path.read_bytes(), "another name.csv")
    (first,), (again, other) = answers(home, "fills", path), answers(home, "fills", path, renamed)

    counts = [
        (said["records"], said["duplicates"], said["rejects"]) for said in (first, again, other)
    ]
    assert counts == [(1, 1, 1), (0, 3, 0), (0, 3, 0)]


def test_of_two_files_with_one_id_the_first_stays_in_force(home: Path, tmp_path: Path) -> None:
    first = given(tmp_path, text(GOOD), "1.csv")
    later = given(tmp_path, text(row(1, price="11"), row(1, quantity="100.0"), LAST), "2.csv")
    said = answers(home, "fills", first, later)[1]

    assert (said["records"], said["duplicates"], said["rejects"]) == (1, 1, 1)
    assert [(each["line"], each["reason"]) for each in said["rejected"]] == [(2, "conflict")]
    assert [fill["price"] for fill in exported(home, tmp_path)] == ["10.05", "10.05"]


def test_quotes_have_no_id_so_only_a_whole_file_is_a_duplicate(home: Path, tmp_path: Path) -> None:
    header, quote = "symbol,at,bid,ask", "NA,2026-07-01T13:30:00Z,1,2"
    first = given(tmp_path, text(quote, quote, header=header), "1.csv")
    longer = given(tmp_path, text(quote, quote, quote, header=header), "2.csv")
    said = answers(home, "quotes", first, longer, first)

    assert [(file["records"], file["duplicates"]) for file in said] == [(2, 0), (3, 0), (0, 2)]


def test_one_bad_file_among_good_ones_keeps_none_of_them_out(home: Path, tmp_path: Path) -> None:
    files = [
        given(tmp_path, text(GOOD), "1.csv"),
        given(tmp_path, b"", "2.csv"),
        given(tmp_path, text(LAST), "3.csv"),
    ]
    said = answers(home, "fills", *files)

    assert [(file["records"], file["rejects"]) for file in said] == [(1, 0), (0, 1), (1, 0)]


def test_text_comes_out_as_it_went_in(home: Path, tmp_path: Path) -> None:
    ids = ["00123", "1E5", "NA", "NAN", "TRUE", "a,b", 'say "x"', "two\nlines", "ünï ☃", " x "]
    with (tmp_path / "ids.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADER.split(","), "note"])
        writer.writerows([one, *GOOD.split(",")[1:], one] for one in ids)
    answers(home, "fills", tmp_path / "ids.csv")

    fills = exported(home, tmp_path)
    assert [(fill["fill_id"], fill["x_note"]) for fill in fills] == [
        (one, one) for one in sorted(ids)
    ]


def test_csv_and_parquet_of_the_same_rows_export_the_same(empty: Path, tmp_path: Path) -> None:
    lines = [GOOD.split(","), LAST.split(",")]
    schema = dict.fromkeys(HEADER.split(","), pl.String())
    frame = pl.DataFrame(lines, schema=schema, orient="row")
    typed = frame.with_columns(
        pl.col("executed_at").str.to_datetime(time_unit="ns", time_zone="UTC"),
        pl.col("price").cast(pl.Decimal(18, 8)),
        pl.col("quantity").cast(pl.Int64),
    )
    typed.write_parquet(tmp_path / "fills.parquet")
    given(tmp_path, text(GOOD, LAST))
    exports = []
    for name in ("fills.csv", "fills.parquet"):
        home = shutil.copytree(empty, tmp_path / f"firm of {name}")
        answers(home, "fills", tmp_path / name)
        exports.append(exported(home, tmp_path))

    assert exports[0] == exports[1]


@pytest.mark.parametrize(
    "extra", ["note", "line", "start", "end", "file", "day", "rank", "x_y", "a b"]
)
def test_a_column_outside_the_model_is_kept_and_exported(
    extra: str, home: Path, tmp_path: Path
) -> None:
    answers(home, "fills", given(tmp_path, text(f"{GOOD},kept", header=f"{HEADER},{extra}")))

    assert exported(home, tmp_path)[0][f"x_{extra}"] == "kept"


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["ingest", "fills", "{folder}"], "is a directory"),
        (["ingest", "fills", "{folder}/nowhere.csv"], "does not exist"),
        (["ingest", "fillz", "{good}"], "fillz"),
        (["ingest", "fills"], "files"),
        (["ingest"], "kind"),
        (["frobnicate"], "frobnicate"),
        (["--home", "{folder}/none", "ingest", "fills", "{good}"], "init"),
        (["--home", "{good}", "ingest", "fills", "{good}"], "{good}"),
        (["--home", "{good}", "init"], "{good}"),
        (["export", "fills", "--out", "{folder}/no/such/folder.csv"], "folder"),
        (["export", "fills", "--out", "{folder}/fills.txt"], ".csv"),
        (["export", "fillz", "--out", "{folder}/fills.csv"], "fillz"),
        (["run", "--from", "yesterday"], "yesterday"),
    ],
)
def test_a_wrong_call_is_status_2_and_says_what_is_wrong(
    arguments: Sequence[str], names: str, home: Path, tmp_path: Path
) -> None:
    good = given(tmp_path, text(GOOD), "good.csv")
    filled = [word.format(folder=tmp_path, good=good) for word in (*arguments, names)]
    outcome = warm(home, *filled[:-1])

    plain(outcome)
    assert (outcome.status, outcome.out) == (2, ""), outcome
    assert filled[-1] in unfolded(outcome)


def unprivileged(home: Path, *arguments: str | Path) -> Outcome:
    """Run a command that may not read or write what the modes of files forbid, even as root."""
    powers = "-dac_override,-dac_read_search"
    prefix: list[str | Path] = []
    if os.geteuid() == 0:
        found = shutil.which("setpriv")
        if found is None:
            absent("tests run as root, and setpriv is not installed")
        prefix = [found, f"--inh-caps={powers}", f"--bounding-set={powers}"]
    return script(home, *arguments, prefix=prefix)


def sealed(folder: Path) -> None:
    """Take away the right to write from everything in a folder, or from a file."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)


def unsealed(folder: Path) -> None:
    """Give the right to write back."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)


def test_a_file_that_may_not_be_read_is_a_wrong_call(home: Path, tmp_path: Path) -> None:
    path = given(tmp_path, text(GOOD))
    path.chmod(0)
    outcome = unprivileged(home, "ingest", "fills", path, "--json")

    plain(outcome)
    assert (outcome.status, outcome.out, "not readable" in unfolded(outcome)) == (2, "", True), (
        outcome
    )


@pytest.mark.parametrize("part", ["", "evidence", "lake", "routewarden.sqlite"])
def test_a_home_that_may_not_be_written_refuses_and_takes_the_file_later(
    part: str, home: Path, tmp_path: Path
) -> None:
    answers(home, "fills", given(tmp_path, text(GOOD), "before.csv"))
    path = given(tmp_path, text(LAST), "after.csv")
    sealed(home / part)
    refused = unprivileged(home, "ingest", "fills", path, "--json")
    unsealed(home / part)
    (said,) = answers(home, "fills", path)

    plain(refused)
    assert (refused.status, refused.out, refused.err[:7]) == (2, "", "error: "), refused
    assert said["records"] == 1


def test_a_home_that_may_not_be_written_can_still_be_verified(home: Path, tmp_path: Path) -> None:
    answers(home, "fills", given(tmp_path, text(GOOD)))
    sealed(home)
    outcome = unprivileged(home, "verify", "--json")
    unsealed(home)

    assert (outcome.status, outcome.json["ok"]) == (0, True), outcome


@pytest.mark.parametrize(
    "name",
    ["two words", "ünï ☃", "a?b", "a%20b", "a#b", "a&b=c;d", "it's", 'say "x"', "-dash", "[red]"],
)
def test_a_home_may_be_anywhere_and_all_of_it_is_there(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "place"
    folder.mkdir()
    home = folder / name
    assert warm(home, "init").status == 0
    answers(home, "fills", given(tmp_path, text(GOOD)))
    fills = exported(home, tmp_path)

    assert [fill["fill_id"] for fill in fills] == ["f1"]
    assert [path.name for path in folder.iterdir()] == [name]
