"""Whose word makes a checkpoint good: the log's own, and that of enough witnesses.

The log's signature alone shows who wrote a history; that there is only one, witnesses show, who
keep what they saw where the log's keeper cannot reach it (C2SP tlog-policy, a group of k of n).
"""

from __future__ import annotations

from dataclasses import dataclass

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.note import Algorithm, Key, Note, Signed, signed_by


@dataclass(frozen=True, slots=True)
class Quorum:
    """The keys of a log, the keys of its witnesses, and how many of those must have cosigned."""

    log: tuple[Key, ...]
    witnesses: tuple[Key, ...] = ()
    least: int = 0

    def __post_init__(self) -> None:
        keys = {
            each.public for each in self.witnesses if each.algorithm is Algorithm.COSIGNATURE_V1
        }
        if not 0 <= self.least <= len(keys) == len(self.witnesses):
            raise QuorumError(self.least, len(self.witnesses))


@dataclass(frozen=True, slots=True)
class Standing:
    """Who vouches for a note, among those whose word counts, and whether they are enough."""

    log: tuple[Signed, ...]
    witnesses: tuple[Signed, ...]
    enough: bool


def standing(note: Note, quorum: Quorum) -> Standing:
    """Return who of a quorum signed a note."""
    log = signed_by(note, quorum.log)
    witnesses = signed_by(note, quorum.witnesses)
    return Standing(log, witnesses, bool(log) and len(witnesses) >= quorum.least)


class QuorumError(RoutewardenError):
    """A quorum is asked for that no note could have, or that counts one witness twice."""

    def __init__(self, least: int, witnesses: int) -> None:
        super().__init__(
            f"{least} of these {witnesses} witnesses is no quorum: at most all can be asked for, "
            f"and each needs a key of its own, for cosignatures ({Algorithm.COSIGNATURE_V1:#04x})."
        )
