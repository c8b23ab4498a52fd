"""What may go, and when."""

from __future__ import annotations

from datetime import date

import pytest

from routewarden.base.canonical import Digest
from routewarden.base.schema import Kind
from routewarden.policy.retention import (
    RETENTION_TEXT,
    Held,
    Hold,
    RetentionClass,
    RetentionError,
    judge,
    read_retention,
)
from tests.retained import judged_otherwise

TODAY = date(2026, 11, 2)
ONE = """\
[[class]]
name = "orders"
kinds = ["orders", "fills"]
years = 6
source = "procedures, 7.2"
read = 2026-11-02
"""
ORDERS = RetentionClass(
    "orders", (Kind.ORDERS, Kind.FILLS), 6, "procedures, 7.2", date(2026, 11, 2)
)


def file(day: date, *kinds: Kind) -> Held:
    return Held(Digest("ab" * 32), dict.fromkeys(kinds or (Kind.ORDERS,), day))


def until(*files: Held) -> list[date | None]:
    return [each.until for each in judge(files, [ORDERS], [])]


def test_the_shipped_file_lets_nothing_go() -> None:
    assert read_retention(RETENTION_TEXT) == ()
    assert [each.until for each in judge([file(date(1990, 1, 1))], (), ())] == [None]


def test_the_shipped_example_is_one() -> None:
    _, _, example = RETENTION_TEXT.partition("# [[class]]")
    text = "[[class]]" + example.replace("\n# ", "\n")

    assert [each.years for each in read_retention(text)] == [6]


def test_a_class_is_read_with_its_source_and_date() -> None:
    assert read_retention(ONE) == (ORDERS,)


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "years = 6",
        "class = 1",
        "class = [1]",
        ONE + ONE,
        ONE.replace("years = 6\n", ""),
        ONE + "more = 1\n",
        ONE.replace('"orders"\n', "7\n"),
        ONE.replace('"procedures, 7.2"', '""'),
        ONE.replace('["orders", "fills"]', "[]"),
        ONE.replace('["orders", "fills"]', '["invoices"]'),
        ONE.replace('["orders", "fills"]', '"orders"'),
        ONE.replace("years = 6", "years = 0"),
        ONE.replace("years = 6", "years = true"),
        ONE.replace("years = 6", "years = 101"),
        ONE.replace("read = 2026-11-02", 'read = "2026-11-02"'),
    ],
)
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(RetentionError, match=r"policy/retention\.toml: "):
        read_retention(text)


def test_a_period_ends_years_after_delivery() -> None:
    assert until(file(date(2020, 11, 1)), file(date(2020, 2, 29))) == [
        date(2026, 11, 1),
        date(2026, 3, 1),
    ]


def test_the_last_day_of_a_period_is_still_in_it() -> None:
    (on, after) = judge([file(date(2020, 11, 2)), file(date(2020, 11, 1))], [ORDERS], [])

    assert (on.may_go(TODAY), after.may_go(TODAY)) == (False, True)


def test_a_file_read_as_a_kind_of_no_class_is_kept() -> None:
    assert until(file(date(1990, 1, 1), Kind.ORDERS, Kind.QUOTES)) == [None]


@pytest.mark.parametrize(
    ("hold", "touched"),
    [
        (Hold("h", "r"), True),
        (Hold("h", "r", kind=Kind.FILLS), False),
        (Hold("h", "r", kind=Kind.ORDERS), True),
        (Hold("h", "r", first=date(2020, 1, 2)), False),
        (Hold("h", "r", first=date(2020, 1, 1), last=date(2020, 1, 1)), True),
        (Hold("h", "r", last=date(2019, 12, 31)), False),
        (Hold("h", "r", digest=Digest("cd" * 32)), False),
        (Hold("h", "r", digest=Digest("ab" * 32), kind=Kind.FILLS), False),
        (Hold("h", "r", digest=Digest("ab" * 32)), True),
    ],
)
def test_a_hold_touches_what_all_its_terms_are_true_of(hold: Hold, touched: bool) -> None:  # noqa: FBT001
    (one,) = judge([file(date(2020, 1, 1))], [ORDERS], [hold])

    assert (one.holds, one.may_go(TODAY)) == ((("h",), False) if touched else ((), True))


def test_of_a_thousand_files_none_goes_that_is_kept_or_held() -> None:
    found = [judged_otherwise(seed) for seed in range(1000)]

    assert [wrong for _, wrong in found if wrong] == []
    assert 100 < sum(gone for gone, _ in found) < 900
