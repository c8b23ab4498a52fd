"""The key a home signs its log with, and whoever holds it.

keys/log.pub     the public key, under the log's name (its origin), as others write it down
keys/log.pem     the private key, readable by its owner alone; or, instead of it,
keys/signer.toml a program that signs: bytes on its standard input, base64 of 64 bytes on its output
keys/next.*      the same of the key that is to follow, until the log says so and both signed that

Whoever has the private key can sign another history. So it may stay with a key service or on a
device, behind a program; and whatever holds it, only someone outside can tell that there is but one
history.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import sign_checkpoint
from routewarden.ledger.note import Algorithm, Key, Note, Signer, parse_key
from routewarden.ledger.strict import MalformedError, from_base64
from routewarden.ledger.tree import Head
from routewarden.store import durable

_PUBLIC, _PRIVATE, _PROGRAM = "log.pub", "log.pem", "signer.toml"
_NEXT, _NEXT_PUBLIC, _NEXT_PRIVATE, _NEXT_PROGRAM = "next", "next.pub", "next.pem", "next.toml"
_SECONDS = 60
_PRIVATE_MODE, _FOLDER_MODE = 0o600, 0o700


class KeyUnusableError(RoutewardenError):
    """The log's key is there in part, or cannot be used."""

    def __init__(self, path: object, why: object) -> None:
        super().__init__(
            f"{path}: {why}. Nothing is lost: restore the keys from their copy and run the "
            "command again, or begin a new key with `routewarden key rotate --lost`."
        )


class KeyFileError(RoutewardenError):
    """A file that should hold a private key does not."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(f"{path}: {why}. Name the file of an Ed25519 private key, as PEM.")


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
        return _read_key(self.root / _PUBLIC)

    def waiting(self) -> Key | None:
        """Return the key that is to follow, while the log's key is being changed.

        Raises:
            KeyUnusableError: What is there is none.
        """
        return _read_key(self.root / _NEXT_PUBLIC)

    def signing(self) -> Signing:
        """Return the key and its signer.

        Raises:
            KeyUnusableError: There is none, or not all of it.
        """
        key = self.public()
        if key is None:
            raise KeyUnusableError(self.root / _PUBLIC, "missing")
        return Signing(key, _signer(self.root / _PRIVATE, self.root / _PROGRAM))

    def signing_next(self, key: Key) -> Signing:
        """Return the key that is to follow and its signer.

        Raises:
            KeyUnusableError: There is none, or not all of it.
        """
        return Signing(key, _signer(self.root / _NEXT_PRIVATE, self.root / _NEXT_PROGRAM))

    def make_next(self, origin: str) -> Key:
        """Make the key that is to follow, in place of one that was made and never used."""
        self._forget_next()
        return make_key(self.root, _NEXT, origin, Algorithm.ED25519)

    def hold_next(self, key: Key, command: Sequence[str]) -> None:
        """Take a key that a program has as the one that is to follow."""
        self._forget_next()
        durable.write_file(self.root / _NEXT_PROGRAM, _program_text(command))
        durable.write_file(self.root / _NEXT_PUBLIC, f"{key.text}\n".encode())

    def take_next(self) -> None:
        """Put the key that is to follow in the place of the key; done again, it goes on."""
        program, private = self.root / _NEXT_PROGRAM, self.root / _NEXT_PRIVATE
        if private.exists():
            (self.root / _PROGRAM).unlink(missing_ok=True)
            private.replace(self.root / _PRIVATE)
        elif program.exists():
            program.replace(self.root / _PROGRAM)
        if (self.root / _PROGRAM).exists():
            (self.root / _PRIVATE).unlink(missing_ok=True)
        durable.sync_folder(self.root)
        (self.root / _NEXT_PUBLIC).replace(
            self.root / _PUBLIC
        )  # last: until then all is done again
        durable.sync_folder(self.root)

    def set_program(self, command: Sequence[str]) -> None:
        """Let a program sign from now on."""
        durable.write_file(self.root / _PROGRAM, _program_text(command))

    def _forget_next(self) -> None:
        for name in (_NEXT_PUBLIC, _NEXT_PRIVATE, _NEXT_PROGRAM):
            (self.root / name).unlink(missing_ok=True)

    def make(self, origin: str) -> Key:
        """Make a new key for a log, in place of any before, and return its public half."""
        return make_key(self.root, "log", origin, Algorithm.ED25519)


def _read_key(path: Path) -> Key | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return parse_key(text.strip())
    except (MalformedError, UnicodeDecodeError) as error:
        raise KeyUnusableError(path, error) from error


def _signer(private: Path, program: Path) -> Signer:
    """Return what signs: the program if there is one, else the private key."""
    if program.exists():
        return program_signer(_command_in(program), program)
    try:
        return file_key(private)[1]
    except KeyFileError as error:
        raise KeyUnusableError(private, "missing, or no private key") from error


def make_key(folder: Path, file: str, name: str, algorithm: Algorithm) -> Key:
    """Make a key in a folder: the private half in `file`.pem, the public in `file`.pub."""
    from cryptography.hazmat.primitives import serialization as as_  # noqa: PLC0415 - slow
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - slow
        Ed25519PrivateKey,
    )

    private = Ed25519PrivateKey.generate()
    key = Key(name, algorithm, private.public_key().public_bytes_raw())
    pem = private.private_bytes(as_.Encoding.PEM, as_.PrivateFormat.PKCS8, as_.NoEncryption())
    if not folder.exists():
        durable.make_folder(folder)
        folder.chmod(_FOLDER_MODE)
    durable.write_file(folder / f"{file}.pem", pem, _PRIVATE_MODE)
    durable.write_file(folder / f"{file}.pub", f"{key.text}\n".encode())
    return key


def new_origin() -> str:
    """Return a name for a log whose owner has given it none; no two are alike."""
    return f"routewarden.local/{secrets.token_hex(8)}"


def file_key(path: Path) -> tuple[bytes, Signer]:
    """Return the public half of the private key in a file, and what signs with it.

    Raises:
        KeyFileError: It is missing, or no such key.
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
        raise KeyFileError(path, "missing") from error
    except (ValueError, TypeError) as error:
        raise KeyFileError(path, f"not a private key: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFileError(path, "not an Ed25519 key")
    return private.public_key().public_bytes_raw(), private.sign


def _command_in(path: Path) -> list[str]:
    """Return the command that a file of settings names."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KeyUnusableError(path, error) from error
    stated = table.get("command")
    command = [part for part in stated if isinstance(part, str)] if isinstance(stated, list) else []
    if not command or command != stated or set(table) != {"command"}:
        raise KeyUnusableError(path, 'write `command = ["/path/of/program", "argument"]`')
    return command


def _program_text(command: Sequence[str]) -> bytes:
    return f"command = {json.dumps([*command])}\n".encode()


def program_signer(command: Sequence[str], where: object) -> Signer:
    """Return what asks a program to sign."""

    def sign(data: bytes) -> bytes:
        try:
            asked = subprocess.run(  # noqa: S603 - the program is the firm's own setting
                command, input=data, capture_output=True, timeout=_SECONDS, check=True
            )
            return from_base64(asked.stdout.decode("ascii").strip(), "signature")
        except (OSError, subprocess.SubprocessError, ValueError, MalformedError) as error:
            raise KeyUnusableError(where, f"the signer did not sign: {error}") from error

    return sign
