"""Whether an Ed25519 signature is its key's (RFC 8032, 5.1.7), in nothing but Python.

It is slow, some milliseconds a signature, and needs no package, so it can stand in a verifier that
runs wherever Python does. It holds no secret, so it need not hide how long it takes.

Of the checks the RFC allows it takes the strict one, without the cofactor: the point that follows
from the signature must have the very bytes that the signature states.
"""

from __future__ import annotations

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]
"""Extended coordinates (RFC 8032, 5.1.4): X, Y, Z and T, where x = X/Z, y = Y/Z, xy = T/Z."""

NEUTRAL: Point = (0, 1, 1, 0)

_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
BASE: Point = (_X, _Y, 1, _X * _Y % P)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether a signature of 64 bytes over a message is that of a public key of 32."""
    key = decode(public)
    if key is None or len(signature) != 64:
        return False
    stated, scalar = signature[:32], int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:
        return False
    challenge = hashlib.sha512(stated + public + message).digest()
    times = int.from_bytes(challenge, "little") % ORDER
    return encode(combined(scalar, BASE, times, negative(key))) == stated


def combined(one: int, point: Point, other: int, second: Point) -> Point:
    """Return the sum of two multiples of points, both in one pass over their bits."""
    addends = (NEUTRAL, point, second, add(point, second))
    found = NEUTRAL
    for bit in reversed(range(max(one.bit_length(), other.bit_length()))):
        found = double(found)
        if which := (one >> bit & 1) | (other >> bit & 1) << 1:
            found = add(found, addends[which])
    return found


def add(one: Point, other: Point) -> Point:
    """Return the sum of two points (RFC 8032, 5.1.4)."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * D * t1 * t2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(point: Point) -> Point:
    """Return a point added to itself (RFC 8032, 5.1.4)."""
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h = a + b
    e, g = h - (x + y) ** 2, a - b
    f = 2 * z * z + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negative(point: Point) -> Point:
    """Return the point that adds up to nothing with a point."""
    x, y, z, t = point
    return -x % P, y, z, -t % P


def encode(point: Point) -> bytes:
    """Return the 32 bytes of a point: y, and in the highest bit whether x is odd."""
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Point | None:
    """Return the point that 32 bytes encode; None if they encode none (RFC 8032, 5.1.3)."""
    stated = int.from_bytes(data, "little")
    y, odd = stated & (1 << 255) - 1, stated >> 255
    if len(data) != 32 or y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if (v * x * x + u) % P == 0:
        x = x * ROOT_OF_MINUS_ONE % P
    if (v * x * x - u) % P or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = P - x
    return x, y, 1, x * y % P
