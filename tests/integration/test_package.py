"""A package on the disk: four renderings of one document, and the manifest that names them."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader

from routewarden.base.canonical import sha256
from routewarden.evidence.document import tables_of
from routewarden.evidence.manifest import Input, Provenance, manifest_bytes, read_manifest
from routewarden.evidence.sheet import flat
from routewarden.evidence.table import Cell, Heading, Table
from routewarden.measures.shown import NO_VALUE
from routewarden.runs.package import Fault, What, check_package, make_package, write_package
from routewarden.runs.tables import frame
from routewarden.runs.typeface import letters
from tests.sample_review import HOSTILE, sample_review

REVIEW = sample_review()
PROVENANCE = Provenance(1234, "ab" * 32, "cd" * 32, "ef" * 32, (Input("orders", "12" * 32, 7),))
MADE = datetime(2026, 10, 5, 12, tzinfo=UTC)
_HEAD = 4  # the row of a sheet's headings


@pytest.fixture(scope="module")
def files() -> Mapping[str, bytes]:
    return make_package(REVIEW, PROVENANCE, MADE)


@pytest.fixture(scope="module")
def pdf(files: Mapping[str, bytes]) -> PdfReader:
    return PdfReader(io.BytesIO(files["review.pdf"]))


@pytest.fixture(scope="module")
def book(files: Mapping[str, bytes]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(files["review.xlsx"]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_package(REVIEW, PROVENANCE, MADE, tmp_path / "review")
    return tmp_path / "review"


def sheet_of(book: openpyxl.Workbook, title: str) -> Worksheet:
    found = [sheet for sheet in book.worksheets if sheet["A1"].value == title]
    assert len(found) == 1
    return found[0]


# -- All of it -------------------------------------------------------------------------------------


def test_the_same_document_has_the_same_bytes(files: Mapping[str, bytes]) -> None:
    again = make_package(sample_review(), PROVENANCE, MADE)

    assert {name: sha256(data) for name, data in again.items()} == {
        name: sha256(data) for name, data in files.items()
    }


@pytest.mark.parametrize("shown", ["1.4691", "148.1 %", "0.02469", "269,007"])
def test_a_number_is_the_same_on_paper_on_the_page_and_in_the_tables(
    files: Mapping[str, bytes], pdf: PdfReader, shown: str
) -> None:
    paper = "\n".join(page.extract_text() for page in pdf.pages).replace("\xa0", " ")
    cells = [
        cell.text for table in tables_of(REVIEW) for column in flat(table) for cell in column.cells
    ]

    assert any(shown in text for text in cells)
    assert shown in paper
    assert shown in files["review.html"].decode()


def test_a_package_is_made_in_little_memory() -> None:
    code = (
        "from tests.integration.test_package import *; "
        "make_package(REVIEW, PROVENANCE, MADE); "
        "print(Path('/proc/self/status').read_text())"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    peak = next(line for line in done.stdout.splitlines() if line.startswith("VmHWM:"))
    assert int(peak.split()[1]) < 500_000  # kilobytes; what a parent used does not count


# -- PDF -------------------------------------------------------------------------------------------


def test_the_pdf_says_it_is_for_keeping_and_for_everyone(pdf: PdfReader) -> None:
    metadata = pdf.trailer["/Root"]["/Metadata"].get_object().get_data().decode()  # type: ignore[index]

    assert re.findall(r"<pdfaid:(part|conformance)>(\w)<", metadata) == [
        *(("part", "3"), ("conformance", "A"))
    ]
    assert re.search(r"<pdfuaid:part>1<", metadata)


def test_the_pdf_has_title_language_tags_and_date(pdf: PdfReader) -> None:
    root = pdf.trailer["/Root"]

    assert root["/Lang"] == "en-US"  # type: ignore[index]
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert pdf.metadata is not None
    assert pdf.metadata.title == REVIEW.title
    assert pdf.metadata.creation_date == MADE


def test_the_pdf_carries_its_tables_and_what_they_were_made_from(
    files: Mapping[str, bytes], pdf: PdfReader
) -> None:
    attached = {name: data[0] for name, data in pdf.attachments.items()}
    inside = read_manifest(attached.pop("manifest.json"))
    tables = {name: data for name, data in files.items() if name.startswith("tables/")}

    assert attached == tables
    assert inside.provenance == PROVENANCE
    assert {output.name: output.sha256 for output in inside.outputs} == {
        name: sha256(data) for name, data in tables.items()
    }


def test_every_page_says_where_it_stands_and_what_it_goes_by(pdf: PdfReader) -> None:
    count = len(pdf.pages)

    assert 12 <= count <= 20
    for number, page in enumerate(pdf.pages[1:], 2):
        text = page.extract_text()
        assert f"Page {number} of {count}" in text
        assert REVIEW.prepared in text


def test_heads_are_repeated_on_every_page_of_a_table(pdf: PdfReader) -> None:
    long = [text for page in pdf.pages if "SYM" in (text := page.extract_text())]

    assert len(long) > 4
    assert all("First date" in text and "Verdict" in text for text in long)


def test_only_broad_tables_lie_on_their_side(pdf: PdfReader) -> None:
    across = [page for page in pdf.pages if page.mediabox.width > page.mediabox.height]

    assert len(across) == 1
    assert "Every month by venue" in across[0].extract_text()


def test_hostile_text_is_shown_as_it_is(pdf: PdfReader) -> None:
    text = " ".join("\n".join(page.extract_text() for page in pdf.pages).split())

    for line in ("#evil[]", "$x$", "*bold*", "back\\slash\\", 'say "hi"', "[U+65E5][U+672C]"):
        assert line in text


def test_the_typeface_has_the_signs_paper_uses() -> None:
    assert set("▲▼✓✗■·…–—−0123456789%") <= letters()  # noqa: RUF001 - just these signs


# -- Workbook --------------------------------------------------------------------------------------


def test_every_cell_of_the_workbook_holds_the_exact_value(book: openpyxl.Workbook) -> None:
    for table in tables_of(REVIEW):
        sheet = sheet_of(book, table.title)
        for at, column in enumerate(flat(table), 1):
            assert sheet.cell(_HEAD, at).value == column.title
            for row, cell in enumerate(column.cells, _HEAD + 1):
                value = sheet.cell(row, at).value
                if column.numeric and cell.exact:
                    assert value == float(Decimal(cell.exact))
                elif column.dated and cell.exact:
                    assert isinstance(value, datetime)
                    assert value.date().isoformat() == cell.exact
                else:
                    shown = cell.exact or cell.text.replace(NO_VALUE, "")
                    assert unescape(str(value or "")) == shown


def test_text_that_looks_like_a_formula_or_a_link_is_text(book: openpyxl.Workbook) -> None:
    sheet = sheet_of(book, "Awkward text: #evil[] $x$ <a>")
    cells = [sheet.cell(row, 2) for row in range(_HEAD + 1, _HEAD + 1 + len(HOSTILE))]

    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.hyperlink for cell in cells} == {None}


def test_a_sheet_is_ready_to_read_filter_and_print(book: openpyxl.Workbook) -> None:
    sheet = sheet_of(book, "By symbol")

    assert sheet.freeze_panes == "B5"
    assert sheet.auto_filter.ref == "A4:G304"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$4:$4"
    assert sheet["D5"].number_format.startswith("#,##0.00000;")


def test_the_contents_lead_to_every_sheet(book: openpyxl.Workbook) -> None:
    first = book.worksheets[0]
    targets = [
        cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink
    ]

    assert targets == [f"'{name}'!A1" for name in book.sheetnames[1:]]


def test_the_definitions_hold_each_footnote_once(book: openpyxl.Workbook) -> None:
    terms = [str(cell.value) for cell in book["Definitions"]["A"]]

    assert terms.count("Coverage") == 1
    assert "Price improvement" in terms


# -- Parquet ---------------------------------------------------------------------------------------


def test_parquet_holds_exact_decimals_dates_and_what_is_shown(files: Mapping[str, bytes]) -> None:
    found = pl.read_parquet(io.BytesIO(files["tables/by_symbol.parquet"]))

    assert found.columns == [
        *("symbol", "first_date", "shares", "shares_shown"),
        *("price_improvement_price_share", "price_improvement_price_share_shown"),
        *("slippage_bps", "slippage_bps_shown"),
        *("fill_rate_percent", "fill_rate_percent_shown", "verdict"),
    ]
    assert found.schema["first_date"] == pl.Date
    assert found["price_improvement_price_share"][0] == Decimal("-1.851851835150")
    assert found["fill_rate_percent"][7] is None


@pytest.mark.parametrize(
    ("exact", "dtype"),
    [("0.012345678901", pl.Decimal(38, 12)), ("0.0123456789012", pl.String), ("9e26", pl.String)],
)
def test_a_number_that_twelve_places_cannot_hold_is_kept_as_text(
    exact: str, dtype: pl.DataType
) -> None:
    table = Table("t", "T", "", (Heading("A", numeric=True),), ((Cell("x", exact),),))

    assert frame(table)["a"].dtype == dtype


# -- The folder ------------------------------------------------------------------------------------


def test_a_package_as_written_has_no_fault(folder: Path) -> None:
    assert check_package(folder) == ()


def test_a_package_written_again_leaves_nothing_behind(folder: Path) -> None:
    small = type(REVIEW)(*("T", "", "", "2026Q3", "", REVIEW.sections[:1], ""))
    (folder / "notes.txt").write_text("mine")
    digest = write_package(small, PROVENANCE, MADE, folder)

    assert digest == sha256((folder / "manifest.json").read_bytes())
    assert [path.name for path in (folder / "tables").iterdir()] == ["at_a_glance.parquet"]
    assert check_package(folder) == (Fault("notes.txt", What.STRANGE),)


def test_what_a_killed_review_left_unfinished_is_gone_when_it_is_written_again(
    folder: Path,
) -> None:
    (folder / "manifest.json").unlink()
    for place in (folder, folder / "tables"):
        (place / ".part-cut_off").write_bytes(b"half")
    write_package(REVIEW, PROVENANCE, MADE, folder)

    assert check_package(folder) == ()


def test_a_changed_a_lost_and_a_strange_file_are_told(folder: Path) -> None:
    page = folder / "review.html"
    page.write_bytes(page.read_bytes() + b" ")
    (folder / "review.pdf").unlink()
    (folder / "tables" / "more.parquet").write_bytes(b"")
    (folder / "review.xlsx").unlink()
    (folder / "review.xlsx").symlink_to(folder / "nowhere")

    assert [(fault.name, fault.what) for fault in check_package(folder)] == [
        ("review.pdf", What.MISSING),
        ("review.html", What.ALTERED),
        ("review.xlsx", What.UNREADABLE),
        ("tables/more.parquet", What.STRANGE),
    ]


def test_a_manifest_that_leads_out_of_the_package_is_not_followed(folder: Path) -> None:
    path = folder / "manifest.json"
    text = path.read_text().replace('"name":"review.pdf"', '"name":"../review.pdf"')
    path.write_text(text)

    assert check_package(folder)[0] == Fault(
        "../review.pdf", What.UNREADABLE, "its name leads out of the package"
    )
    assert manifest_bytes(read_manifest(path.read_bytes())) == path.read_bytes()


def test_a_folder_without_a_manifest_or_with_a_broken_one_is_no_package(folder: Path) -> None:
    (folder / "manifest.json").write_text("{}")
    assert [fault.what for fault in check_package(folder)] == [What.UNREADABLE]

    (folder / "manifest.json").unlink()
    assert check_package(folder) == (Fault("manifest.json", What.MISSING),)
