from __future__ import annotations

import polars as pl
import pytest

from routewarden.measures.dimensions import (
    ALWAYS,
    ON_FILLS,
    ON_ORDERS,
    ON_ROUTES,
    UnknownDimensionError,
    check_dimensions,
    chosen,
    with_dimensions,
)
from routewarden.measures.population import POPULATION, order_size

CUSTOMER = {
    **dict.fromkeys(("has_order", "held", "in_session_at_receipt"), True),
    "directed": False,
    "account_type": "retail",
}
MIDNIGHT = 1_782_878_400_000_000_000  # 2026-07-01T04:00:00Z, midnight in New York


# -- Populations -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "population"),
    [
        ({}, "customer"),
        ({"account_type": "institutional"}, "customer"),
        ({"has_order": False, "held": None}, "no_order"),
        ({"account_type": None}, "unknown"),
        ({"held": None}, "unknown"),
        ({"directed": None, "held": False}, "unknown"),
        ({"account_type": "proprietary", "held": False}, "not_customer"),
        ({"account_type": "market_maker"}, "not_customer"),
        ({"held": False, "directed": True}, "not_held"),
        ({"directed": True, "in_session_at_receipt": False}, "directed"),
        ({"in_session_at_receipt": False}, "outside_session"),
    ],
)
def test_an_order_is_of_the_first_population_that_fits(
    changes: dict[str, object], population: str
) -> None:
    flags = dict.fromkeys(("has_order", "held", "directed", "in_session_at_receipt"), pl.Boolean())
    overrides = {**flags, "account_type": pl.String()}
    order = pl.DataFrame([{**CUSTOMER, **changes}], schema_overrides=overrides)

    assert order.select(POPULATION.alias("p"))["p"].item() == population


@pytest.mark.parametrize(
    ("units", "bucket"),
    [
        (99_999_999, "under 1"),
        (100_000_000, "1-99"),
        (9_999_999_999, "1-99"),
        (10_000_000_000, "100-499"),
        (50_000_000_000, "500-1999"),
        (200_000_000_000, "2000-4999"),
        (499_999_999_999, "2000-4999"),
        (500_000_000_000, "5000+"),
        (10**20, "5000+"),
        (None, None),
    ],
)
def test_an_order_falls_in_the_bucket_of_its_size(units: int | None, bucket: str | None) -> None:
    order = pl.DataFrame({"quantity": [units]}, schema={"quantity": pl.Int128()})

    assert order.select(size=order_size("quantity"))["size"].item() == bucket


# -- Dimensions ------------------------------------------------------------------------------------


def test_a_known_dimension_passes() -> None:
    check_dimensions(["symbol", "venue", *ALWAYS])


def test_an_unknown_dimension_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        UnknownDimensionError, match=r"^'colour' is no dimension\. Choose from: acc"
    ):
        check_dimensions(["symbol", "colour"])


def test_orders_have_the_dimensions_of_fills_but_venue_and_liquidity() -> None:
    assert set(ON_FILLS) - set(ON_ORDERS) == {"venue", "liquidity"}
    assert set(ON_FILLS) - set(ON_ROUTES) == {"liquidity"}


FILLS = pl.DataFrame(
    {
        "symbol": ["A", "B", None, "A"],
        "held": [True, False, None, True],
        "venue": ["XNYS", None, None, "XNAS"],
        "route_venue": ["IEXG", "IEXG", None, None],
        "executed_at": [MIDNIGHT - 1, MIDNIGHT, MIDNIGHT, MIDNIGHT],
    }
)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("symbol", ["A", "B", None, "A"]),
        ("held", ["true", "false", None, "true"]),
        ("venue", ["XNYS", "IEXG", None, "XNAS"]),
        ("trading_date", ["2026-06-30", "2026-07-01", "2026-07-01", "2026-07-01"]),
    ],
)
def test_a_fill_carries_its_dimension_as_text(name: str, values: list[str | None]) -> None:
    assert with_dimensions(FILLS, ON_FILLS, [name])[f"by {name}"].to_list() == values


def test_an_order_is_dated_by_its_receipt() -> None:
    order = pl.DataFrame({"received_at": [MIDNIGHT - 1]})

    assert with_dimensions(order, ON_ORDERS, ["trading_date"])["by trading_date"].to_list() == [
        "2026-06-30"
    ]


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({}, [0, 1, 2, 3]),
        ({"symbol": ["A"]}, [0, 3]),
        ({"symbol": ["A", "B"]}, [0, 1, 3]),
        ({"symbol": ["A"], "venue": ["XNAS"]}, [3]),
        ({"held": ["false"]}, [1]),
        ({"symbol": ["C"]}, []),
        ({"no such dimension": ["x"]}, []),
    ],
)
def test_rows_are_chosen_by_the_values_of_their_dimensions(
    where: dict[str, list[str]], rows: list[int]
) -> None:
    numbered = FILLS.with_row_index("row")

    assert chosen(numbered, ON_FILLS, where)["row"].to_list() == rows


def test_orders_chosen_by_venue_are_none() -> None:
    order = pl.DataFrame({"symbol": ["A"]})

    assert chosen(order, ON_ORDERS, {"venue": ["XNYS"]}).is_empty()
