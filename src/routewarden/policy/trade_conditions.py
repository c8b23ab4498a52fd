"""Which sale conditions the firm counts as regular trades.

Nothing ships as regular: condition codes differ by tape and by vendor, so the firm says which of
those its own files carry count in a market average.
"""

from __future__ import annotations

import tomllib

from routewarden.base.errors import RoutewardenError


class TradeConditionsError(RoutewardenError):
    """The firm's table of trade conditions cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/trade_conditions.toml: {entry}: {value}. "
            'Write `regular = ["@", "F"]`, or leave it empty.'
        )


def regular_conditions(text: str) -> tuple[str, ...]:
    """Return the conditions the firm's `trade_conditions.toml` calls regular.

    Raises:
        TradeConditionsError: The text is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TradeConditionsError(entry="the file", value=str(error)) from error
    if extra := set(table) - {"regular"}:
        raise TradeConditionsError(entry=min(extra), value="no such entry")
    regular = table.get("regular", [])
    if not (isinstance(regular, list) and all(isinstance(item, str) for item in regular)):
        raise TradeConditionsError(entry="regular", value=regular)
    return tuple(sorted(regular))
