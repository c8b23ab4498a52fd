"""What a witness keeps, on a host and under an account that the log's keeper does not reach.

witness.pem, witness.pub       its key
logs/<digest>/keys             the keys of a log it knows
logs/<digest>/checkpoint       the last head it cosigned of it
refused/                       what a log's own key signed and this witness refused

The head is on the disk before the signature leaves, and requests are answered one at a time: so no
two histories of a log are ever both cosigned.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from routewarden.base.canonical import sha256
from routewarden.base.errors import RoutewardenError
from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.note import Algorithm, Key, Note, cosign, parse_key
from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tree import EMPTY
from routewarden.ledger.witness import SIZE_TYPE, KnownLog, Refusal, answer
from routewarden.store import durable
from routewarden.store.signing import file_key, make_key

_TEXT_TYPE = "text/plain; charset=utf-8"
_OK = 200


class NoWitnessError(RoutewardenError):
    """The folder is no witness's, or its files cannot be used."""

    def __init__(self, root: Path, why: object) -> None:
        super().__init__(
            f"{root}: {why}. Make a witness with `routewarden witness init {root} --name NAME`."
        )


class KnownWitnessError(RoutewardenError):
    """A witness is there already."""

    def __init__(self, root: Path) -> None:
        super().__init__(f"{root}: is a witness already; its key is in witness.pub.")


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a request: status, content type and body."""

    status: int
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class WitnessHome:
    """The folder of a witness."""

    root: Path

    def make(self, name: str) -> Key:
        """Make the witness and return its key.

        Raises:
            KnownWitnessError: There is one already.
        """
        if (self.root / "witness.pub").exists():
            raise KnownWitnessError(self.root)
        return make_key(self.root, "witness", name, Algorithm.COSIGNATURE_V1)

    @property
    def key(self) -> Key:
        """The witness's public key.

        Raises:
            NoWitnessError: There is none.
        """
        return self._key_in(self.root / "witness.pub")

    def add(self, key: Key) -> None:
        """Know a log by one more of its keys."""
        _ = self.key
        folder = self._folder(key.name)
        with self._alone():
            keys = dict.fromkeys([*self._keys(folder), key])
            durable.make_folder(folder)
            text = "".join(f"{each.text}\n" for each in keys)
            durable.write_file(folder / "keys", text.encode())

    def respond(self, body: bytes, now_s: int) -> Response:
        """Answer a request to cosign, at a time in seconds since 1970."""
        with self._alone():
            given = answer(body, self._recall)
            if isinstance(given, Refusal):
                if given.signed:
                    self._keep_refused(body)
                kind = _TEXT_TYPE if given.size is None else SIZE_TYPE
                return Response(int(given.status), kind, given.body.encode())
            _, signer = file_key(self.root / "witness.pem")
            signature = cosign(given.text, self.key, now_s, signer)
            folder = self._folder(given.checkpoint.origin)
            note = Note(given.text, (signature,))
            durable.write_file(folder / "checkpoint", note.data)
            return Response(_OK, _TEXT_TYPE, signature.line.encode())

    def _recall(self, origin: str) -> KnownLog | None:
        folder = self._folder(origin)
        keys = tuple(self._keys(folder))
        if not keys:
            return None
        try:
            last = read_checkpoint((folder / "checkpoint").read_bytes())[0].head
        except FileNotFoundError:
            last = EMPTY
        except MalformedError as error:  # to forget would be to cosign a second history
            raise NoWitnessError(folder / "checkpoint", error) from error
        return KnownLog(keys, last)

    def _keys(self, folder: Path) -> Iterator[Key]:
        path = folder / "keys"
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            yield self._parsed(path, line)

    def _key_in(self, path: Path) -> Key:
        try:
            text = path.read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise NoWitnessError(self.root, "is not a witness") from error
        return self._parsed(path, text)

    def _parsed(self, path: Path, text: str) -> Key:
        try:
            return parse_key(text)
        except MalformedError as error:
            raise NoWitnessError(path, error) from error

    def _folder(self, origin: str) -> Path:
        return self.root / "logs" / sha256(origin.encode())

    def _keep_refused(self, body: bytes) -> None:
        """Keep what a log signed and should not have: it may be proof of a second history."""
        folder = self.root / "refused"
        durable.make_folder(folder)
        path = folder / sha256(body)
        if not path.exists():
            durable.write_file(path, body)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        handle = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
