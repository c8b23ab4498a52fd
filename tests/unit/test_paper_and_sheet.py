from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routewarden.evidence.document import Document, Section, Stories, anchor
from routewarden.evidence.sheet import (
    fitting,
    flat,
    number_format,
    runs,
    sheet_names,
    snake_names,
)
from routewarden.evidence.table import Cell, Footnote, Heading, Table, Tone, count_cell, text_cell
from routewarden.evidence.typst_source import is_wide, quoted, typst_source
from tests.sample_review import HOSTILE, broad, decision, metrics, sample_review, story, symbols

MINUS = "\N{MINUS SIGN}"
LETTERS = frozenset("\N{EN DASH}\N{MINUS SIGN}▲▼é")


def source(*tables: Table, **changes: Any) -> str:  # noqa: ANN401 - the fields of a document
    review = sample_review()
    part = Section("s", "Part", "", tables)
    document: Document = replace(review, sections=(part,), **changes)
    return typst_source(document, {}, LETTERS)


def table(*cells: Cell, heading: Heading | None = None) -> Table:
    return Table("t", "T", "", (heading or Heading("A"),), tuple((cell,) for cell in cells))


# -- What paper has of a table ---------------------------------------------------------------------


def test_paper_has_the_first_rows_and_says_how_many_more_there_are() -> None:
    cells = tuple(text_cell(f"row {number}") for number in range(1_205))
    found = source(replace(table(*cells), caption="All.", paper_rows=2))

    assert re.findall(r"row \d+", found) == ["row 0", "row 1"]
    assert (
        '"All. 1,203 more rows are in the workbook, the web page and the attached table."' in found
    )


def test_paper_that_has_room_for_all_rows_says_nothing_more() -> None:
    found = source(replace(table(text_cell("row 0")), paper_rows=2))

    assert ("row 0" in found, "more rows" in found) == (True, False)


def test_a_table_of_no_rows_on_paper_is_not_there() -> None:
    found = source(replace(table(text_cell("row 0")), title="Unseen", paper_rows=0))

    assert "row 0" not in found
    assert "Unseen" not in found


@pytest.mark.parametrize(("share", "drawn"), [(0.25, "0.25"), (1.5, "1.0"), (-0.5, "0.0")])
def test_a_share_is_drawn_as_a_bar_within_its_cell(share: float, drawn: str) -> None:
    assert f"share: {drawn}" in source(table(Cell("much", share=share)))


def test_footnotes_count_on_from_table_to_table() -> None:
    one = replace(table(Cell("speed", note=1)), notes=(Footnote("Speed", "in ms"),))
    other = replace(table(Cell("cost", note=1)), notes=(Footnote("Cost", "in cents"),))
    found = source(one, other)

    assert re.findall(r'text: "(\w+)", note: (\d)', found) == [("speed", "1"), ("cost", "2")]


def test_a_column_below_is_set_under_its_row_and_has_no_head() -> None:
    headings = (Heading("Metric"), Heading("Analysis", below=True))
    rows = ((text_cell("speed"), text_cell("it fell")), (text_cell("cost"), text_cell("it rose")))
    found = source(Table("t", "T", "", headings, rows))

    assert 'below: ("it fell", "it rose", )' in found
    assert "Analysis" not in found


# -- Typst -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plain", '"plain"'),
        ('say "hi"', r'"say \"hi\""'),
        ("back\\slash", r'"back\\slash"'),
        ("#evil[] $x$ *b* _i_ <a> // @r `c`", '"#evil[] $x$ *b* _i_ <a> // @r `c`"'),
        ("two\nlines\ttab", r'"two\nlines tab"'),
        ("\x07\x85\ud800", '"[U+0007][U+0085][U+D800]"'),
    ],
)
def test_text_is_a_string_literal_and_nothing_else(text: str, literal: str) -> None:
    assert quoted(text) == literal


@given(st.text())
def test_no_text_ends_its_literal(text: str) -> None:
    assert re.fullmatch(r'"(?:[^"\\\n]|\\["\\n])*"', quoted(text))


def test_hostile_text_is_in_the_source_only_as_literals() -> None:
    rows = table(*(text_cell(text) for text in HOSTILE))
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", source(rows, title=HOSTILE[0]))

    assert "evil" not in bare
    assert "script" not in bare


def test_a_letter_the_typeface_lacks_is_written_as_its_number() -> None:
    assert '"caf\N{LATIN SMALL LETTER E WITH ACUTE} [U+65E5][U+1F600]"' in source(
        table(text_cell("café 日😀"))
    )


def test_a_long_word_may_break() -> None:
    word = "ab" * 32

    assert f'"{"​".join([word[:14]] * 4 + [word[56:]])}"' in source(table(text_cell(word)))  # noqa: PLE2515 - where it breaks


def test_a_long_name_breaks_after_its_signs() -> None:
    assert '"net_​effective_​spread"' in source(table(text_cell("net_effective_spread")))  # noqa: PLE2515 - where it breaks


def test_a_cell_says_only_what_there_is_to_say() -> None:
    text = source(
        table(
            Cell("1", "1"),
            Cell("2", basis="all", tone=Tone.BAD, link="order-nobody", share=1.5),
        )
    )

    said = '(text: "2", basis: "all", tone: "bad", share: 1.0000)'
    assert f'rows: (("1", ), ({said}, ), )' in text


def test_a_link_leads_to_a_story_that_is_told() -> None:
    charts = dict.fromkeys(("venue-share", "slippage-by-quarter", "fill-time"), "")

    assert 'to: "order-ORD-0001-x-' in typst_source(sample_review(), charts, LETTERS)


def test_only_what_is_too_broad_upright_lies_on_its_side() -> None:
    assert [is_wide(part) for part in (metrics(), symbols(3), broad())] == [False, False, True]


def test_what_leads_to_a_broad_table_lies_on_the_same_sheet() -> None:
    assert "#sideways[\n#section(" in source(broad())
    assert "#sideways" not in source(symbols(3))


def test_a_table_too_broad_for_any_sheet_is_told_in_parts_that_repeat_the_first_column() -> None:
    text = source(broad())

    assert text.count("#data-table(") == 2
    assert text.count('title: "Every month by venue (continued)"') == 1
    assert text.count('(title: "Venue"') == 2
    assert [text.count(f'"2024-{month:02}"') for month in range(30)] == [1] * 30


def test_sentences_share_what_is_left_and_phrases_and_bases_wrap() -> None:
    long, phrase = table(text_cell("word " * 20)), table(text_cell("word " * 8))
    bar = table(Cell("5 %", "0.05", share=0.05))
    based = table(Cell("1", "1", basis="75.0 % of 1,200 sh"), heading=Heading("A", numeric=True))

    assert "columns: (60fr, )" in source(long)
    assert "columns: (40fr, )" in source(phrase)
    assert "columns: (80pt, )" in source(bar)
    assert re.search(r"columns: \(\d+\.\dpt, \)", source(based))


def test_a_long_meaning_is_left_to_the_footnote() -> None:
    said = table(text_cell("a"), heading=Heading("A", means="what this long heading means in full"))

    assert 'means: ""' in source(said)


def test_what_is_set_below_a_row_has_no_column_of_its_own() -> None:
    whole = Table(
        *("t", "T", ""),
        (Heading("Metric"), Heading("Because", below=True)),
        ((text_cell("Speed"), text_cell("Slower than before.")),),
    )

    text = source(whole)

    assert 'rows: (("Speed", ), )' in text
    assert 'below: ("Slower than before.", )' in text
    assert text.count('"Because"') == 0


def test_a_table_cut_for_paper_says_how_much_more_there_is() -> None:
    text = source(replace(symbols(12), paper_rows=5, folded=True))

    assert "SYM004" in text
    assert "SYM005" not in text
    assert "7 more rows are in the workbook, the web page and the attached table." in text
    assert "data-table" not in source(replace(symbols(12), paper_rows=0))
    assert "more rows" not in source(replace(symbols(5), paper_rows=5))


def test_a_footnote_has_one_number_through_the_paper_and_stands_at_its_end() -> None:
    other = Table(
        *("t", "T", ""),
        (Heading("A", note=1),),
        ((Cell("1", note=2),),),
        (metrics().notes[1], Footnote("Fill rate", "filled over ordered.")),
    )
    text = source(metrics(), other)

    assert text.count("#endnotes(") == 1
    assert text.index("#endnotes(") > text.rindex("#data-table(")
    assert [text.count(f'("{term}", ') for term in ("Price improvement", "Coverage")] == [1, 1]
    assert text.index('("Coverage", ') < text.index('("Fill rate", ')
    assert '(title: "A", unit: "", means: "", numeric: false, note: 2)' in text
    assert '(text: "1", note: 3)' in text


def test_a_table_without_footnotes_brings_no_notes() -> None:
    assert "#endnotes" not in source(broad())


def test_a_dense_table_has_more_room_and_nothing_in_small() -> None:
    heads = tuple(Heading(f"Measure{at:02}", numeric=True) for at in range(12))
    row = tuple(Cell("1.00000", "1", basis="n 17") for _ in heads)
    loose = Table("t", "T", "", heads, (row,))
    dense = replace(loose, dense=True)

    assert [is_wide(table) for table in (loose, dense)] == [True, False]
    assert "basis" in source(loose)
    assert "basis" not in source(dense)
    assert "dense: true" in source(dense)


def test_several_numbers_of_a_cell_may_stand_on_lines_of_their_own() -> None:
    text = source(table(Cell("0.00507 / 0.00474"), heading=Heading("A", numeric=True)))

    assert "columns: (40.8pt, )" in text


def test_a_sign_and_its_number_stay_together() -> None:
    based = table(Cell("1", "1", basis="n 5, > 99.9 %"), heading=Heading("A", numeric=True))

    assert "n 5, >\N{NO-BREAK SPACE}99.9\N{NO-BREAK SPACE}%" in source(based)


def test_a_table_named_as_its_section_has_no_heading_of_its_own() -> None:
    part = Section("s", "T", "", (table(text_cell("a")),))
    document = replace(sample_review(), sections=(part,))

    assert '#data-table(title: ""' in typst_source(document, {}, LETTERS)


def test_every_section_on_its_side_begins_a_sheet() -> None:
    parts = tuple(Section(name, name, "", (broad(),)) for name in ("one", "two"))

    text = typst_source(replace(sample_review(), sections=parts), {}, LETTERS)

    assert text.count("#sideways[") == 2


def test_a_long_narrow_table_is_set_in_two_columns() -> None:
    assert "twice: true" in source(table(*(text_cell("a") for _ in range(17))))
    assert "twice: false" in source(table(*(text_cell("a") for _ in range(16))))


def test_a_form_says_what_is_printed_and_what_is_left_blank() -> None:
    part = Section("s", "S", "", (decision(),))
    text = typst_source(replace(sample_review(), sections=(part,)), {}, LETTERS)

    assert '#form(title: "Reviewed by", printed: "Role", blanks: ("Name", "Signature", )' in text
    assert 'lines: ("Chair <b>", "Compliance", ))' in text


def test_paper_tells_the_first_orders_and_links_to_no_other() -> None:
    names = [anchor("O1"), anchor("O2")]
    told = Stories("events", tuple(story(name, name) for name in names), 1)
    linked = table(*(Cell(name, link=name) for name in names))
    part = Section("s", "S", "", (linked, told))

    text = typst_source(replace(sample_review(), sections=(part,)), {}, LETTERS)

    assert text.count("#story(") == 1
    assert [text.count(f'to: "{name}"') for name in names] == [1, 0]


# -- Spreadsheets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "exact", "digits"),
    [
        ("0.0123", "0.0123456", "#,##0.0000"),
        ("1,234.6", "1234.56", "#,##0.0"),
        ("1,235", "1234.56", "#,##0"),
        ("2026", "2026", "0"),
        (f"{MINUS}0.0100", "-0.01", "#,##0.0000"),
        (f"{MINUS}0.0", "-0.01", "#,##0.0"),
    ],
)
def test_a_number_has_the_format_that_shows_its_digits(text: str, exact: str, digits: str) -> None:
    assert number_format(Cell(text, exact)) == f"{digits};{MINUS}{digits};{digits}"


def test_percent_and_plus_are_part_of_the_format() -> None:
    percent = number_format(Cell("66.7 %", "0.66666"))

    assert percent == f"#,##0.0 %;{MINUS}#,##0.0 %;#,##0.0 %"
    assert number_format(Cell("+1.5", "1.5")) == f"+#,##0.0;{MINUS}#,##0.0;#,##0.0"


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("2.2", "2.25"),  # a spreadsheet would show 2.3
        ("+1.50 s", "1500"),
        ("+0.0", "0"),
        ("0.5000000000000001", "0.50000000000000012"),  # more digits than it has
    ],
)
def test_where_no_format_shows_the_digits_they_are_the_format(text: str, exact: str) -> None:
    assert number_format(Cell(text, exact)) == f'"{text}"'


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=6), st.integers(0, 4))
def test_a_format_never_shows_other_digits(value: Decimal, places: int) -> None:
    """The format is the digits themselves, or rounds to them as a spreadsheet rounds."""
    text = f"{value:,.{places}f}".replace("-", MINUS)
    style = number_format(Cell(text, f"{value:f}"))
    halves = abs(value).scaleb(places) % 1 == Decimal("0.5")

    assert (style == f'"{text}"') <= halves
    assert style.startswith('"') or style.split(";")[0].partition(".")[2] == "0" * places


def test_sheets_have_short_lawful_names_each_once() -> None:
    long = "Equity: customer orders, held, not directed"
    assert sheet_names(["The vendor's numbers"]) == ("The vendors numbers",)
    names = sheet_names([long, long, "a/b?*[x]", "'", "CONTENTS", "History"], ("Contents",))

    assert names == (
        *("Equity customer orders, held, n", "Equity customer orders, held, 2", "a b x"),
        *("sheet", "CONTENTS 2", "History 2"),
    )
    assert max(map(len, names)) <= 31


def test_columns_have_snake_case_names_each_once() -> None:
    assert snake_names(["Fill rate (%)", "fill rate %", "▲▼", "#", "–"]) == (  # noqa: RUF001
        *("fill_rate_percent", "fill_rate_percent_2", "better", "number", "column"),
    )


def test_what_stands_in_small_is_a_column_of_its_own() -> None:
    columns = flat(
        Table(
            *("t", "T", ""),
            (Heading("Cost", "bps", numeric=True), Heading("Day", dated=True)),
            ((Cell("1.0", "1", basis="all of 5 sh"), Cell("2026-07-01", "2026-07-01")),),
        )
    )

    assert [column.title for column in columns] == ["Cost (bps)", "Cost: basis", "Day"]
    assert columns[1].cells == (Cell("all of 5 sh", "all of 5 sh"),)
    assert [column.dated for column in columns] == [False, False, True]
    assert count_cell(1) == Cell("1", "1")


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\t1", "\r1", "\n1", "\0=", " =1", "\uff1d1"]
)
def test_what_a_spreadsheet_might_run_is_known(text: str) -> None:
    assert runs(text)


@pytest.mark.parametrize("text", ["", "1", "a=1", "'=1", "ABC", "\N{MINUS SIGN}1", " a"])
def test_what_no_spreadsheet_runs_is_left_alone(text: str) -> None:
    assert not runs(text)


def test_a_text_that_no_cell_holds_is_cut_and_says_so() -> None:
    whole, long = "é" * 32_767, "\U0001f600" * 20_000

    assert fitting(whole) == whole
    assert fitting(long).startswith("\U0001f600" * 16_000)
    assert fitting(long).endswith("(cut: a cell holds no more)")
    assert len(fitting(long).encode("utf-16-le")) <= 2 * 32_767
