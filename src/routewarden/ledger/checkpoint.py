"""What a log states of itself and signs: its name, its size, its root (C2SP tlog-checkpoint).

Three lines make the text of a note. More lines may follow, which others put there; they are signed
with the rest and mean nothing to us, and we write none.
"""

from __future__ import annotations

from dataclasses import dataclass

from routewarden.ledger.note import Key, Note, Signer, parse_note, sign
from routewarden.ledger.strict import MalformedError, decimal, hash_from, in_base64
from routewarden.ledger.tree import Head


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log, by the name it goes by (its origin), and what it is as a whole."""

    origin: str
    head: Head

    @property
    def text(self) -> str:
        """The text of its note."""
        return f"{self.origin}\n{self.head.size}\n{in_base64(self.head.root)}\n"


def stated(checkpoint: Checkpoint) -> str:
    """Return a checkpoint as a page prints it: whoever kept the page can check any later log."""
    head = checkpoint.head
    return f"{checkpoint.origin}, {head.size} entries, root {in_base64(head.root)}"


def parse_checkpoint(text: str) -> Checkpoint:
    """Return the checkpoint that the text of a note spells.

    Raises:
        MalformedError: It spells none.
    """
    *lines, rest = text.split("\n")
    if rest or len(lines) < 3 or not all(lines):
        raise MalformedError("checkpoint", "it is not three lines or more, none of them empty")
    size, root = lines[1:3]
    return Checkpoint(lines[0], Head(decimal(size, "checkpoint"), hash_from(root, "checkpoint")))


def read_checkpoint(data: bytes) -> tuple[Checkpoint, Note]:
    """Return the checkpoint that a note's bytes spell, and the note, its signatures not checked.

    Raises:
        MalformedError: They are no note, or its text is no checkpoint.
    """
    note = parse_note(data)
    return parse_checkpoint(note.text), note


def sign_checkpoint(head: Head, key: Key, signer: Signer) -> Note:
    """Return a log's signed checkpoint; the log's name is its key's.

    Raises:
        WrongSignerError: The signer does not have the key.
    """
    text = Checkpoint(key.name, head).text
    return Note(text, (sign(text, key, signer),))
