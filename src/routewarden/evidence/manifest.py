"""What a package was made from and what is in it, each by its digest.

The canonical JSON of this value is the package's `manifest.json`: whoever holds its digest can tell
whether any byte of the package is another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.base.errors import RoutewardenError

FORMAT = "routewarden-package-1"
_OTHER_FORMAT, _NOT_CANONICAL = "it is of another format", "it is not in canonical form"


class MalformedManifestError(RoutewardenError):
    """The bytes are no manifest of ours."""

    def __init__(self, why: object) -> None:
        super().__init__(f"manifest.json is not a manifest this version reads: {why}")


@dataclass(frozen=True, slots=True)
class Input:
    """A file the numbers go back to: its kind, the digest of its raw bytes, its records."""

    kind: str
    digest: str
    records: int


@dataclass(frozen=True, slots=True)
class Output:
    """A file of the package; `name` is its path in it, with forward slashes."""

    name: str
    bytes: int
    sha256: Digest


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the numbers go by: the ledger up to a size, the firm's settings, the code, the files.

    `ledger_head` is the hash of the ledger's last leaf, `checkpoint` the text of its checkpoint.
    """

    ledger_size: int
    ledger_head: str
    policy: str
    code: str
    inputs: tuple[Input, ...]
    checkpoint: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A package: what it says it is, what it goes by, and its files."""

    title: str
    firm: str
    period: str
    provenance: Provenance
    outputs: tuple[Output, ...]


def outputs_of(files: Mapping[str, bytes]) -> tuple[Output, ...]:
    """Return the files of a package as its manifest lists them, by name."""
    return tuple(Output(name, len(data), sha256(data)) for name, data in sorted(files.items()))


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return the canonical JSON of a manifest."""
    return canonical_json({"format": FORMAT, **asdict(manifest)})


def read_manifest(data: bytes) -> Manifest:
    """Return the manifest that these bytes are the canonical JSON of.

    Raises:
        MalformedManifestError: They are not, whatever they are.
    """
    try:
        manifest = _parsed(json.loads(data))
        again = canonical_json(json.loads(data))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise MalformedManifestError(error) from error
    if again != data:
        raise MalformedManifestError(_NOT_CANONICAL)
    return manifest


def _parsed(value: dict[str, Any]) -> Manifest:
    if value.pop("format") != FORMAT:
        raise ValueError(_OTHER_FORMAT)
    source = value.pop("provenance")
    inputs = tuple(Input(**entry) for entry in source.pop("inputs"))
    outputs = tuple(Output(**entry) for entry in value.pop("outputs"))
    provenance = Provenance(**source, inputs=inputs)
    return Manifest(**value, provenance=provenance, outputs=outputs)
