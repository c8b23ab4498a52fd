"""Whether the published log, the event table and every head ever signed tell one history.

Which of table and files is right where they differ, the signed root says. What nobody outside saw
can only be shown to be whole in itself: whoever holds the key may have written all of it anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from routewarden.ledger.checkpoint import Checkpoint, read_checkpoint
from routewarden.ledger.entry import StoredEntry
from routewarden.ledger.note import Note, Signed, signed_by
from routewarden.ledger.outline import Outlined
from routewarden.ledger.outside import Outside
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tiles import (
    HEIGHT,
    WIDTH,
    Bundle,
    Tile,
    bundle_bytes,
    bundles_between,
    parse_path,
    tiles_between,
)
from routewarden.ledger.tree import Hash, Head, Nodes, hash_leaf, head_in, head_of, nodes_of
from routewarden.store.durable import PART
from routewarden.store.fault import Fault
from routewarden.store.home import BEGUN, ROTATED, Home
from routewarden.store.published import ContradictionError, PublishedLog
from routewarden.store.terms import required, terms, trusted

_RESTORE = "Restore it from a copy."
_PUBLISH = "Restore it from a copy, or remove it: the next command writes it again."
_REBUILD = (
    "Keep it as it is for whoever looks into it; `routewarden rebuild` makes it from the log."
)
_WHO = "Find out who wrote it; a log has one history."


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who vouches for a head of the log: the log itself, and witnesses at a time."""

    checkpoint: Checkpoint
    witnesses: tuple[Signed, ...]


@dataclass(frozen=True, slots=True)
class LogChecked:
    """What was found of a log: who vouches for which head, and what is wrong."""

    vouched: tuple[Vouched, ...]
    faults: tuple[Fault, ...]


def check_log(home: Home, table: Outlined, outside: Outside) -> LogChecked:
    """Compare the event table, the published files and the signed heads.

    Args:
        home: The home.
        table: The event table's entries.
        outside: What whoever asks knows from elsewhere.
    """
    published = home.published
    try:
        newest = published.newest()
    except ContradictionError:
        path = published.root / "checkpoint"
        return LogChecked((), (Fault(str(path), "is no checkpoint", _PUBLISH),))
    if newest is None:
        missing = Fault(str(published.root / "checkpoint"), "missing", _PUBLISH)
        return LogChecked((), (missing,) if table.of({BEGUN}) else ())
    (checkpoint, note), sizes = newest, published.signed_sizes()
    truth = _Truth.of(
        [stored.entry for stored in table.entries], table.leaves, {*sizes, checkpoint.head.size}
    )
    found: list[Fault] = []
    if truth.heads.get(checkpoint.head.size) != checkpoint.head:
        truth, found = _settled(home, truth, checkpoint.head)
    vouched, wrong = _signatures(home, truth.heads, table.of({BEGUN, ROTATED}), outside)
    stated = [outline["signed"] for outline in table.outlines if outline is not None]
    return LogChecked(
        tuple(vouched),
        (
            *found,
            *_file_faults(published, truth),
            *_stray_files(published, truth),
            *wrong,
            *_missing(published, {each for each in stated if type(each) is int and each > 0}),
            *_too_few(home, note),
            *_unseen(truth, outside.heads),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Truth:
    """The entries a log is taken to have, their hashes, and its heads at some sizes."""

    entries: Sequence[bytes]
    leaves: Sequence[Hash]
    nodes: Nodes
    heads: Mapping[int, Head]

    @classmethod
    def of(cls, entries: Sequence[bytes], leaves: Sequence[Hash], sizes: Iterable[int]) -> _Truth:
        nodes = nodes_of(leaves)
        heads = {size: head_in(nodes, size) for size in sizes if size <= len(leaves)}
        return cls(entries, leaves, nodes, heads)


def _too_few(home: Home, note: Note) -> Iterator[Fault]:
    """Say that fewer witnesses have cosigned the newest head than the firm wants."""
    setting = home.witnesses()
    seen = signed_by(note, [each.key for each in setting.witnesses])
    if len(seen) < setting.least:
        what = f"{len(seen)} of the {setting.least} witnesses that are to cosign have done so"
        remedy = "Run `routewarden witness ask`, and find out why one does not answer."
        yield Fault(str(home.published.root / "checkpoint"), what, remedy)


def _settled(home: Home, table: _Truth, head: Head) -> tuple[_Truth, list[Fault]]:
    """Return the entries that have the signed root, and what is wrong with the table's."""
    where = home.log.place
    try:
        held = list(home.published.entries(0, head.size))
    except (FileNotFoundError, MalformedError):
        held = []
    sizes = {*home.published.signed_sizes(), head.size}
    files = _Truth.of(held, list(map(hash_leaf, held)), sizes)
    if files.heads.get(head.size) != head:
        what = f"neither it nor the published log has the root signed for {head.size} entries"
        return table, [Fault(where, what, _RESTORE)]
    if len(table.entries) < head.size:
        what = f"has {len(table.entries)} entries, and {head.size} are published"
        return files, [Fault(where, what, _REBUILD)]
    differ = [
        Fault(f"{where}: event {seq}", "is not the one published", _REBUILD)
        for seq, (ours, theirs) in enumerate(zip(table.entries, files.entries, strict=False))
        if ours != theirs
    ]
    return files, differ


def _file_faults(published: PublishedLog, truth: _Truth) -> Iterator[Fault]:
    """Compare each published file with what the log comes to."""
    size = min(published.head.size, len(truth.leaves))
    places: tuple[Iterator[tuple[Bundle | Tile, bytes]], ...] = (
        ((place, _bundle(place, truth)) for place in bundles_between(0, size)),
        ((place, _tile(place, truth.nodes)) for place in tiles_between(0, size)),
    )
    for each in places:
        for place, expected in each:
            try:
                held = published.bytes_of(place)
            except FileNotFoundError:
                yield Fault(str(published.root / place.path), "missing", _RESTORE)
                continue
            except MalformedError as error:
                yield Fault(str(published.root / place.path), str(error), _RESTORE)
                continue
            if held != expected:
                what = "is not what the signed log comes to"
                yield Fault(str(published.root / place.path), what, _RESTORE)


def _bundle(place: Bundle, truth: _Truth) -> bytes:
    """Return the bytes of a bundle of entries that there are."""
    first = place.index * WIDTH
    return bundle_bytes(truth.entries[first : first + place.width])


def _tile(place: Tile, nodes: Nodes) -> bytes:
    """Return the bytes of a tile of hashes that there are: each that of a perfect subtree."""
    first, level = place.index * WIDTH, HEIGHT * place.level
    return b"".join(nodes(level, index) for index in range(first, first + place.width))


def _stray_files(published: PublishedLog, truth: _Truth) -> Iterator[Fault]:
    """Name files that are no part of the log; one that a command left unfinished is."""
    size = published.head.size
    compared = {place.path for place in bundles_between(0, size)}
    compared |= {place.path for place in tiles_between(0, size)}
    for path in sorted(published.root.rglob("*"), key=str):
        name = path.relative_to(published.root).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        regular = path.is_file() and not path.is_symlink()
        if regular and (name in {"checkpoint", *compared} or path.name.startswith(PART)):
            continue
        if regular and path.parent.name == "checkpoints" and path.name.isdecimal():
            continue
        if not regular or path.read_bytes() != _bytes_at(name, truth):
            yield Fault(str(path), "is no part of the log", f"Find out who did; remove {path}.")


def _bytes_at(name: str, truth: _Truth) -> bytes | None:
    """Return what a file of the log with a name would hold; None if there is none such."""
    try:
        place = parse_path(name)
    except MalformedError:
        return None
    first = place.index * WIDTH
    if isinstance(place, Bundle):
        entries = truth.entries[first : first + place.width]
        return bundle_bytes(entries) if len(entries) == place.width else None
    span = 1 << HEIGHT * place.level
    parts = [truth.leaves[at * span : (at + 1) * span] for at in range(first, first + place.width)]
    if any(len(part) != span for part in parts):
        return None
    return b"".join(head_of(part).root for part in parts)


def _signatures(
    home: Home, heads: Mapping[int, Head], entries: Sequence[StoredEntry], outside: Outside
) -> tuple[list[Vouched], list[Fault]]:
    """Check every head ever signed: that the log had it, and whose signatures it bears."""
    published, known = home.published, terms(entries)
    keys = trusted(published, known, heads, outside.log_keys)
    witnesses = outside.witnesses or tuple(each.key for each in home.witnesses().witnesses)
    vouched, found, before = [], [], 0
    for size in published.signed_sizes():
        path = published.signed_at(size)
        wanted, before = required(known, size, before), size
        try:
            checkpoint, note = read_checkpoint(path.read_bytes())
        except MalformedError as error:
            found.append(Fault(str(path), str(error), _RESTORE))
            continue
        by, seen = signed_by(note, keys), signed_by(note, witnesses)
        signers = {each.key for each in by}
        names = {(each.key.name, each.key.id) for each in (*by, *seen)}
        strangers = [s for s in note.signatures if (s.name, s.key_id) not in names]
        if checkpoint.head != heads.get(size):
            found.append(Fault(str(path), "the log never had this size and root", _WHO))
        elif not by or not signers.intersection(wanted):
            found.append(Fault(str(path), "no key of the log signed it as it is", _WHO))
        elif not outside.log_keys and (absent := [key for key in wanted if key not in signers]):
            what = f"is not signed by {absent[0].text}, which had to sign it too"
            found.append(Fault(str(path), what, _WHO))
        elif strangers and not outside.log_keys and not outside.witnesses:
            what = f"bears a signature of {strangers[0].name}, whose key is not known or not right"
            found.append(Fault(str(path), what, _WHO))
        else:
            vouched.append(Vouched(checkpoint, seen))
    return vouched, found


def _missing(published: PublishedLog, sizes: Collection[int]) -> Iterator[Fault]:
    """Name signed heads that are gone, as the log says which there were."""
    newest = published.root / "checkpoint"
    same = published.signed_at(published.head.size)
    for size in sorted({*sizes} - {*published.signed_sizes(), published.head.size}):
        yield Fault(str(published.signed_at(size)), "missing, and it was signed", _RESTORE)
    if not same.exists():
        yield Fault(str(same), "missing", _RESTORE)
    elif same.read_bytes() != newest.read_bytes():
        yield Fault(str(newest), f"differs from {same}", _RESTORE)


def _unseen(truth: _Truth, heads: Sequence[Head]) -> Iterator[Fault]:
    """Say which heads known from elsewhere the log never had."""
    size = len(truth.leaves)
    for head in heads:
        if head.size > size:
            what = f"has {size} entries, and one of {head.size} was seen before"
            yield Fault("log", what, "Entries are gone: restore the home from a newer copy.")
        elif head_in(truth.nodes, head.size) != head:
            what = f"its first {head.size} entries are not those that were seen before"
            yield Fault("log", what, _WHO)
