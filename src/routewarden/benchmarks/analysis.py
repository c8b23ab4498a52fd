"""A row of the dashboard in words: what it says, and what to do when it says *worse*.

Every sentence is made of the numbers, directions and verdicts of its own row and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from routewarden.benchmarks.dashboard import Line
from routewarden.benchmarks.orders import Orders
from routewarden.benchmarks.verdict import Judged, Verdict
from routewarden.measures.measure import Unit
from routewarden.measures.scorecard import Metric
from routewarden.measures.shown import NO_VALUE, shown

_ADVICE: Mapping[str, str] = {
    "net_price_improvement": ", review",
    "fill_time_ms": ", look for where the time goes",
    "fill_rate": ", review limit logic and venue choice",
    "reversion_1m": ": more comes back, look at what the orders give away",
}
"""What a worse number asks for, by metric."""

_COMFORT: Mapping[str, str] = {"reversion_1m": ": less comes back, little impact"}
"""What a better number means, where it needs saying."""

SHORT: Mapping[Orders, str] = {
    Orders.MARKET: "market",
    Orders.MARKETABLE_LIMIT: "marketable",
    Orders.NON_MARKETABLE_LIMIT: "non-marketable",
    Orders.LIMIT: "limit",
}
"""The kinds of order in a word, for verdicts and narrow headings."""

_SPOKEN = (Verdict.BETTER, Verdict.IN_LINE, Verdict.WORSE, Verdict.INSUFFICIENT)


def verdict_words(line: Line) -> str:
    """Return the row's verdict: one where all kinds of order share it, else each by name."""
    said = {orders: each.verdict for orders, each in line.judged.items() if _speaks(each)}
    if not said:
        return Verdict.NOT_APPLICABLE.value
    if len(set(said.values())) == 1:
        return _advised(line.metric, next(iter(said.values())))
    both = set(line.judged) == {Orders.MARKET, Orders.MARKETABLE_LIMIT}
    names = {**SHORT, Orders.MARKETABLE_LIMIT: "limit"} if both else SHORT
    return "; ".join(
        f"{names[orders]} {_advised(line.metric, verdict, alone=False)}"
        for orders, verdict in said.items()
    )


def _speaks(judged: Judged) -> bool:
    return judged.verdict in _SPOKEN


def _advised(metric: Metric, verdict: Verdict, *, alone: bool = True) -> str:
    """Return a verdict with what follows from it; comfort only where the whole row has it."""
    if verdict is Verdict.WORSE:
        return verdict + _ADVICE.get(metric.name, "")
    is_comfort = alone and verdict is Verdict.BETTER
    return verdict + _COMFORT.get(metric.name, "") if is_comfort else verdict


def against(line: Line) -> str:
    """Return the benchmarks of a row as a column shows them: one, or one for each kind of order."""
    figures = [each.benchmark for each in line.judged.values() if each.cell.applies]
    texts = [shown(figure.value if figure else None, line.metric.unit) for figure in figures]
    return texts[0] if len(set(texts)) == 1 else " / ".join(texts) or NO_VALUE


def analysis(line: Line) -> str:
    """Return the row's sentences: each number, and where it stands to its benchmark."""
    spoken = [(orders, each) for orders, each in line.judged.items() if _speaks(each)]
    if not spoken:
        return "Not applicable to these orders."
    return " ".join(_sentence(orders, each, line.metric.unit) for orders, each in spoken)


def sources(lines: Iterable[Line]) -> str:
    """Return the benchmarks of some rows, each source once; empty where there are none."""
    figures = [judged.benchmark for line in lines for judged in line.judged.values()]
    return "; ".join(dict.fromkeys(f"{each.source}, {each.says}" for each in figures if each))


def _sentence(orders: Orders, judged: Judged, unit: Unit) -> str:
    title, value = orders.heading.capitalize(), judged.cell.value
    if value is None:
        return f"{title}: nothing measured."
    number = f"{title}: {shown(value, unit)}{_unit(unit)}"
    if judged.benchmark is None:
        return f"{number}; nothing to compare with."
    against = shown(judged.benchmark.value, unit)
    match judged.verdict:
        case Verdict.INSUFFICIENT:
            return f"{number} against {against}; too few to judge ({_count(judged)})."
        case Verdict.IN_LINE:
            return f"{number} against {against}, within tolerance: in line."
        case _:
            way = "above" if value > judged.benchmark.value else "below"
            return f"{number}, {way} {against}: {judged.verdict}."


def _unit(unit: Unit) -> str:
    """Return the unit as it follows a number inside a sentence."""
    return {Unit.PER_SHARE: " a share", Unit.MS: " ms"}.get(unit, "")


def _count(judged: Judged) -> str:
    of = judged.benchmark.n if judged.benchmark else None
    return f"{judged.cell.n:,}" if of is None else f"{judged.cell.n:,} against {of:,}"
