"""A first profile for a file nobody has described."""

from __future__ import annotations

import io
import tomllib

import polars as pl
import pytest

from routewarden.base.schema import TABLES, Kind
from routewarden.sources.profile.guess import guess
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given
from routewarden.sources.profile.trial import try_profile
from tests.profiled import BOUNDS

ORDERS = b"""ClOrdID;Recvd (UTC);Ticker;B/S;Qty;Ord Type;Limit Px;Held;Colour
00123;2026-07-01 13:30:00.5;NA;B;1.000;LMT;10,05;NH;red
00124;2026-07-15 13:30:00;TRUE;SSE;2.500;MKT;;H;
"""


def test_a_plain_export_is_guessed_and_reads() -> None:
    guessed = guess(ORDERS)
    assert guessed.kind is Kind.ORDERS

    given = Given(BOUNDS, "f")
    trial = try_profile(TABLES[Kind.ORDERS], ORDERS, read_profile(guessed.profile_text), given)

    after = {told.column: told.after for told in trial.columns}
    assert (trial.records, trial.others, trial.refused) == (2, 0, ())
    assert after == {
        "order_id": ("00123", "00124"),
        "received_at": ("2026-07-01T13:30:00.500000000Z", "2026-07-15T13:30:00.000000000Z"),
        "symbol": ("NA", "TRUE"),
        "side": ("buy", "sell_short_exempt"),
        "quantity": ("1000", "2500"),
        "order_type": ("limit", "market"),
        "limit_price": ("10.05", ""),
        "held": ("false", "true"),
    }
    assert trial.extras == ("x_Colour",)
    before = {told.column: (told.source, told.before) for told in trial.columns}
    assert before["limit_price"] == ("Limit Px", ("10,05", ""))
    assert guessed.notes == ()


def test_what_would_be_refused_is_counted_with_its_first_lines() -> None:
    profile = read_profile(guess(ORDERS).profile_text)
    data = ORDERS + b"1;2026-07-01 13:30:00;A;X;1;MKT;;;\n" * 5 + b"only one\n"

    trial = try_profile(TABLES[Kind.ORDERS], data, profile, Given(BOUNDS, "f"))

    (words, ragged) = trial.refused
    assert (words.reason, words.count, [r.line for r in words.examples]) == (
        *("unknown_word", 5),
        [4, 5, 6],
    )
    assert (ragged.count, ragged.examples[0].line) == (1, 9)


def test_where_all_is_refused_the_texts_are_shown_as_they_stand_in_the_file() -> None:
    profile = read_profile(guess(ORDERS).profile_text)
    data = ORDERS.splitlines(keepends=True)[0] + b"1;2026-07-01 13:30:00;A;X;1;MKT;;;\n" * 5

    trial = try_profile(TABLES[Kind.ORDERS], data, profile, Given(BOUNDS, "f"))

    told = {each.column: each for each in trial.columns}
    assert (trial.records, told["side"].before, told["side"].after) == (0, ("X",) * 3, ())


def test_a_file_of_which_nothing_is_read_shows_its_columns_without_texts() -> None:
    profile = read_profile(
        guess(ORDERS).profile_text.replace("side = {", 'desk = { value = "d" }\nside = {')
    )

    trial = try_profile(TABLES[Kind.ORDERS], b"a\n1\n", profile, Given(BOUNDS, "f"))

    told = {each.column: each for each in trial.columns}
    assert (trial.records, trial.refused[0].reason) == (0, "no_columns")
    assert (told["desk"].source, told["desk"].before, told["desk"].after) == ("'d'", (), ())


def test_a_constant_has_no_text_before() -> None:
    profile = read_profile(
        guess(ORDERS).profile_text.replace("side = {", 'desk = { value = "d" }\nside = {')
    )

    trial = try_profile(TABLES[Kind.ORDERS], ORDERS, profile, Given(BOUNDS, "f"))

    (desk,) = (each for each in trial.columns if each.column == "desk")
    assert (desk.source, desk.before, desk.after) == ("'d'", (), ("d", "d"))


def written(data: bytes, kind: Kind | None = None, zone: str | None = None) -> str:
    text = guess(data, kind, zone).profile_text
    tomllib.loads(text)
    return text


TRADE = "Symbol,{head},Price,Size\n{rows}"


def trades(head: str, *times: str) -> bytes:
    rows = "".join(f"A,{each},1,1\n" for each in times)
    return TRADE.format(head=head, rows=rows).encode()


@pytest.mark.parametrize(
    ("head", "time", "line"),
    [
        ("Time", "2026-07-01T13:30:00Z", 'at = { column = "Time", form = "rfc3339" }'),
        ("Time", "1782912600", 'at = { column = "Time", form = "epoch_s" }'),
        ("Time", "1782912600123456789", 'at = { column = "Time", form = "epoch_ns" }'),
        (
            "Time (ET)",
            "20260701-09:30:00.123",
            'at = { column = "Time (ET)", form = "%Y%m%d-%H:%M:%S%.f", zone = "America/New_York" }',
        ),
        (
            "Time",
            "07/31/2026 09:30:00",
            '# at = { column = "Time", form = "%m/%d/%Y %H:%M:%S%.f" } # the file does not say',
        ),
        (
            "Time (UTC)",
            "07/01/2026 09:30:00",
            'form = "%m/%d/%Y %H:%M:%S%.f", zone = "UTC" } # or is it %d/%m/%Y %H:%M:%S%.f?',
        ),
        (
            "Time",
            "7/31/2026 1:05:09 PM",
            '# at = { column = "Time", form = "%m/%d/%Y %I:%M:%S%.f %p" }',
        ),
        (
            "Time",
            '"31.07.2026 15:30:00,123"',
            'form = "%d.%m.%Y %H:%M:%S,%3f" } # the file does not',
        ),
        (
            "Time",
            "2026-07-01 15:30:00.5 +02:00",
            'at = { column = "Time", form = "%Y-%m-%d %H:%M:%S%.f %:z" }',
        ),
        (
            "Time",
            "20260701-13:30:00.5 UTC",
            'at = { column = "Time", form = "%Y%m%d-%H:%M:%S%.f UTC" }',
        ),
        (
            "Time",
            "2026-07-01 09:30:00.5 EDT",
            'form = "%Y-%m-%d %H:%M:%S%.f %Z", zone = "America/New_York" }',
        ),
        ("Time", "2026-07-01 09:30:00 EST", "# no form fits texts like"),  # no clock's in July
        ("Time", "half past nine", "# at = \"Time\" # no form fits texts like 'half past nine'"),
        ("Time", "", '# at = "Time" # it is empty'),
        ("Time", "09:30:00", '# at = "Time" # it states no date; say where the date is'),
    ],
)
def test_a_time_is_written_down_as_far_as_the_file_tells(head: str, time: str, line: str) -> None:
    assert line in written(trades(head, time))


def test_a_column_that_is_needed_and_not_found_is_asked_for() -> None:
    text = written(trades("When", "1782912600"), Kind.TRADES)

    assert '# at = "" # needed: no column has such a name' in text
    assert "# not used: When" in text


def test_a_time_that_need_not_be_stated_and_never_is_raises_no_doubt() -> None:
    data = ORDERS.replace(b"Colour", b"EndTime").replace(b";red", b";")

    guessed = guess(data)

    assert '# ended_at = "EndTime" # it is empty' in guessed.profile_text
    assert guessed.notes == ()


def test_a_zone_given_is_that_of_local_times() -> None:
    text = written(trades("Time", "2026-07-01 09:30:00"), zone="America/New_York")

    assert 'at = { column = "Time", form = "rfc3339", zone = "America/New_York" }' in text


def test_a_date_and_a_time_of_day_are_joined() -> None:
    data = b"Symbol,Date,Time (ET),Price,Size\nA,31.07.2026,09:30:00.5,1,1\n"

    assert (
        'at = { columns = ["Date", "Time (ET)"], join = " ", form = "%d.%m.%Y %H:%M:%S%.f", '
        'zone = "America/New_York" }'
    ) in written(data)


def test_a_date_that_no_form_fits_is_not_joined() -> None:
    assert "it states no date" in written(b"Symbol,Date,Time,Price,Size\nA,someday,09:30:00,1,1\n")


def test_an_instant_that_has_no_name_of_its_own_is_the_only_time_there_is() -> None:
    data = b"ExecID,OrderID,Time,Price,Qty\n1,2,2026-07-01T13:30:00Z,1,1\n"

    assert 'executed_at = { column = "Time", form = "rfc3339" }' in written(data, Kind.FILLS)


def test_lots_are_not_shares_until_somebody_says_how_many() -> None:
    data = ORDERS.replace(b"Qty", b"Lots")

    assert '# quantity = { column = "Lots", times = "100" } # say how many shares' in written(data)


def test_a_code_that_is_not_known_is_asked_about() -> None:
    guessed = guess(ORDERS.replace(b"SSE", b"ZZ"))

    assert guessed.notes == (
        'B/S: what do "ZZ" mean? allowed: buy, sell, sell_short, sell_short_exempt',
    )
    assert 'side = { column = "B/S", words = { "B" = "buy" } }' in guessed.profile_text


def test_codes_of_which_none_is_known_are_left_as_they_are() -> None:
    text = written(ORDERS.replace(b";B;", b";Q;").replace(b"SSE", b"Z"))

    assert 'side = "B/S"\n#   words not known: "Q", "Z"' in text


def test_a_file_of_no_kind_says_so() -> None:
    guessed = guess(b"colour,weight\nred,5\n")

    assert guessed.kind is None
    assert guessed.notes[-1] == "the columns are those of no kind of file; say which it is"
    assert "# not used: colour" in guessed.profile_text


@pytest.mark.parametrize(
    ("data", "kind", "found"),
    [
        (b"09:30 8=FIX.4.2|9=5|35=0|10=1|\n", None, Kind.FIX),
        (b'{"actionType": "NEW"}\n', None, Kind.CAT),
        (ORDERS, Kind.FIX, Kind.FIX),
    ],
)
def test_messages_need_no_profile(data: bytes, kind: Kind | None, found: Kind) -> None:
    guessed = guess(data, kind)

    assert (guessed.kind, guessed.profile_text) == (found, "")
    assert guessed.notes == (
        f"`ingest {found} FILE` reads such messages as they are: try that first",
    )


def test_an_empty_file_says_so_too() -> None:
    assert guess(b"").kind is None


def test_a_file_without_a_header_has_its_columns_numbered() -> None:
    text = written(b"A,2026-07-01T13:30:00Z,1,1\n" * 3)

    assert 'header = false\ncolumns = ["column 1", "column 2", "column 3", "column 4"]' in text
    assert "# no line names the columns; name them in `columns`, in their order" in text


def test_lines_above_the_header_are_skipped() -> None:
    text = written(b"Report of trades\n\n" + trades("Time", *["1782912600"] * 5))

    assert "skip = 2\n" in text


def test_letters_toml_bars_from_comments_are_not_in_them() -> None:
    assert "# not used: a?b" in written(b"a\x02b,c\n1,2\n1,2\n")


def test_units_under_the_header_are_no_record() -> None:
    data = b"Symbol,Time,Price,Size\n,epoch,USD,shares\nA,1782912600,1,1\nB,1782912601,1,1\n"
    text = written(data)

    assert 'skip = 1\ncolumns = ["Symbol", "Time", "Price", "Size"]\n' in text
    trial = try_profile(TABLES[Kind.TRADES], data, read_profile(text), Given(BOUNDS, "f"))
    assert (trial.records, trial.refused) == (2, ())


@pytest.mark.parametrize(
    ("last", "end"),
    [
        ("Total,,,600\n", 'end = "Total"\n'),
        ("Record count: 2", 'end = "Record count"\n'),
        ("TOTAL,1782912600,1,1\n", ""),  # a ticker, for all we know
        ("Tot,,,600\n", ""),
    ],
)
def test_a_line_of_totals_is_the_trailer(last: str, end: str) -> None:
    text = written(trades("Time", "1782912600", "1782912601") + last.encode())

    assert ("end = " in text) == bool(end)
    assert end in text


def test_texts_for_no_value_are_told_where_they_are_nothing_else() -> None:
    orders = ORDERS.replace(b";MKT;;", b";MKT;NULL;")

    assert 'empty = ["", "NULL"]\n' in written(orders)
    assert "empty" not in written(orders.replace(b"TRUE", b"NULL"))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"Symbol,Time,Price,Size,\nA,1782912600,1,1,\n", '"Size", "column 5"]'),
        (b"Symbol,Time,Price,Size,Size\nA,1782912600,1,1,1\n", '"Size", "Size 5"]'),
        (b"Symbol, Time, Price, Size\nA, 1782912600, 1, 1\n", "strip = true"),
        (b"Acme,,,\nall,,,\nSymbol,Time,Price,Size\nA,1782912600,1,1\n", "skip = 2"),
    ],
)
def test_a_spreadsheets_export_reads_as_guessed(data: bytes, line: str) -> None:
    text = written(data)

    assert line in text
    trial = try_profile(TABLES[Kind.TRADES], data, read_profile(text), Given(BOUNDS, "f"))
    assert (trial.records, trial.refused) == (1, ())


def test_a_sign_before_numbers_is_no_part_of_them() -> None:
    data = b'Symbol,Time,Price,Size\nA,1782912600,"$1,234.50",1\nB,1782912600,-$2,1\n'
    text = written(data)

    assert '[numbers]\ndecimal = "."\ngrouping = ","\ncurrency = "$"\n' in text
    trial = try_profile(TABLES[Kind.TRADES], data, read_profile(text), Given(BOUNDS, "f"))
    assert trial.columns[2].after == ("1234.5",)
    assert [each.reason for each in trial.refused] == ["out_of_range"]


def test_a_word_all_names_begin_with_tells_nothing() -> None:
    text = written(b"X_Ticker,X_TIME_STAMP,X_Px,X_Volume\nA,1782912600,1,1\n")

    assert 'at = { column = "X_TIME_STAMP", form = "epoch_s" }' in text


def test_a_report_with_a_column_per_metric_needs_tables() -> None:
    guessed = guess(b"Ticker,Shares,Fill Rate\nA,1,0.5\n", Kind.VENDOR_REPORT)

    assert guessed.notes[-1].startswith("no column names the metric: a column per metric wants")


def test_ids_that_repeat_are_asked_about() -> None:
    guessed = guess(ORDERS.replace(b"00124", b"00123"))

    assert guessed.notes[0].startswith("ClOrdID: ids stand there more than once: if ids begin")


def test_what_is_left_out_is_empty_in_a_trial() -> None:
    """The other columns are shown, and every record counts as refused."""
    data = ORDERS.replace(b"Qty", b"Lots").replace(b";LMT;10,05", b";LMT;x")
    guessed = guess(data)
    profile = read_profile(guessed.as_far_as_it_goes)

    orders, given = TABLES[Kind.ORDERS], Given(BOUNDS, "f")
    trial = try_profile(orders, data, profile, given, guessed.unsaid)
    nothing = try_profile(orders, data[: data.index(b"00124")], profile, given, guessed.unsaid)

    after = {told.column: told.after for told in trial.columns}
    assert guessed.unsaid == ("quantity",)
    assert "quantity" not in after
    assert after["order_id"] == ("00124",)
    assert trial.records == 0
    assert [(r.reason, r.count) for r in trial.refused] == [("missing", 1), ("not_a_decimal", 1)]
    assert [r.reason for r in nothing.refused] == ["not_a_decimal"]


def test_a_parquet_file_has_its_columns_seen() -> None:
    file = io.BytesIO()
    frame = {"Symbol": ["A"], "Time": [1_782_912_600], "Price": ["1"], "line": [3], "Size": [1]}
    pl.DataFrame(frame).write_parquet(file)

    text = written(file.getvalue())

    assert 'at = { column = "Time", form = "epoch_s" }' in text
    assert "# not used: line" in text


def test_a_doubtful_number_is_noted() -> None:
    assert "may be thousands or three decimals" in written(
        b'Symbol,Price,Size\nA,"1,234",1\n', Kind.TRADES
    )
