"""The public vectors of transparency-dev/merkle (testdata, Apache-2.0): what a verifier answers."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from routewarden.ledger.tree import Hash, Head, Proof, is_consistent, is_included

DATA = Path(os.environ.get("ROUTEWARDEN_DATA", Path(__file__).parents[3] / "shared" / "data"))
FILE = DATA / "ledger" / "merkle_vectors.json"
VECTORS: dict[str, Any] = (
    json.loads(FILE.read_text()) if FILE.exists() else {"inclusion": {}, "consistency": {}}
)

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"no {FILE} (set ROUTEWARDEN_DATA)")


def hashed(text: str) -> Hash:
    return Hash(base64.b64decode(text))


def proof_of(vector: dict[str, Any]) -> Proof:
    return tuple(map(hashed, vector["proof"] or ()))


def test_there_are_all_196() -> None:
    assert (len(VECTORS["inclusion"]), len(VECTORS["consistency"])) == (98, 98)


@pytest.mark.parametrize("name", VECTORS["inclusion"])
def test_a_proof_of_inclusion_is_judged_as_the_vector_says(name: str) -> None:
    vector = VECTORS["inclusion"][name]
    leaf, head = hashed(vector["leafHash"]), Head(vector["treeSize"], hashed(vector["root"]))

    assert is_included(leaf, vector["leafIdx"], head, proof_of(vector)) is not vector["wantErr"]


@pytest.mark.parametrize("name", VECTORS["consistency"])
def test_a_proof_of_consistency_is_judged_as_the_vector_says(name: str) -> None:
    vector = VECTORS["consistency"][name]
    old = Head(vector["size1"], hashed(vector["root1"]))
    new = Head(vector["size2"], hashed(vector["root2"]))

    assert is_consistent(old, new, proof_of(vector)) is not vector["wantErr"]
