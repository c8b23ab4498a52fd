"""The compiled scan of a FIX log against the rules as they are written in Python: all the same."""

from __future__ import annotations

import hashlib
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.native.fix import sha256
from routewarden.sources.fix import cut
from routewarden.sources.typed import Bounds
from tests.fix_log import ALWAYS, sealed, sent, slowly, told
from tests.property.test_fix_fuzz import damaged
from tests.property.test_fix_log import LINES, LOGS, drop_copy_lines

FROM_JULY = Bounds(1_782_864_000_000_000_000, 4 * 10**18)


def assert_same(log: bytes, bounds: Bounds = ALWAYS, *, verify: bool = True) -> None:
    scanned = told(log, bounds, verify=verify)
    with slowly():
        assert told(log, bounds, verify=verify) == scanned


def usual(log: bytes) -> int:
    """How many messages the scan finds by itself."""
    return sum(len(each.usual) for each in cut.cut_log(log, ALWAYS))


@settings(deadline=None, max_examples=300)
@given(LOGS, st.booleans())
def test_of_any_log_the_same_is_told(log: bytes, verify: bool) -> None:  # noqa: FBT001 - drawn
    assert_same(log, verify=verify)


@settings(deadline=None, max_examples=100)
@given(LINES, st.integers(64, 900))
def test_of_any_log_the_same_is_told_in_blocks_of_any_size(log: bytes, size: int) -> None:
    before = cut.BLOCK_BYTES, cut._MARGIN
    cut.BLOCK_BYTES, cut._MARGIN = size, 200
    try:
        assert_same(log)
    finally:
        cut.BLOCK_BYTES, cut._MARGIN = before


INSTANTS = (
    *("20260701-13:30:00", "20260701-13:30:00.1", "20260701-13:30:00.123456789"),
    *("20260701-13:30:00.1234567890", "20260701-13:30:00.", "20260701-13:30:60"),
    *("20260701-24:00:00", "20260701-13:60:00", "20260701 13:30:00", "20260701-13:30"),
    *("20240229-00:00:00", "20230229-00:00:00", "21000229-00:00:00", "20000229-23:59:59.9"),
    *("20260732-00:00:00", "20260700-00:00:00", "20261301-00:00:00", "20260001-00:00:00"),
    *("19700101-00:00:00", "19691231-23:59:59", "22591231-23:59:59", "22600101-00:00:00"),
    *("20960831-00:00:00", "20260630-23:59:59.999999999", "20260701-00:00:00", ""),
    *("2026-07-01T13:30:00Z", "2026x701-13:30:00", "20260701-1a:30:00", "20260701-13:30:00.1x"),
)
NUMBERS = (
    *("0", "7", "007", "-7", "", "x", "1.0", "9" * 18, "9" * 19, "9223372036854775807"),
    *("9223372036854775808", "1" * 40, "+1", " 1"),
)
TAGS = ("1", "8", "9", "10", "11", "58", "90", "95", "96", "148", "354", "35", "0", "01", "")
VALUES = ("", "x", "A1", "7", "a=b", "8=FIX", "10=001", "\n", "\xe9", "\u2401", "a b", "^", "\x00")
FIELDS = st.one_of(
    st.tuples(st.just("52"), st.sampled_from(INSTANTS)),
    st.tuples(st.just("122"), st.sampled_from(INSTANTS)),
    st.tuples(st.just("34"), st.sampled_from(NUMBERS)),
    st.tuples(st.sampled_from(["43", "97"]), st.sampled_from(["Y", "N", "", "y", "true", "YY"])),
    st.tuples(st.sampled_from(["35", "49", "56"]), st.sampled_from(VALUES)),
    st.tuples(st.sampled_from(TAGS), st.sampled_from(VALUES)),
    st.tuples(st.integers(1, 10**12).map(str), st.sampled_from(VALUES)),
)
VERSIONS = st.sampled_from(["FIX.4.2", "FIX.4.4", "FIXT.1.1", "FIX.5.0SP2", "FIX.5.0SP", "FIX.44"])
MARKS = st.sampled_from([b"\x01", b"|", b";", b"^", b"~", b"^A", b"<SOH>", b" | "])
USUAL = [("35", "8"), ("52", "20260701-13:30:00")]


def message(fields: list[tuple[str, str]], coding: str, version: str, mark: bytes) -> bytes:
    body = "".join(f"{tag}={text}\x01" for tag, text in fields).encode(coding, "replace")
    return sealed(body, version).replace(b"\x01", mark)


MESSAGES = st.builds(
    message,
    st.tuples(st.sampled_from([USUAL, []]), st.lists(FIELDS, max_size=8)).map(
        lambda two: [*two[0], *two[1]]
    ),
    st.sampled_from(["utf-8", "latin-1"]),
    VERSIONS,
    MARKS,
)
BETWEEN = st.sampled_from(
    [
        b"",
        b"\n",
        b"\r\n",
        b" \t\n",
        b"x\n\n",
        b"2026-07-01 09:30 in: ",
        b"k=v ",
        b"5",
        b"10=",
        b"\x0b",
    ]
)


@settings(deadline=None, max_examples=600)
@given(
    st.lists(st.tuples(MESSAGES, BETWEEN), max_size=6),
    st.sampled_from([ALWAYS, FROM_JULY]),
    st.booleans(),
)
def test_at_the_edge_of_every_rule_the_same_is_told(
    pieces: list[tuple[bytes, bytes]],
    bounds: Bounds,
    verify: bool,  # noqa: FBT001 - drawn
) -> None:
    log = b"".join(each + between for each, between in pieces)
    assert_same(log, bounds, verify=verify)


def test_of_a_hundred_thousand_damaged_messages_the_same_is_told() -> None:
    lots = random.Random(20260702)
    between = (b"", b"\n", b"\r\n2026-07-01 ", b"\n\n", b" x=1 ", b"|35=")
    for _ in range(100):
        pieces = (damaged(lots) + lots.choice(between) for _ in range(1_000))
        assert_same(b"".join(pieces), verify=lots.random() < 0.8)


@pytest.mark.parametrize("mark", [b"\x01", b"|", b";", b"^", b"~"])
def test_a_sound_log_is_usual_throughout(mark: bytes) -> None:
    lines = [line.replace(b"\x01", mark) for line in drop_copy_lines()]
    log = b"09:30:00.123 in> " + b"09:30:00.123 in> ".join(lines)
    assert usual(log) == len(lines)
    assert_same(log)


def test_what_fills_the_room_for_messages_is_read_on() -> None:
    shortest = sealed(b"35=0\x0152=20260701-13:30:00\x01")[:-1]
    assert usual((shortest + b"\n") * 500) == 500
    assert_same((shortest + b"\n") * 500)


def test_a_message_of_the_greatest_size_is_told_the_same() -> None:
    for size in (1_048_480, 1_048_500, 1_048_510, 1_048_530, 1_048_560, 1_048_600):
        assert_same(sent(1, "35=B|58=" + "x" * size) + b"\n" + sent(2, "35=0"))


@given(st.binary(max_size=300))
def test_a_digest_is_sha_256(data: bytes) -> None:
    digest = hashlib.sha256(data).hexdigest()
    assert sha256(data) == digest
    assert sha256(data, by_instructions=False) == digest
