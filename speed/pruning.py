"""Fills in few symbols cost what those symbols' quotes cost, not what the day's do.

The day is as dense as a market day: one to two billion quotes of some 10,000 symbols are 100,000 to
200,000 a symbol, and so are 400 million of 2,000. On a thinner day few row groups hold one symbol
alone, and what is decoded for nothing is all that is measured. The time is that of the whole job,
from opening the files, whose footers are read, to the sums, in a process that has only imported the
program; with pruning off it is the same job, which decodes every row group of the quotes' columns.
"""

from __future__ import annotations

from speed.day.data import Made, day
from speed.figure import Figure, Goal, figure, ratio
from speed.pairs import Job, in_turns
from speed.size import Size

_FULL = Made(quotes=400_000_000, fills=10_000, symbols=2000, traded=40)
_QUICK = Made(quotes=4_000_000, fills=1_000, symbols=200, traded=4)


def figures(size: Size) -> list[Figure]:
    """Measure a day of fills in one symbol of fifty, with and without pruning."""
    given = {"folder": str(day(size.folder, _QUICK if size.quick else _FULL))}
    jobs = {
        "pruned": Job("day.ours:measured", given),
        "whole": Job("day.ours:measured", given | {"every_row": True}),
    }
    times = in_turns(jobs, size.pairs)
    pruned, whole = ([each.wall_s for each in times[name]] for name in jobs)
    return [
        figure("fills in one symbol of fifty", pruned, "s"),
        ratio("reading every row group over those needed", whole, pruned, Goal("at least", 20)),
    ]
