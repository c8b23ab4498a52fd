"""Which code a result came from."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from routewarden.base.canonical import Digest, canonical_json, sha256


@cache
def code_digest() -> Digest:
    """Return the digest of all source of this installation: a changed line is another code."""
    return sha256(canonical_json(_modules(files("routewarden"), "")))


def basis(policy: str) -> Digest:
    """Return what a result goes by besides its records: the firm's settings and the code."""
    return sha256(canonical_json({"policy": policy, "code": code_digest()}))


def _modules(folder: Traversable, place: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in folder.iterdir():
        if item.is_dir():
            found |= _modules(item, f"{place}{item.name}/")
        elif item.name.endswith((".py", ".c", ".h")):
            found[place + item.name] = sha256(item.read_bytes())
    return found
