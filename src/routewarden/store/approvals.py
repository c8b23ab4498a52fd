"""Policy files by four eyes: proposed by one, approved by another, and who stands behind each.

    policy:proposed   bytes kept, and why they are wanted
    policy:approved   a second person's signature; from then on they are put in force
    policy:noted      the bytes a file was found to have, whoever put them there

A file that was changed by hand takes effect all the same: it is the firm's act. But it is a finding
until those bytes are approved. What `init` wrote is as shipped, and approved by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from routewarden.base.canonical import Digest, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.ledger.approval import read_approval
from routewarden.ledger.entry import StoredEntry, content_of
from routewarden.ledger.strict import MalformedError
from routewarden.store.home import BEGUN, Home
from routewarden.store.moving import MOVED
from routewarden.store.persons import (
    ADDED,
    APPROVAL,
    PROPOSED_BY,
    REMOVED,
    STATEMENT,
    ApprovalError,
    approve,
    check,
)
from routewarden.store.policies import said
from routewarden.store.settings import APPROVED, NOTED, PROPOSED, is_shipped
from routewarden.store.storage import STORAGE

_LEAST_DIGITS = 8


class NotProposedError(RoutewardenError):
    """Nothing that is meant waits for approval, or more than one thing does."""

    def __init__(self, meant: str, why: str) -> None:
        super().__init__(
            f"{meant}: {why}. `routewarden policy list` shows what waits for approval; "
            "`routewarden policy propose FILE` proposes a file."
        )


class ChangedMeanwhileError(RoutewardenError):
    """The file that a proposal is to replace is no longer the one in force."""

    def __init__(self, name: str, digest: Digest) -> None:
        super().__init__(
            f"policy/{name}: changed after {digest[:12]} was proposed in its place. Look at it "
            "with `routewarden policy check`, and propose it again."
        )


class DatabaseMovesError(RoutewardenError):
    """A setting that names another database moves nothing there."""

    def __init__(self) -> None:
        super().__init__(
            f"policy/{STORAGE}: names another database. The log moves there by "
            "`routewarden init --database`, which writes the file itself."
        )


class Footing(StrEnum):
    """On whose word a policy file has its bytes."""

    SHIPPED = "as shipped"
    APPROVED = "approved"
    CHANGED = "changed outside an approved act"
    UNKNOWN = "unknown: the log begins with it"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Bytes that are proposed as a policy file, and which they are to replace."""

    seq: int
    name: str
    digest: Digest
    replaces: Digest
    reason: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A policy file with the same bytes, from when it was found so until it was found otherwise.

    `since` and `until` are instants in RFC 3339; `by` is who approved them.
    """

    seq: int
    name: str
    digest: Digest
    since: str
    footing: Footing
    by: str = ""
    until: str | None = None


def in_force(home: Home, name: str) -> bytes:
    """Return the bytes that a policy file has; none where there is no file."""
    path = home.root / "policy" / name
    return path.read_bytes() if path.is_file() else b""


def propose(home: Home, name: str, data: bytes, reason: str) -> Proposal:
    """Keep the bytes of a policy file for another person to approve; the same again is the first.

    Raises:
        RoutewardenError: The file cannot be used.
    """
    before, after = in_force(home, name), said(name, data)
    if name == STORAGE and after["database"] != said(name, before)["database"]:
        raise DatabaseMovesError
    digest, replaces = sha256(data), sha256(before)
    for waiting in proposals(home):
        if (waiting.name, waiting.digest, waiting.replaces) == (name, digest, replaces):
            return waiting
    home.blobs.put_bytes(data)
    identity = f"{PROPOSED}:{name}:{digest}:{home.log.size}"
    stated = {"v": 1, "name": name, "digest": digest, "replaces": replaces, "reason": reason}
    home.record(PROPOSED, identity, name, stated)
    return next(each for each in reversed(proposals(home)) if each.name == name)


def proposals(home: Home) -> list[Proposal]:
    """Return what waits for approval, the oldest first."""
    done = {content["payload"].get("proposal") for content in _contents(home, APPROVED)}
    found = []
    for content in _contents(home, PROPOSED):
        if content["seq"] not in done:
            payload = content["payload"]
            stated = (payload["digest"], payload["replaces"], payload["reason"])
            by, at = content["actor"]["sub"], content["at"]
            found.append(Proposal(content["seq"], payload["name"], *stated, by, at))
    return found


def proposed(home: Home, meant: str) -> Proposal:
    """Return the proposal that is meant by a digest, or its first digits, or a file's path.

    Raises:
        NotProposedError: There is none, or more than one.
    """
    path = Path(meant)
    digest = sha256(path.read_bytes()) if path.is_file() else meant.lower()
    found = [each for each in proposals(home) if each.digest.startswith(digest)]
    if len(digest) < _LEAST_DIGITS or not found:
        raise NotProposedError(meant, "nothing of that digest is proposed")
    latest = found[-1]
    if any((each.name, each.digest) != (latest.name, latest.digest) for each in found):
        raise NotProposedError(meant, "more than one proposal begins so")
    return latest


def approve_policy(home: Home, meant: str, key_file: Path) -> Proposal:
    """Put a proposed policy file in force, by the key of another person than proposed it.

    Raises:
        NotProposedError: Nothing such waits.
        ChangedMeanwhileError: The file in force is no longer the one it was to replace.
        ApprovalError: The key is nobody's, or that of the person who proposed.
        RoutewardenError: The file cannot be used.
    """
    proposal = proposed(home, meant)
    data = home.blobs.path(proposal.digest).read_bytes()
    said(proposal.name, data)
    if sha256(in_force(home, proposal.name)) != proposal.replaces:
        raise ChangedMeanwhileError(proposal.name, proposal.digest)
    statement = {
        "act": APPROVED,
        "name": proposal.name,
        "digest": proposal.digest,
        "replaces": proposal.replaces,
        "reason": proposal.reason,
        PROPOSED_BY: proposal.by,
    }
    approval = approve(home, statement, key_file)
    stated = {"v": 1, "name": proposal.name, "digest": proposal.digest, "proposal": proposal.seq}
    signed = {STATEMENT: statement, APPROVAL: approval.payload}
    home.record(APPROVED, f"{APPROVED}:{proposal.seq}", proposal.name, stated | signed)
    home.note_settings()  # puts in force what is approved
    return replace(proposal, by=approval.name)


def stretches(home: Home) -> list[Stretch]:
    """Return which bytes each policy file had, since when, and on whose word, in that order."""
    kinds = (BEGUN, NOTED, APPROVED, ADDED, REMOVED, MOVED)
    entries = [entry for kind in kinds for entry in home.log.entries(kind)]
    return policy_stretches(sorted(entries, key=lambda entry: entry.seq))


def policy_stretches(entries: Sequence[StoredEntry]) -> list[Stretch]:
    """Return the stretches that a log tells of, in order of their beginning.

    Args:
        entries: Those of BEGUN, NOTED, APPROVED, MOVED, and persons added and removed, in order.
    """
    contents = [content for entry in entries if (content := content_of(entry.entry)) is not None]
    walk = _Walk(entries, *_found_at_first(contents))
    for content in contents:
        walk.take(content)
    return sorted([*walk.past, *walk.present.values()], key=lambda each: each.seq)


@dataclass(slots=True)
class _Walk:
    """What a log was read to tell so far: `stands` is what each file is to be."""

    entries: Sequence[StoredEntry]
    at_first: set[int]
    is_new: bool
    moved: bool = False
    present: dict[str, Stretch] = field(default_factory=dict)
    stands: dict[str, Stretch] = field(default_factory=dict)
    past: list[Stretch] = field(default_factory=list)

    def take(self, content: Mapping[str, Any]) -> None:
        """Read on by an entry."""
        if content["type"] == MOVED:
            self.moved = True
        elif content["type"] == APPROVED and (by := _approver(self.entries, content)):
            approved = _stretch(content, Footing.APPROVED, by)
            self.stands[approved.name] = approved
            now = self.present.get(approved.name)
            if now is not None and now.digest == approved.digest:
                self.present[now.name] = replace(now, footing=Footing.APPROVED, by=by)
        elif content["type"] == NOTED:
            self._note(content)

    def _note(self, content: Mapping[str, Any]) -> None:
        found = _stretch(content, Footing.CHANGED)
        if content["seq"] in self.at_first:
            footing = _first_footing(content["payload"], is_new=self.is_new)
            self.stands[found.name] = replace(found, footing=footing)
        if self.moved and found.name == STORAGE:  # `init --database` wrote it
            self.moved = False
            self.stands[STORAGE] = replace(found, footing=Footing.SHIPPED)
        meant = self.stands.get(found.name)
        if meant is not None and meant.digest == found.digest:
            found = replace(found, footing=meant.footing, by=meant.by)
        if found.name in self.present:
            self.past.append(replace(self.present[found.name], until=found.since))
        self.present[found.name] = found


def _stretch(content: Mapping[str, Any], footing: Footing, by: str = "") -> Stretch:
    payload = content["payload"]
    name, digest = str(payload["name"]), Digest(str(payload["digest"]))
    return Stretch(content["seq"], name, digest, content["at"], footing, by)


def _found_at_first(contents: Sequence[Mapping[str, Any]]) -> tuple[set[int], bool]:
    """Return the numbers of the first notes a log has, and whether the home was new then."""
    begun = next((content["seq"] for content in contents if content["type"] == BEGUN), None)
    noted = {content["seq"] for content in contents if content["type"] == NOTED}
    found: set[int] = set()
    while begun is not None and (following := begun + 1 + len(found)) in noted:
        found.add(following)
    return found, begun == 0


def _first_footing(payload: Mapping[str, Any], *, is_new: bool) -> Footing:
    """Return on whose word a file has the bytes that the log found it with at first.

    An older log does not state which were shipped; those that still are can be told all the same.
    """
    name, digest = str(payload["name"]), Digest(str(payload["digest"]))
    if payload.get("shipped") or is_shipped(name, digest) or (is_new and name == STORAGE):
        return Footing.SHIPPED
    return Footing.CHANGED if is_new and "shipped" in payload else Footing.UNKNOWN


def _approver(entries: Iterable[StoredEntry], content: Mapping[str, Any]) -> str:
    """Return who approved what an entry says; nobody where the approval is false."""
    payload = content["payload"]
    statement = payload.get(STATEMENT)
    stated = {"name": payload.get("name"), "digest": payload.get("digest"), "act": APPROVED}
    if not isinstance(statement, dict) or not stated.items() <= statement.items():
        return ""
    before = [entry for entry in entries if entry.seq < content["seq"]]
    try:
        return check(before, statement, read_approval(payload.get(APPROVAL))).name
    except (ApprovalError, MalformedError):
        return ""


def _contents(home: Home, kind: str) -> list[dict[str, Any]]:
    return [entry.content for entry in home.log.entries(kind)]
