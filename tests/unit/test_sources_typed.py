from __future__ import annotations

from typing import Any

import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.table import read_table
from routewarden.sources.typed import Bounds

BOUNDS = Bounds(946_702_800_000_000_000, 1_861_938_000_000_000_000)
"""2000-01-01 to 2028-12-31, New York."""
JULY_FIRST = 1_782_864_000_000_000_000  # 2026-07-01T00:00:00Z
HOUR = 3_600_000_000_000
LEAST = {
    Kind.TRADES: "symbol=A at=2026-07-01T00:00:00Z price=1 size=1",
    Kind.QUOTES: "symbol=A at=2026-07-01T00:00:00Z",
    Kind.SECURITIES: "symbol=A from=2026-07-01",
    Kind.FILLS: "fill_id=F order_id=O executed_at=2026-07-01T00:00:00Z price=1 quantity=1",
    Kind.ORDERS: "order_id=O received_at=2026-07-01T00:00:00Z symbol=A side=buy quantity=1 "
    "order_type=market",
}
REASONS = {reason.value for reason in Reason}


def read(kind: Kind, text: str) -> tuple[list[dict[str, Any]], list[Reject]]:
    """Every record and every reject of a CSV file."""
    batches = list(read_table(TABLES[kind], text.encode(), BOUNDS))
    records = [row for batch in batches for row in batch.records.rows(named=True)]
    return records, [reject for batch in batches for reject in batch.rejects]


def value(kind: Kind, column: str, text: str) -> Any:  # noqa: ANN401 - of any column's type
    """What a cell's text is read as: its value, or the reason it is refused for."""
    cells = {**dict(cell.split("=") for cell in LEAST[kind].split()), column: text}
    records, rejects = read(kind, ",".join(cells) + "\n" + ",".join(cells.values()) + "\n")
    return records[0][column] if records else rejects[0].reason.value


# -- Numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0.00000001", 1),
        ("1000000", 100_000_000_000_000),
        ("1000000.00", 100_000_000_000_000),
        ("10.05", 1_005_000_000),
        ("0010.050", 1_005_000_000),
        ("10.0500000000000", 1_005_000_000),
        (".5", 50_000_000),
        ("5.", 500_000_000),
    ],
)
def test_a_price_is_a_count_of_hundred_millionths(text: str, units: int) -> None:
    assert value(Kind.TRADES, "price", text) == units


@pytest.mark.parametrize("text", ["0", "-1", "0.000", "1000000.00000001", "1000001", "9" * 60])
def test_a_price_beyond_its_range_is_refused(text: str) -> None:
    assert value(Kind.TRADES, "price", text) == "out_of_range"


@pytest.mark.parametrize("text", ["1.000000001", "0.000000009", "1.0000000010"])
def test_a_price_of_more_than_eight_decimals_is_refused(text: str) -> None:
    assert value(Kind.TRADES, "price", text) == "too_precise"


@pytest.mark.parametrize(
    "text",
    [
        *("1e5", "1E5", "+1", " 1", "1 ", "1_000", "NaN", "inf", "-", ".", "-.", "0x10", "--1"),
        *("1.2.3", "one", "$1", "\uff11\uff10", "\u0661.5"),
    ],
)
def test_what_is_not_a_plain_decimal_is_no_price(text: str) -> None:
    assert value(Kind.TRADES, "price", text) == "not_a_decimal"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("0.00000001", 1),
        ("1000000000000", 10**20),
        ("0.123456", 12_345_600),
        ("0", "out_of_range"),
        ("1000000000000.00000001", "out_of_range"),
        ("0.123456789", "too_precise"),
    ],
)
def test_a_quantity_reaches_a_million_million(text: str, answer: object) -> None:
    assert value(Kind.TRADES, "size", text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("-1000000000000", -(10**24)),
        ("1000000000000", 10**24),
        ("0.000000000001", 1),
        ("-0.3", -300_000_000_000),
        ("0", 0),
        ("0.0000000000001", "too_precise"),
        ("1000000000000.000000000001", "out_of_range"),
        ("-1000000000000.000000000001", "out_of_range"),
    ],
)
def test_a_fee_has_twelve_decimals_and_either_sign(text: str, answer: object) -> None:
    assert value(Kind.FILLS, "fee", text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("10.05", 1_005_000_000),
        ("0", None),
        ("0.00", None),
        ("-1", None),
        ("", None),
        ("1000000.01", "out_of_range"),
        ("-1000000.01", None),
    ],
)
def test_a_quoted_price_that_is_not_positive_means_an_absent_side(
    text: str, answer: object
) -> None:
    assert value(Kind.QUOTES, "bid", text) == answer


@pytest.mark.parametrize(("text", "answer"), [("0", 0), ("100", 10**10), ("-1", "out_of_range")])
def test_a_displayed_size_may_be_zero(text: str, answer: object) -> None:
    assert value(Kind.QUOTES, "bid_size", text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775807", 2**63 - 1),
        ("007", 7),
        ("9223372036854775808", "out_of_range"),
        ("9" * 40, "out_of_range"),
        ("1.0", "not_an_integer"),
        ("1e3", "not_an_integer"),
        ("x", "not_an_integer"),
    ],
)
def test_a_sequence_is_a_whole_64_bit_number(text: str, answer: object) -> None:
    assert value(Kind.QUOTES, "seq", text) == answer


# -- Instants --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2026-07-01T01:00:00Z", JULY_FIRST + HOUR),
        ("2026-07-01T01:00:00.000000001+00:00", JULY_FIRST + HOUR + 1),
        ("2000-01-01T05:00:00Z", 946_702_800_000_000_000),
        ("2000-01-01T04:59:59.999999999Z", "outside_calendar"),
        ("2029-01-01T04:59:59.999999999Z", 1_861_938_000_000_000_000 - 1),
        ("2029-01-01T05:00:00Z", "outside_calendar"),
        ("9999-12-31T00:00:00Z", "outside_calendar"),
        ("2026-07-01", "not_an_instant"),
        ("2026-07-01T01:00:00", "not_an_instant"),
        ("2026-07-01T01:00:00-04:00", "not_an_instant"),
        ("2026-07-01T01:00:00.1234567890Z", "not_an_instant"),
        ("2026-02-30T01:00:00Z", "not_an_instant"),
        ("2026-07-01T24:00:00Z", "not_an_instant"),
        ("2026-07-01T29:00:00Z", "not_an_instant"),
        ("2026-07-01T01:00:00.\u0661Z", "not_an_instant"),
    ],
)
def test_an_instant_is_in_utc_and_within_the_calendar(text: str, answer: object) -> None:
    assert value(Kind.TRADES, "at", text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2026-07-01", JULY_FIRST + 4 * HOUR),
        ("2026-07-01T01:00:00Z", JULY_FIRST + HOUR),
        ("1999-12-31", "outside_calendar"),
        ("2026-02-30", "not_an_instant"),
        ("2026-7-1", "not_an_instant"),
    ],
)
def test_reference_data_may_begin_with_a_date_of_new_york(text: str, answer: object) -> None:
    assert value(Kind.SECURITIES, "from", text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("2026-07-01", JULY_FIRST + 28 * HOUR),
        ("2026-07-01T01:00:00Z", JULY_FIRST + HOUR),
        ("2100-01-01T00:00:00Z", 4_102_444_800_000_000_000),
        ("", None),
        ("2026-02-30", "not_an_instant"),
    ],
)
def test_reference_data_may_end_with_a_date_or_past_the_calendar(text: str, answer: object) -> None:
    assert value(Kind.SECURITIES, "to", text) == answer


@pytest.mark.parametrize("column", ["from", "to"])
@pytest.mark.parametrize("day", ["9999-12-31", "2262-04-12", "1600-01-01", "0001-01-01"])
def test_a_date_past_the_years_of_64_bits_is_a_record_or_a_reject(column: str, day: str) -> None:
    answer = value(Kind.SECURITIES, column, day)

    assert answer is None or isinstance(answer, int) or answer in REASONS


# -- Words, flags and text -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("true", True),
        ("false", False),
        ("", None),
        ("TRUE", "not_a_flag"),
        ("1", "not_a_flag"),
        ("yes", "not_a_flag"),
    ],
)
def test_a_flag_is_true_or_false(text: str, answer: object) -> None:
    assert value(Kind.ORDERS, "held", text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [("sell_short", "sell_short"), ("Buy", "unknown_word"), ("hold", "unknown_word")],
)
def test_a_word_is_one_of_its_set(text: str, answer: str) -> None:
    assert value(Kind.ORDERS, "side", text) == answer


@pytest.mark.parametrize("text", ["NA", "TRUE", "NAN", "1E5", "00123", " x ", "null"])
def test_a_symbol_is_whatever_text_it_is(text: str) -> None:
    assert value(Kind.ORDERS, "symbol", text) == text


# -- What is missing -------------------------------------------------------------------------------


def test_an_empty_required_cell_is_missing() -> None:
    text = "symbol,at,price,size\n,2026-07-01T00:00:00Z,1,1\n"

    assert read(Kind.TRADES, text)[1] == [
        Reject(2, Reason.MISSING, "symbol is empty", "symbol", 21, 47)
    ]


def test_a_file_without_a_required_column_says_so_for_each_row() -> None:
    text = "symbol,at,price\nA,2026-07-01T00:00:00Z,1\n"

    assert read(Kind.TRADES, text)[1] == [
        Reject(2, Reason.MISSING, "the file has no column size", "size", 16, 41)
    ]


@pytest.mark.parametrize("order_type", ["limit", "stop_limit", "limit_on_open", "limit_on_close"])
def test_a_limit_order_needs_its_limit(order_type: str) -> None:
    (reject,) = read(
        Kind.ORDERS,
        "order_id,received_at,symbol,side,quantity,order_type\n"
        f"O,2026-07-01T00:00:00Z,A,buy,1,{order_type}\n",
    )[1]

    assert (reject.reason, reject.column, reject.detail) == (
        Reason.MISSING,
        "limit_price",
        "a limit order states its limit_price",
    )


@pytest.mark.parametrize(
    ("order_id", "route_id", "columns"),
    [("O", "", []), ("", "R", []), ("O", "R", []), ("", "", ["order_id"])],
)
def test_a_fill_names_its_order_or_its_route(
    order_id: str, route_id: str, columns: list[str]
) -> None:
    rejects = read(
        Kind.FILLS,
        "fill_id,order_id,route_id,executed_at,price,quantity\n"
        f"F,{order_id},{route_id},2026-07-01T00:00:00Z,1,1\n",
    )[1]

    assert [reject.column for reject in rejects] == columns


def test_a_wrong_value_goes_before_a_missing_need() -> None:
    (reject,) = read(
        Kind.ORDERS,
        "order_id,received_at,symbol,side,quantity,order_type\nO,never,A,buy,1,limit\n",
    )[1]

    assert reject.column == "received_at"


# -- What a reject says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "column", "text", "detail"),
    [
        (Kind.TRADES, "price", "1e5", "price '1e5' is not a plain decimal"),
        (Kind.TRADES, "price", "0.000000001", "price '0.000000001' has more than 8 decimals"),
        (Kind.TRADES, "price", "0", "price '0' is outside the range of a price"),
        (Kind.QUOTES, "seq", "x", "seq 'x' is not an integer"),
        (
            Kind.TRADES,
            "at",
            "noon",
            "at 'noon' is not RFC 3339 in UTC, such as 2026-07-01T13:30:00.123456789Z",
        ),
        (
            Kind.TRADES,
            "at",
            "1999-01-01T00:00:00Z",
            "at '1999-01-01T00:00:00Z' is outside the dates the trading calendar covers",
        ),
        (Kind.ORDERS, "capacity", "x", "capacity 'x' is none of agency, principal, riskless"),
        (Kind.ORDERS, "held", "x", "held 'x' is neither true nor false"),
        (Kind.TRADES, "price", "x" * 41, f"price '{'x' * 40}…' is not a plain decimal"),
        (Kind.TRADES, "price", "x" * 40, f"price '{'x' * 40}' is not a plain decimal"),
    ],
)
def test_a_reject_shows_the_value_and_what_is_wrong_with_it(
    kind: Kind, column: str, text: str, detail: str
) -> None:
    cells = {**dict(cell.split("=") for cell in LEAST[kind].split()), column: text}

    (reject,) = read(kind, ",".join(cells) + "\n" + ",".join(cells.values()) + "\n")[1]

    assert reject.detail == detail
