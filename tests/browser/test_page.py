"""The page in a real browser: it sorts, filters, exports and prints, and fetches nothing."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from routewarden.base.schema import Kind
from routewarden.simulator.world import play
from tests.command import must
from tests.sample_world import CALENDAR, MONDAY, QUIET, SCALE, WEDNESDAY

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
REQUIRED = os.environ.get("ROUTEWARDEN_REQUIRE_SYSTEM") == "1"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED, reason="Chromium is not installed (Debian: chromium)"
)


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a firm's three dates."""
    folder = tmp_path_factory.mktemp("browser")
    home, received = folder / "firm", defaultdict[Kind, list[Path]](list)
    must(home, "init")
    for chapter in play(1, CALENDAR, (MONDAY, WEDNESDAY), SCALE, QUIET):
        for file in chapter.files:
            received[file.kind].append(folder / file.name)
            received[file.kind][-1].write_bytes(file.content)
    for kind, paths in received.items():
        must(home, "ingest", kind, *paths)
    must(home, "run")
    must(home, "page", "--out", folder / "page.html")
    return folder / "page.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None, "ROUTEWARDEN_REQUIRE_SYSTEM is set and there is no Chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, html: Path) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    faults: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(html.as_uri())
    yield page
    assert faults == []
    assert [url for url in requests if not url.startswith(("file:", "blob:"))] == []
    page.close()


def column(table: Locator, number: int) -> list[str]:
    cells = table.locator(f"tbody tr:visible td:nth-child({number})")
    return [cell.get_attribute("data-v") or "" for cell in cells.all()]


def test_a_heading_sorts_by_the_exact_value_and_empty_cells_stay_last(page: Page) -> None:
    table = page.locator("#by-venue")
    heading = table.locator("th .sort", has_text="Fill rate")
    position = [h.inner_text() for h in table.locator("th .sort").all()].index(heading.inner_text())
    heading.click()
    rising = column(table, position + 1)
    heading.press("Enter")
    falling = column(table, position + 1)

    numbers = [float(value) for value in rising if value]
    assert numbers == sorted(numbers)
    assert rising == [*map(str, rising[: len(numbers)]), *[""] * (len(rising) - len(numbers))]
    assert [float(value) for value in falling if value] == numbers[::-1]


def test_the_filter_leaves_the_rows_that_hold_every_word(page: Page) -> None:
    table = page.locator("#by-venue")
    table.locator("[data-filter]").fill("xnas market")

    assert set(column(table, 1)) == {"XNAS"}
    assert "rows" in table.locator(".count").inner_text()


def test_csv_holds_just_the_rows_shown_with_exact_values(page: Page) -> None:
    table = page.locator("#by-venue")
    table.locator("[data-filter]").fill("xnas")
    with page.expect_download() as download:
        table.locator("[data-csv]").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text())))

    assert [row[0] for row in rows[1:]] == column(table, 1)
    assert [row[6] for row in rows[1:]] == column(table, 7)


def test_csv_neutralises_text_a_spreadsheet_would_run(page: Page) -> None:
    assert page.evaluate("field('=1+1')") == '"\'=1+1"'
    assert page.evaluate("field('-0.25')") == '"-0.25"'


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Browser, html: Path, scheme: str) -> None:
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(html.as_uri())
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    page.close()

    assert _contrast(ink, paper) > 7


def test_every_chart_has_its_events_beside_it(page: Page) -> None:
    stories = page.locator(".story")

    assert stories.count() > 0
    for story in stories.all():
        story.locator("summary").click()
        assert story.locator("svg.tick .filled").count() > 0
        assert story.locator("tbody tr").count() >= story.locator("svg.tick .filled").count()


@pytest.mark.parametrize("width", [1280, 1366])
def test_the_laptop_needs_no_sideways_scrolling(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 768})
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")

    for place in ("html", *(f"#{name} .scroll" for name in _table_names(page))):
        assert page.locator(place).first.evaluate("e => e.scrollWidth <= e.clientWidth + 1"), place


def test_print_leaves_out_the_controls_and_keeps_every_row(page: Page) -> None:
    page.emulate_media(media="print")

    assert page.locator(".no-print:visible").count() == 0
    assert page.locator("#by-symbol .scroll").evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    assert len(page.pdf(prefer_css_page_size=True)) > 50_000


def _table_names(page: Page) -> list[str]:
    found = page.locator(".table:has(.scroll)").evaluate_all("all => all.map((one) => one.id)")
    return [str(name) for name in found]


def _contrast(one: str, other: str) -> float:
    """Relative luminance contrast (WCAG 2)."""
    lights = sorted(_luminance(colour) + 0.05 for colour in (one, other))
    return lights[1] / lights[0]


def _luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
