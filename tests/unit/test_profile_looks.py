"""How an unknown file is cut, its numbers and times, as its bytes show."""

from __future__ import annotations

import pytest

from routewarden.sources.profile.looks import day_forms, digits, forms, sample, zone_told
from routewarden.sources.profile.model import Digits


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("a,é\n1,2\n".encode(), "utf-8"),
        ("a,é\n1,2\n".encode("utf-16"), "utf-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "utf-16-le"),
        ("a,b\n1,2\n".encode("utf-16-be"), "utf-16-be"),
        ("a,é\n1,2\n".encode("cp1252"), "cp1252"),
        (b"a,bc\n\0some,thing long enough", "utf-8"),
    ],
)
def test_the_encoding_is_seen(data: bytes, encoding: str) -> None:
    assert (sample(data).encoding, sample(data).columns[0]) == (encoding, "a")


def test_only_the_beginning_of_a_long_file_is_looked_at() -> None:
    long = b"a,b\n" + b"1,2\n" * 300_000 + b"\xff,\xff\n"

    assert sample(long).encoding == "utf-8"
    assert len(sample(long).of("a")) < 2_000


def test_a_line_no_reader_takes_is_cut_all_the_same() -> None:
    assert sample(b"a|b\n" + b"x" * 2_000_000 + b"|2\n").delimiter == "|"


@pytest.mark.parametrize(
    ("texts", "meant", "doubtful"),
    [
        (["1.234,5", "7"], Digits(",", "."), False),
        (["1,234.5"], Digits(".", ","), False),
        (["1.234.567"], Digits(",", "."), False),
        (["1,234,567"], Digits(".", ","), False),
        (["1,5", "2,345"], Digits(",", ""), False),
        (["1,234", "0.5"], Digits(".", ","), False),
        (["1,234"], Digits(), True),
        (["1,5", "2.5"], Digits(), True),
        (["10,05", "1.000"], Digits(",", "."), False),
        (["1.234"], Digits(), False),
        (["12", "x"], Digits(), False),
        (["1 000", "1,5"], Digits(",", " "), False),
        (["1'000.5"], Digits(".", "'"), False),
    ],
)
def test_the_decimal_mark_is_told_where_it_can_be(
    *, texts: list[str], meant: Digits, doubtful: bool
) -> None:
    written, doubt = digits(texts)

    assert (written, doubt is not None) == (meant, doubtful)


def test_forms_of_nothing_are_none() -> None:
    assert (forms(()), day_forms(())) == ((), ())


def test_offsets_and_epochs_tell_their_zone() -> None:
    assert zone_told(("1",), "epoch_s")
    assert zone_told(("2026-07-01T09:30:00-04:00",), "rfc3339")
    assert not zone_told(("2026-07-01T09:30:00",), "rfc3339")
    assert zone_told(("2026-07-01T09:30:00-0400",), "%Y-%m-%dT%H:%M:%S%z")
    assert not zone_told(("2026",), "%Y")
