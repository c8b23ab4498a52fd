"""Something that is not as it was acknowledged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was acknowledged: where, what, and what to do."""

    where: str
    what: str
    remedy: str
