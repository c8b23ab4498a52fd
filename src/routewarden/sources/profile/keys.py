"""The entries of a TOML table, taken one by one, each of the type it should be, none left over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from routewarden.base.errors import RoutewardenError


class ProfileError(RoutewardenError):
    """A profile cannot be used."""

    def __init__(self, key: str, wrong: str, allowed: str) -> None:
        super().__init__(f"profile: {key}: {wrong}; {allowed}.")


class Keys:
    """A table at a place in the text, whose entries are among `allowed`."""

    def __init__(self, table: object, at: str, allowed: Sequence[str]) -> None:
        if not isinstance(table, Mapping):
            raise ProfileError(at or "the text", "not a table", f"allowed: {', '.join(allowed)}")
        self._table: Mapping[str, object] = table
        self._at = at
        for key in table:
            if key not in allowed:
                raise self.error(key, "no such key", f"allowed: {', '.join(allowed)}")

    def __contains__(self, key: str) -> bool:
        return key in self._table

    def error(self, key: str, wrong: str, allowed: str) -> ProfileError:
        """Return an error about an entry."""
        return ProfileError(f"{self._at}.{key}" if self._at else key, wrong, allowed)

    def value(self, key: str) -> object:
        """Return an entry as it is; None if it is not there."""
        return self._table.get(key)

    def text(self, key: str, default: str = "") -> str:
        """Return an entry that is text."""
        found = self._table.get(key, default)
        if not isinstance(found, str):
            raise self.error(key, f"{found!r} is no text", 'write it in quotes, as "…"')
        return found

    def maybe(self, key: str) -> str | None:
        """Return an entry that is text, or None."""
        return self.text(key) if key in self._table else None

    def word(self, key: str, words: Sequence[str], default: str) -> str:
        """Return an entry that is one of some words."""
        found = self.text(key, default)
        if found not in words:
            raise self.error(key, f"'{found}' is not known", f"allowed: {', '.join(words)}")
        return found

    def letter(self, key: str, default: str) -> str:
        """Return an entry that is one ASCII sign, or none."""
        found = self.text(key, default)
        if len(found) > 1 or not found.isascii() or found.isalnum() or found in {"\n", "\r", "\0"}:
            raise self.error(key, f"{found!r} will not do", "allowed: one ASCII sign")
        return found

    def flag(self, key: str, *, default: bool) -> bool:
        """Return an entry that is true or false."""
        found = self._table.get(key, default)
        if not isinstance(found, bool):
            raise self.error(key, f"{found!r} is neither", "allowed: true, false")
        return found

    def whole(self, key: str, default: int, least: int = 0) -> int:
        """Return an entry that is a whole number."""
        found = self._table.get(key, default)
        if not isinstance(found, int) or isinstance(found, bool) or found < least:
            raise self.error(key, f"{found!r} will not do", f"allowed: whole numbers from {least}")
        return found

    def day(self, key: str) -> dt.date | None:
        """Return an entry that is a date."""
        found = self._table.get(key)
        if found is None or (isinstance(found, dt.date) and not isinstance(found, dt.datetime)):
            return found
        raise self.error(key, f"{found!r} is no date", "write it as 2026-07-01, without quotes")

    def texts(self, key: str) -> tuple[str, ...]:
        """Return an entry that is a text or a list of texts."""
        found = self._table.get(key, [])
        listed = [found] if isinstance(found, str) else found
        if isinstance(listed, list) and all(isinstance(each, str) for each in listed):
            return tuple(listed)
        raise self.error(key, f"{found!r} is no list of texts", 'write it as ["…", "…"]')

    def table(self, key: str) -> dict[str, object]:
        """Return an entry that is a table; an empty one if it is not there."""
        found = self._table.get(key, {})
        if not isinstance(found, dict):
            raise self.error(key, f"{found!r} is no table", "write it as {name = …}")
        return found

    def tables(self, key: str) -> list[object]:
        """Return an entry that is a list of tables."""
        found = self._table.get(key, [])
        if not isinstance(found, list):
            raise self.error(key, f"{found!r} is no list", f"write each as [[{key}]]")
        return found
