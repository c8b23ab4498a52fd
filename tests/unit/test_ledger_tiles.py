from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from routewarden.ledger.strict import MalformedError
from routewarden.ledger.tiles import (
    MOST_ENTRY,
    Bundle,
    LongEntryError,
    Tile,
    bundle_bytes,
    bundles_between,
    grown_bundles,
    grown_tiles,
    nodes_in,
    parse_bundle,
    parse_path,
    parse_tile,
    tiles_between,
)
from routewarden.ledger.tree import (
    Frontier,
    Hash,
    hash_leaf,
    is_consistent,
    is_included,
    nodes_of,
    prove_consistency,
    prove_inclusion,
)

SIZES = (0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000)
ENTRIES = [number.to_bytes(3, "big") for number in range(SIZES[-1])]
LEAVES = [hash_leaf(entry) for entry in ENTRIES]
NODES = nodes_of(LEAVES)


def unread(place: Tile | Bundle) -> bytes:
    raise AssertionError(place)


def published() -> dict[Tile, bytes]:
    """All tiles there are when a log is published at each of the sizes."""
    files: dict[Tile, bytes] = {}
    for old, new in pairwise(SIZES):
        fresh = dict(grown_tiles(old, LEAVES[old:new], files.__getitem__))
        assert not files.keys() & fresh.keys()
        assert sorted(fresh) == sorted(tiles_between(old, new))
        files |= fresh
    return files


FILES = published()


# -- Where things stand ----------------------------------------------------------------------------


def test_a_path_is_as_the_specification_writes_it() -> None:
    """C2SP tlog-tiles: index 1234067 is x001/x234/067."""
    assert Tile(0, 1_234_067).path == "tile/0/x001/x234/067"
    assert Tile(1, 0, 17).path == "tile/1/000.p/17"
    assert Bundle(273, 112).path == "tile/entries/273.p/112"


def test_a_tree_of_70_000_has_the_tiles_of_the_specification() -> None:
    """C2SP tlog-tiles, "Partial Tiles"."""
    tiles = list(tiles_between(0, 70_000))
    assert [tile for tile in tiles if tile.width < 256] == [
        Tile(0, 273, 112),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]
    assert [tile for tile in tiles if tile.width == 256] == [
        *(Tile(0, index) for index in range(273)),
        Tile(1, 0),
    ]


def test_a_tree_of_256_is_a_full_tile_and_one_above_of_one_hash() -> None:
    assert list(tiles_between(0, 256)) == [Tile(0, 0), Tile(1, 0, 1)]


def test_what_is_full_is_not_new_again() -> None:
    assert list(tiles_between(256, 257)) == [Tile(0, 1, 1)]
    assert list(tiles_between(255, 256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(bundles_between(250, 600)) == [Bundle(0), Bundle(1), Bundle(2, 88)]
    for size in (0, 5, 256, 300):
        assert not [*tiles_between(size, size), *bundles_between(size, size)]


@pytest.mark.parametrize(
    "place",
    [
        Tile(0, 0),
        Tile(0, 999, 255),
        Tile(63, 1_000, 1),
        Tile(9, 10**20),
        Bundle(0),
        Bundle(7, 5),
    ],
)
def test_a_path_leads_back(place: Tile | Bundle) -> None:
    assert parse_path(place.path) == place


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/1",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/data/001",
        "tile/0/001.p/0",
        "tile/0/001.p/01",
        "tile/0/001.p/256",
        "tile/0/001.p/1/",
        "tile/0/001/002",
        "/tile/0/001",
        "tile/0/001\n",
        "tile/0/\N{ARABIC-INDIC DIGIT ZERO}01",
        "tile/entries/x001/x001/x001/x001/x001/x001/x001/001",
    ],
)
def test_what_is_not_how_a_path_is_written_leads_nowhere(path: str) -> None:
    with pytest.raises(MalformedError, match="does not lead to a tile"):
        parse_path(path)


# -- What stands there -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES[1:])
def test_published_at_once_or_step_by_step_the_tiles_are_the_same(size: int) -> None:
    at_once = dict(grown_tiles(0, LEAVES[:size], unread))
    assert list(at_once) == list(tiles_between(0, size))
    assert {tile: FILES[tile] for tile in at_once} == at_once


def test_no_more_leaves_are_no_more_tiles() -> None:
    assert not [*grown_tiles(300, [], unread), *grown_bundles(300, [], unread)]


@pytest.mark.parametrize("size", SIZES[1:])
def test_every_node_out_of_tiles_is_that_of_the_leaves(size: int) -> None:
    nodes = nodes_in(size, FILES.__getitem__)
    for level in range(size.bit_length()):
        count = size >> level
        for index in {0, 1, count // 2, count - 2, count - 1} & set(range(count)):
            assert nodes(level, index) == NODES(level, index)


@pytest.mark.parametrize("size", SIZES[1:])
def test_proofs_out_of_tiles_hold(size: int) -> None:
    nodes, head = nodes_in(size, FILES.__getitem__), Frontier().extended(LEAVES[:size]).head
    for index in {0, 1, size // 2, size - 1} & set(range(size)):
        proof = prove_inclusion(index, size, nodes)
        assert is_included(LEAVES[index], index, head, proof)
        if index:
            old = Frontier().extended(LEAVES[:index]).head
            assert is_consistent(old, head, prove_consistency(index, size, nodes))


def test_a_tile_is_read_once_for_all_proofs() -> None:
    read: list[Tile] = []

    def counted(tile: Tile) -> bytes:
        read.append(tile)
        return FILES[tile]

    nodes = nodes_in(66_000, counted)
    for index in range(0, 66_000, 1_000):
        prove_inclusion(index, 66_000, nodes)
    assert nodes(16, 0) == NODES(16, 0)
    assert len(read) == len(set(read))
    assert Tile(2, 0, 1) in read


def test_a_tile_with_other_than_its_bytes_is_none() -> None:
    assert parse_tile(b"".join(LEAVES[:2]), 2) == (LEAVES[0], LEAVES[1])
    for data in (b"", b"".join(LEAVES[:1]), b"".join(LEAVES[:3]), b"".join(LEAVES[:2])[:-1]):
        with pytest.raises(MalformedError, match="not 2 hashes"):
            parse_tile(data, 2)


def test_a_damaged_tile_is_not_gone_on_with() -> None:
    with pytest.raises(MalformedError):
        list(grown_tiles(2, [LEAVES[2]], lambda _: b"short"))


# -- Entries ---------------------------------------------------------------------------------------


def test_entries_stand_after_their_lengths() -> None:
    data = bundle_bytes([b"ab", b"", b"c"])
    assert data == b"\x00\x02ab\x00\x00\x00\x01c"
    assert parse_bundle(data, 3) == (b"ab", b"", b"c")


def test_bundles_step_by_step_are_those_at_once() -> None:
    files: dict[Bundle, bytes] = {}
    for old, new in ((0, 3), (3, 256), (256, 300), (300, 700)):
        files |= dict(grown_bundles(old, ENTRIES[old:new], files.__getitem__))
    at_once = dict(grown_bundles(0, ENTRIES[:700], unread))

    assert list(at_once) == list(bundles_between(0, 700))
    assert {bundle: files[bundle] for bundle in at_once} == at_once
    assert set(files) == {*at_once, Bundle(0, 3), Bundle(1, 44)}
    assert parse_bundle(files[Bundle(2, 188)], 188) == tuple(ENTRIES[512:700])


def test_the_entries_of_a_bundle_hash_to_the_tile_of_its_place() -> None:
    bundle = dict(grown_bundles(0, ENTRIES[:512], unread))[Bundle(1)]
    assert tuple(map(hash_leaf, parse_bundle(bundle, 256))) == parse_tile(FILES[Tile(0, 1)], 256)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "before its entry 0"),
        (b"\x00", "before its entry 0"),
        (b"\x00\x01", "before its entry 0"),
        (b"\x00\x01a", "before its entry 1"),
        (b"\x00\x01a\x00", "before its entry 1"),
        (b"\x00\x01a\x00\x02b", "before its entry 1"),
        (b"\x00\x01a\x00\x01bc", "goes on after its 2"),
    ],
)
def test_a_bundle_that_ends_early_or_goes_on_is_none(data: bytes, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        parse_bundle(data, 2)


def test_the_longest_entry_fits_and_no_longer_one() -> None:
    longest = bytes(MOST_ENTRY)
    assert parse_bundle(bundle_bytes([longest]), 1) == (longest,)
    with pytest.raises(LongEntryError, match="65,536 bytes is too long"):
        bundle_bytes([b"", longest + b"x"])


def test_one_bit_of_any_hash_of_a_tile_changes_the_root() -> None:
    tile = Tile(0, 0, 2)
    for bit in range(512):
        data = bytearray(FILES[tile])
        data[bit // 8] ^= 1 << bit % 8
        changed = FILES | {tile: bytes(data)}
        assert root_by(2, changed.__getitem__) != NODES(1, 0)
    assert root_by(2, FILES.__getitem__) == NODES(1, 0)


def root_by(size: int, read: Callable[[Tile], bytes]) -> Hash:
    return nodes_in(size, read)(size.bit_length() - 1, 0)
