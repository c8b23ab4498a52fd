"""The firm's contract as it may be used: its metrics are known, and each example comes out.

An example of a delivery is reckoned on the shipped calendar, whatever the firm's own says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from routewarden.measures.dimensions import (
    ON_ORDERS,
    ON_ROUTES,
    UnknownDimensionError,
    check_dimensions,
)
from routewarden.measures.population import Population
from routewarden.policy.calendar import us_equity_calendar
from routewarden.policy.clauses import read_contract
from routewarden.policy.contract import (
    Clause,
    Contract,
    ContractError,
    Delivery,
    DeliveryExample,
    Service,
)
from routewarden.rules.service.judge import (
    METRIC,
    OF_FILLS,
    Attested,
    Delivered,
    Facts,
    Measured,
    judge,
)

_WHOLE = 10_000  # a share of dates, as a count of so many

_USUAL: Mapping[str, tuple[str, ...]] = {
    "asset_class": ("equity",),
    "population": (Population.CUSTOMER.value,),
}
"""What a clause is about where it says nothing else: neither is averaged with others."""


def checked_contract(text: str) -> Contract:
    """Return what a `contract.toml` says.

    Raises:
        ContractError: It cannot be used; a clause whose example comes out otherwise cannot.
    """
    contract = read_contract(text)
    for clause in contract.clauses:
        if isinstance(clause.terms, Service):
            _require_metric(clause.id, clause.terms)
        expected = clause.terms.example.breach
        found = judge(clause, example_of(clause))
        if found.breach is not expected:
            why = f"is {expected} as written, and comes out {found.breach}: {found.because}"
            raise ContractError(entry=f"clause {clause.id}: example", value=why)
    return contract


def population(terms: Service) -> Mapping[str, tuple[str, ...]]:
    """Return which orders a service is about, with what goes without saying."""
    return {**_USUAL, **terms.where}


def _require_metric(name: str, terms: Service) -> None:
    """Require a metric of the scorecard in its own unit, over orders it has a meaning for."""
    place = f"clause {name}"
    metric = METRIC.get(terms.metric)
    if metric is None:
        raise ContractError(entry=f"{place}: metric", value=f"'{terms.metric}' is no metric")
    if terms.unit != metric.unit:
        why = f"'{terms.unit}', and {metric.name} is in {metric.unit}"
        raise ContractError(entry=f"{place}: unit", value=why)
    asked = population(terms)
    try:
        check_dimensions(list(asked))
    except UnknownDimensionError as error:
        raise ContractError(entry=f"{place}: where", value=str(error).rstrip(".")) from error
    for order_class in asked.get("order_class", ()):
        if not metric.applies_to(order_class):
            why = f"{metric.name} has no meaning for {order_class} orders"
            raise ContractError(entry=f"{place}: where", value=why)
    if metric.of not in OF_FILLS and (lost := _unanswered(metric.name, set(asked))):
        why = f"{metric.name} cannot be told apart by {lost}"
        raise ContractError(entry=f"{place}: where", value=why)


def _unanswered(metric: str, asked: set[str]) -> str:
    """Return a dimension by which a metric of orders is not known; empty if there is none."""
    lost = sorted(asked - set(ON_ORDERS))
    routed = metric == "fill_rate" and asked <= set(ON_ROUTES)
    return lost[0] if lost and not routed else ""


def example_of(clause: Clause) -> Facts:
    """Return the facts of a clause's worked example.

    Of a date that is not stated the example is looked at after the due date.
    """
    terms = clause.terms
    if isinstance(terms, Service):
        measured = int(terms.example.dates * _WHOLE)
        return Measured(terms.example.value, terms.example.sample, measured, _WHOLE)
    if isinstance(terms, Delivery):
        return _delivered(terms, terms.example)
    due, attested = terms.example.due, terms.example.attested
    return Attested(due, max(due + timedelta(days=1), attested or due), attested)


def _delivered(terms: Delivery, example: DeliveryExample) -> Delivered:
    due = us_equity_calendar().after(example.ended, terms.due)
    if due is None:
        why = f"{example.ended} is outside the calendar"
        raise ContractError(entry="example: ended", value=why)
    covered = int(example.covered * _WHOLE) if example.delivered is not None else 0
    in_time = covered if example.delivered is not None and example.delivered <= due else 0
    whole = covered >= terms.least_share * _WHOLE and covered > 0
    complete = example.delivered if whole else None
    return Delivered(due, due + timedelta(days=1), _WHOLE, in_time, covered, complete)
