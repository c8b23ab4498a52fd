"""Where a firm keeps what can be made again: `policy/storage.toml`, which no result depends on.

Without the file the lake and the results are in the home. Whoever moves them writes the file, and
the next commands make them anew there.
"""

from __future__ import annotations

import json
import re
import tomllib

from routewarden.base.errors import RoutewardenError
from routewarden.store.depot import Depot, depot_at

STORAGE = "storage.toml"

_PLACE = re.compile(r"s3://[^/]+(/.*)?|/.+")


class StorageSettingError(RoutewardenError):
    """The firm's `storage.toml` names no place."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f'policy/{STORAGE}: {entry}: {value}. Write `place = "s3://bucket/prefix"`, or the '
            "path of a folder from the root; without the file all is kept in the home."
        )


def storage_text(place: str) -> str:
    """Return the file that names a place."""
    return f"place = {json.dumps(place)}\n"


def storage_depot(text: str) -> Depot | None:
    """Return the depot that a `storage.toml` names; None where it names none.

    Raises:
        StorageSettingError: It is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StorageSettingError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"place"}:
        raise StorageSettingError(entry=min(extra), value="no such entry")
    if (place := table.get("place")) is None:
        return None
    if not isinstance(place, str) or not _PLACE.fullmatch(place):
        raise StorageSettingError(entry="place", value=place)
    return depot_at(place)
