"""Pieces of bytes as texts, against Python's own decoding."""

from __future__ import annotations

import gc

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routewarden.native import strings as module
from routewarden.native.column import Made
from routewarden.native.library import bytes_of, pointer
from routewarden.native.strings import strings

_TEXT = st.text(max_size=20).map(str.encode)  # up to 12 bytes stand in a view, more beside it
_PIECES = st.lists(st.none() | _TEXT | st.binary(max_size=15), max_size=30)


@given(_PIECES)
def test_a_piece_is_its_text_or_null(pieces: list[bytes | None]) -> None:
    data, start, end, told = b"", [], [], []
    for piece in pieces:
        start.append(-1 if piece is None else len(data))
        data += piece or b""
        end.append(len(data))
        told.append(_decoded(piece))

    found = strings(bytes_of(data + b"\0"), np.array(start, np.int64), np.array(end, np.int64))

    assert found.dtype == pl.String
    assert found.to_list() == told


@given(_PIECES.filter(bool))
def test_more_than_one_view_can_hold_is_put_together(pieces: list[bytes | None]) -> None:
    data = b"".join(piece or b"" for piece in pieces) + b"\0"
    ends = np.cumsum([len(piece or b"") for piece in pieces], dtype=np.int64)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_BYTES", 100)
        found = strings(bytes_of(data), starts, ends)

    assert found.to_list() == [_decoded(piece or b"") for piece in pieces]


def test_a_text_longer_than_a_view_can_point_into_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 19)
    start, end = np.zeros(1, np.int64), np.full(1, 20, np.int64)

    with pytest.raises(module.TextTooLongError):
        strings(bytes_of(b"x" * 20), start, end)


def _decoded(piece: bytes | None) -> str | None:
    try:
        return None if piece is None else piece.decode()
    except UnicodeDecodeError:
        return None


def test_a_column_nobody_takes_is_let_go_of() -> None:
    rows = np.arange(3, dtype=np.int64)
    column = Made(b"vu")
    pieces = [pointer(each) for each in (bytes_of(b"abcd"), rows, rows + 1)]
    assert module._strings(*pieces, len(rows), 0, 9, column.place) == 0
    capsules = column.__arrow_c_array__()
    del column, capsules
    gc.collect()

    assert strings(bytes_of(b"abcd"), rows, rows + 1).to_list() == ["a", "b", "c"]


def test_texts_over_the_limit_come_in_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 40)
    data = bytes_of(b"abcdefghijklmnop" * 4)
    start = np.arange(0, 64, 16, dtype=np.int64)

    assert strings(data, start, start + 16).to_list() == ["abcdefghijklmnop"] * 4


def test_no_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_strings", lambda *_: -1)
    rows = np.arange(3, dtype=np.int64)

    with pytest.raises(MemoryError):
        strings(bytes_of(b"abcd"), rows, rows + 1)
