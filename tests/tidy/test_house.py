"""House rules that no linter knows."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

from routewarden import __version__
from routewarden.rules.book import RULES
from routewarden.store.database import HEAD

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "routewarden"
CATALOGUE = sorted((SOURCE / "rules" / "catalogue").glob("[a-z]*.py"))
PYTHON = sorted(
    path
    for folder in (SOURCE, ROOT / "tests", ROOT / "speed", ROOT)
    for path in (folder.glob("*.py") if folder == ROOT else folder.rglob("*.py"))
)
NATIVE = sorted((SOURCE / "native").glob("*.[ch]"))
_NAMED_SO = {"test_real_taq.py", "test_taq_real.py"}  # a file of theirs has the mark in its name
_EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "services", "managers", "misc"}


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    kinds = {".py", ".md", ".toml", ".txt", ".html", ".css", ".js", ""}
    return [
        (path.relative_to(ROOT), path.read_text(errors="replace"))
        for path in tracked()
        if path.suffix in kinds
    ]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_in_one_head(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 400
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 60, node.name


@pytest.mark.parametrize("path", NATIVE, ids=lambda path: path.name)
def test_a_compiled_file_fits_too(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_nothing_is_named_for_being_useful() -> None:
    assert [path for path in PYTHON if {path.stem, *path.parts} & _EMPTY_WORDS] == []


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.stem)
def test_a_rule_comes_with_its_page(path: Path) -> None:
    page = path.with_suffix(".md").read_text()
    rule = next(rule for rule in RULES if rule.id == path.stem.replace("_", "-"))

    assert f"`{rule.id}`" in page
    assert page.startswith(f"# {rule.title}\n")
    assert f"| severity | {rule.severity} |" in page


def test_every_rule_is_in_the_book_once() -> None:
    assert sorted(rule.id for rule in RULES) == [p.stem.replace("_", "-") for p in CATALOGUE]


def test_the_reference_says_what_the_program_says() -> None:
    place = ROOT / "docs" / "reference" / "generate.py"
    spec = importlib.util.spec_from_file_location("generate", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, text in module.pages().items():
        assert (place.parent / name).read_text() == text, f"{name}: run {place.name}"


def test_the_schema_knows_its_newest_migration() -> None:
    versions = sorted((SOURCE / "store" / "migrations" / "versions").glob("r*.py"))

    assert versions[-1].name.startswith(f"r{HEAD}_")


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text()
        assert "://" not in text
        assert len(re.findall(r"^\S+==", text, re.MULTILINE)) >= 1
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "--hash=sha256:" in block, block.partition("\n")[0]


def test_links_between_documents_lead_somewhere() -> None:
    for path, text in texts():
        if path.suffix != ".md":
            continue
        for target in re.findall(r"\]\(([^)#]+)\)", text):
            if "://" not in target:
                assert (ROOT / path.parent / target).exists(), (path, target)


def test_the_product_claims_no_more_than_it_may() -> None:
    claims = re.compile(r"\b(is|are|fully|17a-4|FINRA)[ -]complian(t|ce)\b", re.IGNORECASE)
    assert [path for path, text in texts() if claims.search(text)] == []


def test_the_changelog_knows_what_is_coming() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    assert "## [Unreleased]" in text or f"## [{__version__}]" in text


def test_the_page_stays_light() -> None:
    templates = SOURCE / "runs" / "templates"
    assert sum((templates / name).stat().st_size for name in ("page.css", "page.js")) < 16_000


def test_work_is_done_or_not_begun() -> None:
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|NotImplemented" + "Error")
    found = [path for path, text in texts() if path.suffix == ".py" and mark.search(text)]
    assert [path for path in found if path.name not in _NAMED_SO] == []
