from __future__ import annotations

from dataclasses import replace

import pytest

from routewarden.ledger.entry import (
    NOTHING_BEFORE,
    Happening,
    LeafHash,
    SetBack,
    StoredEntry,
    content_of,
    entry_bytes,
    faults,
    leaf_hash,
    set_back,
)

INGESTED = Happening(
    type="file:ingested",
    id="f-1",
    at="2026-07-01T13:30:00Z",
    mono_ns=12_345_678_901_234_567_890,
    actor="ann",
    subject="orders.csv",
    payload={"records": 2, "digest": "ab"},
)


def log(size: int) -> list[StoredEntry]:
    entries: list[StoredEntry] = []
    prev = NOTHING_BEFORE
    for seq in range(size):
        entry = entry_bytes(seq, prev, replace(INGESTED, id=f"f-{seq}"))
        entries.append(StoredEntry(seq, prev, leaf_hash(entry), entry))
        prev = entries[-1].leaf
    return entries


def test_an_entry_is_canonical_json_with_its_clock_as_text() -> None:
    assert entry_bytes(7, LeafHash("cd"), INGESTED) == (
        b'{"actor":{"iss":"os","sub":"ann"},"at":"2026-07-01T13:30:00Z","id":"f-1",'
        b'"mono":"12345678901234567890","payload":{"digest":"ab","records":2},"prev":"cd",'
        b'"seq":7,"signed":0,"subject":"orders.csv","type":"file:ingested","v":1}'
    )


def test_the_leaf_hash_of_an_empty_entry_is_that_of_rfc_6962() -> None:
    published = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"

    assert leaf_hash(b"") == published


def test_a_stored_entry_reads_back_what_it_recorded() -> None:
    (stored,) = log(1)

    assert stored.content["payload"] == {"digest": "ab", "records": 2}


@pytest.mark.parametrize("size", [0, 1, 4])
def test_a_well_made_log_has_no_fault(size: int) -> None:
    assert faults(log(size)) == []


def test_a_missing_entry_is_found_by_number_and_by_tie() -> None:
    first, _, third = log(3)

    assert faults([first, third]) == [
        "event 2: expected number 1; entries are missing or repeated",
        "event 2: does not follow the entry before it",
    ]


def test_a_log_that_begins_late_is_found() -> None:
    assert faults(log(2)[1:]) == [
        "event 1: expected number 0; entries are missing or repeated",
        "event 1: does not follow the entry before it",
    ]


def test_changed_bytes_no_longer_have_their_leaf_hash() -> None:
    first, second = log(2)
    changed = replace(first, entry=first.entry.replace(b"ann", b"bob"))

    assert faults([changed, second]) == ["event 0: its bytes do not have its leaf hash"]


def test_a_forged_entry_with_its_own_hash_breaks_the_tie_of_the_next() -> None:
    first, second = log(2)
    forged = entry_bytes(0, NOTHING_BEFORE, replace(INGESTED, actor="bob"))
    swapped = replace(first, entry=forged, leaf=leaf_hash(forged))

    assert faults([swapped, second]) == ["event 1: does not follow the entry before it"]


def test_bytes_that_name_another_number_are_found() -> None:
    moved = entry_bytes(5, NOTHING_BEFORE, INGESTED)
    stored = StoredEntry(0, NOTHING_BEFORE, leaf_hash(moved), moved)

    assert faults([stored]) == ["event 0: its bytes name another place in the log"]


def test_bytes_that_name_another_predecessor_are_found() -> None:
    moved = entry_bytes(0, LeafHash("cd"), INGESTED)
    stored = StoredEntry(0, NOTHING_BEFORE, leaf_hash(moved), moved)

    assert faults([stored]) == ["event 0: its bytes name another place in the log"]


@pytest.mark.parametrize("entry", [b"", b"{", b"[]", b"null", b"\xff"])
def test_an_entry_that_is_not_a_json_object_is_a_fault_even_with_its_own_hash(
    entry: bytes,
) -> None:
    assert len(faults([StoredEntry(0, NOTHING_BEFORE, leaf_hash(entry), entry)])) == 1


@pytest.mark.parametrize("entry", [b"", b"{", b"[]", b"null", b"\xff"])
def test_what_is_not_a_json_object_has_not_the_form_of_an_entry(entry: bytes) -> None:
    assert content_of(entry) is None
    assert content_of(log(1)[0].entry) is not None


def test_a_clock_that_goes_back_is_told_where_it_does() -> None:
    stamps = ("13:30:00", "13:30:00", "13:30:01.5", "13:30:01", "13:30:02")
    contents = [{"at": f"2026-07-01T{stamp}Z"} for stamp in stamps]

    assert set_back(contents) == [SetBack(3, "2026-07-01T13:30:01.5Z", "2026-07-01T13:30:01Z")]


@pytest.mark.parametrize("none", [None, {}, {"at": 7}, {"at": "x"}, {"at": "2026-07-01T00:00:00"}])
def test_a_stamp_that_is_none_says_nothing_of_the_clock(none: dict[str, object] | None) -> None:
    first, later = ({"at": f"2026-07-01T13:30:0{n}Z"} for n in (2, 1))

    assert set_back([first, none, first]) == []
    assert [each.seq for each in set_back([first, none, later])] == [2]
