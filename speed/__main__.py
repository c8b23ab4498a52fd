"""Measure the claims named, or all of them."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
import tempfile
from pathlib import Path

import speed
from speed.figure import Figure
from speed.size import Size


def claims() -> list[str]:
    """Return the names of the claims: the files here that have figures."""
    named = [
        found.name for found in pkgutil.iter_modules(speed.__path__) if found.name != "__main__"
    ]
    return [name for name in named if hasattr(importlib.import_module(f"speed.{name}"), "figures")]


def main(arguments: list[str]) -> int:
    """Print the figures of some claims."""
    names = claims()
    asked = argparse.ArgumentParser("python -m speed", description="Claims of speed, measured.")
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    asked.add_argument("--quick", action="store_true", help="on less data, for a first look")
    asked.add_argument("--json", action="store_true", help="print one JSON list")
    asked.add_argument("--pairs", type=int, default=5, help="how often each is run (5)")
    asked.add_argument("--folder", type=Path, help="keep the data there, and use what is there")
    chosen = asked.parse_args(arguments)
    if unknown := sorted(set(chosen.names) - set(names)):
        asked.error(f"no claim is called {unknown[0]}; choose from {', '.join(names)}")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="speed-") as scratch:
        size = Size(chosen.quick, chosen.pairs, chosen.folder or Path(scratch))
        size.folder.mkdir(parents=True, exist_ok=True)
        for name in chosen.names or names:
            print(f"measuring {name} …", file=sys.stderr)
            figures += importlib.import_module(f"speed.{name}").figures(size)
    if chosen.json:
        print(json.dumps([each.told() for each in figures], indent=2))
    else:
        _print_table(figures)
    return 0


def _print_table(figures: list[Figure]) -> None:
    for each in figures:
        holds = {None: "", True: "holds", False: "MISSED"}[each.holds]
        least, most = (f"{value:,.3g}" for value in each.spread)
        goal = "" if each.goal is None else str(each.goal)
        print(
            f"{each.name:<58} {each.figure:>10,.3g} {each.unit:<12} {goal:<16} {holds:<7} "
            f"({each.pairs} pairs, {least} to {most})"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
