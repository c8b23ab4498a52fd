"""Written supervisory procedures: Markdown whose sentences name the controls that keep them.

A heading `## …` begins a procedure. `{control: measure-daily}` in its text names a control; the
text around it is the firm's own. The file is versioned and approved as every policy file is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from routewarden.base.errors import RoutewardenError
from routewarden.policy.controls import CONTROLS

WSP = "wsp.md"
_HEADING = re.compile(r"^##\s+(?P<title>.+?)\s*$", re.MULTILINE)
_NAMED = re.compile(r"\{control:\s*(?P<name>[^{}]*?)\s*\}")


class ProcedureTextError(RoutewardenError):
    """The firm's written procedures cannot be used."""

    def __init__(self, where: str, why: str) -> None:
        known = ", ".join(CONTROLS)
        super().__init__(
            f"policy/{WSP}: {where}: {why}. A procedure begins with `## Title` and names controls "
            f"as {{control: NAME}}; there are {known}."
        )


@dataclass(frozen=True, slots=True)
class WrittenProcedure:
    """A procedure: its title, its paragraphs without the marks, and the controls it names."""

    title: str
    paragraphs: tuple[str, ...]
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The firm's written procedures, in order."""

    title: str
    procedures: tuple[WrittenProcedure, ...]

    @property
    def controls(self) -> frozenset[str]:
        """The controls that any procedure names."""
        return frozenset(name for each in self.procedures for name in each.controls)


def read_wsp(text: str) -> Book:
    """Return the procedures that a text writes down.

    Raises:
        ProcedureTextError: It names a control there is not, or two procedures alike.
    """
    headings = list(_HEADING.finditer(text))
    begins = [*(each.start() for each in headings), len(text)]
    first = text[: begins[0]].strip().splitlines()
    title = first[0].lstrip("# ").strip() if first else ""
    parts = [
        _procedure(heading["title"], text[heading.end() : end])
        for heading, end in zip(headings, begins[1:], strict=True)
    ]
    titles = [part.title for part in parts]
    for one in titles:
        if titles.count(one) > 1:
            raise ProcedureTextError(one, "there are two procedures of this title")
    return Book(title or "Written supervisory procedures", tuple(parts))


def _procedure(title: str, text: str) -> WrittenProcedure:
    names = tuple(dict.fromkeys(found["name"] for found in _NAMED.finditer(text)))
    for name in names:
        if name not in CONTROLS:
            raise ProcedureTextError(title, f"there is no control '{name}'")
    plain = _NAMED.sub("", text)
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", plain))
    return WrittenProcedure(title, tuple(block for block in blocks if block), names)
