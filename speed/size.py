"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Size:
    """All of it or a little, how many pairs, and where files may be kept."""

    quick: bool
    pairs: int
    folder: Path
