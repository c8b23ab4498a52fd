"""A quarter's review for the people who sit: its case opened from what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import polars as pl

from routewarden.base.canonical import Digest, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.base.period import Quarter
from routewarden.benchmarks.analysis import analysis
from routewarden.benchmarks.dashboard import Line as Row
from routewarden.benchmarks.framework import Status
from routewarden.benchmarks.verdict import Judged, Verdict
from routewarden.cases import reliance, review
from routewarden.cases.case import Case, Document, Opening, RefusedError
from routewarden.cases.sitting import facts_of as facts_of_seats
from routewarden.evidence.coverage_map import TYPES, Line, csv_of, facts_of, mapped
from routewarden.measures.population import Population
from routewarden.measures.scorecard import pooled, quotient
from routewarden.measures.shown import NO_VALUE, shown
from routewarden.policy.committee import COMMITTEE, committee_on, read_committee
from routewarden.rules.rule import Severity
from routewarden.runs.reading import Question, summary_of
from routewarden.runs.review.areas import against_direct, areas
from routewarden.runs.review.document import REVIEW
from routewarden.runs.review.gathered import Gathered, gather
from routewarden.store.cases import act_of, act_on, docket, keep, open_case, visible
from routewarden.store.home import Home
from routewarden.store.session import new_york_date

_CUSTOMERS = {"population": (Population.CUSTOMER.value,)}
_REVIEWED = (
    Population.CUSTOMER, Population.UNKNOWN, Population.NOT_HELD, Population.DIRECTED,
    Population.OUTSIDE_SESSION,
)  # fmt: skip
_APART = (Population.NOT_HELD, Population.DIRECTED, Population.OUTSIDE_SESSION)
_OF_DIRECT = ("fill_time_ms", "net_price_improvement", "effective_over_quoted", "explicit_cost")


class NoPackageError(RoutewardenError):
    """A quarter's review has no package to sit with."""

    def __init__(self, quarter: Quarter) -> None:
        super().__init__(
            f"{quarter}: no package was written. Write it first: `routewarden review {quarter}`."
        )


class OpenAlreadyError(RoutewardenError):
    """A quarter's review is under way."""

    def __init__(self, case: Case) -> None:
        super().__init__(
            f"{case.subject}: {case.id} is {case.state}. Go on with it, or end it: "
            f'`routewarden case void {case.id} --reason "…"`.'
        )


class NoReviewError(RoutewardenError):
    """A case is no quarterly review."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"{case.id}: {case.procedure.title}, and this is for quarterly reviews.")


def package_of(home: Home, quarter: Quarter) -> str:
    """Return the digest of the manifest of the package that a quarter's review was last written to.

    Raises:
        NoPackageError: There is none.
    """
    made = [entry.content["payload"] for entry in home.log.entries(REVIEW)]
    found = [each["manifest"] for each in made if each["quarter"] == str(quarter)]
    if not found:
        raise NoPackageError(quarter)
    return str(found[-1])


def open_review(home: Home, quarter: Quarter) -> Case:
    """Open a quarter's review, its coverage map attached; one that lacks its map gets it.

    Raises:
        NoPackageError: No package was written.
        NoCommitteeError: Nobody is set to review.
        OpenAlreadyError: It is under way.
        RefusedError: Not theirs to open.
    """
    manifest, today = package_of(home, quarter), home.today()
    text = home.setting(COMMITTEE)
    committee = committee_on(read_committee(text), today)
    before = [case for case in reviews(home) if case.subject == str(quarter)]
    for case in before:
        if case.is_open and not _lacks_map(case):
            raise OpenAlreadyError(case)
    waiting = [case for case in before if case.is_open]
    if waiting:
        held = Document(review.MAP, _map_name(quarter), Digest(waiting[0].facts["map"]))
        return act_on(home, waiting[0], act_of(home, "attach", documents=(held,)))
    gathered = gather(home, quarter)
    least = gathered.against.limits.at("verdict_orders_least", gathered.against.day).value
    entries = mapped(lines(home, gathered), least)
    held = keep(home, review.MAP, _map_name(quarter), csv_of(entries))
    facts = {
        "quarter": str(quarter),
        "manifest": manifest,
        "map": held.digest,
        "setting": sha256(text.encode()),
        "before": " ".join(case.id for case in before[-1:]),
        **facts_of_seats(committee),
        **review.drafted(worse(gathered)),
        **facts_of(entries),
    }
    case = open_case(home, review.KIND, _opening(home, str(quarter), facts))
    return act_on(home, case, act_of(home, "attach", documents=(held,)))


def open_reliance(home: Home, quarter: Quarter, member: str) -> Case:
    """Open a case on relying on another member's review of a quarter.

    Raises:
        RefusedError: Not theirs to open.
    """
    opening = _opening(home, f"{member} {quarter}", {"quarter": str(quarter), "member": member})
    titled = replace(opening, title=f"Reliance on the review of {member}, {quarter}")
    return open_case(home, reliance.KIND, titled)


def reviews(home: Home) -> list[Case]:
    """Return the quarterly reviews there are, in the order they were opened."""
    return [each for each in docket(home).cases.values() if each.procedure.kind == review.KIND]


def review_of(home: Home, case_id: str) -> Case:
    """Return a quarterly review.

    Raises:
        NoCaseError: There is no such case.
        NoReviewError: It is none.
        RefusedError: It is none that whoever asks may see.
    """
    case = docket(home).case(case_id)
    if not visible([case], home):
        raise RefusedError(case.id, "show", "not a matter with your firm")
    if case.procedure.kind != review.KIND:
        raise NoReviewError(case)
    return case


def _lacks_map(case: Case) -> bool:
    """Return whether a crash came between a case and its map."""
    return case.facts["map"] not in {document.digest for document in case.documents}


def _map_name(quarter: Quarter) -> str:
    return f"coverage-{quarter}.csv"


def _opening(home: Home, subject: str, facts: Mapping[str, str]) -> Opening:
    at = home.now()
    told = {name: value for name, value in facts.items() if value}
    title = f"Quarterly review {subject}"
    roles = tuple(home.actor.roles)
    return Opening(
        subject, title, Severity.MEDIUM, home.actor.name, roles, at, new_york_date(at), told
    )


# -- What was traded -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Places:
    """Of a security and type: its venues, what was executed, and what of that at payers."""

    venues: int
    paid: Decimal | None


def lines(home: Home, gathered: Gathered) -> list[Line]:
    """Return every security and type of order that customers' orders were received of."""
    whole = gathered.whole.only({"population": _REVIEWED}).orders
    places = _places(home, gathered)
    found = []
    for (symbol,), of_all in whole.partition_by("by symbol", as_dict=True).items():
        mine = of_all.filter(pl.col("by population") == Population.CUSTOMER)
        for kind, classes in TYPES.items():
            counts = _counts(of_all, classes)
            if not (orders := sum(counts.values())):
                continue
            place = places.get((symbol, kind), _Places(0, None))
            apart = sum(counts.get(each, 0) for each in _APART)
            found.append(
                Line(
                    str(symbol or NO_VALUE), kind, orders, pooled(mine, classes), place.venues,
                    place.paid, quotient(Fraction(apart, orders)),
                )
            )  # fmt: skip
    return found


def _counts(sums: pl.DataFrame, classes: Sequence[str]) -> dict[str, int]:
    """Return how many orders of some classes were received, by population."""
    ordered = sums.filter(
        pl.col("metric") == "fill_rate", pl.col("by order_class").is_in(list(classes))
    )
    return dict(ordered.group_by("by population").agg(pl.col("n").sum()).iter_rows())


def _places(home: Home, gathered: Gathered) -> dict[tuple[str, str], _Places]:
    """Return where customers' orders went, by security and type."""
    days = gathered.days
    asked = Question(days[0], days[-1], ("symbol", "venue"), _CUSTOMERS)
    kinds = {str(name): str(kind) for kind, classes in TYPES.items() for name in classes}
    payers = gathered.payments["venue"].drop_nulls().unique().to_list()
    at_payer = pl.col("executed").filter(pl.col("by venue").is_in(payers)).sum()
    summed = (
        summary_of(home, asked)
        .filter(pl.col("by venue").is_not_null())
        .with_columns(
            kind=pl.col("by order_class")
            .cast(pl.String)
            .replace_strict(kinds, return_dtype=pl.String,
                                                         default=None),
            executed=pl.when(pl.col("metric") == "explicit_cost").then(pl.col("shares"))
            .otherwise(0),
        )
        .group_by("by symbol", "kind")
        .agg(pl.col("by venue").n_unique(), pl.col("executed").sum(), at_payer.alias("paid"))
    )  # fmt: skip
    return {
        (symbol, kind): _Places(
            venues, quotient(Fraction(int(paid), int(executed))) if payers and executed else None
        )
        for symbol, kind, venues, executed, paid in summed.iter_rows()
    }


# -- What is worse ---------------------------------------------------------------------------------


def worse(gathered: Gathered) -> list[str]:
    """Return in words what is worse than it is compared with: differences that may be material."""
    rows = [_only_worse(row) for row in gathered.dashboards[0].full]
    said = [f"{row.metric.title}: {analysis(row)}" for row in rows if row.judged]
    for name in _OF_DIRECT:
        for orders, judged in against_direct(gathered, name).items():
            if judged.verdict is Verdict.WORSE:
                said.append(_than_direct(orders.heading, judged))
    return said


def reached(gathered: Gathered) -> list[tuple[str, Status, str]]:
    """Return the areas of the framework whose threshold is not quiet, and why."""
    return [
        (area.title, area.threshold.status, area.brief)
        for area in areas(gathered)
        if area.threshold.status is not Status.QUIET
    ]


def _only_worse(row: Row) -> Row:
    kept = {orders: each for orders, each in row.judged.items() if each.verdict is Verdict.WORSE}
    return Row(row.metric, kept)


def _than_direct(orders: str, judged: Judged) -> str:
    metric, direct = judged.cell.metric, judged.benchmark
    ours = shown(judged.cell.value, metric.unit)
    theirs = shown(direct.value if direct else None, metric.unit)
    return f"{metric.title}, {orders}: {ours} by the vendor's router, {theirs} direct: worse."
