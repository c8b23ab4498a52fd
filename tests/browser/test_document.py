"""A document with every kind of block in a real browser."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from routewarden.runs.drawing import draw_figures
from routewarden.runs.html import make_html
from tests.sample_review import HOSTILE, STORY, sample_review

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
REQUIRED = os.environ.get("ROUTEWARDEN_REQUIRE_SYSTEM") == "1"

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not REQUIRED, reason="Chromium is not installed (Debian: chromium)"
)

TEXTS = (
    *(".soft", ".lead", ".status", ".fact .t", ".fact .v", "td.good", "td.bad", ".basis"),
    *(".notes", ".word", "caption", "nav a", "summary", "thead .sort", "thead small"),
    *(".chart svg text", "svg.tick .axis", ".bidkey", ".askkey", "figcaption", "footer"),
)
RATIO = """
(element) => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((part) => part / 255)
    .map((p) => (p <= 0.03928 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4))
    .reduce((sum, p, at) => sum + p * [0.2126, 0.7152, 0.0722][at], 0);
  let ground = element;
  while (parts(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
  const style = getComputedStyle(element);
  const ink = element instanceof SVGElement ? style.fill : style.color;
  const [a, b] = [ink, getComputedStyle(ground).backgroundColor].map(light).sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}
"""


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("document") / "review.html"
    review = sample_review()
    path.write_text(make_html(review, draw_figures(review)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None, "ROUTEWARDEN_REQUIRE_SYSTEM is set and there is no Chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, html: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=request.param)
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


def test_a_link_opens_the_story_it_leads_to(page: Page) -> None:
    story = page.locator(f"[id='{STORY}']")
    assert story.get_attribute("open") is None

    page.locator(f"#by-symbol a[href='#{STORY}']").click()

    page.wait_for_function("name => document.getElementById(name).open", arg=STORY)
    assert story.locator("svg.tick").is_visible()


def test_every_kind_of_text_stands_out_from_its_ground(page: Page) -> None:
    for place in TEXTS:
        found = page.locator(place).all()
        assert found, place
        assert min(float(one.evaluate(RATIO)) for one in found[:8]) >= 4.5, place


def test_headings_never_skip_a_level(page: Page) -> None:
    levels = page.locator("h1, h2, h3, h4").evaluate_all(
        "all => all.map((h) => Number(h.tagName[1]))"
    )

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_control_and_picture_has_a_name(page: Page) -> None:
    for place in ("[role=img]", "[role=region]", "[data-csv]", "[data-filter]", "nav"):
        found = page.locator(place)
        assert found.count() > 0
        assert all(one.get_attribute("aria-label") for one in found.all())
    assert page.locator("thead th:not([scope=col])").count() == 0


def test_ids_are_each_once(page: Page) -> None:
    ids = page.locator("[id]").evaluate_all("all => all.map((one) => one.id)")

    assert len(ids) == len(set(ids))


def test_hostile_text_is_text(page: Page) -> None:
    shown = page.locator("#awkward tbody td:nth-child(2)").all()

    assert [cell.text_content() for cell in shown] == list(HOSTILE)


def test_a_good_or_bad_value_has_its_sign_besides_its_colour(page: Page) -> None:
    sign = "(cell) => getComputedStyle(cell, '::before').content"

    assert page.locator("td.good").first.evaluate(sign) == '"✓ "'
    assert page.locator("td.bad").first.evaluate(sign) == '"✗ "'


def test_print_unfolds_what_is_folded_and_repeats_the_heads(page: Page) -> None:
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    long = [text for sheet in paper.pages if "SYM" in (text := sheet.extract_text())]

    assert len(long) > 3
    assert all("First date" in text for text in long)
    assert page.locator("details:not([open])").count() == 0


def test_the_contents_fold_on_a_small_screen(page: Page) -> None:
    page.set_viewport_size({"width": 420, "height": 800})
    page.reload()

    assert page.locator("nav li:visible").count() == 0
    page.locator("nav summary").click()
    assert page.locator("nav li:visible").count() == len(sample_review().sections)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
