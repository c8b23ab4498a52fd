"""Proof code: the public vectors, every proof of every small tree, damaged proofs, a witness.

Every tree of up to 256 leaves is held beside the recursive definitions of RFC 6962; a proof is
damaged in one way at a time, drawn by the seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations_with_replacement

from routewarden.ledger.checkpoint import sign_checkpoint
from routewarden.ledger.tree import (
    EMPTY,
    Frontier,
    Hash,
    Head,
    Proof,
    head_of,
    is_consistent,
    is_included,
    nodes_of,
    prove_consistency,
    prove_inclusion,
)
from routewarden.ledger.witness import Cosigning, KnownLog, Request, answer
from tests.matrix.row import Outcome, Volume, tell
from tests.oracle.test_merkle_reference import LEAVES, MOST, mth, path, subproof
from tests.oracle.test_merkle_vectors import FILE, VECTORS, hashed, proof_of
from tests.signing import key_of, seed_of, signer_of

TITLE = "proof code"
MUTATED = 100_000
NODES = nodes_of(LEAVES)
HEADS = [Head(size, Hash(mth(0, size))) for size in range(MOST + 1)]
LOG = key_of("firm.example/log")

Trial = tuple[str, bool]
"""What was tried, and whether the right answer came."""


def largest(volume: Volume) -> int:
    """Return how many leaves the largest tree has."""
    return volume.of(MOST)


def least(volume: Volume) -> int:
    """Return the fewest trials: proofs, damaged proofs, roots, the witness's table, vectors."""
    size = largest(volume)
    vectors = 196 if FILE.exists() else 0
    return size * (size + 1) + volume.of(MUTATED) + size + 1 + 6 + vectors


def trials(volume: Volume) -> Outcome:
    """Ask everything."""
    size = largest(volume)
    parts: dict[str, Iterator[Trial]] = {
        "vectors": vectors(),
        "proofs": proofs(size),
        "damaged proofs": damaged_proofs(volume.seed, volume.of(MUTATED)),
        "roots": roots(size),
        "answers of a witness": witnessed(),
    }
    counts = {name: _count(volume, part) for name, part in parts.items()}
    said = [f"{right:,}/{made:,} {name}" for name, (made, right) in counts.items()]
    if not FILE.exists():
        said[0] = f"vectors left out: no {FILE} (set ROUTEWARDEN_DATA)"
    made, right = (sum(count[place] for count in counts.values()) for place in (0, 1))
    return Outcome(made, right, ", ".join(said))


def _count(volume: Volume, part: Iterator[Trial]) -> tuple[int, int]:
    made = right = 0
    for case, is_right in part:
        made, right = made + 1, right + is_right
        if not is_right:
            tell(12, volume, case, "the wrong answer")
    return made, right


def vectors() -> Iterator[Trial]:
    """Judge each public vector."""
    for name, vector in VECTORS["inclusion"].items():
        head = Head(vector["treeSize"], hashed(vector["root"]))
        leaf, index = hashed(vector["leafHash"]), vector["leafIdx"]
        yield name, is_included(leaf, index, head, proof_of(vector)) is not vector["wantErr"]
    for name, vector in VECTORS["consistency"].items():
        old, new = (Head(vector[f"size{n}"], hashed(vector[f"root{n}"])) for n in (1, 2))
        yield name, is_consistent(old, new, proof_of(vector)) is not vector["wantErr"]


def proofs(size: int) -> Iterator[Trial]:
    """Make every proof of every tree up to a size: as defined, and it holds."""
    for head in HEADS[1 : size + 1]:
        for index in range(head.size):
            proof = prove_inclusion(index, head.size, NODES)
            right = list(proof) == path(index, 0, head.size)
            held = is_included(LEAVES[index], index, head, proof)
            yield f"inclusion of {index} in {head.size}", right and held
    for old, new in combinations_with_replacement(HEADS[1 : size + 1], 2):
        proof = prove_consistency(old.size, new.size, NODES)
        right = list(proof) == subproof(old.size, 0, new.size, known=True)
        yield f"consistency of {old.size} with {new.size}", right and is_consistent(old, new, proof)


def roots(size: int) -> Iterator[Trial]:
    """Work out every root in each way there is."""
    grown = Frontier()
    for head in HEADS[: size + 1]:
        yield f"root of {head.size}", head_of(LEAVES[: head.size]) == head == grown.head
        grown = grown.extended(LEAVES[head.size : head.size + 1])


def damaged_proofs(seed: int, count: int) -> Iterator[Trial]:
    """Damage a proof, its leaf or a root in one way: it must not hold."""
    chance = random.Random(seed)
    for number in range(count):
        ask = _inclusion_damaged if number % 2 else _consistency_damaged
        case, held = ask(chance)
        yield f"damaged proof {number}: {case}", not held


def _inclusion_damaged(chance: random.Random) -> tuple[str, bool]:
    head = HEADS[chance.randint(1, MOST)]
    index = chance.randrange(head.size)
    leaf, proof = LEAVES[index], prove_inclusion(index, head.size, NODES)
    at = f"inclusion of {index} in {head.size}"
    match chance.randrange(5):
        case 0:
            return f"{at}, leaf", is_included(_flipped(leaf, chance), index, head, proof)
        case 1:
            other = Head(head.size, _flipped(head.root, chance))
            return f"{at}, root", is_included(leaf, index, other, proof)
        case 2 if head.size > 1:
            other_index = (index + chance.randint(1, head.size - 1)) % head.size
            return f"{at}, index {other_index}", is_included(leaf, other_index, head, proof)
        case _:
            what, other_proof = _damaged(proof, chance)
            return f"{at}, {what}", is_included(leaf, index, head, other_proof)


def _consistency_damaged(chance: random.Random) -> tuple[str, bool]:
    new = HEADS[chance.randint(2, MOST)]
    old = HEADS[chance.randint(1, new.size - 1)]
    proof = prove_consistency(old.size, new.size, NODES)
    at = f"consistency of {old.size} with {new.size}"
    match chance.randrange(4):
        case 0:
            other = Head(old.size, _flipped(old.root, chance))
            return f"{at}, old root", is_consistent(other, new, proof)
        case 1:
            other = Head(new.size, _flipped(new.root, chance))
            return f"{at}, new root", is_consistent(old, other, proof)
        case _:
            what, other_proof = _damaged(proof, chance)
            return f"{at}, {what}", is_consistent(old, new, other_proof)


def _flipped(value: Hash, chance: random.Random) -> Hash:
    bit = chance.randrange(8 * len(value))
    return Hash((int.from_bytes(value, "big") ^ 1 << bit).to_bytes(len(value), "big"))


def _damaged(proof: Proof, chance: random.Random) -> tuple[str, Proof]:
    """Return a proof with one thing wrong, and what."""
    if not proof:
        return "a hash too many", (EMPTY.root,)
    at = chance.randrange(len(proof))
    before, value, after = proof[:at], proof[at], proof[at + 1 :]
    ways: dict[str, Proof] = {
        "one bit": (*before, _flipped(value, chance), *after),
        "a hash fewer": (*before, *after),
        "a hash twice": (*before, value, value, *after),
        "a byte fewer": (*before, Hash(value[:-1]), *after),
        "one more at the end": (*proof, EMPTY.root),
        "one more before": (EMPTY.root, *proof),
    }
    if len(proof) > 1:
        ways["turned round"] = proof[::-1]
        ways["cut short"] = proof[: len(proof) // 2]
    what = chance.choice(sorted(ways))
    return f"{what} at {at}", ways[what]


def witnessed() -> Iterator[Trial]:
    """Ask a witness each question of the protocol's table (C2SP tlog-witness)."""
    known = KnownLog((LOG,), HEADS[6])
    forked = nodes_of([*LEAVES[:4], *reversed(LEAVES[4:9])])
    questions: dict[int, Callable[[], bytes]] = {
        200: lambda: _request(6, prove_consistency(6, 9, NODES), LOG.name),
        400: lambda: _request(10, (), LOG.name),
        403: lambda: _request(6, prove_consistency(6, 9, NODES), LOG.name, forged=True),
        404: lambda: _request(6, prove_consistency(6, 9, NODES), "another.example/log"),
        409: lambda: _request(5, prove_consistency(5, 9, NODES), LOG.name),
        422: lambda: _request(6, prove_consistency(6, 9, forked), LOG.name),
    }
    for status, question in questions.items():
        said = answer(question(), {LOG.name: known}.get)
        given = 200 if isinstance(said, Cosigning) else int(said.status)
        yield f"a witness that should answer {status} answers {given}", given == status


def _request(old: int, proof: Proof, origin: str, *, forged: bool = False) -> bytes:
    note = sign_checkpoint(HEADS[9], key_of(origin), signer_of(seed_of(origin)))
    if forged:
        (signature,) = note.signatures
        note = replace(note, signatures=(replace(signature, data=bytes(64)),))
    return Request(old, proof, note).data
