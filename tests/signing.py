"""Ed25519 keys for tests: they sign by RFC 8032, 5.1.5 and 5.1.6, from a seed of 32 bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from routewarden.ledger.ed25519 import BASE, NEUTRAL, ORDER, combined, encode
from routewarden.ledger.note import Algorithm, Key


def seed_of(name: str) -> bytes:
    """A seed that is always the same for a name."""
    return hashlib.sha256(name.encode()).digest()


def public_of(seed: bytes) -> bytes:
    return _times_base(_secret(seed)[0])


def signer_of(seed: bytes) -> Callable[[bytes], bytes]:
    scalar, prefix = _secret(seed)
    public = _times_base(scalar)

    def sign(message: bytes) -> bytes:
        nonce = _number(prefix + message)
        point = _times_base(nonce)
        challenge = _number(point + public + message)
        return point + ((nonce + challenge * scalar) % ORDER).to_bytes(32, "little")

    return sign


def key_of(name: str, algorithm: Algorithm = Algorithm.ED25519) -> Key:
    """The key whose seed is that of its name."""
    return Key(name, algorithm, public_of(seed_of(name)))


def _secret(seed: bytes) -> tuple[int, bytes]:
    digest = hashlib.sha512(seed).digest()
    clamped = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return clamped, digest[32:]


def _number(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % ORDER


def _times_base(scalar: int) -> bytes:
    return encode(combined(scalar, BASE, 0, NEUTRAL))
