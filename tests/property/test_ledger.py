from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.ledger.entry import (
    NOTHING_BEFORE,
    Happening,
    LeafHash,
    StoredEntry,
    entry_bytes,
    faults,
    leaf_hash,
)

words = st.text(max_size=6)
happenings = st.builds(
    Happening,
    type=words,
    id=words,
    at=words,
    mono_ns=st.integers(0, 2**63),
    actor=words,
    subject=words,
    payload=st.dictionaries(st.text(alphabet="abc"), st.integers(0, 9) | words, max_size=2),
)


def log(told: list[Happening]) -> list[StoredEntry]:
    entries: list[StoredEntry] = []
    prev = NOTHING_BEFORE
    for seq, what in enumerate(told):
        entry = entry_bytes(seq, prev, what)
        entries.append(StoredEntry(seq, prev, leaf_hash(entry), entry))
        prev = entries[-1].leaf
    return entries


logs = st.lists(happenings, min_size=1, max_size=6).map(log)


@settings(deadline=None, max_examples=60)
@given(st.lists(happenings, max_size=6).map(log))
def test_a_well_made_log_has_no_fault(entries: list[StoredEntry]) -> None:
    assert faults(entries) == []


@settings(deadline=None, max_examples=60)
@given(logs, st.data())
def test_any_other_byte_in_any_entry_is_found(
    entries: list[StoredEntry], data: st.DataObject
) -> None:
    seq = data.draw(st.integers(0, len(entries) - 1))
    stored = entries[seq]
    at = data.draw(st.integers(0, len(stored.entry) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != stored.entry[at]))
    changed = stored.entry[:at] + bytes([byte]) + stored.entry[at + 1 :]

    entries[seq] = replace(stored, entry=changed)

    assert faults(entries) != []


@settings(deadline=None, max_examples=60)
@given(logs, st.data())
def test_any_byte_more_or_less_in_any_entry_is_found(
    entries: list[StoredEntry], data: st.DataObject
) -> None:
    seq = data.draw(st.integers(0, len(entries) - 1))
    stored = entries[seq]
    start = data.draw(st.integers(0, len(stored.entry)))
    end = data.draw(st.integers(start, min(start + 3, len(stored.entry))))
    put = data.draw(st.binary(min_size=int(start == end), max_size=end - start + 2))
    changed = stored.entry[:start] + put + stored.entry[end:]

    entries[seq] = replace(stored, entry=changed)

    assert (faults(entries) == []) is (changed == stored.entry)


@settings(deadline=None, max_examples=60)
@given(logs, st.data())
def test_any_other_hash_or_number_of_any_entry_is_found(
    entries: list[StoredEntry], data: st.DataObject
) -> None:
    seq = data.draw(st.integers(0, len(entries) - 1))
    stored = entries[seq]
    number = data.draw(st.integers(0, 9).filter(lambda number: number != stored.seq))
    prev = LeafHash(data.draw(words.filter(lambda text: text != stored.prev)))
    leaf = LeafHash(data.draw(words.filter(lambda text: text != stored.leaf)))

    for forged in (
        replace(stored, seq=number),
        replace(stored, prev=prev),
        replace(stored, leaf=leaf),
    ):
        assert faults([*entries[:seq], forged, *entries[seq + 1 :]]) != []


@settings(deadline=None, max_examples=60)
@given(st.lists(happenings, min_size=2, max_size=6).map(log), st.data())
def test_an_entry_gone_from_before_the_last_is_found(
    entries: list[StoredEntry], data: st.DataObject
) -> None:
    del entries[data.draw(st.integers(0, len(entries) - 2))]

    assert faults(entries) != []


@settings(deadline=None, max_examples=60)
@given(st.lists(happenings, min_size=2, max_size=6).map(log), st.data())
def test_two_entries_in_each_others_place_are_found(
    entries: list[StoredEntry], data: st.DataObject
) -> None:
    one = data.draw(st.integers(0, len(entries) - 2))
    other = data.draw(st.integers(one + 1, len(entries) - 1))

    entries[one], entries[other] = entries[other], entries[one]

    assert faults(entries) != []


@settings(deadline=None, max_examples=60)
@given(logs, happenings, st.data())
def test_an_entry_put_in_before_another_is_found(
    entries: list[StoredEntry], what: Happening, data: st.DataObject
) -> None:
    """It is well made and tied to the one before it, but the next is not tied to it."""
    place = data.draw(st.integers(0, len(entries) - 1))
    prev = entries[place - 1].leaf if place else NOTHING_BEFORE
    entry = entry_bytes(place, prev, what)

    entries.insert(place, StoredEntry(place, prev, leaf_hash(entry), entry))

    assert faults(entries) != []
