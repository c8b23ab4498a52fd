"""Row 11: whoever holds the home, and its key, changes the record; does anyone notice?

Seven ways, each in many homes. The first three need no key: an entry taken out, put in, or moved,
in the table and in the published files alike. The last four are those of whoever holds the signing
key too: the last entries cut off, an old copy brought back, all written anew and signed again, and
another history shown to whoever asks. Nothing inside a home can tell of those; a head that a
witness remembers does. Both are shown: with the witness every one is found, without it, these four
pass.
"""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from routewarden.base.canonical import canonical_json
from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.entry import NOTHING_BEFORE, LeafHash, StoredEntry, leaf_hash
from routewarden.ledger.outside import Outside
from routewarden.ledger.tree import Head, prove_consistency
from routewarden.ledger.witness import Request
from routewarden.store.home import Home, make_home, opened
from routewarden.store.verify import verify
from routewarden.store.witness_home import WitnessHome
from tests.matrix.row import Outcome, Volume, tell

TITLE = "tampering by whoever holds the home"
EACH = 50
LEAST = 7 * EACH

_COMMANDS = 8
_AT = 1_790_000_000  # seconds since 1970

Entries = list[bytes]


@dataclass(frozen=True, slots=True)
class Firm:
    """A home, an older copy of it, and the witness outside."""

    home: Path
    older: Path
    witness: Path


def trials(volume: Volume) -> Outcome:
    """Tamper in every way, and look with a witness and without."""
    each = volume.of(EACH)
    found, unseen = Counter[str](), Counter[str]()
    for name, attack in ATTACKS.items():
        for number in range(each):
            chance = random.Random(f"{volume.seed} {name} {number}")
            folder = volume.folder / f"{name.replace(' ', '-')}-{number}"
            firm = made(folder, chance)
            attack(firm, chance)
            with_witness, alone = noticed(firm.home, seen(firm)), noticed(firm.home, ())
            shutil.rmtree(folder)
            found[name] += with_witness
            unseen[name] += not alone
            if not with_witness or alone is (name in NEEDS_A_WITNESS):
                tell(11, volume, f"{name} {number}", f"found {with_witness}, alone {alone}")
    detected = sum(found.values())
    right = all(unseen[name] == (each if name in NEEDS_A_WITNESS else 0) for name in ATTACKS)
    passing = ", ".join(name for name in ATTACKS if unseen[name])
    figure = f"{detected} of {7 * each} found with a witness; without one these pass: {passing}"
    return Outcome(7 * each, detected if right else 0, figure)


def made(folder: Path, chance: random.Random) -> Firm:
    """Make a firm: a home of some commands, each of which the witness saw."""
    firm = Firm(folder / "home", folder / "older", folder / "witness")
    WitnessHome(firm.witness).make("witness.example")
    make_home(firm.home)
    copied = chance.randrange(2, _COMMANDS - 1)
    for command in range(_COMMANDS):
        with opened(firm.home) as home:
            if command == 0:
                WitnessHome(firm.witness).add(home.keys.signing().key)
            for number in range(chance.randrange(1, 4)):
                identity = f"note:{command}:{number}"
                payload = {"v": 1, "said": f"finding {chance.randrange(10**6)} looked into"}
                home.record("note:made", identity, "a finding", payload)
        _shown_to(firm)
        if command == copied:
            shutil.copytree(firm.home, firm.older)
    return firm


def _shown_to(firm: Firm) -> None:
    """Have the witness cosign the newest head, as `witness ask` does."""
    with opened(firm.home, only_to_read=True) as home:
        newest = home.published.newest()
        assert newest is not None
        size = newest[0].head.size
        known = seen(firm)
        old = known[0].size if known else 0
        proof = prove_consistency(old, size, home.published.nodes(size))
        answer = WitnessHome(firm.witness).respond(Request(old, proof, newest[1]).data, _AT)
        assert answer.status == 200, answer


def seen(firm: Firm) -> tuple[Head, ...]:
    """Return the head that the witness remembers."""
    kept = [path.read_bytes() for path in firm.witness.glob("logs/*/checkpoint")]
    return tuple(read_checkpoint(data)[0].head for data in kept)


def noticed(root: Path, heads: tuple[Head, ...]) -> bool:
    """Return whether `verify` finds anything, given heads known from elsewhere."""
    with opened(root, only_to_read=True) as home:
        return bool(verify(home, lambda _: None, Outside(heads=heads)).faults)


# -- What is done ----------------------------------------------------------------------------------


def taken_out(firm: Firm, chance: random.Random) -> None:
    """Take an entry out, of table and files."""
    entries, sizes = _history(firm.home)
    del entries[chance.randrange(1, len(entries) - 1)]
    _write(firm.home, _tied(entries), [size for size in sizes if size < len(entries)], signed=False)


def put_in(firm: Firm, chance: random.Random) -> None:
    """Put an entry in between."""
    entries, sizes = _history(firm.home)
    at = chance.randrange(1, len(entries))
    entries.insert(at, canonical_json({**json.loads(entries[at]), "id": "note:put:in"}))
    _write(firm.home, _tied(entries), sizes, signed=False)


def moved(firm: Firm, chance: random.Random) -> None:
    """Have two entries change places."""
    entries, sizes = _history(firm.home)
    at = chance.randrange(1, len(entries) - 2)
    entries[at], entries[at + 1] = entries[at + 1], entries[at]
    _write(firm.home, _tied(entries), sizes, signed=False)


def cut_off(firm: Firm, chance: random.Random) -> None:
    """Cut the last entries off, back to a head that was signed before."""
    entries, sizes = _history(firm.home)
    size = chance.choice(sizes[1:-1])
    _write(firm.home, entries[:size], [each for each in sizes if each <= size], signed=True)


def brought_back(firm: Firm, _: random.Random) -> None:
    """Bring back an old copy."""
    shutil.rmtree(firm.home)
    shutil.copytree(firm.older, firm.home)


def written_anew(firm: Firm, chance: random.Random) -> None:
    """Change what an entry says, and write and sign all that follows anew."""
    entries, sizes = _history(firm.home)
    notes = [n for n, entry in enumerate(entries) if b"looked into" in entry]
    at = chance.choice(notes)
    entries[at] = entries[at].replace(b"looked into", b"never seen")
    _write(firm.home, _tied(entries), sizes, signed=True)


def shown_another(firm: Firm, chance: random.Random) -> None:
    """Go on from an old copy with other entries, and show that history."""
    brought_back(firm, chance)
    with opened(firm.home, only_to_read=True) as home:
        missing = seen(firm)[0].size - home.log.size
    for number in range(missing + 1):
        with opened(firm.home) as home:
            home.record("note:made", f"other:{number}", "a finding", {"v": 1, "said": "nothing"})


ATTACKS: dict[str, Callable[[Firm, random.Random], None]] = {
    "taken out": taken_out,
    "put in": put_in,
    "moved": moved,
    "cut off": cut_off,
    "brought back": brought_back,
    "written anew": written_anew,
    "shown another": shown_another,
}
NEEDS_A_WITNESS = ("cut off", "brought back", "written anew", "shown another")


def _history(root: Path) -> tuple[Entries, list[int]]:
    """Return the entries of a home, and the sizes at which it was signed."""
    with opened(root, only_to_read=True) as home:
        return [each.entry for each in home.log.entries()], home.published.signed_sizes()


def _tied(entries: Sequence[bytes]) -> Entries:
    """Return entries numbered and tied to one another, as an attacker who knows how would."""
    found: Entries = []
    prev = NOTHING_BEFORE
    for seq, entry in enumerate(entries):
        found.append(canonical_json({**json.loads(entry), "seq": seq, "prev": prev}))
        prev = leaf_hash(found[-1])
    return found


def _write(root: Path, entries: Sequence[bytes], sizes: Sequence[int], *, signed: bool) -> None:
    """Put a history in place of a home's: the table, the files, and the heads if it can sign."""
    with opened(root, only_to_read=True) as home:
        before = {size: home.published.signed_at(size).read_bytes() for size in sizes}
        newest = (home.published.root / "checkpoint").read_bytes()
    (root / "routewarden.sqlite").unlink()
    shutil.rmtree(root / "evidence" / "log")
    with opened(root, only_to_read=True) as home:
        home.log.adopt(_stored(entries))
        _publish(home, entries, sizes)
        if not signed:  # nobody else has the key, so the heads stay those signed before
            for size, data in before.items():
                home.published.signed_at(size).write_bytes(data)
            (home.published.root / "checkpoint").write_bytes(newest)


def _publish(home: Home, entries: Sequence[bytes], sizes: Sequence[int]) -> None:
    done = 0
    for size in [*(each for each in sizes if each < len(entries)), len(entries)]:
        home.published.publish(entries[done:size], home.keys.signing().checkpoint)
        done = size


def _stored(entries: Sequence[bytes]) -> list[StoredEntry]:
    found: list[StoredEntry] = []
    prev: LeafHash = NOTHING_BEFORE
    for seq, entry in enumerate(entries):
        found.append(StoredEntry(seq, prev, leaf_hash(entry), entry))
        prev = found[-1].leaf
    return found
