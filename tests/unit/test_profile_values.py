"""Numbers and instants as vendors write them."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from routewarden.base.schema import Type
from routewarden.sources.profile.decimals import plain_number, product
from routewarden.sources.profile.instants import instants, states_day, states_time
from routewarden.sources.profile.model import Ambiguous, Clock, Digits

NEW_YORK = "America/New_York"


def numbers(digits: Digits, *texts: str | None) -> list[str | None]:
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    return frame.select(plain_number(pl.col("t"), digits)).to_series().to_list()


def test_decimal_commas_and_groups() -> None:
    texts = ("1.234.567,89", "1234,5", ",5", "7,", "-1.000", "+3", None)

    assert numbers(Digits(",", "."), *texts) == [
        *("1234567.89", "1234.5", ".5", "7.", "-1000", "3", None)
    ]


@pytest.mark.parametrize(
    "text",
    ["1.23", "1.2345", "1,2,3", "12.34,5", "", ".", ",", "1e5", "\u0661", "1 000", "--1"],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert numbers(Digits(",", "."), text) == [None]


@pytest.mark.parametrize("group", ["'", " ", "\u00a0"])
def test_groups_may_stand_apart_by_any_sign(group: str) -> None:
    assert numbers(Digits(".", group), f"1{group}234.5", f"12{group}34") == ["1234.5", None]


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ("1578", "0.0001", "0.1578"),
        ("1.5", "100", "150.0"),
        ("-0.5", "-0.5", "0.25"),
        ("0", "-1", "0"),
        ("-3", "0.01", "-0.03"),
        ("00012.3400", "10", "123.40"),
        (".5", "2.", "1.0"),
        ("0." + "0" * 36 + "1", "9", "0." + "0" * 36 + "9"),
        ("9" * 19, "9" * 19, "99999999999999999980000000000000000001"),
        ("9" * 20, "9" * 19, None),
        (None, "1", None),
    ],
)
def test_a_product_is_exact_or_none(left: str | None, right: str, both: str | None) -> None:
    frame = pl.DataFrame({"a": [left], "b": [right]}, schema={"a": pl.String, "b": pl.String})

    assert frame.select(product(pl.col("a"), pl.col("b"))).item() == both


def told(
    clock: Clock, *texts: str | None, kind: Type = Type.INSTANT, day: date | None = None
) -> list[str | None]:
    """Each text's instant, or the reason there is none."""
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    told = instants(pl.col("t"), clock, kind, day)
    read = frame.lazy().select(text=told.text, why=told.reason).collect()
    assert all((text is None) or (why is None) for text, why in read.rows())
    return [text or why for text, why in read.rows()]


@pytest.mark.parametrize(
    ("form", "text", "instant"),
    [
        ("%Y-%m-%d %H:%M:%S%.f", "2026-07-01 09:30:00.123456789", "2026-07-01T13:30:00.123456789Z"),
        ("%m/%d/%Y %H:%M:%S", "7/1/2026 9:30:00", "2026-07-01T13:30:00.000000000Z"),
        ("%d.%m.%y %H:%M", "01.07.26 09:30", "2026-07-01T13:30:00.000000000Z"),
        ("%d%b%Y:%H:%M:%S%.f", "01JUL2026:09:30:00.5", "2026-07-01T13:30:00.500000000Z"),
        ("%B %e %Y %I:%M:%S %p", "July  1 2026 09:30:00 PM", "2026-07-02T01:30:00.000000000Z"),
        ("%Y%m%d%H%M%S%9f", "20260701093000123456789", "2026-07-01T13:30:00.123456789Z"),
        ("%F %T%.3f", "2026-07-01 09:30:00.123", "2026-07-01T13:30:00.123000000Z"),
        ("%Y%j %H%M", "2026182 0930", "2026-07-01T13:30:00.000000000Z"),
        ("%F %T%:z", "2026-07-01 09:30:00+05:30", "2026-07-01T04:00:00.000000000Z"),
        ("%F %T%z", "2026-07-01 09:30:00-0400", "2026-07-01T13:30:00.000000000Z"),
        ("rfc3339", "2026-07-01 09:30:00", "2026-07-01T13:30:00.000000000Z"),
        ("rfc3339", "2026-07-01T09:30:00.1Z", "2026-07-01T09:30:00.100000000Z"),
        ("rfc3339", "2026-07-01T09:30:00+05:30", "2026-07-01T04:00:00.000000000Z"),
        ("rfc3339", "2026-07-01T09:30:00-00:30", "2026-07-01T10:00:00.000000000Z"),
        ("epoch_s", "1782912600", "2026-07-01T13:30:00.000000000Z"),
        ("epoch_s", "1782912600.123456789", "2026-07-01T13:30:00.123456789Z"),
        ("epoch_ms", "1782912600123.5", "2026-07-01T13:30:00.123500000Z"),
        ("epoch_us", "1782912600123456.001", "2026-07-01T13:30:00.123456001Z"),
        ("epoch_ns", "1782912600123456789", "2026-07-01T13:30:00.123456789Z"),
    ],
)
def test_a_form_reads_its_instants_to_the_nanosecond(form: str, text: str, instant: str) -> None:
    assert told(Clock(form, NEW_YORK), text, None) == [instant, None]


def test_what_clocks_are_called_settles_the_hour_they_show_twice() -> None:
    """New York, 2026-11-01: 01:30 EDT, then 01:30 EST. In July no clock shows EST."""
    assert told(
        Clock("%F %T %Z", NEW_YORK),
        "2026-11-01 01:30:00 EDT",
        "2026-11-01 01:30:00 EST",
        "2026-07-01 09:30:00 EDT",
        "2026-07-01 09:30:00 EST",
        "2026-03-08 02:30:00 EST",
        "2026-07-01 09:30:00 CEST",
        "2026-07-01 09:30:00 edt",
        None,
    ) == [
        "2026-11-01T05:30:00.000000000Z",
        "2026-11-01T06:30:00.000000000Z",
        "2026-07-01T13:30:00.000000000Z",
        *("no_such_time", "no_such_time", "no_such_time", "not_an_instant"),
        None,
    ]


def test_a_time_of_day_has_its_clocks_name_too() -> None:
    day = date(2026, 1, 5)

    assert told(Clock("%I:%M %p %Z", NEW_YORK), "9:30 AM EST", day=day) == [
        "2026-01-05T14:30:00.000000000Z"
    ]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%d %H:%M:%S%.f", "0026-07-01 09:30:00"),
        ("%Y-%m-%d %H:%M:%S%.f", "2300-07-01 09:30:00"),
        ("%Y-%m-%d %H:%M:%S%.f", "2026-02-30 09:30:00"),
        ("%Y-%m-%d %H:%M:%S%.f", "2026-07-01 09:30:60"),
        ("%Y-%m-%d %H:%M:%S%.f", "2026-07-01  09:30:00"),
        ("%Y-%m-%d %H:%M:%S%.f", "2026-07-01 09:30:00 "),
        ("%Y-%m-%d %H:%M:%S%.f", "2026-07-01 24:00:00"),
        ("%Y-%m-%d %H:%M:%S%.f", ""),
        ("%H:%M %d.%m.%Y", "09:30 01.13.2026"),
        ("rfc3339", "2026-07-01"),
        ("rfc3339", "2026-07-01T09:30:00+24:00"),
        ("epoch_s", "-5"),
        ("epoch_s", "1e9"),
        ("epoch_s", "99999999999999999999"),
        ("epoch_ns", "1782912600123456789.5"),
    ],
)
def test_what_is_no_instant_of_the_form_is_refused(form: str, text: str) -> None:
    expected = "too_precise" if text.endswith("789.5") else "not_an_instant"
    assert told(Clock(form, NEW_YORK), text) == [expected]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%H:%M:%S%.f %d.%m.%Y", "09:30:00.1234567890 01.07.2026"),
        ("rfc3339", "2026-07-01T09:30:00.1234567890Z"),
        ("rfc3339", "2026-07-01T09:30:00.1234567890"),
        ("epoch_s", "1782912600.1234567890"),
        ("epoch_ms", "1782912600123.1234567"),
    ],
)
def test_what_is_finer_than_a_nanosecond_is_refused(form: str, text: str) -> None:
    assert told(Clock(form, NEW_YORK), text) == ["too_precise"]


@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "rfc3339"])
@pytest.mark.parametrize(
    ("ambiguous", "meant"),
    [
        (Ambiguous.REJECT, "ambiguous_time"),
        (Ambiguous.EARLIER, "2026-11-01T05:30:00.000000000Z"),
        (Ambiguous.LATER, "2026-11-01T06:30:00.000000000Z"),
    ],
)
def test_an_hour_that_clocks_show_twice_is_settled_or_refused(
    form: str, ambiguous: Ambiguous, meant: str
) -> None:
    clock = Clock(form, NEW_YORK, ambiguous)

    assert told(clock, "2026-11-01 01:30:00", "2026-03-08 02:30:00", "2026-11-01 02:00:00") == [
        *(meant, "no_such_time", "2026-11-01T07:00:00.000000000Z")
    ]


def test_a_time_without_a_zone_is_utc_and_rfc_3339_must_say() -> None:
    assert told(Clock("%Y%m%d %H%M"), "20260701 0930") == ["2026-07-01T09:30:00.000000000Z"]
    assert told(Clock("rfc3339"), "2026-07-01T09:30:00") == ["not_an_instant"]
    assert told(Clock("rfc3339", "UTC"), "2026-07-01T09:30:00") == [
        "2026-07-01T09:30:00.000000000Z"
    ]


def test_a_time_of_day_is_of_the_date_given() -> None:
    clock = Clock("%H%M%S%9f", NEW_YORK)
    day = date(2026, 7, 1)

    assert told(clock, "093000123456789", "2530", day=day) == [
        *("2026-07-01T13:30:00.123456789Z", "not_an_instant")
    ]


def test_a_first_or_last_day_may_be_a_date() -> None:
    assert told(Clock("%m/%d/%Y"), "07/01/2026", "7/1", kind=Type.BEGIN) == [
        *("2026-07-01", "not_an_instant")
    ]
    assert told(Clock("rfc3339"), "2026-07-01", "x", None, kind=Type.END) == [
        *("2026-07-01", "not_an_instant", None)
    ]


@pytest.mark.parametrize(
    ("form", "day", "time"),
    [
        ("rfc3339", True, True),
        ("epoch_ns", True, True),
        ("%F %T", True, True),
        ("%Y%m%d", True, False),
        ("%H%M", False, True),
        ("%I:%M", False, False),
        ("%I:%M %p", False, True),
        ("%y%j", True, False),
        ("%m%d", False, False),
    ],
)
def test_a_form_states_a_day_or_a_time_of_day(*, form: str, day: bool, time: bool) -> None:
    assert (states_day(form), states_time(form)) == (day, time)
