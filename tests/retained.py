"""Random cases of retention and hold, beside a reckoning of their own, day by day."""

from __future__ import annotations

import random
from datetime import date, timedelta

from routewarden.base.canonical import Digest
from routewarden.base.schema import Kind
from routewarden.policy.retention import Held, Hold, RetentionClass, judge

_FIRST = date(2010, 1, 1)
_KINDS = list(Kind)[:5]


def judged_otherwise(seed: int) -> tuple[bool, str]:
    """Return whether a random file may go, and, if that is wrong, what the case is."""
    chance = random.Random(seed)
    parts = chance.sample(_KINDS, 3)
    years = [chance.randint(1, 7), chance.randint(1, 7)]
    read = date(2026, 1, 1)
    classes = [
        RetentionClass("a", tuple(parts[:2]), years[0], "s", read),
        RetentionClass("b", (parts[2],), years[1], "s", read),
    ]
    delivered = {
        kind: _FIRST + timedelta(days=chance.randrange(4000))
        for kind in chance.sample(_KINDS, chance.randint(1, 2))
    }
    file = Held(Digest(f"{chance.randrange(4):064x}"), delivered)
    holds = [_hold(chance)] if chance.random() < 0.5 else []
    today = _FIRST + timedelta(days=chance.randrange(7000))
    (said,) = judge([file], classes, holds)
    kept = _days_kept(file, classes)
    over = kept is not None and (today - _FIRST).days > kept
    wanted = over and not any(_is_on_hold(file, hold) for hold in holds)
    found = said.may_go(today)
    return found, "" if found == wanted else f"{file} {classes} {holds} {today}: {found}"


def _hold(chance: random.Random) -> Hold:
    return Hold(
        "h",
        "r",
        kind=chance.choice([None, *_KINDS]),
        first=chance.choice([None, date(2013, 1, 1)]),
        last=chance.choice([None, date(2016, 1, 1)]),
        digest=chance.choice([None, Digest(f"{1:064x}")]),
    )


def _is_on_hold(file: Held, hold: Hold) -> bool:
    return any(
        hold.kind in {None, kind}
        and (hold.first or date.min) <= day <= (hold.last or date.max)
        and hold.digest in {None, file.digest}
        for kind, day in file.delivered.items()
    )


def _days_kept(file: Held, classes: list[RetentionClass]) -> int | None:
    """Return for how many days from the first on a file is kept; None: for ever."""
    longest = 0
    for kind, delivered in file.delivered.items():
        years = [each.years for each in classes if kind in each.kinds]
        if not years:
            return None
        end = delivered
        last = (delivered.year + years[0], delivered.month, delivered.day)
        while (end.year, end.month, end.day) < last:
            end += timedelta(days=1)
        longest = max(longest, (end - _FIRST).days)
    return longest
