from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.ledger.entry import StoredEntry, content_of, faults, leaf_hash, payloads, set_back
from routewarden.ledger.outline import OUTLINE, outline_of, outlined
from routewarden.ledger.tree import hash_leaf
from tests.property.test_ledger import logs

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.sampled_from(OUTLINE), inner, max_size=4)
    ),
    max_leaves=8,
)
white = st.text(alphabet=" \t\r\n\ufeff", max_size=2)
texts = st.builds(lambda a, v, b: f"{a}{json.dumps(v)}{b}".encode(), white, values, white)
cut = st.builds(lambda text, at: text[:at], texts, st.integers(0, 40))


def plainly(entry: bytes) -> object:
    """Read an entry as the JSON module does, and nothing faster."""
    try:
        value = json.loads(entry.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@settings(deadline=None, max_examples=300)
@given(texts | cut | st.binary(max_size=20))
def test_an_entry_states_what_plain_json_states(entry: bytes) -> None:
    read, plain = content_of(entry), plainly(entry)

    assert repr(read) == repr(plain)  # a number that is none equals nothing


@settings(deadline=None, max_examples=100)
@given(texts)
def test_an_outline_says_what_the_entry_says(entry: bytes) -> None:
    read, outline = content_of(entry), outline_of(entry)

    expected = None if read is None else {name: read.get(name) for name in OUTLINE}
    assert repr(outline) == repr(expected)


@settings(deadline=None, max_examples=100)
@given(logs, st.data())
def test_what_is_wrong_with_a_log_is_the_same_from_outlines(
    entries: list[StoredEntry], data: st.DataObject
) -> None:
    seq = data.draw(st.integers(0, len(entries) - 1))
    bytes_ = data.draw(texts | cut | st.just(entries[seq].entry))
    changed = replace(entries[seq], entry=bytes_)
    entries[seq] = data.draw(st.sampled_from([changed, replace(changed, leaf=leaf_hash(bytes_))]))
    table = outlined(entries)

    assert list(table.leaves) == [hash_leaf(stored.entry) for stored in entries]
    assert faults(entries, table.outlines, table.leaves) == faults(entries)
    assert set_back(table.outlines) == set_back(content_of(each.entry) for each in entries)


@settings(deadline=None, max_examples=100)
@given(logs, st.data())
def test_the_entries_of_a_type_are_those_that_say_so(
    entries: list[StoredEntry], data: st.DataObject
) -> None:
    kinds = [str(stored.content["type"]) for stored in entries]
    types = {data.draw(st.sampled_from(kinds)), "another"}

    found = outlined(entries).of(types)

    assert [stored.seq for stored in found] == [
        at for at, kind in enumerate(kinds) if kind in types
    ]
    assert payloads(found, types) == payloads(entries, types)


def test_a_type_that_is_no_text_is_none_of_any() -> None:
    entry = b'{"type":["segment:ingested"]}'

    assert outlined([StoredEntry(0, leaf_hash(b""), leaf_hash(entry), entry)]).of({"a"}) == []
