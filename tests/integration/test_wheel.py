"""What `pip install .` leaves behind is all the program needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ("--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check")
    subprocess.run(  # noqa: S603 - pip, on our own project
        [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", folder, ROOT],
        check=True,
        timeout=300,
    )
    return next(folder.glob("*.whl"))


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    source = ROOT / "src"
    packaged = {
        str(path.relative_to(source))
        for path in (source / "routewarden").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert packaged <= set(zipfile.ZipFile(wheel).namelist())


FILES = {
    "orders": "order_id,received_at,symbol,side,quantity,order_type\n"
    "O1,2026-07-01T14:00:00Z,ABC,buy,100,market\n",
    "routes": "route_id,order_id,venue,sent_at,quantity\nR1,O1,XNYS,2026-07-01T14:00:00.001Z,100\n",
    "fills": "fill_id,route_id,executed_at,price,quantity\n"
    "F1,R1,2026-07-01T14:00:00.002Z,10.03,100\n",
    "quotes": "symbol,at,bid,bid_size,ask,ask_size\nABC,2026-07-01T13:59:00Z,10,100,10.04,100\n",
}


def test_the_wheel_runs_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """From raw files to the package: templates, typefaces, rules' pages and profiles come along."""
    site, home = tmp_path / "site", tmp_path / "firm"
    zipfile.ZipFile(wheel).extractall(site)
    for kind, text in FILES.items():
        (tmp_path / f"{kind}.csv").write_text(text)
    commands = (
        ("init",),
        *(("ingest", kind, f"{kind}.csv") for kind in FILES),
        ("run",),
        ("page", "--out", "page.html"),
        ("review", "2026Q3"),
        ("profile", "show", "taq"),
        ("verify", str(home / "reviews" / "2026Q3")),
    )
    for command in commands:
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", "from routewarden.cli.entry import main; main()",
             "--home", str(home), *command],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(site)},
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stderr)
    assert (tmp_path / "page.html").stat().st_size > 20_000
    assert (home / "reviews" / "2026Q3" / "review.pdf").stat().st_size > 20_000
