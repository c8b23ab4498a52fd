"""What a review has to look at, cell by cell: a factor of the rule, a type of order, a security.

The case says which cells have no number. Each needs a person's word: why it is left open, or why it
does not apply. A word on many together counts for each of those that have no number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from routewarden.base.canonical import canonical_json
from routewarden.cases.case import Act, Case
from routewarden.policy.best_execution import Factor

EVERY = "*"
"""In place of a security: every one that was traded by orders of the type."""
THIN = "thin"
"""Every cell of securities with too few orders of a type to be judged alone."""
NUMBER, OPEN, NOT_APPLICABLE = "number", "open", "not_applicable"

_SECURITIES, _THIN, _OPEN = "securities ", "thin ", "open "


def key(factor: Factor, kind: str, symbol: str) -> str:
    """Return what a cell is called."""
    return f"{factor.name.lower()}|{kind}|{symbol}"


def facts_of(
    lines: Mapping[str, Iterable[str]],
    thin: Mapping[str, Iterable[str]],
    lacking: Mapping[tuple[Factor, str], Iterable[str]],
) -> dict[str, str]:
    """Return what a case says of its cells.

    Args:
        lines: The securities traded, by type of order.
        thin: Those of them with few orders.
        lacking: The securities without a number, by factor and type.
    """
    told = {f"{_SECURITIES}{kind}": _texts(symbols) for kind, symbols in lines.items()}
    told |= {f"{_THIN}{kind}": _texts(symbols) for kind, symbols in thin.items() if symbols}
    for (factor, kind), symbols in lacking.items():
        every = sorted(symbols) == sorted(lines[kind])
        told[f"{_OPEN}{factor.name.lower()}|{kind}"] = EVERY if every else _texts(symbols)
    return told


def _texts(symbols: Iterable[str]) -> str:
    return canonical_json(sorted(symbols)).decode()


def _listed(case: Case, mark: str) -> dict[str, list[str]]:
    found = {n.removeprefix(mark): v for n, v in case.facts.items() if n.startswith(mark)}
    return {name: json.loads(value) for name, value in found.items() if value != EVERY}


def lacking(case: Case) -> frozenset[str]:
    """Return the cells of a case that have no number."""
    traded = _listed(case, _SECURITIES)
    named = {f"{of}|{each}" for of, names in _listed(case, _OPEN).items() for each in names}
    whole = [n.removeprefix(_OPEN) for n, v in case.facts.items() if v == EVERY]
    return frozenset(
        named | {f"{of}|{each}" for of in whole for each in traded[of.partition("|")[2]]}
    )


def meant(case: Case, item: str) -> frozenset[str]:
    """Return the cells that an item names; none if it names none."""
    if item == THIN:
        thin = _listed(case, _THIN).items()
        return frozenset(key(f, kind, s) for f in Factor for kind, names in thin for s in names)
    factor, _, rest = item.partition("|")
    kind, _, symbol = rest.partition("|")
    traded = _listed(case, _SECURITIES).get(kind, [])
    if factor not in {each.name.lower() for each in Factor}:
        return frozenset()
    named = traded if symbol == EVERY else [each for each in traded if each == symbol]
    return frozenset(f"{factor}|{kind}|{each}" for each in named)


def empty(case: Case) -> frozenset[str]:
    """Return the cells without a number that nobody has said a word on."""
    words = [act.item for act in case.of("consider") if act.choice != NUMBER]
    return lacking(case) - {each for item in dict.fromkeys(words) for each in meant(case, item)}


def word_on(case: Case, act: Act) -> str:
    """Say why a word on cells cannot be taken; empty if it can."""
    cells = meant(case, act.item)
    if not cells:
        return (
            f"'{act.item}' names no cell: write FACTOR|TYPE|SECURITY as the coverage map has it, "
            "* for every security, or thin"
        )
    if act.choice != NUMBER:
        return "" if act.reason.strip() else "say why (--reason)"
    without = sorted(cells & lacking(case))
    return f"{without[0]} has no number; say why it is open or not applicable" if without else ""
