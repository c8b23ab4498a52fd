"""The command line of the verifier that travels in a pack; it needs nothing but Python."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.note import parse_key
from routewarden.ledger.outside import Outside
from routewarden.ledger.pack import check_pack


def main() -> int:
    """Check a pack; return 0 if every byte of it is as it was signed."""
    parser = argparse.ArgumentParser(description="Check every byte of an evidence pack.")
    parser.add_argument("pack", type=Path, help="the pack, one file")
    parser.add_argument("--key", action="append", default=[], help="a key of the log you know")
    parser.add_argument("--witness", action="append", default=[], help="a witness's key you know")
    parser.add_argument("--checkpoint", action="append", default=[], type=Path, help="one you kept")
    given = parser.parse_args()
    try:
        outside = Outside(
            tuple(map(parse_key, given.key)),
            tuple(map(parse_key, given.witness)),
            tuple(read_checkpoint(path.read_bytes())[0].head for path in given.checkpoint),
        )
        found = check_pack(given.pack.read_bytes(), outside)
    except (RoutewardenError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - its answer
        return 2
    for wrong in found.wrong:
        print(f"{wrong.where}: {wrong.what}", file=sys.stderr)  # noqa: T201 - its answer
    had = f"{found.about}: {found.members} members, every byte as it was signed"
    print("FAILED" if found.wrong else f"{had} ({found.said})")  # noqa: T201 - its answer
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
