from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from routewarden.base.canonical import Digest, canonical_json
from routewarden.evidence.chart import ROLES, Axes, Limit, Point, Spec, bars, lines
from routewarden.evidence.document import (
    Document,
    Fact,
    Facts,
    Figure,
    Form,
    Notice,
    NoticeKind,
    Paragraph,
    Section,
    Stories,
    anchor,
    figures_of,
    tables_of,
)
from routewarden.evidence.manifest import (
    Input,
    MalformedManifestError,
    Manifest,
    Output,
    Provenance,
    manifest_bytes,
    outputs_of,
    read_manifest,
)
from routewarden.evidence.table import Cell, Heading, Table, measure_note, text_cell
from routewarden.evidence.tickchart import on_paper
from routewarden.measures.fills import FILL_MEASURES
from tests.sample_review import sample_review, story

REVIEW = sample_review()


# -- Documents -------------------------------------------------------------------------------------


def test_what_a_document_says_cannot_be_changed_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(REVIEW, "title", "something else")  # noqa: B010 - what mypy would refuse


def test_every_table_is_found_in_order_tiles_and_events_too() -> None:
    assert [table.name for table in tables_of(REVIEW)] == [
        *("at-a-glance", "scorecard-equity", "coverage", "venue-share-data"),
        *("slippage-by-quarter-data", "fill-time-data", "by-symbol", "broad", "order-events"),
        *("awkward", "none"),
    ]


def test_every_figure_is_found_in_order() -> None:
    assert [figure.name for figure in figures_of(REVIEW)] == [
        *("venue-share", "slippage-by-quarter", "fill-time")
    ]


def test_tiles_are_a_table_of_exact_values() -> None:
    fact = Fact("Fills", "1,200", "shares", "July", "1200")
    document = replace(REVIEW, sections=(Section("s", "Part", "", (Facts("f", (fact,)),)),))

    assert [[cell.exact for cell in row] for row in tables_of(document)[0].rows] == [
        ["Fills", "1200", "shares", "July"]
    ]


def test_the_events_of_all_orders_are_one_table_with_the_order_first() -> None:
    events = Stories("events", (story("a", "A"), story("b", "B")))
    table = tables_of(replace(REVIEW, sections=(Section("s", "Part", "", (events,)),)))[0]

    assert table.headings[0] == Heading("Order")
    assert [row[0].text for row in table.rows] == ["A"] * 3 + ["B"] * 3


def test_no_stories_are_no_table() -> None:
    empty = replace(REVIEW, sections=(Section("s", "Part", "", (Stories("events", ()),)),))

    assert tables_of(empty) == ()


@pytest.mark.parametrize(
    ("order_id", "name"),
    [("O-1", "order-O-1"), ("O 1", "order-O-1-c2183d10"), ("O/1", "order-O-1-fba62304")],
)
def test_an_anchor_is_plain_and_of_one_order(order_id: str, name: str) -> None:
    assert anchor(order_id) == name


def test_a_footnote_says_definition_unit_sign_and_source() -> None:
    measure = next(m for m in FILL_MEASURES if m.name == "price_improvement")
    note = measure_note("Price improvement", measure)

    assert note.term == "Price improvement"
    assert measure.means.rstrip(".") in note.text
    assert "; Unit: price/share; higher is better; " in note.text


def test_a_tick_chart_takes_its_style_to_paper() -> None:
    svg = on_paper('<svg class="tick"><path class="bid"/></svg>')

    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" width="760" height="240" class')
    assert "><style>" in svg
    assert svg.endswith('</style><path class="bid"/></svg>')


# -- Charts ----------------------------------------------------------------------------------------

AXES = Axes("Venue", "Share", ".0%")
ONE = (Point("XNAS", 0.3, "30.0 %"), Point("XNYS", None, "–"))  # noqa: RUF001 - a dash
TWO = (Point("a", 1.0, "1", "Q2"), Point("a", 2.0, "2", "Q3"))


def layers(spec: Spec) -> list[Mapping[str, Any]]:
    found = json.loads(json.dumps(spec))["layer"]
    assert isinstance(found, list)
    return found


def test_bars_keep_their_order_and_carry_the_text_of_the_table() -> None:
    spec = json.loads(json.dumps(bars(ONE, AXES)))

    assert [(v["at"], v["value"], v["text"]) for v in spec["data"]["values"]] == [
        *(("XNAS", 0.3, "30.0 %"), ("XNYS", None, "–"))  # noqa: RUF001 - a dash
    ]
    assert spec["layer"][0]["encoding"]["y"]["sort"] is None
    assert spec["layer"][1]["encoding"]["text"] == {"field": "text"}


def test_one_series_needs_no_legend_and_no_place_of_its_own() -> None:
    drawn = layers(bars(ONE, AXES))[0]["encoding"]

    assert drawn["color"]["legend"] is None
    assert "yOffset" not in drawn


def test_series_stand_side_by_side_in_their_order() -> None:
    drawn = layers(bars(TWO, AXES))[0]["encoding"]

    assert drawn["yOffset"]["sort"] == ["Q2", "Q3"]
    assert drawn["color"]["legend"] is not None


def test_lines_tell_series_apart_by_dash_and_shape_as_well() -> None:
    line, dots = layers(lines(TWO, AXES))

    assert line["encoding"]["strokeDash"]["scale"]["range"] == [[1, 0], [6, 3]]
    assert dots["encoding"]["shape"]["scale"]["range"] == ["circle", "square"]
    assert line["encoding"]["x"]["scale"] == {"type": "utc"}


@pytest.mark.parametrize(("draw", "channel"), [(bars, "x"), (lines, "y")])
def test_a_limit_is_a_rule_with_its_name(draw: Any, channel: str) -> None:  # noqa: ANN401
    rule, name = layers(draw(ONE, AXES, (Limit(0.25, "limit 25 %"),)))[-2:]

    assert rule["mark"]["type"] == "rule"
    assert rule["encoding"][channel]["field"] == "limit"
    assert name["data"]["values"] == [{"limit": 0.25, "label": "limit 25 %"}]


def test_every_colour_of_a_chart_has_a_role_on_the_page() -> None:
    whole = json.dumps([bars(TWO, AXES, (Limit(1, ""),)), lines(TWO, AXES)])
    colours = {part[:7] for part in whole.split('"') if part.startswith("#")}

    assert colours <= set(ROLES)


# -- Manifests -------------------------------------------------------------------------------------

MANIFEST = Manifest(
    *("Review", "Firm", "2026Q3"),
    Provenance(7, "ab", "cd", "ef", (Input("orders", "12", 3),)),
    (Output("review.pdf", 5, Digest("34")),),
)


def test_a_manifest_is_read_back_as_it_was_written() -> None:
    assert read_manifest(manifest_bytes(MANIFEST)) == MANIFEST


def test_a_manifest_from_before_checkpoints_is_read() -> None:
    before = json.loads(manifest_bytes(MANIFEST))
    del before["provenance"]["checkpoint"]

    assert read_manifest(canonical_json(before)) == MANIFEST


def test_outputs_are_listed_by_name_with_their_digests() -> None:
    assert outputs_of({"b": b"", "a": b"abc"}) == (
        Output(
            *("a", 3),
            Digest("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ),
        Output(
            *("b", 0),
            Digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ),
    )


GOOD = json.loads(manifest_bytes(MANIFEST))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"[]",
        b"{}",
        b"[" * 100_000,
        canonical_json({**GOOD, "format": "routewarden-package-2"}),
        canonical_json({**GOOD, "more": 1}),
        canonical_json({**GOOD, "outputs": 1}),
        canonical_json({**GOOD, "outputs": [{"name": "a"}]}),
        manifest_bytes(MANIFEST) + b"\n",
    ],
)
def test_what_is_no_manifest_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedManifestError, match=r"manifest\.json is not a manifest"):
        read_manifest(data)


def test_blocks_of_every_kind_are_in_the_sample() -> None:
    kinds = {type(block) for section in REVIEW.sections for block in section.blocks}

    assert kinds == {Paragraph, Notice, Facts, Table, Figure, Stories, Form}
    assert isinstance(REVIEW, Document)
    assert {b.kind for s in REVIEW.sections for b in s.blocks if isinstance(b, Notice)} == set(
        NoticeKind
    )
    assert text_cell("a") == Cell("a", "a")
