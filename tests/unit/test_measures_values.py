from __future__ import annotations

import polars as pl
import pytest

from routewarden.measures.fills import FILL_MEASURES, allowed
from routewarden.measures.horizon import HORIZONS, horizon_instant
from routewarden.measures.measure import Better, Measure, Reference, Unit
from routewarden.measures.orders import ORDER_MEASURES

MS = 1_000_000


@pytest.mark.parametrize(
    ("close", "inside", "at"),
    [(1_000 * MS, True, 110 * MS), (80 * MS, True, 80 * MS), (None, True, 110 * MS),
     (1_000 * MS, False, None)],
)  # fmt: skip
def test_a_horizon_stops_at_the_close(close: int | None, at: int | None, *, inside: bool) -> None:
    executed = pl.DataFrame(
        {
            "executed_at": [60 * MS],
            "close_at_execution": [close],
            "in_session_at_execution": [inside],
        },
        schema_overrides={"close_at_execution": pl.Int64()},
    )

    assert executed.select(at=horizon_instant(HORIZONS[0]))["at"].item() == at


@pytest.mark.parametrize("measures", [FILL_MEASURES, ORDER_MEASURES], ids=["fills", "orders"])
def test_a_name_means_one_measure(measures: tuple[Measure, ...]) -> None:
    assert len({measure.name for measure in measures}) == len(measures)


@pytest.mark.parametrize(
    ("unit", "scale"),
    [(Unit.PER_SHARE, 9), (Unit.MONEY, 17), (Unit.SHARES, 8), (Unit.MS, 6), (Unit.BPS, 12),
     (Unit.FRACTION, 12), (Unit.COUNT, 0), (Unit.FLAG, 0), (Unit.INSTANT, 0)],
)  # fmt: skip
def test_a_unit_has_its_decimals_and_a_quotient_its_own(unit: Unit, scale: int) -> None:
    told = (unit, Better.NEITHER, Reference.NONE, "", "")

    assert Measure("m", pl.lit(1), *told).scale == scale
    assert Measure("m", pl.lit(1), *told, scale_of_quotient=3).scale == 3


def test_a_measure_without_a_reference_is_always_allowed() -> None:
    assert pl.select(allowed(Reference.NONE)).item() is True
