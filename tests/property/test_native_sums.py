"""Sums by place, added up by the compiled loop and by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routewarden.native.sums import add_up

WIDTH = 4
numbers = st.none() | st.integers(-(2**40), 2**40)


@given(st.lists(st.tuples(st.integers(0, WIDTH - 1), numbers, numbers), max_size=200), st.data())
def test_each_place_has_the_sum_of_its_rows(
    rows: list[tuple[int, int | None, int | None]], data: st.DataObject
) -> None:
    places, *columns = ([row[part] for row in rows] for part in range(3))
    values = pl.DataFrame(columns, schema={"a": pl.Int64, "b": pl.Int64})
    cut = data.draw(st.integers(0, len(rows)))

    found = add_up(values[cut:].get_columns(), np.array(places[cut:], dtype=np.int64), WIDTH)

    assert found.tolist() == [
        [
            sum(
                value or 0
                for at, value in zip(places[cut:], column[cut:], strict=True)
                if at == place
            )
            for place in range(WIDTH)
        ]
        for column in columns
    ]


def test_pieces_are_added_up_as_one() -> None:
    values = pl.concat([pl.DataFrame({"a": [1, None]}), pl.DataFrame({"a": [3]})], rechunk=False)

    assert add_up(values.get_columns(), np.array([1, 1, 1]), 2).tolist() == [[0, 4]]


def test_a_sum_past_64_bits_is_refused() -> None:
    most = pl.DataFrame({"a": [2**63 - 1, 1]})

    assert add_up(most.get_columns(), np.array([0, 1]), 2).tolist() == [[2**63 - 1, 1]]
    with pytest.raises(OverflowError, match="a sum of a is more than 64 bits hold"):
        add_up(most.get_columns(), np.array([1, 1]), 2)


@pytest.mark.parametrize("place", [-1, 2])
def test_a_place_outside_is_refused(place: int) -> None:
    with pytest.raises(ValueError, match="a row's place is one of 2"):
        add_up([pl.Series([1])], np.array([place]), 2)


def test_only_a_place_for_each_row_and_64_bit_integers_will_do() -> None:
    with pytest.raises(ValueError, match="one place for each row"):
        add_up([pl.Series([1])], np.array([0, 0]), 2)
    with pytest.raises(ValueError, match="one place for each row"):
        add_up([pl.Series([1])], np.array([0.0]), 2)
    with pytest.raises(TypeError, match="not Int32"):
        add_up([pl.Series([1], dtype=pl.Int32)], np.array([0]), 2)
