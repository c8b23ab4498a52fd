"""Reproduction: the same records give the same bytes, whoever makes them, where and when.

Each trial is one of 25 outputs, made by a process of its own from the evidence alone with one
factor other than usual, and compared with what the firm's own home gave. The next day is that of
the store's clock, the only one the program reads; the system's stays as it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from routewarden.store.home import opened
from routewarden.store.view import make_view
from tests.command import must, routewarden
from tests.integration import homes
from tests.matrix.golden_outputs import COUNT, QUARTER, REVIEW, outputs
from tests.matrix.row import Outcome, Volume, tell

TITLE = "reproduction"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Factor:
    """What is other than usual: the environment, the workers, days gone by, a restored copy."""

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    workers: int = 2
    days: int = 0
    restored: bool = False


FACTORS = (
    *(Factor(f"{n} workers", workers=n) for n in (1, 2)),
    *(Factor(f"TZ={zone}", {"TZ": zone}) for zone in ("UTC", "Asia/Tokyo", "America/New_York")),
    *(Factor(f"LC_ALL={name}", {"LC_ALL": name}) for name in ("C", "C.utf8")),
    *(Factor(f"hash seed {n}", {"PYTHONHASHSEED": str(n)}) for n in (0, 1, 2, 77, 4_294_967_295)),
    Factor("after a restore", restored=True),
    Factor("the next day", days=1),
)
LEAST = len(FACTORS) * COUNT


def trials(volume: Volume) -> Outcome:
    """Make all outputs once as usual, and again under each factor."""
    home = _firm(volume.folder / "firm")
    review = {name: (home / "reviews" / QUARTER / name).read_bytes() for name in REVIEW}
    usual = outputs(home, review)
    wanted = volume.of(LEAST)
    factors = FACTORS[: -(-wanted // COUNT)]
    views = [_view(home, factor, volume.folder / f"view-{n}") for n, factor in enumerate(factors)]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(_made, factors, views, [_size(home)] * len(factors)))
    cases = [(factor, name, again) for factor, again in zip(factors, made, strict=True)
             for name in usual][:wanted]  # fmt: skip
    passed = 0
    for factor, name, again in cases:
        if again.get(name) == usual[name]:
            passed += 1
        else:
            tell(9, volume, (factor.name, name), str(again.get(name, again.get("why"))))
    figure = f"{COUNT} outputs under {len(factors)} factors: {passed} of {len(cases)} SHA-256 equal"
    return Outcome(len(cases), passed, f"{figure} (next day by the store's clock)")


def _firm(home: Path) -> Path:
    """Return the home of a small firm that measured and reviewed its quarter."""
    must(home, "init")
    texts = {
        "orders": homes.orders_csv(60),
        "routes": homes.routes_csv(60),
        "quotes": homes.quotes_csv(300),
        "fills": homes.fills_csv(90),
    }
    for kind, text in texts.items():
        (home.parent / f"{kind}.csv").write_text(text)
        assert routewarden(home, "ingest", kind, home.parent / f"{kind}.csv").status in {0, 3}
    must(home, "run")
    must(home, "review", QUARTER)
    return home


def _size(home: Path) -> int:
    """Return the size of the log that the review was made from."""
    manifest = json.loads((home / "reviews" / QUARTER / "manifest.json").read_bytes())
    return int(manifest["provenance"]["ledger_size"])


def _view(home: Path, factor: Factor, folder: Path) -> Path:
    """Return a view of the home, or of a copy of it, as the review read it."""
    source = home
    if factor.restored:
        source = shutil.copytree(home, folder.with_name("restored"), symlinks=True)
    with opened(source, only_to_read=True) as opened_home:
        policy = opened_home.root / "policy"
        settings = {
            path.relative_to(policy).as_posix(): opened_home.blobs.put_bytes(path.read_bytes())
            for path in policy.rglob("*.toml")
        }
        make_view(opened_home, _size(home), settings, folder)
    return folder


def _made(factor: Factor, view: Path, size: int) -> dict[str, str]:
    """Return the outputs that a process makes of a view under a factor, or why it made none."""
    command = [sys.executable, "-m", "tests.matrix.golden_outputs", str(view)]
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [*command, *map(str, (size, factor.workers, factor.days))],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, **factor.environment},
    )
    if ran.returncode:
        return {"why": ran.stderr[-500:]}
    made: dict[str, str] = json.loads(ran.stdout)
    return made
