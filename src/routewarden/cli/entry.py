"""Where the program starts, before anything large is loaded: Ctrl-C is answered from here on."""

from __future__ import annotations

import os
import sys
from typing import Any

_INTERRUPTED = 130


def main() -> None:
    """Load the command line and run it."""
    sys.unraisablehook = _heard
    try:
        from routewarden.cli.app import main as run  # noqa: PLC0415 - loading takes a second

        run()
    except KeyboardInterrupt:
        _answer()
        sys.exit(_INTERRUPTED)


def _heard(lost: Any) -> None:  # noqa: ANN401 - the interpreter has no name for its type
    """End on an interrupt that came where the interpreter can only forget it."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
        return
    _answer()
    sys.stderr.flush()
    os._exit(_INTERRUPTED)


def _answer() -> None:
    print("interrupted: nothing is half in", file=sys.stderr)  # noqa: T201 - nothing is loaded
