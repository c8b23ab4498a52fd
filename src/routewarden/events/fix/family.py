"""Which lives are child orders, and whose.

A child names its parent in a link tag: SecondaryClOrdID 526, ClOrdLinkID 583, RefOrderID 1080 or
SecondaryOrderID 198, which count only where they name another order that is held, by its ClOrdID or
OrderID; or in a tag the dialect states, which counts always. Of an order that was replaced before
the child was sent, the parent is the one in force.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from routewarden.events.fix.life import Life, Lives
from routewarden.events.fix.message import Message

_BOTH_WAYS = "198"
_USUAL = ("526", "583", "1080", _BOTH_WAYS)


@dataclass(frozen=True, slots=True)
class Parent:
    """What a child names: an identifier, and the life it is of, if any message is of that life.

    `routed` is whether the child is a route; else it is an order that has a parent.
    """

    life: Life | None
    name: str
    routed: bool


def parents_of(lives: Lives, known_orders: Collection[str]) -> Mapping[Life, Parent]:
    """Return the parent of each life that has one; lives that name one another in a ring do not."""
    stated: dict[Life, Parent] = {}
    for life in lives.all:  # a life that was replaced comes before the one that replaced it
        prior = stated.get(life.prior) if life.prior is not None else None
        parent = _parent(life, lives, known_orders) or prior
        if parent is not None:
            stated[life] = parent
    return {life: parent for life, parent in stated.items() if not _circular(life, stated)}


def top(life: Life, parents: Mapping[Life, Parent]) -> Life | str:
    """Return the order a life was worked for in the end: itself where it is nobody's child."""
    while (parent := parents.get(life)) is not None and parent.routed:
        if parent.life is None:
            return parent.name
        life = parent.life
    return life


def _circular(life: Life, parents: Mapping[Life, Parent]) -> bool:
    seen, at = {life}, parents.get(life)
    while at is not None and at.life is not None:
        if at.life in seen:
            return True
        seen.add(at.life)
        at = parents.get(at.life)
    return False


def _parent(life: Life, lives: Lives, known_orders: Collection[str]) -> Parent | None:
    """Return the parent that a life's own messages name."""
    unheld: Parent | None = None
    for message, tag, name, is_stated in _links(life):
        named = lives.called(name, message)
        other = named.in_force(message) if named else lives.of_order_id(name, message)
        if other is not None and (other.root is life.root or not _may_be_above(other, life, tag)):
            continue
        if name in known_orders or (other is not None and other.told_by):
            return Parent(other, name, routed=True)
        if unheld is None and (is_stated or message.dialect.of_children):
            unheld = Parent(other, name, routed=message.dialect.of_children)
    return unheld


def _may_be_above(other: Life, life: Life, tag: str) -> bool:
    """Return whether an order that began after another may be its parent.

    Reports of a parent name its children in SecondaryOrderID too.
    """
    return tag != _BOTH_WAYS or other.root.first.instant <= life.root.first.instant


def _links(life: Life) -> Iterator[tuple[Message, str, str, bool]]:
    """Yield tag and name of a life's messages' links, those a dialect states first."""
    messages = [each for each in (life.begun, life.accepted) if each is not None]
    messages += [report for _, report in life.reports]
    for message in messages:
        for link in message.dialect.links:
            name = message.name(link.tag)
            holds = link.when_tag is None or message.get(link.when_tag) == link.when_is
            if name is not None and holds:
                yield message, link.tag, name, True
    for message in messages:
        for tag in _USUAL:
            name = message.name(tag)
            if name is not None:
                yield message, tag, name, False
