from __future__ import annotations

import pytest

from routewarden.ledger.note import Algorithm, Key
from routewarden.policy.witnesses import (
    WITNESSES_TEXT,
    WitnessesError,
    read_witnesses,
)

ONE = Key("one.example", Algorithm.COSIGNATURE_V1, b"1" * 32)
TWO = Key("two.example", Algorithm.COSIGNATURE_V1, b"2" * 32)
LOG = Key("log.example", Algorithm.ED25519, b"1" * 32)
PEM = "-----BEGIN CERTIFICATE-----"


def table(key: str, url: str = "https://w.example/") -> str:
    return f'[[witness]]\nkey = "{key}"\nurl = "{url}"\n'


def test_a_home_begins_without_witnesses() -> None:
    assert read_witnesses("") == read_witnesses(WITNESSES_TEXT)
    assert read_witnesses("").witnesses == ()


def test_witnesses_are_read_with_how_many_must_cosign() -> None:
    stamps = f'[time_stamp]\nurl = "http://tsa.example"\ncertificate = "{PEM}"\n'
    found = read_witnesses("least = 1\n" + table(ONE.text) + table(TWO.text) + stamps)

    assert [each.key for each in found.witnesses] == [ONE, TWO]
    assert {each.url for each in found.witnesses} == {"https://w.example"}
    assert (found.least, found.stamp_url, found.stamp_certificate) == (1, "http://tsa.example", PEM)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("least = ", "the file"),
        ("most = 1", "most: no such entry"),
        ("witness = 1", "witness: not a list"),
        ("witness = [1]", "witness: 1 is not key and url"),
        ("[[witness]]\nkey = 'a'", "is not key and url"),
        (table("a"), "key: This is no key"),
        (table(LOG.text), "is not a key for cosignatures"),
        (table(ONE.text, "ftp://w.example"), "url: 'ftp://w.example' is not an address"),
        (table(ONE.text) + table(ONE.text), "two have the same key"),
        ("least = 1", "least: 1 of 0 witnesses"),
        ("least = true\n" + table(ONE.text), "least: True of 1"),
        ("time_stamp = 1", "is not url and certificate"),
        ('[time_stamp]\nurl = "http://a"', "is not url and certificate"),
        ('[time_stamp]\nurl = "http://a"\ncertificate = "b"', "is not the PEM"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(WitnessesError) as refused:
        read_witnesses(text)

    assert complaint in str(refused.value)
    assert str(refused.value).startswith("policy/witnesses.toml: ")
