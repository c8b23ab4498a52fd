"""What a text says of an instant."""

from __future__ import annotations

import polars as pl
import pytest

from routewarden.native import numbers

TEXTS = {
    "2026-07-01T13:30:00Z": True,
    "2026-07-01T13:30:00.123456789+00:00": True,
    "1200-07-01T13:30:00Z": True,
    "2026-07-01T13:30:60Z": False,
    "2026-07-01": False,
    None: None,
}


def test_an_instant_is_stated_in_whatever_year() -> None:
    stated = numbers._stated(pl.Series(list(TEXTS)))

    assert stated.to_list() == list(TEXTS.values())
    frame = pl.DataFrame({"text": list(TEXTS)})
    assert frame.select(numbers.states_instant(pl.col("text"))).to_series().equals(stated)


def test_only_one_of_a_year_that_64_bits_hold_has_a_count() -> None:
    counts = numbers._counts(pl.Series(list(TEXTS)))

    assert counts.is_null().to_list() == [False, False, True, True, True, True]


def test_columns_that_are_no_views_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "_instants", lambda *_: -1)

    with pytest.raises(TypeError, match="views"):
        numbers._counts(pl.Series(["2026-07-01T13:30:00Z"]))
