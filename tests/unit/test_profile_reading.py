"""Rows of a file become records as a profile says."""

from __future__ import annotations

from routewarden.base.schema import Kind
from routewarden.sources.reject import Reason, Reject
from tests.profiled import AT, HEAD, TRADES, only, whole


def test_columns_are_found_by_the_files_names_and_others_are_kept() -> None:
    batch = whole(HEAD + TRADES, f"Q,P,T,S,line,n\n5,1.5,{AT},A,7,\n".encode())

    row = batch.records.row(0, named=True)
    assert (row["symbol"], row["price"], row["size"]) == ("A", 150_000_000, 500_000_000)
    assert (row["x_line"], row["x_n"], row["line"], row["start"]) == ("7", None, 2, 15)


def test_a_refused_cell_is_told_in_the_files_words() -> None:
    """The first in the order of the data model, with its text as the file has it."""
    profile = HEAD + '[numbers]\ndecimal = ","\n' + TRADES
    data = f"S,T,P,Q\nA,{AT},1.5,0\nB,yesterday,x,1\n".encode()

    rejects = whole(profile, data).rejects

    assert rejects == (
        Reject(2, Reason.NOT_A_DECIMAL, "P '1.5' is no number (decimal mark ',')", "P", 8, 37),
        Reject(3, Reason.NOT_AN_INSTANT, "T 'yesterday' is not of the form rfc3339", "T", 37, 53),
    )


def test_a_number_grouped_otherwise_is_refused_with_how_it_should_be() -> None:
    profile = HEAD + '[numbers]\ngrouping = ","\n' + TRADES

    reject = only(profile, f'S,T,P,Q\nA,{AT},1,"12,34"\n'.encode())

    assert reject.detail == "Q '12,34' is no number (decimal mark '.', groups of three by ',')"


def test_a_refusal_of_canonical_text_names_the_column_and_its_text() -> None:
    profile = HEAD + TRADES.replace('"Q"', '{ column = "Q", times = "100" }')
    long = "9" * 45

    rejects = whole(profile, f"S,T,P,Q\nA,{AT},,1\nA,{AT},1,0\nA,{AT},{long},1\n".encode()).rejects

    assert [(each.column, each.detail) for each in rejects] == [
        ("P", "price is empty: P ''"),
        ("Q", "size '0' is outside the range of a quantity: Q '0'"),
        ("P", f"price '{'9' * 40}…' is outside the range of a price: P '{'9' * 40}…'"),
    ]


def test_texts_that_mean_no_value_are_empty() -> None:
    profile = HEAD + '[file]\nempty = ["", "N/A"]\nstrip = true\n' + TRADES + 'venue = "V"\n'
    batch = whole(profile, f"S,T,P,Q,V\nNA,{AT},1,1, N/A \nB,{AT},1,1,  \nC, ,1,1,X\n".encode())

    assert batch.records["venue"].to_list() == [None, None]
    assert batch.records["symbol"].to_list() == ["NA", "B"]
    assert [each.detail for each in batch.rejects] == ["at is empty: T ' '"]


def test_words_are_translated_and_a_text_not_among_them_stays_or_becomes_another() -> None:
    words = 'venue = { column = "V", words = { N = "XNYS", "-" = "" } }\n'
    other = words.replace(" } }", ' }, other = "OTC" }')
    data = f"S,T,P,Q,V\nA,{AT},1,1,N\nA,{AT},1,1,Z\nA,{AT},1,1,-\nA,{AT},1,1,\n".encode()

    assert whole(HEAD + TRADES + words, data).records["venue"].to_list() == [
        *("XNYS", "Z", None, None)
    ]
    assert whole(HEAD + TRADES + other, data).records["venue"].to_list() == [
        *("XNYS", "OTC", None, None)
    ]


def test_several_columns_make_an_instant_whole_and_a_name_as_far_as_they_go() -> None:
    profile = HEAD + TRADES.replace(
        'symbol = "S"\nat = "T"',
        'symbol = { columns = ["S", "X"], join = "." }\n'
        'at = { columns = ["D", "T"], join = " ", form = "%Y%m%d %H%M" }',
    )
    data = b"S,X,D,T,P,Q\nA,B,20260701,1330,1,1\nA,,20260701,1330,1,1\nC,D,20260701,,1,1\n,,,,1,1\n"

    batch = whole(profile, data)

    assert batch.records["symbol"].to_list() == ["A.B", "A"]
    assert [(each.reason, each.detail) for each in batch.rejects] == [
        (Reason.MISSING, "D '20260701', T '' is stated in part"),
        (Reason.MISSING, "symbol is empty: S '', X ''"),
    ]


def test_a_factor_may_be_another_columns() -> None:
    profile = HEAD + TRADES.replace('"Q"', '{ column = "Q", times = "-1", times_column = "L" }')
    data = f"S,T,P,Q,L\nA,{AT},1,-2,100\nB,{AT},1,-2,\nC,{AT},1,-2,x\nD,{AT},1,-2,{'9' * 38}\n"

    batch = whole(profile, data.encode())

    assert batch.records["size"].to_list() == [200 * 10**8]
    assert [(each.line, each.reason, each.detail) for each in batch.rejects] == [
        (3, Reason.MISSING, "Q '-2', L '' is stated in part"),
        (4, Reason.NOT_A_DECIMAL, "Q '-2', L 'x' is no number (decimal mark '.')"),
        (
            5,
            Reason.OUT_OF_RANGE,
            f"Q '-2', L '{'9' * 38}' has too many digits to be multiplied exactly",
        ),
    ]


def test_a_constant_is_no_column_of_the_file() -> None:
    profile = HEAD + TRADES.replace('"Q"', '{ value = "0" }')

    assert only(profile, f"S,T,P\nA,{AT},1\n".encode()).column == "size"


def test_rows_go_to_the_tables_whose_texts_they_have_and_the_rest_are_counted() -> None:
    bid = TRADES.replace("[table.columns]", 'where = { R = ["B", ""] }\n[table.columns]')
    ask = TRADES.replace('"P"', '"A"').replace("[table.columns]", 'stated = ["A"]\n[table.columns]')
    data = f"R,S,T,P,A,Q\nB,X,{AT},1,2,1\nC,X,{AT},3,4,1\n,X,{AT},5,,1\nD,X,{AT},6,,1\n".encode()

    batch = whole(HEAD + bid + ask, data)

    assert [(row["line"], row["price"] // 10**8) for row in batch.records.rows(named=True)] == [
        *((2, 1), (2, 2), (3, 4), (4, 5))
    ]
    assert (batch.others, batch.rejects) == (1, ())


def test_a_column_that_may_be_missing_leaves_its_cell_empty() -> None:
    profile = HEAD + TRADES + 'venue = { column = "V", optional = true }\n'

    assert whole(profile, f"S,T,P,Q\nA,{AT},1,1\n".encode()).records["venue"].to_list() == [None]
    assert whole(profile, f"S,T,P,Q,V\nA,{AT},1,1,N\n".encode()).records["venue"].to_list() == ["N"]


def test_an_alias_is_meant_as_of_the_records_trading_date() -> None:
    """2026-07-02T03:59Z is still the first of July in New York."""
    alias = '[[alias]]\nof = "v"\nfrom = "{}"\nto = "{}"\n{}\n'
    profile = (
        HEAD
        + TRADES
        + 'venue = { column = "V", alias = "v" }\n'
        + alias.format("A", "OLD", "until = 2026-07-01")
        + alias.format("A", "NEW", "since = 2026-07-02")
        + alias.format("B", "EVER", "")
        + alias.format("A", "WRONG", "").replace('"v"', '"other"')
    )
    times = ["2026-07-02T03:59:59Z", "2026-07-02T04:00:00Z"]
    rows = "".join(f"S,{at},1,1,{v}\n" for at in times for v in "ABC")

    batch = whole(profile, f"S,T,P,Q,V\n{rows}".encode())

    assert batch.records["venue"].to_list() == ["OLD", "EVER", "C", "NEW", "EVER", "C"]


def test_a_record_without_a_date_knows_only_aliases_that_always_hold() -> None:
    profile = """
        name = "n"
        [[table]]
        kind = "payments"
        [table.columns]
        payer = { column = "P", alias = "p" }
        [[alias]]
        of = "p"
        from = "a"
        to = "A"
        [[alias]]
        of = "p"
        from = "b"
        to = "B"
        since = 2020-01-01
    """

    records = whole(profile, b"P,n\na,1\nb,2\n", Kind.PAYMENTS).records

    assert records["payer"].to_list() == ["A", "b"]


def test_ids_that_repeat_are_told_apart_by_the_trading_date() -> None:
    profile = """
        name = "n"
        [[table]]
        kind = "fills"
        per_day = ["fill_id", "refers_to"]
        [table.columns]
        fill_id = "I"
        order_id = "O"
        executed_at = "T"
        price = "P"
        quantity = "Q"
        refers_to = "R"
    """
    data = (
        b"I,O,T,P,Q,R\n1,o,2026-07-02T03:59:59Z,1,1,\n2,o,2026-07-02T04:00:00Z,1,1,1\n2,o,,1,1,\n"
    )

    batch = whole(profile, data, Kind.FILLS)

    assert batch.records.select("fill_id", "order_id", "refers_to").rows() == [
        ("20260701-1", "o", None),
        ("20260702-2", "o", "20260702-1"),
    ]
    assert [each.detail for each in batch.rejects] == ["executed_at is empty: T ''"]


def test_a_need_across_columns_keeps_its_own_sentence() -> None:
    profile = """
        name = "n"
        [[table]]
        kind = "fills"
        [table.columns]
        fill_id = "I"
        executed_at = "T"
        price = "P"
        quantity = "Q"
    """

    reject = only(profile, f"I,T,P,Q\n1,{AT},1,1\n".encode(), Kind.FILLS)

    assert (reject.column, reject.detail) == (
        "order_id",
        "a fill names its order_id or its route_id",
    )


# -- Files refused whole ---------------------------------------------------------------------------


def test_a_kind_the_profile_does_not_know_is_refused_with_those_it_does() -> None:
    reject = only(HEAD + TRADES, b"x\n1\n", Kind.QUOTES)

    assert reject == Reject(
        1, Reason.NO_TABLE, "the profile n finds no quotes in a file, only trades", None, 0, 4
    )
    assert only(HEAD, b"", Kind.QUOTES).detail.endswith("only nothing")


def test_a_file_without_the_columns_is_refused_with_those_it_lacks() -> None:
    other = TRADES.replace("trades", "venue-quotes").replace(
        'price = "P"\nsize = "Q"', 'venue = "V"'
    )
    data = f"S,T,V\nA,{AT},N\nA,{AT},N\n".encode()

    batch = whole(HEAD + TRADES + other, data)

    assert batch.rejects == (
        Reject(
            1,
            Reason.NO_COLUMNS,
            "the file lacks 'P', 'Q', which trades are made of; its columns are those of "
            "venue-quotes",
            None,
            0,
            len(data),
        ),
    )
    assert only(HEAD + TRADES, data).detail == "the file lacks 'P', 'Q', which trades are made of"


def test_utf_16_without_a_mark_is_refused() -> None:
    profile = HEAD + '[file]\nencoding = "utf-16"\n' + TRADES

    assert only(profile, "S,T".encode("utf-16-le")).reason is Reason.ENCODING


def test_a_header_that_cannot_be_read_is_one_reject() -> None:
    assert only(HEAD + TRADES, b"S,S\n").reason is Reason.NO_HEADER


WIDE = HEAD + "".join(
    f"""
[[table]]
kind = "vendor-report"
[table.columns]
symbol = "S"
metric = {{ value = "{metric}" }}
unit = {{ value = "fraction" }}
value = "{column}"
"""
    for metric, column in (("fill_rate", "Fills"), ("effective_over_quoted", "E/Q"))
)


def test_a_metric_whose_column_is_gone_is_said_once() -> None:
    batch = whole(WIDE, b"S,Fills\nA,1\nB,\n", Kind.VENDOR_REPORT)

    assert batch.records.height == 2
    (lost,) = batch.rejects
    assert (lost.line, lost.reason) == (1, Reason.NO_COLUMNS)
    assert lost.detail == (
        "the file lacks 'E/Q', so no record says metric = effective_over_quoted; "
        "ask for it, or take that table out of the profile"
    )


def test_a_layout_that_is_another_files_is_no_loss() -> None:
    other = TRADES.replace('"P"', '"Price"')

    assert whole(HEAD + other + TRADES, f"S,T,P,Q\nA,{AT},1,1\n".encode()).rejects == ()
