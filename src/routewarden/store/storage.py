"""Where a firm keeps what is not in the home: `policy/storage.toml`, which no result depends on.

`place` is where the lake and the results are. Whoever moves them writes it, and the next commands
make them anew there. `database` is the server that has the event table. Without the file all is in
the home.
"""

from __future__ import annotations

import json
import re
import tomllib

from routewarden.base.errors import RoutewardenError
from routewarden.store.depot import Depot, depot_at

STORAGE = "storage.toml"

_PLACE = re.compile(r"s3://[^/]+(/.*)?|/.+")
_DATABASE = re.compile(r"postgres(ql)?://.*")


class StorageSettingError(RoutewardenError):
    """The firm's `storage.toml` names no place."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f'policy/{STORAGE}: {entry}: {value}. Write `place = "s3://bucket/prefix"`, or the '
            'path of a folder from the root, and `database = "postgresql://user@host:5432/name"`; '
            "without the file all is kept in the home."
        )


def storage_text(place: str | None, database: str | None) -> str:
    """Return the file that names a place, a database or both."""
    named = {"place": place, "database": database}
    return "".join(
        f"{name} = {json.dumps(value)}\n" for name, value in named.items() if value is not None
    )


def storage_depot(text: str) -> Depot | None:
    """Return the depot that a `storage.toml` names; None where it names none.

    Raises:
        StorageSettingError: It is not that.
    """
    place = storage_place(text)
    return None if place is None else depot_at(place)


def storage_place(text: str) -> str | None:
    """Return the place that a `storage.toml` names, as it is written there.

    Raises:
        StorageSettingError: It is not that.
    """
    return _entry(text, "place", _PLACE)


def storage_database(text: str) -> str | None:
    """Return the address of the database that a `storage.toml` names; None where it names none.

    Raises:
        StorageSettingError: It is not that.
    """
    return _entry(text, "database", _DATABASE)


def _entry(text: str, name: str, form: re.Pattern[str]) -> str | None:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StorageSettingError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"place", "database"}:
        raise StorageSettingError(entry=min(extra), value="no such entry")
    value = table.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not form.fullmatch(value):
        raise StorageSettingError(entry=name, value=value)
    return value
