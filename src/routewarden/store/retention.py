"""What may go, and how it goes: proposed by one person, approved by another, and proven after.

    hold:placed, hold:released   what must not go, whatever its age
    purge:proposed               which raw files, by digest, and why; signed by who proposes
    purge:approved               the same, signed by another; every one is judged again
    segment:purged               one raw file is gone: it stands for the bytes, and all proofs hold

The entry is in the log before the bytes go. A purge that was killed is gone on with by the next
approval of it; bytes that an entry says are gone, and are not, are removed by the next command.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from routewarden.base.canonical import Digest
from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind
from routewarden.ledger.approval import read_approval
from routewarden.ledger.entry import StoredEntry, content_of, payloads
from routewarden.ledger.strict import MalformedError
from routewarden.policy.retention import RETENTION, Held, Hold, Judged, judge, read_retention
from routewarden.store.fault import Fault
from routewarden.store.home import Home
from routewarden.store.persons import APPROVAL, PROPOSED_BY, STATEMENT, approve
from routewarden.store.purged import PURGED, SEGMENT, purged
from routewarden.store.segments import remove_purged, segments

PLACED, RELEASED = "hold:placed", "hold:released"
PROPOSED, APPROVED = "purge:proposed", "purge:approved"
PURGE = (PROPOSED, APPROVED, PURGED)
"""The types of the entries that a purge is made of."""
MOST = 400
"""How many raw files one proposal names: an entry has its limits."""


class PurgeError(RoutewardenError):
    """Something may not be purged, or a hold is not as it is said to be."""

    def __init__(self, what: object, why: str) -> None:
        super().__init__(f"{what}: {why}.")


@dataclass(frozen=True, slots=True)
class Purge:
    """What a purge came to: what is gone, and what was kept since it may not go any more."""

    gone: tuple[Digest, ...]
    kept: tuple[Digest, ...]


def judged(home: Home) -> tuple[Judged, ...]:
    """Return of every raw file that is held until when it is kept, the longest known first.

    Raises:
        RetentionError: The setting cannot be used.
    """
    delivered: dict[Digest, dict[Kind, date]] = {}
    for each in segments(home):
        delivered.setdefault(each.digest, {})[each.kind] = each.delivered
    files = [Held(digest, days) for digest, days in delivered.items()]
    classes = read_retention(home.setting(RETENTION))
    return judge(files, classes, holds(home.log.entries()).values())


def holds(entries: Iterable[StoredEntry]) -> dict[str, Hold]:
    """Return the holds in force after some entries, by name.

    One whose terms cannot be read holds everything: what is not understood is not purged.
    """
    found: dict[str, Hold] = {}
    for stored in entries:
        content = content_of(stored.entry) if b"hold:" in stored.entry else None
        if content is None or content.get("type") not in {PLACED, RELEASED}:
            continue
        payload = content["payload"]
        if content["type"] == PLACED:
            found[payload["name"]] = _hold(payload)
        elif content["type"] == RELEASED:
            found.pop(payload["name"], None)
    return found


def _hold(payload: Mapping[str, Any]) -> Hold:
    name, reason = str(payload["name"]), str(payload.get("reason"))
    try:
        kind, first, last, digest = (payload[key] for key in ("kind", "from", "to", "digest"))
        return Hold(
            name,
            reason,
            None if kind is None else Kind(kind),
            None if first is None else date.fromisoformat(first),
            None if last is None else date.fromisoformat(last),
            None if digest is None else Digest(digest),
        )
    except (LookupError, ValueError, TypeError):
        return Hold(name, reason)


def place_hold(home: Home, hold: Hold) -> None:
    """Put a hold in force.

    Raises:
        PurgeError: There is one of that name, or it has no name or reason.
    """
    if not hold.name.strip() or not hold.reason.strip():
        raise PurgeError("hold", "it needs a name and a reason")
    if hold.name in holds(home.log.entries()):
        raise PurgeError(hold.name, "is in force already; give the new one a name of its own")
    payload = {
        "v": 1,
        "name": hold.name,
        "reason": hold.reason,
        "kind": None if hold.kind is None else str(hold.kind),
        "from": None if hold.first is None else str(hold.first),
        "to": None if hold.last is None else str(hold.last),
        "digest": hold.digest,
    }
    home.record(PLACED, f"{PLACED}:{hold.name}:{home.log.size}", hold.name, payload)


def release_hold(home: Home, name: str, reason: str) -> None:
    """End a hold.

    Raises:
        PurgeError: None of that name is in force, or there is no reason.
    """
    if name not in holds(home.log.entries()):
        raise PurgeError(name, "no such hold is in force; `routewarden hold list` shows which are")
    if not reason.strip():
        raise PurgeError(name, "say why it is released")
    payload = {"v": 1, "name": name, "reason": reason}
    home.record(RELEASED, f"{RELEASED}:{name}:{home.log.size}", name, payload)


def propose(home: Home, reason: str, key_file: Path) -> tuple[int, tuple[Digest, ...]]:
    """Propose to purge what may go, oldest first; return the proposal's number and the digests.

    Raises:
        PurgeError: Nothing may go, or there is no reason.
        ApprovalError: The key is nobody's.
    """
    today = home.today()
    free = [each for each in judged(home) if each.may_go(today)]
    if not free:
        raise PurgeError("purge", "nothing may go; `routewarden retention` shows until when")
    if not reason.strip():
        raise PurgeError("purge", "say why")
    oldest = sorted(free, key=lambda each: (each.until or today, each.file.digest))[:MOST]
    digests = tuple(each.file.digest for each in oldest)
    statement = {
        "act": "propose purge",
        "log": _origin(home),
        "reason": reason,
        "at_size": home.log.size,
        "digests": list(digests),
    }
    approval = approve(home, statement, key_file)
    number = home.log.size
    payload = {"v": 1, STATEMENT: statement, APPROVAL: approval.payload}
    home.record(PROPOSED, f"{PROPOSED}:{number}", f"{len(digests)} raw files", payload)
    return number, digests


def approve_purge(home: Home, number: int, key_file: Path) -> Purge:
    """Approve a proposal by another person, and delete what it names and still may go.

    Approved already, it is gone on with; that takes an approval too.

    Raises:
        PurgeError: There is no such proposal.
        ApprovalError: The key is nobody's, or of the person who proposed.
    """
    proposal = home.log.find(f"{PROPOSED}:{number}")
    if proposal is None:
        raise PurgeError(number, "no purge of this number was proposed")
    said = proposal.content["payload"]
    statement = _approvable(home, proposal)
    approval = approve(home, statement, key_file)
    identity = f"{APPROVED}:{number}"
    payload = {"v": 1, STATEMENT: statement, APPROVAL: approval.payload}
    home.record(APPROVED, identity, proposal.content["subject"], payload)  # once, however often
    done = next(each for each in home.log.entries(APPROVED) if each.content["id"] == identity)
    return _carry_out(home, done, said[STATEMENT]["digests"])


def _approvable(home: Home, proposal: StoredEntry) -> dict[str, Any]:
    """Return what is stated by who approves a proposal: what it says, and who said it."""
    said = proposal.content["payload"]
    return {
        "act": "purge",
        "log": _origin(home),
        "proposal": proposal.leaf,
        PROPOSED_BY: said[APPROVAL]["name"],
        "reason": said[STATEMENT]["reason"],
        "digests": said[STATEMENT]["digests"],
    }


def _origin(home: Home) -> str:
    key = home.keys.public()
    return "" if key is None else key.name


def _carry_out(home: Home, approved: StoredEntry, digests: Sequence[Digest]) -> Purge:
    """Delete what was approved and may go at this moment."""
    today, gone, kept = home.today(), [], []
    free = {each.file.digest for each in judged(home) if each.may_go(today)}
    read = payloads(home.log.entries(SEGMENT), {SEGMENT})
    before = purged(home.log.entries())
    for digest in digests:
        if digest in before or digest in free:
            gone.append(digest)
        else:
            kept.append(digest)
        if digest in free:
            _entomb(home, approved, digest, [each for each in read if each["digest"] == digest])
    remove_purged(home)
    return Purge(tuple(gone), tuple(kept))


def _entomb(
    home: Home, approved: StoredEntry, digest: Digest, read: Sequence[Mapping[str, Any]]
) -> None:
    """Enter that a raw file is gone, with the lists of what was refused of it."""
    payload = {
        "v": 1,
        "digest": digest,
        "kinds": sorted({str(each["kind"]) for each in read}),
        "deleted": [digest, *sorted({str(each["rejects_manifest"]) for each in read})],
        "approved": approved.leaf,
        "reason": approved.content["payload"][STATEMENT]["reason"],
    }
    home.record(PURGED, f"{PURGED}:{digest}", digest, payload)


def purge_faults(entries: Sequence[StoredEntry]) -> Iterator[Fault]:
    """Name raw files that are said to be purged without two persons having said so."""
    leaves: dict[str, StoredEntry] = {}
    for stored in entries:
        content = content_of(stored.entry) or {}
        if content.get("type") in {PROPOSED, APPROVED}:
            leaves[stored.leaf] = stored
        elif content.get("type") == PURGED and not _by_two(content.get("payload"), leaves):
            yield Fault(f"event {stored.seq}", "says that a file is purged, not by whom", _WHO)


_WHO = "Find out who deleted it, and restore the file from a backup."


def _by_two(payload: Any, leaves: Mapping[str, StoredEntry]) -> bool:  # noqa: ANN401 - any JSON
    """Return whether a purge goes back to an approval, and that to another's proposal."""
    try:
        approved = leaves[payload["approved"]].content["payload"]
        statement = approved[STATEMENT]
        proposed = leaves[statement["proposal"]].content["payload"]
        by, also = (read_approval(each[APPROVAL]) for each in (proposed, approved))
        return (
            payload["digest"] in statement["digests"]
            and statement["digests"] == proposed[STATEMENT]["digests"]
            and statement[PROPOSED_BY] == by.name != also.name
            and by.key != also.key
        )
    except (LookupError, TypeError, MalformedError):
        return False
