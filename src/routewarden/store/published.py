"""The log in files, as anyone can read and check it (C2SP tlog-tiles): `evidence/log/`.

checkpoint            the newest head of the log, signed
checkpoints/<size>    every head ever signed, with the witnesses' signatures beneath
tile/<level>/…        hashes; tile/entries/… the entries themselves

What a command acknowledged is in the event table; it is published when the command ends, or by the
next one. Publishing twice is the same as once. A head is signed only if it begins with the last one
signed: a table that says otherwise was changed, or comes from another copy, and no command goes on
with it. The event table can be made again from these files.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import Checkpoint, read_checkpoint
from routewarden.ledger.note import Note
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tiles import (
    WIDTH,
    Bundle,
    Tile,
    bundle_bytes,
    bundles_between,
    grown_bundles,
    grown_tiles,
    nodes_in,
    parse_bundle,
)
from routewarden.ledger.tree import EMPTY, LENGTH, Head, Nodes, hash_leaf, head_in
from routewarden.store import durable

_CHECKPOINT, _EVERY = "checkpoint", "checkpoints"


class ContradictionError(RoutewardenError):
    """The log has two histories: what is published, and what the event table says."""

    def __init__(self, where: object, why: str) -> None:
        super().__init__(
            f"{where}: {why}. Somebody changed one of the two, or one comes from an older copy. "
            "Nothing was signed. Keep both as they are, run `routewarden verify`, and find out "
            "who did it; `routewarden rebuild` makes the event table from the published log."
        )


@dataclass(frozen=True, slots=True)
class PublishedLog:
    """The folder a log is published in."""

    root: Path

    def newest(self) -> tuple[Checkpoint, Note] | None:
        """Return the newest checkpoint, its signatures not checked; None before the first.

        Raises:
            ContradictionError: What is there is no checkpoint.
        """
        path = self.root / _CHECKPOINT
        try:
            return read_checkpoint(path.read_bytes())
        except FileNotFoundError:
            return None
        except MalformedError as error:
            raise ContradictionError(path, str(error)) from error

    @property
    def head(self) -> Head:
        """The head of what is published, as the newest checkpoint states it."""
        found = self.newest()
        return EMPTY if found is None else found[0].head

    def signed_sizes(self) -> list[int]:
        """Return the sizes of the log that were ever signed, in order."""
        names = (path.name for path in (self.root / _EVERY).glob("*"))
        return sorted(int(name) for name in names if name.isdecimal())

    def signed_at(self, size: int) -> Path:
        """Return where the checkpoint of a size is, or would be."""
        return self.root / _EVERY / str(size)

    def bytes_of(self, place: Tile | Bundle) -> bytes:
        """Return the bytes of a tile or bundle, from its own file or one that goes on from it.

        Raises:
            FileNotFoundError: None has them.
            MalformedError: What has them is no bundle.
        """
        path, width = self._held(place)
        data = path.read_bytes()
        if width == place.width:
            return data
        if isinstance(place, Tile):
            return data[: place.width * LENGTH]
        return bundle_bytes(parse_bundle(data, width)[: place.width])

    def nodes(self, size: int) -> Nodes:
        """Return the nodes of the tree of a size that is published, for a proof or a few."""
        return nodes_in(size, self.bytes_of)

    def entries(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the entries published, from one number up to another."""
        for bundle in bundles_between(start, end):
            first = bundle.index * WIDTH
            yield from parse_bundle(self.bytes_of(bundle), bundle.width)[max(0, start - first) :]

    def publish(self, entries: Iterable[bytes], sign: Callable[[Head], Note]) -> Head:
        """Publish the entries that follow what is published, and sign the head.

        Raises:
            ContradictionError: A file is there already with other bytes, or the files are not
                those of the head that was signed last.
        """
        old, fresh = self.head, list(entries)
        if not fresh and self.newest() is not None:
            return old
        self._require(old)
        for part in list(self.root.rglob(f"{durable.PART}*")):
            part.unlink()  # of a command that was killed
        with _told(self.root):
            bundles = list(grown_bundles(old.size, fresh, self.bytes_of))
            tiles = list(
                grown_tiles(old.size, [hash_leaf(entry) for entry in fresh], self.bytes_of)
            )
        files: list[tuple[Bundle | Tile, bytes]] = [*bundles, *tiles]
        for place, data in files:
            self._put(place.path, data)
        size = old.size + len(fresh)
        head = head_in(self.nodes(size), size)
        note = sign(head)
        self._put(f"{_EVERY}/{size}", note.data)
        durable.write_file(self.root / _CHECKPOINT, note.data)
        self._forget_narrower([place for place, _ in files])
        return head

    def replace_note(self, size: int, note: Note) -> None:
        """Keep a checkpoint with more signatures beneath; its text is the same."""
        with contextlib.suppress(FileNotFoundError):
            held = read_checkpoint(self.signed_at(size).read_bytes())[1]
            if held.text != note.text:
                raise ContradictionError(self.signed_at(size), "states another head")
        durable.make_folder(self.root / _EVERY)
        durable.write_file(self.signed_at(size), note.data)
        found = self.newest()
        if found is not None and found[0].head.size == size:
            durable.write_file(self.root / _CHECKPOINT, note.data)

    def _require(self, head: Head) -> None:
        """Require that the tiles are those of a head."""
        with _told(self.root):
            if head_in(self.nodes(head.size), head.size) != head:
                raise ContradictionError(self.root, "the tiles do not have the signed root")

    def _put(self, name: str, data: bytes) -> None:
        path = self.root / name
        durable.make_folder(path.parent)
        if path.exists():
            if path.read_bytes() != data:
                raise ContradictionError(path, "is published already with other bytes")
            durable.sync_file(path)
            return
        durable.write_file(path, data)

    def _held(self, place: Tile | Bundle) -> tuple[Path, int]:
        """Return the file that begins with a place's bytes, and its width."""
        own = self.root / place.path
        if own.exists() or place.width == WIDTH:
            return own, place.width
        whole = self.root / replace(place, width=WIDTH).path
        if whole.exists():
            return whole, WIDTH
        widths = (int(path.name) for path in own.parent.glob("*") if path.name.isdecimal())
        wider = min((width for width in widths if width > place.width), default=place.width)
        return own.with_name(str(wider)), wider

    def _forget_narrower(self, places: Iterable[Bundle | Tile]) -> None:
        """Remove files whose bytes a wider one repeats."""
        for place in places:
            own = self.root / place.path
            if place.width < WIDTH:
                for path in own.parent.iterdir():
                    if path != own:
                        path.unlink()
            elif (narrower := own.with_name(f"{own.name}.p")).exists():
                shutil.rmtree(narrower)


@contextlib.contextmanager
def _told(root: Path) -> Iterator[None]:
    """Say of files that are missing or malformed what it means."""
    try:
        yield
    except FileNotFoundError as error:
        raise ContradictionError(error.filename, "missing, and it was published") from error
    except MalformedError as error:
        raise ContradictionError(root, str(error)) from error
