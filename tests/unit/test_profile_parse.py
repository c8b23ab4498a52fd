"""The text of a profile, and what is wrong with it."""

from __future__ import annotations

from datetime import date

import pytest

from routewarden.sources.profile.keys import ProfileError
from routewarden.sources.profile.model import Alias, Ambiguous, Clock, DayOf, Digits
from routewarden.sources.profile.parse import read_profile

TRADES = """
[[table]]
kind = "trades"
[table.columns]
symbol = "S"
price = "P"
size = "Q"
"""
AT = 'at = "T"\n'


WHOLE = """
name = "n"
title = "t"
source = "s"
[file]
encoding = "cp1252"
delimiter = [";", "|"]
quote = ""
skip = 1
columns = ["A", "B"]
empty = ["", "-"]
end = "END"
strip = true
[numbers]
decimal = ","
grouping = "."
[time]
zone = "America/New_York"
form = "%H%M%S"
ambiguous = "later"
date = { line = -1, match = "D(.*)", form = "%Y%m%d" }
[[table]]
kind = "orders"
where = { Rec = ["O", "P"], Side = "B" }
stated = ["A"]
per_day = ["order_id"]
[table.columns]
order_id = "A"
received_at = { columns = ["D", "T"], join = " ", form = "%Y%m%d %H%M", zone = "UTC" }
symbol = { column = "S", alias = "symbol" }
side = { column = "B", words = { B = "buy" }, other = "sell" }
quantity = { column = "Q", times = 100, times_column = "L" }
order_type = { value = "market" }
ended_at = "E"
desk = { column = "Desk", optional = true }
[[alias]]
of = "symbol"
from = "a"
to = "b"
since = 2026-01-01
until = 2026-06-30
[fix]
strip = ["X_"]
"""


def test_all_of_a_profile_is_read() -> None:
    profile = read_profile(WHOLE)

    (table,) = profile.tables
    cells = {cell.column.name: cell for cell in table.cells}
    form = profile.layout.form
    assert (profile.name, profile.title, profile.source) == ("n", "t", "s")
    assert (profile.layout.encoding, profile.layout.empty) == ("cp1252", ("", "-"))
    assert (form.delimiters, form.quote, form.skip, form.end) == ((";", "|"), None, 1, "END")
    assert (form.header, form.columns, form.strip) == (True, ("A", "B"), True)
    assert profile.aliases == (Alias("symbol", "a", "b", date(2026, 1, 1), date(2026, 6, 30)),)
    assert profile.fix == {"strip": ["X_"]}
    assert (table.where, table.stated) == ({"Rec": ("O", "P"), "Side": ("B",)}, ("A",))
    assert table.per_day == ("order_id",)
    assert table.needs == {"A", "B", "D", "E", "L", "Q", "Rec", "S", "Side", "T"}
    assert profile.columns == table.columns == table.needs | {"Desk"}
    assert form.wanted == profile.columns
    day = DayOf("D(.*)", "%Y%m%d", -1)
    zone = "America/New_York"
    assert cells["ended_at"].clock == Clock("%H%M%S", zone, Ambiguous.LATER, day)
    assert cells["received_at"].clock == Clock("%Y%m%d %H%M", "UTC", Ambiguous.LATER)
    assert cells["quantity"].digits == Digits(",", ".")
    assert (cells["quantity"].times, cells["quantity"].columns) == ("100", ("Q", "L"))
    assert (cells["side"].words, cells["side"].other) == ({"B": "buy"}, "sell")


def test_what_is_not_said_has_its_usual_value() -> None:
    profile = read_profile('name = "n"' + TRADES + AT)

    assert profile.fix is None
    assert profile.layout.encoding == "utf-8"
    assert (profile.layout.form.delimiters, profile.layout.form.quote) == ((",",), '"')
    assert profile.tables[0].cells[1].clock == Clock("rfc3339", None, Ambiguous.REJECT)


def test_a_line_of_a_fixed_width_ends_with_its_last_field_or_goes_on() -> None:
    fixed = 'name = "n"\n[file]\nformat = "fixed"\nfields = { A = [0, 9], B = [20, 5] }\n'

    assert read_profile(fixed).layout.record == 25
    assert read_profile(fixed + "record = 97\n").layout.record == 97
    assert read_profile(fixed + 'record = "longer"\n').layout.record is None


def said(text: str) -> str:
    with pytest.raises(ProfileError) as caught:
        read_profile(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name = ", "the text: Invalid value"),
        ("", "name: missing"),
        ('name = "n"\ncolour = 1', "colour: no such key; allowed: name, title, source, file"),
        ('name = "n"\ntitle = 1', 'title: 1 is no text; write it in quotes, as "…"'),
        ('name = "n"\nfile = 1', "file: 1 is no table"),
        ('name = "n"\ntable = 1', "table: 1 is no list; write each as [[table]]"),
        ('name = "n"\ntable = [1]', "table 1: not a table; allowed: kind, where"),
        ('name = "n"\n[file]\nformat = "xml"', "file.format: 'xml' is not known; allowed: csv"),
        ('name = "n"\n[file]\nformat = "fixed"', "file.fields: missing"),
        ('name = "n"\n[file]\nencoding = "ebcdic"', "file.encoding: 'ebcdic' is not known"),
        ('name = "n"\n[file]\nskip = -1', "file.skip: -1 will not do; allowed: whole numbers"),
        ('name = "n"\n[file]\nskip = true', "file.skip: True will not do"),
        ('name = "n"\n[file]\nheader = 1', "file.header: 1 is neither; allowed: true, false"),
        ('name = "n"\n[file]\nheader = false', "file.columns: missing; a file without a header"),
        ('name = "n"\n[file]\ncolumns = ["a", "a"]', "file.columns: 'a' stands twice"),
        ('name = "n"\n[file]\ncolumns = [1]', "file.columns: [1] is no list of texts"),
        ('name = "n"\n[file]\ndelimiter = "||"', "file.delimiter: '||' will not do"),
        ('name = "n"\n[file]\nquote = "ab"', "file.quote: 'ab' will not do"),
        ('name = "n"\n[file]\nquote = ","', "file.quote: it is the delimiter too"),
        (
            'name = "n"\n[file]\nheader = false\ncolumns = ["a"]\ndelimiter = [",", ";"]',
            "file.delimiter: several, and no header to choose by; name one",
        ),
        ('name = "n"\n[file]\nfields = { A = [0] }', "file.fields.A: [0] is no place"),
        ('name = "n"\n[file]\nfields = { A = [0, 9] }\nrecord = 5', "file.record: 5 will not do"),
        ('name = "n"\n[numbers]\ndecimal = "-"', "numbers.decimal: '-' will not do"),
        ('name = "n"\n[numbers]\ngrouping = "."', "numbers.grouping: '.' will not do"),
        ('name = "n"\n[numbers]\ncurrency = "-"', "numbers.currency: '-' will not do"),
        ('name = "n"\n[time]\nzone = "Mars/Base"', "time.zone: 'Mars/Base' is no time zone"),
        ('name = "n"\n[time]\nform = "%Q"', "time.form: '%Q' is not known; allowed: rfc3339"),
        (
            'name = "n"\n[time]\nform = "%Z %F %T"\nzone = "CET"',
            "time.form: %Z alone names no zone",
        ),
        ('name = "n"\n[time]\nform = "%F %T %Z"', "time.form: %Z alone names no zone; it ends"),
        ('name = "n"\n[time]\nform = "iso"', "time.form: 'iso' is not known"),
        ('name = "n"\n[time]\nambiguous = "no"', "time.ambiguous: 'no' is not known"),
        ('name = "n"\n[time]\ndate = {}', "time.date: where is it"),
        ('name = "n"\n[time]\ndate = []', "time.date: where is it"),
        ('name = "n"\n[time]\ndate = { name = "(" }', "time.date: '(': missing )"),
        (
            'name = "n"\n[time]\ndate = { name = "x", form = "%H" }',
            "time.date: '%H' is no form of a date",
        ),
        ('name = "n"\n[time]\ndate = { line = 0 }', "time.date: there is no line 0"),
        ('name = "n"\n[[table]]\nkind = "fix"', "table 1.kind: 'fix' is not known"),
        ('name = "n"' + TRADES, "columns of trades: at is missing; every record must state it"),
        ('name = "n"' + TRADES + AT + 'bid = "B"', "columns of trades.bid: no such key"),
        ('name = "n"' + TRADES + "at = 1", "columns of trades.at: not a table"),
        ('name = "n"' + TRADES + "at = {}", "columns of trades.at.column: one source is needed"),
        (
            'name = "n"' + TRADES + 'at = { column = "T", value = "V" }',
            "columns of trades.at.column: one source is needed",
        ),
        (
            'name = "n"' + TRADES + 'at = { column = "T", form = "%Y%m%d" }',
            "columns of trades.at.form: '%Y%m%d' states no time of day",
        ),
        (
            'name = "n"' + TRADES + 'at = { column = "T", form = "%H%M%S" }',
            "columns of trades.at.form: '%H%M%S' states no date",
        ),
        (
            'name = "n"' + TRADES + AT + 'venue = { column = "V", zone = "UTC" }',
            "columns of trades.venue.zone: venue is no instant of the file",
        ),
        (
            'name = "n"' + TRADES + AT + 'venue = { column = "V", times = "2" }',
            "columns of trades.venue.times: venue is no number",
        ),
        (
            'name = "n"' + TRADES + AT + 'venue = { column = "V", alias = "v" }',
            "columns of trades.venue.alias: no list of aliases is called 'v'",
        ),
        (
            'name = "n"' + TRADES.replace('"Q"', '{ column = "Q", times = 0.5 }') + AT,
            "columns of trades.size.times: 0.5 is no exact factor; write it in quotes",
        ),
        (
            'name = "n"' + TRADES.replace('"Q"', '{ column = "Q", times = "many" }') + AT,
            "columns of trades.size.times: 'many' is no exact factor",
        ),
        (
            'name = "n"'
            + TRADES.replace("[table.columns]", 'per_day = ["venue"]\n[table.columns]')
            + AT,
            "table 1.per_day: 'venue' is no id here",
        ),
        ('name = "n"\n[[alias]]\nof = "v"', "alias 1.from: missing; an alias has of, from and to"),
        (
            'name = "n"\n[[alias]]\nof = "v"\nfrom = "a"\nto = "b"\nsince = "x"',
            "alias 1.since: 'x' is no date",
        ),
    ],
)
def test_a_mistake_is_named_with_what_would_be_right(text: str, sentence: str) -> None:
    assert said(text).startswith(f"profile: {sentence}")


ALIAS = '[[alias]]\nof = "v"\nfrom = "a"\nto = "{}"\n{}\n'


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("", "", True),
        ("until = 2026-01-01", "since = 2026-01-01", True),
        ("until = 2026-01-01", "since = 2026-01-02", False),
        ("since = 2026-01-02", "until = 2026-01-01", False),
    ],
)
def test_an_alias_means_one_thing_on_a_date(*, one: str, other: str, clash: bool) -> None:
    text = 'name = "n"\n' + ALIAS.format("b", one) + ALIAS.format("c", other)

    if clash:
        assert "'a' means two things on one date" in said(text)
    else:
        assert len(read_profile(text).aliases) == 2
