"""Instants read by the compiled loop, against a reading in plain Python."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.native import numbers
from routewarden.native.numbers import parse_instant, states_instant

FORM = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|\+00:00)"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 1700, 2259


def slowly(text: str | None) -> tuple[bool | None, int | None]:
    """Whether a text states an instant, and its nanoseconds since 1970 if they can be counted."""
    found = FORM.fullmatch(text or "")
    if text is None or found is None:
        return (None if text is None else False), None
    later = found[1].startswith("0000")  # a year Python does not know is as long as the year 400
    try:
        at = datetime.fromisoformat(found[1].replace("0000", "0400", 1) if later else found[1])
    except ValueError:
        return False, None
    if later or not FIRST_YEAR <= at.year <= LAST_YEAR:
        return True, None
    seconds = (at.replace(tzinfo=UTC) - EPOCH) // timedelta(seconds=1)
    return True, seconds * 10**9 + int((found[2] or "").ljust(9, "0"))


years = st.sampled_from(["0000", "0004", "1699", "1700", "1900", "2000", "2024", "2259", "2260"])
two = st.integers(0, 62).map("{:02d}".format)
months = st.integers(0, 13).map("{:02d}".format)
days = st.integers(0, 32).map("{:02d}".format)
fractions = st.just("") | st.text("0123456789", max_size=11).map(lambda digits: "." + digits)
zones = st.sampled_from(["Z", "Z", "Z", "+00:00", "+00:01", "-00:00", "z", ""])
dates = st.tuples(years, months, days).map("-".join)
times = st.tuples(st.integers(0, 25).map("{:02d}".format), two, two).map(":".join)
stated = st.builds(lambda *parts: "".join(parts), dates, st.just("T"), times, fractions, zones)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """An instant with a letter put in, left out or changed."""
    text = draw(stated)
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.text("0:-T.Zé ", max_size=2)) + text[at + draw(st.integers(0, 1)) :]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.none() | stated | damaged() | st.text(max_size=30), max_size=20), st.integers(0))
def test_an_instant_is_read_as_it_is_slowly(texts: list[str | None], cut: int) -> None:
    column = pl.Series("t", texts, dtype=pl.String)
    cut = cut % (len(texts) + 1)
    pieces = pl.concat([column[:cut], column[cut:]], rechunk=False).to_frame()

    read = pieces.select(states_instant(pl.col("t")).alias("stated"), parse_instant(pl.col("t")))

    assert read.rows() == [slowly(text) for text in texts]


def test_a_part_of_a_column_is_read_as_that_part() -> None:
    texts = pl.Series("t", ["x", None, "1970-01-01T00:00:01Z", "1970-01-01T00:00:02Z"])

    assert texts[1:3].to_frame().select(parse_instant(pl.col("t"))).to_series().to_list() == [
        None,
        10**9,
    ]


def test_the_name_of_a_column_may_be_what_no_file_can_say() -> None:
    texts = pl.Series("\0told at", ["1970-01-01T00:00:01Z"]).to_frame()

    assert texts.select(parse_instant(pl.first())).to_dict(as_series=False) == {
        "\0told at": [10**9]
    }


def test_only_texts_are_read() -> None:
    class Column:
        def __len__(self) -> int:
            return 1

        def cast(self, _: Any) -> pl.Series:  # noqa: ANN401 - whatever it is asked for
            return pl.Series([1])

    with pytest.raises(TypeError, match="texts are handed over as views"):
        numbers._read(cast("pl.Series", Column()))
