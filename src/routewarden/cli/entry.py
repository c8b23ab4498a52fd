"""Where the program starts, before anything large is loaded: Ctrl-C is answered from here on."""

from __future__ import annotations

import sys


def main() -> None:
    """Load the command line and run it."""
    try:
        from routewarden.cli.app import main as run  # noqa: PLC0415 - loading takes a second

        run()
    except KeyboardInterrupt:
        print("interrupted: nothing is half in", file=sys.stderr)  # noqa: T201 - nothing is loaded
        sys.exit(130)
