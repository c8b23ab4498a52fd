"""How a firm's FIX sessions differ from the standard: the `[fix]` section of a profile, as a value.

    [fix]
    strip = ["B6_"]                     # prefixes a broker puts before a ClOrdID
    verify = false                      # the log was changed: do not ask if its sums are right
    router = "acme-sor"                 # whose router the orders went to
    role = "children"                   # the feed is of child orders, also where no parent is held
    sent_at = "acknowledged"            # of a child nobody told the sending of: its acknowledgement
    venue = 7772                        # the tag that says where a fill was made, for 30
    fee = {tag = 9882, times = "-1", per = "share"}   # per "share" or "fill"; cost positive
    liquidity = {tag = 9730, A = "added", R = "removed"}
    account_type = {tag = 582, 1 = "proprietary"}
    link = [{tag = 16113, when = {tag = 16114, is = "R"}}]   # where a child names its parent
    orders = {desk = 20001, directed = {tag = 20002, Y = "true", N = "false"}}
    routes = {further_routable = {tag = 20003, Y = "true"}}  # any column of a table, from a tag
    fills = {}

A text that a map does not list stays as it is, unless `other` says what it becomes; a liquidity
that is not listed is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import TABLES, Kind

KINDS = (Kind.ORDERS, Kind.ROUTES, Kind.FILLS)
_SPECIAL = frozenset({"tag", "times", "per", "other"})
_SHORT = {"account_type": Kind.ORDERS, "fee": Kind.FILLS, "liquidity": Kind.FILLS}
_KEYS = ("strip", "verify", "sent_at", "router", "role", "venue", "link", *_SHORT, *KINDS)


class FixDialectError(RoutewardenError):
    """The `[fix]` section of a profile cannot be used."""

    def __init__(self, key: str, wanted: str) -> None:
        super().__init__(f"[fix] {key}: write {wanted}.")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a column comes from: a tag, what its texts mean, and what a number is multiplied by."""

    tag: str
    words: Mapping[str, str] = field(default_factory=dict)
    other: str | None = None
    times: Decimal | None = None
    per_share: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A tag that names a child's parent, where `when_tag` (if any) reads `when_is`."""

    tag: str
    when_tag: str | None = None
    when_is: str | None = None


@dataclass(frozen=True, slots=True)
class FixDialect:
    """How a firm's FIX sessions differ; without arguments, not at all."""

    strip: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    router: str | None = None
    of_children: bool = False
    columns: Mapping[Kind, Mapping[str, Cell]] = field(default_factory=dict)
    verify: bool = True
    sent_as_acknowledged: bool = False

    def name(self, text: str | None) -> str | None:
        """Return an identifier without the prefix a broker put before it."""
        for prefix in self.strip:
            if text and text.startswith(prefix) and text != prefix:
                return text.removeprefix(prefix)
        return text or None


def read_fix_dialect(table: Mapping[str, object]) -> FixDialect:
    """Return the dialect that the `[fix]` section of a profile describes.

    Raises:
        FixDialectError: A key is not known, or its value is not what it should be.
    """
    for key in table:
        if key not in _KEYS:
            raise FixDialectError(key, "one of " + ", ".join(_KEYS))
    columns = {kind: _columns(kind, table.get(kind, {})) for kind in KINDS}
    for key, kind in _SHORT.items():
        if key in table:
            columns[kind][key] = _cell(key, table[key])
    if "venue" in table:
        columns[Kind.FILLS]["venue"] = Cell(_tag("venue", table["venue"]))
    return FixDialect(
        strip=tuple(_texts("strip", table.get("strip", []))),
        links=tuple(_link(entry) for entry in _list("link", table.get("link", []))),
        router=_router(table.get("router")),
        of_children=_is_of_children(table.get("role", "orders")),
        columns=columns,
        verify=_verify(table.get("verify", True)),
        sent_as_acknowledged=_is_acknowledged(table.get("sent_at")),
    )


def _columns(kind: Kind, value: object) -> dict[str, Cell]:
    entries = _table(kind, value)
    for name in entries:
        if name not in TABLES[kind].names:
            raise FixDialectError(f"{kind}.{name}", "one of " + ", ".join(TABLES[kind].names))
    return {name: _cell(f"{kind}.{name}", entry) for name, entry in entries.items()}


def _cell(key: str, value: object) -> Cell:
    if not isinstance(value, Mapping):
        return Cell(_tag(key, value))
    words = {name: text for name, text in value.items() if name not in _SPECIAL}
    per = value.get("per", "fill")
    if per not in {"fill", "share"}:
        raise FixDialectError(f"{key}.per", '"share" or "fill"')
    other = value.get("other", "unknown" if key.endswith("liquidity") else None)
    for name, text in {**words, "other": other or ""}.items():
        if not isinstance(text, str):
            raise FixDialectError(f"{key}.{name}", 'a word in quotes, such as "added"')
    times = _decimal(f"{key}.times", value["times"]) if "times" in value else None
    return Cell(_tag(key, value.get("tag")), words, other, times, per == "share")


def _link(value: object) -> Link:
    entry = _table("link", value)
    tag = _tag("link.tag", entry.get("tag"))
    if "when" not in entry:
        return Link(tag)
    when = _table("link.when", entry["when"])
    expected = when.get("is")
    if not isinstance(expected, str):
        raise FixDialectError("link.when.is", 'the text the tag must have, such as "R"')
    return Link(tag, _tag("link.when.tag", when.get("tag")), expected)


def _is_acknowledged(value: object) -> bool:
    if value not in {None, "acknowledged"}:
        raise FixDialectError("sent_at", '"acknowledged", or leave it out')
    return value is not None


def _verify(value: object) -> bool:
    if not isinstance(value, bool):
        raise FixDialectError("verify", "true or false")
    return value


def _router(value: object) -> str | None:
    if value is None or (isinstance(value, str) and value):
        return value
    raise FixDialectError("router", 'the router\'s id in quotes, such as "acme-sor"')


def _is_of_children(value: object) -> bool:
    if value in {"orders", "children"}:
        return value == "children"
    raise FixDialectError("role", '"orders" or "children"')


def _tag(key: str, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return str(value)
    raise FixDialectError(key, "a tag as a whole number, such as 9730")


def _decimal(key: str, value: object) -> Decimal:
    try:
        number = Decimal(value) if isinstance(value, str) else Decimal("nan")
    except InvalidOperation:
        number = Decimal("nan")
    if number.is_finite():
        return number
    raise FixDialectError(key, 'a decimal in quotes, such as "-1"')


def _table(key: str, value: object) -> Mapping[str, object]:
    if isinstance(value, Mapping):
        return value
    raise FixDialectError(key, "a table, such as {tag = 9730}")


def _list(key: str, value: object) -> list[object]:
    if isinstance(value, list):
        return value
    raise FixDialectError(key, "a list in brackets")


def _texts(key: str, value: object) -> list[str]:
    texts = [text for text in _list(key, value) if isinstance(text, str) and text]
    if texts == value:
        return texts
    raise FixDialectError(key, 'texts in quotes, such as ["B6_"]')
