"""The quote in force, found by the kernel and by looking at every quote there is.

Days are small and awkward: nine in ten quotes share a time with another, sides are missing, markets
are crossed, symbols have no quotes or no questions, and instants lie before, between and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.market.asof import NONE, Questions, Room, Spans, Stretch, known, places
from routewarden.native.asof import Integers
from routewarden.runs.engine import Threads

Quote = tuple[int, int, int | None, int | None]
"""Symbol, time, bid and ask."""
Question = tuple[int, list[int]]
"""Symbol, and instants."""
Sides = tuple[int | None, int | None]
AFTER = (0, 4, -3, 0, -3, 2)
"""Each point is asked for as so much after an instant."""


@dataclass(frozen=True, slots=True)
class Day:
    """Quotes in order, questions by symbol, and where the quotes are cut."""

    quotes: list[Quote]
    questions: list[Question]
    cuts: list[int]


prices = st.none() | st.integers(1, 9)


@st.composite
def days(draw: st.DrawFn) -> Day:
    quotes = list[Quote]()
    for symbol in draw(st.sets(st.integers(0, 5))):
        at = 0
        for moves in draw(st.lists(st.integers(0, 9), max_size=60)):
            at += max(moves - 8, 0) * draw(st.integers(1, 3))  # nine in ten stay where they are
            quotes.append((symbol, at, draw(prices), draw(prices)))
    quotes.sort(key=lambda quote: quote[0])
    asked = st.tuples(
        st.integers(0, 6), st.lists(instants, min_size=len(AFTER), max_size=len(AFTER))
    )
    questions = sorted(draw(st.lists(asked, max_size=40)), key=lambda each: each[0])
    cuts = draw(st.lists(st.integers(0, len(quotes)), max_size=6))
    return Day(quotes, questions, [0, *sorted(cuts), len(quotes)])


instants = st.integers(-2, 20) | st.just(NONE)


def in_force(day: Day, symbol: int, instant: int) -> Sides:
    """Look at every quote."""
    found: Sides = (None, None)
    for of, at, bid, ask in day.quotes:
        if of == symbol and at <= instant:
            found = (bid, ask)
    return found


def spans_of(symbols: list[int]) -> Spans:
    codes = sorted(set(symbols))
    starts = [symbols.index(code) for code in codes]
    ends = [start + symbols.count(code) for code, start in zip(codes, starts, strict=True)]
    return Spans(integers(codes), integers(starts), integers(ends))


def integers(values: list[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def answered(
    day: Day, cuts: list[int], questions: list[Question], *, following: bool = True
) -> list[list[Sides]]:
    columns = [
        integers([NONE if quote[side] is None else quote[side] for quote in day.quotes])  # type: ignore[misc]
        for side in (2, 3)
    ]
    at = integers([quote[1] for quote in day.quotes])
    every = spans_of([quote[0] for quote in day.quotes])
    asked = [
        (integers([max(each[1][point] - after, NONE) for each in questions]), after)
        for point, after in enumerate(AFTER)
    ]
    all_of_them = Questions.of(spans_of([each[0] for each in questions]), asked, 2)
    stretches = [
        Stretch(
            every.within(first, last),
            at[first:last],
            tuple(column[first:last] for column in columns),
        )
        for first, last in pairwise(cuts)
        if first < last
    ]
    for number, rows in enumerate(stretches):
        knows = following and number + 1 < len(stretches)
        all_of_them.learn(rows.before(stretches[number + 1]) if knows else rows)
    sides = (known({"bid": bid, "ask": ask}) for bid, ask in all_of_them.answers)
    return [each.rows() for each in sides]


@settings(deadline=None, max_examples=300)
@given(days(), st.booleans())
def test_the_kernel_finds_what_looking_at_every_quote_finds(day: Day, following: bool) -> None:  # noqa: FBT001
    found = answered(day, day.cuts, day.questions, following=following)

    assert found == [
        [in_force(day, symbol, asked[point]) for symbol, asked in day.questions]
        for point in range(len(AFTER))
    ]


@settings(deadline=None, max_examples=60)
@given(days(), st.integers(1, 4))
def test_any_number_of_threads_and_any_cut_give_the_same(day: Day, threads: int) -> None:
    symbols = sorted({symbol for symbol, _ in day.questions})
    parts = {code: [each for each in day.questions if each[0] == code] for code in symbols}
    whole = answered(day, [0, len(day.quotes)], day.questions)

    done = Threads(threads).map(lambda code: answered(day, day.cuts, parts[code]), symbols)

    told = {each.part: each.result or [] for each in done}
    assert [
        [row for code in symbols for row in told[code][point]] for point in range(len(AFTER))
    ] == whole


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 300), max_size=400), st.lists(st.integers(-5, 305), max_size=80))
def test_places_among_many_rows_are_those_of_a_count(times: list[int], asked: list[int]) -> None:
    at = integers(sorted(times))
    low, high = np.zeros(len(asked), dtype=np.int64), np.full(len(asked), len(at))

    found = places(at, low, high, [integers(asked)])[0]

    assert found.tolist() == [sum(time <= instant for time in times) - 1 for instant in asked]


def test_questions_of_symbols_in_any_order_have_their_own_rows() -> None:
    at = integers([1, 2, 1, 2])
    low, high = integers([2, 0, 2, 1]), integers([4, 2, 4, 1])

    found = places(at, low, high, [integers([1, 2, 0, 9]), integers([9, 0, 2, 9])])

    assert found.tolist() == [[2, 1, -1, -1], [3, -1, 3, -1]]


def test_points_beyond_what_an_instant_can_be_are_its_ends() -> None:
    at, ends = integers([1, 2]), integers([NONE, -NONE - 1])
    span = Spans(integers([7]), integers([0]), integers([2]))
    asked = Questions.of(span, [(ends, -1), (ends, 1)], 1)

    asked.learn(Stretch(span, at, (at,)))

    assert asked.answers[:, 0].tolist() == [[NONE, 2], [NONE, 2]]


def test_numbers_are_null_where_there_are_none() -> None:
    found = known({"a": integers([3, NONE]), "b": integers([3, 4])})

    assert found.to_dict(as_series=False) == {"a": [3, None], "b": [3, 4]}
    assert known({"a": integers([])}).schema == {"a": pl.Int64}


@pytest.mark.parametrize(
    "run", [(-1, 1, 0, 1), (0, 3, 0, 1), (2, 1, 0, 1), (0, 2, -1, 1), (0, 2, 0, 3), (0, 2, 2, 1)]
)
def test_rows_that_are_not_there_are_refused(run: tuple[int, int, int, int]) -> None:
    low, high, first, last = (integers([edge]) for edge in run)
    asked = Questions.of(Spans(integers([7]), first, last), [(integers([1, 2]), 0)], 0)
    rows = Stretch(Spans(integers([7]), low, high), integers([1, 2]), ())

    with pytest.raises(ValueError, match="a span lies outside the rows or the look-ups"):
        asked.learn(rows)


def test_symbols_out_of_order_are_refused() -> None:
    two = Spans(integers([7, 7]), integers([0, 1]), integers([1, 2]))
    one = Spans(integers([7]), integers([0]), integers([2]))
    instants = integers([1, 2])

    with pytest.raises(ValueError, match="or out of order"):
        Questions.of(one, [(instants, 0)], 1).learn(Stretch(two, instants, (instants,)))
    with pytest.raises(ValueError, match="or out of order"):
        Questions.of(two, [(instants, 0)], 1).learn(Stretch(one, instants, (instants,)))


def test_rows_of_nobody_may_lie_between() -> None:
    nobody = Spans(integers([]), integers([]), integers([]))
    own, instants = Spans(integers([7]), integers([0]), integers([2])), integers([1, 2])
    rows = [Stretch(spans, instants, (instants,)) for spans in (own, nobody, own)]
    asked = Questions.of(own, [(instants, 0)], 1)

    for each, following in pairwise([*rows, rows[0]]):
        asked.learn(each.before(following))

    assert asked.answers.tolist() == [[[1, 2]]]


def test_a_room_used_again_knows_nothing_of_what_was_there() -> None:
    room, two = Room(), Spans(integers([7]), integers([0]), integers([2]))
    first = Questions.of(two, [(integers([1, 2]), 0)], 1, room)
    first.learn(Stretch(two, integers([1, 2]), (integers([5, 6]),)))
    assert first.answers.tolist() == [[[5, 6]]]

    one = Spans(integers([7]), integers([0]), integers([1]))
    again = Questions.of(one, [(integers([1]), 0)], 1, room)
    assert again.answers.tolist() == [[[NONE]]]
    assert np.shares_memory(first.answers, again.answers)
    assert Questions.of(two, [(integers([1, 2]), 0)] * 3, 1, room).answers.shape == (3, 1, 2)
