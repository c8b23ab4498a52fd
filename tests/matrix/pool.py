"""Trials spread over two processes, each with a warmed parent of its own to fork from."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from tests.matrix.row import Volume, tell

Case = TypeVar("Case")
PROCESSES = 2

Check = Callable[[Volume, Case], str]
"""Makes a trial; answers why it failed, or nothing. A function of a module, so that it pickles."""


def tried(row: int, volume: Volume, check: Check[Case], cases: Sequence[Case]) -> int:
    """Make a trial of each case, tell of those that fail, and return how many passed."""
    context = get_context("spawn")  # the parent may have threads, which no fork survives
    with ProcessPoolExecutor(PROCESSES, context, _work_in, (volume.folder,)) as pool:
        answers = pool.map(partial(complaint, check, volume), cases)
        return sum(_passed(row, volume, *each) for each in zip(cases, answers, strict=True))


def _passed(row: int, volume: Volume, case: object, why: str) -> bool:
    if why:
        tell(row, volume, case, why)
    return not why


def _work_in(folder: Path) -> None:
    """Put whatever the trials leave behind where it goes with the row."""
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = str(folder)


def complaint(check: Check[Case], volume: Volume, case: Case) -> str:
    """Return why a trial failed; one that raises has."""
    try:
        return check(volume, case)
    except Exception:  # noqa: BLE001 - a trial that breaks is a trial that failed
        return traceback.format_exc()
