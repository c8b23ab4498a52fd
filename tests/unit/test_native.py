"""How the compiled library is found and called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from routewarden.native import library
from routewarden.native.asof import as_of


def test_a_missing_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "_PATH", tmp_path / "compiled.so")

    with pytest.raises(library.NotCompiledError, match=r"Install the program again"):
        library._load()


def test_only_contiguous_arrays_are_handed_over() -> None:
    with pytest.raises(ValueError, match="contiguous"):
        library.pointer(np.arange(10)[::2])


_ONE = np.zeros(1, dtype=np.int64)
_RUN = np.array([[0, 1, 0, 1, 9]])


def test_every_point_and_column_has_its_answers() -> None:
    with pytest.raises(ValueError, match="one answer for each point and column"):
        as_of(_ONE, (None,), _RUN, [(_ONE, 0)], np.zeros((2, 1, 1), dtype=np.int64))


def test_arrays_of_another_length_or_type_are_refused() -> None:
    answers = np.zeros((1, 1, 1), dtype=np.int64)
    with pytest.raises(ValueError, match=r"64-bit integers of \(1,\) are wanted, not int64 of \(2"):
        as_of(_ONE, (np.zeros(2, dtype=np.int64),), _RUN, [(_ONE, 0)], answers)
    with pytest.raises(ValueError, match="not float64"):
        as_of(np.zeros(1), (None,), _RUN, [(_ONE, 0)], answers)  # type: ignore[arg-type]
