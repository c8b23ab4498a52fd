"""An approval is of one statement, by one key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routewarden.ledger.approval import (
    Approval,
    approval_text,
    is_signed,
    read_approval,
    sign_approval,
)
from routewarden.ledger.checkpoint import parse_checkpoint
from routewarden.ledger.note import WrongSignerError
from routewarden.ledger.strict import MalformedError, in_base64
from tests.signing import key_of, seed_of, signer_of

JANE = key_of("jane.doe")
STATEMENT = {"act": "purge", "digest": "ab" * 32, "why": "über\n"}
SIGNED = sign_approval(STATEMENT, "Jane Doe", JANE, signer_of(seed_of(JANE.name)))


def test_an_approval_is_of_what_it_was_signed_for() -> None:
    assert is_signed(STATEMENT, SIGNED)
    assert is_signed(dict(reversed(STATEMENT.items())), SIGNED)  # the order of words is none


@pytest.mark.parametrize(
    "other",
    [
        {},
        {**STATEMENT, "digest": "ac" * 32},
        {**STATEMENT, "more": "x"},
        {"act": 1.5},  # has no canonical text, so nobody can have signed it
    ],
)
def test_it_is_of_no_other_statement(other: dict[str, object]) -> None:
    assert not is_signed(other, SIGNED)


@pytest.mark.parametrize(
    "other",
    [
        replace(SIGNED, key=key_of("john.roe").text),
        replace(SIGNED, key="nonsense"),
        replace(SIGNED, signature="nonsense"),
        replace(SIGNED, signature=in_base64(bytes(64))),
        replace(SIGNED, signature=in_base64(b"short")),
    ],
)
def test_another_key_or_signature_does_not_count(other: Approval) -> None:
    assert not is_signed(STATEMENT, other)


def test_who_has_another_key_cannot_sign() -> None:
    with pytest.raises(WrongSignerError):
        sign_approval(STATEMENT, "Jane Doe", JANE, signer_of(seed_of("john.roe")))


def test_an_approval_can_never_be_read_as_a_checkpoint() -> None:
    with pytest.raises(MalformedError):
        parse_checkpoint(approval_text(STATEMENT))


def test_it_is_read_as_it_was_written() -> None:
    assert read_approval(SIGNED.payload) == SIGNED


@pytest.mark.parametrize(
    "value", [None, [], {}, {**SIGNED.payload, "x": ""}, {**SIGNED.payload, "name": 1}]
)
def test_what_is_no_approval_is_refused(value: object) -> None:
    with pytest.raises(MalformedError):
        read_approval(value)
