"""What files never state."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from routewarden.measures.fills import FILL_MEASURES
from routewarden.measures.orders import ORDER_MEASURES
from routewarden.measures.silence import FILL_FACTS, ORDER_FACTS, silences

FILL: dict[str, Any] = {"has_order": True, "has_route": True, "fee": 1, "liquidity": "added"}
ORDER: dict[str, Any] = {
    "filled_quantity": 60, "quantity": 100, "routes": 1, "fees": 1, "vwap_slippage": 1,
    "ended_at": 1, "account_type": "retail", "held": True, "directed": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{}], []),
        ([{"fee": None}], ["fee"]),
        ([{"fee": None}, {}], []),
        ([{"has_route": False, "liquidity": None}] * 2, ["route", "liquidity"]),
        ([{"has_order": False}], ["order"]),
        ([], []),
    ],
)
def test_what_no_fill_states_is_said(rows: list[dict[str, Any]], said: list[str]) -> None:
    frame = pl.DataFrame([FILL | row for row in rows], schema=list(FILL), orient="row")

    assert [each.fact for each in silences(frame, FILL_FACTS)] == said


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{}], []),
        ([{"filled_quantity": 0, "fees": 0, "vwap_slippage": None}], ["executions"]),
        ([{"routes": 0}], ["route"]),
        ([{"fees": None}], ["fee"]),
        ([{"vwap_slippage": None}], ["market trades"]),
        ([{"ended_at": None}], ["end"]),
        ([{"ended_at": None, "filled_quantity": 100}], []),  # nothing unfilled asks for an end
        ([{"held": None}], ["account type, held or directed"]),
        ([{"held": None}, {"directed": None}, {}], []),
    ],
)
def test_what_no_order_states_is_said(rows: list[dict[str, Any]], said: list[str]) -> None:
    frame = pl.DataFrame([ORDER | row for row in rows], schema=list(ORDER), orient="row")

    assert [each.fact for each in silences(frame, ORDER_FACTS)] == said


def test_routes_that_no_fill_names_are_not_said_to_be_missing() -> None:
    (silence,) = silences(pl.DataFrame([FILL | {"has_route": False}]), FILL_FACTS)

    assert silence.why.startswith("no fill names a child order that is held: a feed of parent")


def test_a_silence_names_measures_there_are() -> None:
    named = {name for fact in (*FILL_FACTS, *ORDER_FACTS) for name in fact.empties}

    assert named <= {measure.name for measure in (*FILL_MEASURES, *ORDER_MEASURES)}
    (fee,) = silences(pl.DataFrame([FILL | {"fee": None}]), FILL_FACTS)
    assert (fee.rows, fee.empties) == (1, ("explicit_cost", "net_effective_spread"))
