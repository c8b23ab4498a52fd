from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import routewarden.ledger

LEDGER = Path(routewarden.ledger.__file__).parent


def test_the_ledger_is_reckoned_with_nothing_but_python() -> None:
    """Without packages, so whoever is handed these files and no more can check."""
    modules = sorted(path.stem for path in LEDGER.glob("[a-z]*.py"))
    loaded = "; ".join(f"import routewarden.ledger.{name}" for name in modules)
    said = "; ".join(
        (
            f"import sys; sys.path.insert(0, {str(LEDGER.parents[1])!r}); {loaded}",
            "print(*sorted(name for name in sys.modules if name.startswith('routewarden.')))",
        )
    )
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-I", "-S", "-c", said], check=True, capture_output=True, text=True
    )

    assert ran.stdout.split() == sorted(
        [
            *("routewarden.base", "routewarden.base.canonical", "routewarden.base.errors"),
            "routewarden.ledger",
            *(f"routewarden.ledger.{name}" for name in modules),
        ]
    )
