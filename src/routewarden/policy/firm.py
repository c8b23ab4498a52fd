"""What the firm is called on its reports."""

from __future__ import annotations

import tomllib

from routewarden.base.errors import RoutewardenError

UNNAMED = "The firm"

FIRM_TEXT = """\
# The firm's name, as its reports print it.
#
# name = "Example Securities LLC"
"""


class FirmError(RoutewardenError):
    """The firm's own file cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(f'policy/firm.toml: {entry}: {value}. Write `name = "Example LLC"`.')


def firm_name(text: str) -> str:
    """Return the name of the firm's `firm.toml`, or a plain word where it has none.

    Raises:
        FirmError: The text is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FirmError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"name"}:
        raise FirmError(entry=min(extra), value="no such entry")
    name = table.get("name", UNNAMED)
    if not isinstance(name, str) or not name.strip():
        raise FirmError(entry="name", value=name)
    return name
