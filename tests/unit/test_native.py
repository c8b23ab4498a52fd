"""How the compiled library is found and called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from routewarden.native import library
from routewarden.native.asof import Asked


def test_a_missing_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "_PATH", tmp_path / "compiled.so")

    with pytest.raises(library.NotCompiledError, match=r"Install the program again"):
        library._load()


def test_only_contiguous_arrays_are_handed_over() -> None:
    with pytest.raises(ValueError, match="contiguous"):
        library.pointer(np.arange(10)[::2])


_ONE = np.zeros(1, dtype=np.int64)
_EDGES = (_ONE, _ONE, _ONE + 1)
_ANSWERS = np.zeros((1, 1, 1), dtype=np.int64)


def test_every_point_and_column_has_its_answers() -> None:
    with pytest.raises(ValueError, match="one answer for each point and column"):
        Asked(_EDGES, [(_ONE, 0)], np.zeros((2, 1, 1), dtype=np.int64))
    with pytest.raises(ValueError, match="one answer for each point and column"):
        Asked(_EDGES, [(_ONE, 0)], _ANSWERS).answer(_EDGES, _ONE, (None, None), 9)


def test_arrays_of_another_length_or_type_are_refused() -> None:
    asked, two = Asked(_EDGES, [(_ONE, 0)], _ANSWERS), np.zeros(2, dtype=np.int64)
    with pytest.raises(ValueError, match=r"64-bit integers of \(1,\) are wanted, not int64 of \(2"):
        asked.answer(_EDGES, _ONE, (two,), 9)
    with pytest.raises(ValueError, match="not float64"):
        asked.answer(_EDGES, np.zeros(1), (None,), 9)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"of \(1,\) are wanted, not int64 of \(2"):
        Asked(_EDGES, [(two, 0)], _ANSWERS)
    with pytest.raises(ValueError, match=r"of \(1,\) are wanted, not int64 of \(2"):
        asked.answer((_ONE, _ONE, two), _ONE, (None,), 9)
