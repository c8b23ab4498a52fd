"""Identifiers that are unique, from those that firms use again on another day or another market.

An identifier used once is kept as it is. Of those used more than once, each is written in the
shortest way that tells all of them apart, so that what a record is called depends on what is held
and on nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Hashable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from routewarden.base.time import NS_PER_SECOND, TRADING_ZONE

_EASTERN = ZoneInfo(TRADING_ZONE)

K = TypeVar("K", bound=Hashable)


def distinct(candidates: Mapping[K, Sequence[str]]) -> dict[K, str]:
    """Return a name for each key, of its candidates, from plain to sure to be unique.

    A longer way is not taken where it would look like another's plain identifier.
    """
    alike: dict[str, list[K]] = defaultdict(list)
    for key, ways in candidates.items():
        alike[ways[0]].append(key)
    named: dict[K, str] = {}
    for keys in alike.values():
        most = max(len(candidates[key]) for key in keys)
        options = [[candidates[key][: way + 1][-1] for key in keys] for way in range(most)]
        clear = (names for names in options if _tells_apart(names, alike, len(keys)))
        named.update(zip(keys, next(clear, options[-1]), strict=True))
    return named


def _tells_apart(names: Sequence[str], plain: Container[str], count: int) -> bool:
    taken = count > 1 and any(name in plain for name in names)
    return len(set(names)) == count and not taken


def dated(at: int | None, name: str) -> str:
    """Return a name with the New York date of an instant before it."""
    if at is None:
        return name
    return f"{datetime.fromtimestamp(at // NS_PER_SECOND, _EASTERN):%Y%m%d}-{name}"
