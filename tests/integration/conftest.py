"""What tests of commands that die, or whose disk fails, begin with: a small firm, and its steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.homes import Golden, golden
from tests.integration.tracing import Boundary, boundaries, disturbed


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    return golden(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def steps(firm: Golden, tmp_path_factory: pytest.TempPathFactory) -> list[Boundary]:
    """The durable steps of the ingest of the fills."""
    home = firm.home(tmp_path_factory.mktemp("steps") / "home")
    return boundaries(home, "ingest", "fills", firm.fills)


@pytest.fixture(scope="module")
def unpublished(
    firm: Golden, steps: list[Boundary], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A home whose fills are acknowledged, and not in the lake: the ingest was killed between."""
    home = firm.home(tmp_path_factory.mktemp("unpublished") / "home")
    publishing = next(at for at in reversed(steps) if at.name.startswith("rename"))
    assert disturbed(home, publishing, "signal=KILL", "ingest", "fills", firm.fills).status == -9
    return home
