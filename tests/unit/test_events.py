from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routewarden.base.schema import Column, Kind, Table
from routewarden.events.identity import Identified, identify, known_again
from routewarden.events.lifecycle import attach_order, resolve
from routewarden.sources.reject import Reason, Reject

TABLE = Table(Kind.FILLS, (Column("id"),), key="id")

# -- One record for one identifier -----------------------------------------------------------------


def rows(*cells: tuple[int, str, int | None], note: str | None = None) -> pl.DataFrame:
    """Records of one file: line, id and value; line n is bytes 10n to 10n + 9."""
    schema = {"line": pl.Int64(), "id": pl.String(), "value": pl.Int64()}
    frame = pl.DataFrame(cells, schema=schema, orient="row")
    frame = frame.with_columns(start=pl.col("line") * 10, end=pl.col("line") * 10 + 9)
    return frame if note is None else frame.with_columns(x_note=pl.lit(note))


def told(new: pl.DataFrame, held: pl.DataFrame) -> Identified:
    return identify(TABLE, new, held.with_columns(file=pl.lit("ab")))


def conflict(line: int, known_at: int) -> Reject:
    return Reject(
        line,
        Reason.CONFLICT,
        f"id 'A' is held with other content (line {known_at} of the file it came from); the first "
        "stays in force until a named person settles which is right",
        "id",
        10 * line,
        10 * line + 9,
    )


def test_rows_without_an_identifier_are_all_new() -> None:
    quotes = Table(Kind.QUOTES, (Column("value"),))

    assert identify(quotes, rows((2, "A", 1), (3, "A", 1)), rows()).records.height == 2


@given(st.lists(st.sampled_from("ABCDEFGH")), st.lists(st.sampled_from("AB")))
def test_an_id_is_known_again_if_it_is_held_or_stands_twice(
    ids: list[str], held: list[str]
) -> None:
    column, others = (pl.Series(each, dtype=pl.String) for each in (ids, held))

    assert known_again(column, others).to_list() == [
        each in held or ids.count(each) > 1 for each in ids
    ]


def test_a_row_with_a_new_id_is_a_record() -> None:
    identified = told(rows((2, "A", 1), (3, "B", 1)), rows((2, "C", 1)))

    assert identified.records["id"].to_list() == ["A", "B"]
    assert (identified.duplicates, identified.conflicts) == (0, ())


def test_a_row_with_the_content_held_is_a_duplicate() -> None:
    identified = told(rows((2, "A", 1), (3, "B", 1)), rows((9, "A", 1)))

    assert identified.records["id"].to_list() == ["B"]
    assert (identified.duplicates, identified.conflicts) == (1, ())


def test_a_row_with_other_content_than_held_is_a_conflict() -> None:
    identified = told(rows((2, "A", 2), (3, "B", 1)), rows((9, "A", 1)))

    assert identified.records["id"].to_list() == ["B"]
    assert (identified.duplicates, identified.conflicts) == (0, (conflict(2, known_at=9),))


def test_the_first_of_several_rows_in_a_file_stands() -> None:
    identified = told(rows((2, "A", 1), (3, "A", 1), (4, "A", 2)), rows())

    assert identified.records["line"].to_list() == [2]
    assert (identified.duplicates, identified.conflicts) == (1, (conflict(4, known_at=2),))


def test_what_is_held_stands_before_any_row_of_the_file() -> None:
    identified = told(rows((2, "A", 2), (3, "A", 1)), rows((9, "A", 1)))

    assert identified.records.is_empty()
    assert (identified.duplicates, identified.conflicts) == (1, (conflict(2, known_at=9),))


def test_empty_cells_are_the_same_content() -> None:
    assert told(rows((2, "A", None)), rows((9, "A", None))).duplicates == 1


def test_an_empty_cell_is_other_content_than_a_value() -> None:
    assert told(rows((2, "A", None)), rows((9, "A", 1))).conflicts == (conflict(2, known_at=9),)


@pytest.mark.parametrize(
    ("new", "held", "duplicates"),
    [("x", "x", 1), ("x", "y", 0), ("x", None, 0), (None, "x", 0)],
)
def test_a_column_outside_the_data_model_is_content_too(
    new: str | None, held: str | None, duplicates: int
) -> None:
    identified = told(rows((2, "A", 1), note=new), rows((9, "A", 1), note=held))

    assert identified.duplicates == duplicates
    assert len(identified.conflicts) == 1 - duplicates


def test_records_keep_the_order_of_their_file() -> None:
    identified = told(rows((2, "B", 1), (3, "A", 1), (4, "B", 1), (5, "C", 1)), rows())

    assert identified.records["id"].to_list() == ["B", "A", "C"]


# -- Busts and corrections -------------------------------------------------------------------------


def fills(*lines: str) -> pl.DataFrame:
    """Fill id, second of execution, status and the fill referred to; a dot is nothing."""
    cells = [[None if cell == "." else cell for cell in line.split()] for line in lines]
    names = ("fill_id", "executed_at", "status", "refers_to")
    frame = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String()), orient="row")
    return frame.with_columns(pl.col("executed_at").cast(pl.Int64))


def in_effect(*lines: str) -> list[str]:
    return resolve(fills(*lines)).fills["fill_id"].to_list()


def amendments(*lines: str) -> list[tuple[object, ...]]:
    columns = ("fill_id", "target_held", "rivals")
    return resolve(fills(*lines)).amendments.select(columns).rows()


def test_a_fill_that_nothing_names_is_in_effect() -> None:
    assert in_effect("F1 1 ok .", "F2 2 . .") == ["F1", "F2"]


def test_a_bust_takes_out_what_it_names_and_is_not_in_effect_itself() -> None:
    assert in_effect("F1 1 ok .", "B1 2 busted F1") == []


def test_the_order_of_the_records_does_not_matter() -> None:
    assert in_effect("B1 2 busted F1", "C1 3 corrected F2", "F1 1 ok .", "F2 1 ok .") == ["C1"]


def test_a_correction_stands_in_for_what_it_names() -> None:
    assert in_effect("F1 1 ok .", "C1 1 corrected F1") == ["C1"]


def test_a_correction_may_be_corrected() -> None:
    assert in_effect("F1 1 ok .", "C1 1 corrected F1", "C2 1 corrected C1") == ["C2"]


def test_busting_a_correction_does_not_bring_back_what_it_replaced() -> None:
    assert in_effect("F1 1 ok .", "C1 1 corrected F1", "B1 2 busted C1") == []


@pytest.mark.parametrize(
    ("first", "second", "standing"), [("1", "2", "C2"), ("2", "1", "C1"), ("1", "1", "C2")]
)
def test_of_two_corrections_the_later_stands_and_of_equals_the_greater_id(
    first: str, second: str, standing: str
) -> None:
    records = ("F1 1 ok .", f"C1 {first} corrected F1", f"C2 {second} corrected F1")

    assert in_effect(*records) == [standing]


def test_a_correction_without_its_target_is_in_effect() -> None:
    assert in_effect("C1 1 corrected F9", "C2 1 corrected .") == ["C1", "C2"]


def test_a_bust_without_its_target_is_not_in_effect() -> None:
    assert in_effect("B1 1 busted F9", "B2 1 busted .") == []


def test_an_ordinary_fill_that_names_another_amends_nothing() -> None:
    assert in_effect("F1 1 ok .", "F2 2 ok F1", "F3 2 . F1") == ["F1", "F2", "F3"]


def test_every_amendment_tells_whether_its_target_is_held() -> None:
    assert amendments("F1 1 ok .", "B1 2 busted F1", "C1 2 corrected F9", "B2 2 busted .") == [
        ("B1", True, None),
        ("C1", False, 0),
        ("B2", False, None),
    ]


def test_a_correction_counts_the_others_of_its_target() -> None:
    assert amendments("C1 1 corrected F1", "C2 2 corrected F1", "B1 2 busted F1") == [
        ("C1", False, 1),
        ("C2", False, 1),
        ("B1", False, None),
    ]


# -- Fills, routes and orders ----------------------------------------------------------------------

ORDERS = pl.DataFrame(
    {
        "order_id": ["O1", "O2"],
        "symbol": ["A", "B"],
        "quantity": [300, 500],
        "x_note": ["n", "n"],
        "line": [2, 3],
        "file": ["ab", "ab"],
    }
)
ROUTES = pl.DataFrame(
    {
        "route_id": ["R1", "R2", "R3"],
        "order_id": ["O1", "O2", "O9"],
        "venue": ["XNYS", "XNAS", "IEXG"],
        "sent_at": [10, 20, 30],
        "acknowledged_at": [11, None, 31],
        "order_type": ["market", "limit", None],
        "time_in_force": ["ioc", "day", None],
    }
)


def attached(order_id: str | None, route_id: str | None) -> dict[str, object]:
    fill = pl.DataFrame(
        {"fill_id": ["F"], "order_id": [order_id], "route_id": [route_id], "quantity": [100]},
        schema_overrides={"order_id": pl.String(), "route_id": pl.String()},
    )
    return attach_order(fill, ORDERS, ROUTES).row(0, named=True)


def test_a_fill_has_its_orders_and_its_routes_columns() -> None:
    assert attached("O1", "R1") == {
        "fill_id": "F",
        "order_id": "O1",
        "route_id": "R1",
        "quantity": 100,
        "sent_at": 10,
        "route_at": 11,
        "route_order_id": "O1",
        "route_venue": "XNYS",
        "route_order_type": "market",
        "route_time_in_force": "ioc",
        "has_route": True,
        "owner": "O1",
        "order_quantity": 300,
        "symbol": "A",
        "has_order": True,
    }


def test_a_route_not_acknowledged_is_judged_when_sent() -> None:
    assert attached("O2", "R2")["route_at"] == 20


@pytest.mark.parametrize(
    ("order_id", "route_id", "owner", "has_order", "has_route"),
    [
        ("O1", None, "O1", True, False),
        (None, "R2", "O2", True, True),
        ("O1", "R2", "O1", True, True),
        ("O1", "R9", "O1", True, False),
        ("O9", "R1", "O9", False, True),
        (None, "R3", "O9", False, True),
        (None, "R9", None, False, False),
    ],
)
def test_a_fill_belongs_to_the_order_it_names_or_else_to_its_routes(
    order_id: str | None,
    route_id: str | None,
    owner: str | None,
    *,
    has_order: bool,
    has_route: bool,
) -> None:
    fill = attached(order_id, route_id)

    assert (fill["owner"], fill["has_order"], fill["has_route"]) == (owner, has_order, has_route)


def test_fills_keep_their_rows_and_order() -> None:
    two = pl.DataFrame(
        {"fill_id": ["F2", "F1"], "order_id": ["O2", "O9"], "route_id": ["R1", "R1"]}
    )

    assert attach_order(two, ORDERS, ROUTES)["fill_id"].to_list() == ["F2", "F1"]


@pytest.mark.parametrize(
    ("lines", "circular"),
    [
        (["C1 1 corrected C1"], ["C1"]),
        (["C1 1 corrected C2", "C2 2 corrected C1"], ["C1", "C2"]),
        (["C1 1 corrected B2", "B2 2 busted C3", "C3 3 corrected C1", "F1 4 ok ."],
         ["C1", "B2", "C3"]),
        (["C0 1 corrected C1", "C1 2 corrected C1"], ["C1"]),
        (["F1 1 ok .", "C1 2 corrected F1", "C2 3 corrected C1", "B1 4 busted LOST"], []),
    ],
)  # fmt: skip
def test_amendments_that_lead_back_to_themselves_are_told(
    lines: list[str], circular: list[str]
) -> None:
    amendments = resolve(fills(*lines)).amendments

    assert amendments.filter(pl.col("circular"))["fill_id"].to_list() == circular
