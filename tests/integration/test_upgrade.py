"""Homes of earlier versions open, get a key and a published log, verify, and say what they said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.old_homes import VERSIONS, not_upgraded, old_home
from tests.integration.warm import warm


@pytest.mark.parametrize("version", VERSIONS)
def test_an_older_home_is_brought_up_to_date_and_says_what_it_said(
    version: str, tmp_path: Path
) -> None:
    assert not_upgraded(version, tmp_path) == ""


def test_a_home_from_before_the_published_log_exports_the_same_bytes(tmp_path: Path) -> None:
    home, then = old_home("3ad3046", tmp_path)
    assert warm(home, "run").status == 0
    assert warm(home, "export", "fills", "--out", tmp_path / "now.csv").status == 0

    assert (tmp_path / "now.csv").read_text() == then
