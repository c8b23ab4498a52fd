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


def test_the_wheel_runs_away_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    start = "from routewarden.cli.app import main; main()"
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", start, "--home", tmp_path / "firm", "demo", "--no-serve"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "firm" / "page.html").stat().st_size > 100_000
