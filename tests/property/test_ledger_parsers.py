"""Whatever comes from outside is read as what it is, or refused: nothing else happens."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.ledger.checkpoint import Checkpoint, parse_checkpoint, read_checkpoint
from routewarden.ledger.note import Algorithm, Key, Note, Signature, parse_key, parse_note
from routewarden.ledger.record import stated_blocks
from routewarden.ledger.strict import MalformedError, decimal, from_base64, in_base64
from routewarden.ledger.tiles import bundle_bytes, parse_bundle, parse_path, parse_tile
from routewarden.ledger.tree import Frontier, Hash, Head, hash_leaf, head_of
from routewarden.ledger.witness import (
    Cosigning,
    KnownLog,
    Refusal,
    Request,
    answer,
    parse_request,
    with_cosignatures,
)

T = TypeVar("T")
letters = st.text(string.ascii_letters + string.digits + "./-é漢", min_size=1, max_size=12)
hashes = st.binary(min_size=32, max_size=32).map(Hash)
sizes = st.integers(0, 2**63 - 1)
keys = st.builds(Key, letters, st.sampled_from(Algorithm), st.binary(min_size=32, max_size=32))
signatures = st.builds(
    Signature, letters, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)
)
checkpoints = st.builds(Checkpoint, letters, st.builds(Head, sizes, hashes))
texts = checkpoints.map(lambda each: each.text) | st.lists(letters | st.just("")).map(
    lambda lines: "".join(f"{line}\n" for line in ["", *lines])
)
notes = st.builds(Note, texts, st.lists(signatures, min_size=1, max_size=4).map(tuple))
requests = st.builds(Request, sizes, st.lists(hashes, max_size=5).map(tuple), notes)


@st.composite
def damaged(draw: st.DrawFn, sound: st.SearchStrategy[bytes]) -> bytes:
    """Sound bytes with some of them cut out, put in, doubled or changed."""
    data = draw(sound)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 8)))
        put = draw(
            st.binary(max_size=3) | st.sampled_from([b"\n", b"\n\n", b" ", data[start:end] * 2])
        )
        data = data[:start] + put + data[end:]
    return data


def read(parse: Callable[[bytes], T], data: bytes) -> T | None:
    try:
        return parse(data)
    except MalformedError:
        return None


def in_text(parse: Callable[[str], T]) -> Callable[[bytes], T]:
    return lambda data: parse(data.decode(errors="surrogateescape"))


@settings(deadline=None)
@given(notes)
def test_a_note_comes_back(note: Note) -> None:
    assert parse_note(note.data) == note


@settings(deadline=None)
@given(keys)
def test_a_key_comes_back(key: Key) -> None:
    assert parse_key(key.text) == key


@settings(deadline=None)
@given(requests)
def test_a_request_comes_back(request: Request) -> None:
    assert parse_request(request.data) == request


@settings(deadline=None, max_examples=400)
@given(damaged(notes.map(lambda note: note.data)) | st.binary())
def test_bytes_are_the_one_way_to_write_a_note_or_none(data: bytes) -> None:
    note = read(parse_note, data)
    assert note is None or note.data == data
    read(read_checkpoint, data)


@settings(deadline=None, max_examples=400)
@given(damaged(requests.map(lambda request: request.data)) | st.binary())
def test_bytes_are_the_one_way_to_write_a_request_or_none(data: bytes) -> None:
    request = read(parse_request, data)
    assert request is None or request.data == data


@settings(deadline=None, max_examples=400)
@given(damaged(keys.map(lambda key: key.text.encode())) | st.binary())
def test_text_is_the_one_way_to_write_a_key_or_none(data: bytes) -> None:
    key = read(in_text(parse_key), data)
    assert key is None or key.text.encode() == data


@settings(deadline=None, max_examples=400)
@given(damaged(checkpoints.map(lambda each: each.text.encode())) | st.binary())
def test_text_begins_with_the_one_way_to_write_a_checkpoint_or_is_none(data: bytes) -> None:
    checkpoint = read(in_text(parse_checkpoint), data)
    if checkpoint is not None:
        assert data.decode(errors="surrogateescape").startswith(checkpoint.text)


@settings(deadline=None)
@given(damaged(st.sampled_from([b"tile/0/x001/x234/067", b"tile/entries/000.p/255"])) | st.binary())
def test_a_path_is_the_one_way_to_a_tile_or_leads_nowhere(data: bytes) -> None:
    place = read(in_text(parse_path), data)
    assert place is None or place.path.encode() == data


@settings(deadline=None)
@given(damaged(st.lists(st.binary(max_size=9), max_size=5).map(bundle_bytes)), st.integers(0, 6))
def test_bytes_are_the_one_way_to_write_a_bundle_or_none(data: bytes, width: int) -> None:
    entries = read(lambda each: parse_bundle(each, width), data)
    assert entries is None or bundle_bytes(entries) == data


@settings(deadline=None)
@given(st.binary(max_size=100), st.integers(0, 4))
def test_bytes_are_a_tile_of_a_width_or_none(data: bytes, width: int) -> None:
    found = read(lambda each: parse_tile(each, width), data)
    assert (found is not None) is (len(data) == 32 * width)
    assert found is None or b"".join(found) == data


@given(st.text(max_size=25) | sizes.map(str))
def test_a_text_is_the_one_way_to_write_a_number_or_none(text: str) -> None:
    number = read(in_text(lambda each: decimal(each, "size")), text.encode())
    assert number is None or str(number) == text


@given(st.text("Aa0+/=-_ \n", max_size=12) | st.text() | st.binary(min_size=1).map(in_base64))
def test_a_text_is_the_one_way_to_write_bytes_or_none(text: str) -> None:
    data = read(in_text(lambda each: from_base64(each, "key")), text.encode())
    assert data is None or in_base64(data) == text


@settings(deadline=None, max_examples=300)
@given(damaged(requests.map(lambda request: request.data)) | st.binary(), keys, hashes, sizes)
def test_a_witness_answers_whatever_it_is_asked(
    body: bytes, key: Key, root: Hash, size: int
) -> None:
    known = KnownLog((key,), Head(size, root))
    assert isinstance(answer(body, lambda _: known), Cosigning | Refusal)


@settings(deadline=None)
@given(
    notes, damaged(st.lists(signatures).map(lambda all_: "".join(s.line for s in all_).encode()))
)
def test_a_log_takes_no_signature_it_cannot_check(note: Note, body: bytes) -> None:
    same = Note(note.text, tuple(dict.fromkeys(note.signatures)))
    assert read(lambda each: with_cosignatures(note, each, ()), body) in {None, same}


@given(st.binary())
def test_any_bytes_state_a_head_or_none(data: bytes) -> None:
    assert stated_blocks(data) is None


@settings(deadline=None)
@given(st.lists(st.binary(max_size=3), max_size=40), st.data())
def test_a_tree_is_the_same_in_whatever_steps_it_grew(
    entries: list[bytes], data: st.DataObject
) -> None:
    leaves = [hash_leaf(entry) for entry in entries]
    cut = data.draw(st.integers(0, len(leaves)))
    assert Frontier().extended(leaves[:cut]).extended(leaves[cut:]).head == head_of(leaves)
