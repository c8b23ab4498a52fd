"""Notes that others signed: Go's own examples, C2SP's, and a public log's with its witnesses."""

from __future__ import annotations

import base64

import pytest

from routewarden.ledger.checkpoint import Checkpoint, read_checkpoint
from routewarden.ledger.note import (
    Algorithm,
    Signed,
    parse_key,
    parse_note,
    sign,
    signed_by,
    time_of,
)
from routewarden.ledger.quorum import Quorum, standing
from routewarden.ledger.strict import MalformedError, hash_from
from routewarden.ledger.tree import Head
from routewarden.ledger.witness import parse_request
from tests.signing import signer_of

# Go: the tests of the package sumdb/note in golang.org/x/mod (BSD-3-Clause)
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"  # noqa: S105
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = """\
If you think cryptography is the answer to your problem,
then you don't know what your problem is.
"""
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WW"
    "d1RvMc+QQ=\n"
)

# C2SP signed-note
POEM = """\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0\
xMcXxj99ihAQwaqP3ZekRwNtIc=
"""

# C2SP tlog-cosignature
COSIGNED = """\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1\
gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyi\
n1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""

# C2SP tlog-witness
REQUEST = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1\
gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267\
UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""

# A checkpoint of the public staging log arche2025h1, as its witnesses cosigned it in May 2026. The
# first signature is of a kind that is not known here (RFC 6962's own).
ARCHE = (
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
)
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
PUBLIC = """\
arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbd\
Q3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygN\
I75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgc\
qoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3\
u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTyn\
k5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2\
TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
"""


def test_go_s_notes_are_signed_by_go_s_keys() -> None:
    note = parse_note(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}".encode())
    peter, enoch = parse_key(PETER), parse_key(ENOCH)

    assert note.text == TEXT
    assert signed_by(note, [peter]) == (Signed(peter, None),)
    assert signed_by(note, [enoch, peter]) == (Signed(peter, None), Signed(enoch, None))
    assert signed_by(note, []) == ()


def test_go_s_key_signs_as_go_signs() -> None:
    seed = base64.b64decode(PETER_SECRET.split("+", 4)[-1])[1:]
    assert sign(TEXT, parse_key(PETER), signer_of(seed)).line == PETER_LINE


def test_a_note_changed_by_one_letter_is_signed_by_nobody() -> None:
    peter = parse_key(PETER)
    spoiled = f"{TEXT}\n{PETER_LINE[:60]}ABCD{PETER_LINE[60:]}".encode()

    assert signed_by(parse_note(f"If{TEXT}\n{PETER_LINE}".encode()), [peter]) == ()
    assert signed_by(parse_note(spoiled), [peter]) == ()
    assert signed_by(parse_note(spoiled + PETER_LINE.encode()), [peter]) == ()


def test_no_part_of_a_key_is_a_key_and_no_other_letter_will_do() -> None:
    for start in range(len(PETER)):
        for end in range(start, len(PETER) + 1):
            if (start, end) != (0, len(PETER)):
                with pytest.raises(MalformedError):
                    parse_key(PETER[start:end])
    for at, letter in enumerate(PETER):
        with pytest.raises(MalformedError):
            parse_key(PETER[:at] + chr(ord(letter) + 1) + PETER[at + 1 :])


@pytest.mark.parametrize(
    "key",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_key_too_long_or_of_an_unknown_kind_is_none(key: str) -> None:
    with pytest.raises(MalformedError):
        parse_key(key)


@pytest.mark.parametrize(
    "note",
    [
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}\n{PETER_LINE[:-1]}",
        f"\x01{TEXT}\n{PETER_LINE}",
        f"{TEXT}\n{PETER_LINE.replace('PeterNeumann', 'Bad Name')}",
        f"{TEXT}\n{PETER_LINE}Unexpected line.\n",
        f"{TEXT}\n{PETER_LINE * 101}",
    ],
)
def test_go_s_bad_notes_are_none(note: str) -> None:
    with pytest.raises(MalformedError):
        parse_note(note.encode())
    with pytest.raises(MalformedError):
        parse_note(b"\xff" + note.encode())


def test_the_last_empty_line_of_a_note_ends_its_text() -> None:
    note = parse_note(POEM.encode())

    assert note.text.endswith("raggio di sole:\n\ned è subito sera.\n")
    assert [each.name for each in note.signatures] == ["quasimodo.example/salvatore"]
    assert [len(each.data) for each in note.signatures] == [64]
    assert note.data == POEM.encode()


def test_a_cosigned_checkpoint_says_what_the_specification_says() -> None:
    checkpoint, note = read_checkpoint(COSIGNED.encode())

    root = hash_from("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=", "root")
    assert checkpoint == Checkpoint("example.com/behind-the-sofa", Head(20_852_163, root))
    assert checkpoint.text == note.text
    assert [time_of(each) for each in note.signatures] == [None, 1_679_315_147]


def test_a_request_is_read_as_the_specification_writes_it() -> None:
    request = parse_request(REQUEST.encode())

    assert (request.old, len(request.proof), len(request.note.signatures)) == (20_852_014, 4, 2)
    assert request.data == REQUEST.encode()


def test_a_public_log_s_checkpoint_stands_by_its_log_and_its_witness() -> None:
    _, note = read_checkpoint(PUBLIC.encode())
    log, witness = parse_key(ARCHE), parse_key(REMORA)

    found = standing(note, Quorum((log,), (witness,), 1))

    assert (log.algorithm, witness.algorithm) == (Algorithm.ED25519, Algorithm.COSIGNATURE_V1)
    assert (log.text, witness.text) == (ARCHE, REMORA)
    assert found.log == (Signed(log, None),)
    assert found.witnesses == (Signed(witness, 1_779_573_024),)  # 2026-05-23T21:50:24Z
    assert found.enough


@pytest.mark.parametrize(
    ("said", "instead"),
    [("1432088532\n", "1432088533\n"), ("U7WM", "U7WN"), ("dev\n14", "deu\n14")],
)
def test_a_public_log_s_checkpoint_that_says_something_else_stands_by_nobody(
    said: str, instead: str
) -> None:
    _, note = read_checkpoint(PUBLIC.replace(said, instead, 1).encode())
    found = standing(note, Quorum((parse_key(ARCHE),), (parse_key(REMORA),), 1))

    assert (found.log, found.witnesses, found.enough) == ((), (), False)
