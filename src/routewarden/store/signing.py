"""The key a home signs its log with, and whoever holds it.

keys/log.pub     the public key, under the log's name (its origin), as others write it down
keys/log.pem     the private key, readable by its owner alone; or, instead of it,
keys/signer.toml a program that signs: bytes on its standard input, base64 of 64 bytes on its output

Whoever has the private key can sign another history. So it may stay with a key service or on a
device, behind a program; and whatever holds it, only someone outside can tell that there is but one
history.
"""

from __future__ import annotations

import secrets
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import sign_checkpoint
from routewarden.ledger.note import Algorithm, Key, Note, Signer, parse_key
from routewarden.ledger.strict import MalformedError, from_base64
from routewarden.ledger.tree import Head
from routewarden.store import durable

_PUBLIC, _PRIVATE, _PROGRAM = "log.pub", "log.pem", "signer.toml"
_SECONDS = 60
_PRIVATE_MODE, _FOLDER_MODE = 0o600, 0o700


class KeyUnusableError(RoutewardenError):
    """The log's key is there in part, or cannot be used."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(
            f"{path}: {why}. Nothing is lost: restore the keys from their copy and run the "
            "command again, or begin a new key with `routewarden key rotate --lost`."
        )


@dataclass(frozen=True, slots=True)
class Signing:
    """A key by its public half, and what signs with it."""

    key: Key
    signer: Signer

    def checkpoint(self, head: Head) -> Note:
        """Return a signed checkpoint of the log."""
        return sign_checkpoint(head, self.key, self.signer)


@dataclass(frozen=True, slots=True)
class Keys:
    """The folder of a home's keys."""

    root: Path

    def public(self) -> Key | None:
        """Return the public key, if there is one.

        Raises:
            KeyUnusableError: What is there is none.
        """
        path = self.root / _PUBLIC
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            return parse_key(text.strip())
        except (MalformedError, UnicodeDecodeError) as error:
            raise KeyUnusableError(path, error) from error

    def signing(self) -> Signing:
        """Return the key and its signer.

        Raises:
            KeyUnusableError: There is none, or not all of it.
        """
        key = self.public()
        if key is None:
            raise KeyUnusableError(self.root / _PUBLIC, "missing")
        program = self.root / _PROGRAM
        if program.exists():
            return Signing(key, _by_program(program))
        return Signing(key, file_signer(self.root / _PRIVATE))

    def make(self, origin: str) -> Key:
        """Make a new key for a log, in place of any before, and return its public half."""
        return make_key(self.root, "log", origin, Algorithm.ED25519)


def make_key(folder: Path, file: str, name: str, algorithm: Algorithm) -> Key:
    """Make a key in a folder: the private half in `file`.pem, the public in `file`.pub."""
    from cryptography.hazmat.primitives import serialization as as_  # noqa: PLC0415 - slow
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - slow
        Ed25519PrivateKey,
    )

    private = Ed25519PrivateKey.generate()
    key = Key(name, algorithm, private.public_key().public_bytes_raw())
    pem = private.private_bytes(as_.Encoding.PEM, as_.PrivateFormat.PKCS8, as_.NoEncryption())
    durable.make_folder(folder)
    folder.chmod(_FOLDER_MODE)
    durable.write_file(folder / f"{file}.pem", pem, _PRIVATE_MODE)
    durable.write_file(folder / f"{file}.pub", f"{key.text}\n".encode())
    return key


def new_origin() -> str:
    """Return a name for a log whose owner has given it none; no two are alike."""
    return f"routewarden.local/{secrets.token_hex(8)}"


def file_signer(path: Path) -> Signer:
    """Return what signs with a private key in a file.

    Raises:
        KeyUnusableError: It is missing, or no such key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - slow
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - slow
        load_pem_private_key,
    )

    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as error:
        raise KeyUnusableError(path, "missing") from error
    except (ValueError, TypeError) as error:
        raise KeyUnusableError(path, f"not a private key: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusableError(path, "not an Ed25519 key")
    return private.sign


def _by_program(path: Path) -> Signer:
    """Return what asks a program to sign."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KeyUnusableError(path, error) from error
    stated = table.get("command")
    command = [part for part in stated if isinstance(part, str)] if isinstance(stated, list) else []
    if not command or command != stated or set(table) != {"command"}:
        raise KeyUnusableError(path, 'write `command = ["/path/of/program", "argument"]`')

    def sign(data: bytes) -> bytes:
        try:
            asked = subprocess.run(  # noqa: S603 - the program is the firm's own setting
                command, input=data, capture_output=True, timeout=_SECONDS, check=True
            )
            return from_base64(asked.stdout.decode("ascii").strip(), "signature")
        except (OSError, subprocess.SubprocessError, ValueError, MalformedError) as error:
            raise KeyUnusableError(path, f"the signer did not sign: {error}") from error

    return sign
