"""Commands disturbed at their durable steps: which are tried, and what must come of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.command import Outcome
from tests.integration.homes import (
    Golden,
    finished,
    intact_segment,
    once_more,
    times_acknowledged,
)
from tests.integration.tracing import Boundary

TRIALS = 60
"""Boundaries tried of each command, evenly spread; ROUTEWARDEN_TRIALS=all tries every one."""
PARTS = 3
"""Pieces a list of trials is cut into, so that test processes share it."""
ROWS = 26
FAILED = (2, 75)
"""What a command answers whose disk failed it; 75 where it is full."""


def chosen(found: list[Boundary], part: int, trials: int = TRIALS) -> list[Boundary]:
    """Return one part of an even sample, or of all."""
    if os.environ.get("ROUTEWARDEN_TRIALS") != "all" and len(found) > trials:
        found = [found[n * len(found) // trials] for n in range(trials)]
    return found[part::PARTS]


def complaint(check: Callable[[], None]) -> str:
    """Return why a check fails, or nothing."""
    try:
        check()
    except AssertionError as wrong:
        return str(wrong)
    return ""


def told(wrong: dict[str, str]) -> str:
    """Return the trials that failed, a line each."""
    return "\n".join(f"{at}: {why[:600]}" for at, why in wrong.items() if why)


def recovers(home: Path, firm: Golden) -> None:
    """Require that the same file goes in again, once, and that all comes out as if undisturbed."""
    counts = once_more(home, firm)
    assert counts["records"] + counts["duplicates"] + counts["rejects"] == ROWS, counts
    assert times_acknowledged(home, "fills", firm.fills) == 1
    assert finished(home) == firm.export


def honest(home: Path, firm: Golden, outcome: Outcome) -> None:
    """Require a plain refusal, or an acknowledgement with everything behind it in place."""
    assert outcome.status in {0, 3, *FAILED}, outcome
    unpublished = "is in the log, but it could not be published" in outcome.err
    if outcome.status in {0, 3} or unpublished:
        assert intact_segment(home, "fills", firm.fills)
    else:
        refused = "no space; nothing acknowledged" in outcome.err
        assert refused == (outcome.status == 75), outcome.err
    if outcome.status in FAILED:
        assert "error: " in outcome.err, outcome.err
        assert outcome.err.startswith("error: ") or unpublished, outcome.err
    assert "Traceback" not in outcome.err
