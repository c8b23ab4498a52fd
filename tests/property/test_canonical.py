from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.base.canonical import canonical_json

keys = st.text(alphabet=st.characters(max_codepoint=127), max_size=5)
scalars = st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(max_size=8)


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )


values = nested(scalars)
unsafe = st.one_of(
    st.floats(),
    st.integers(min_value=2**53),
    st.integers(max_value=-(2**53)),
    st.binary(),
    st.dictionaries(st.characters(min_codepoint=128), scalars, min_size=1),
    st.dictionaries(st.integers(), scalars, min_size=1),
)


def reversed_keys(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The same value with the keys of every object the other way round."""
    if isinstance(value, dict):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


@settings(deadline=None, max_examples=70)
@given(values)
def test_canonical_bytes_read_back_as_the_value(value: object) -> None:
    assert json.loads(canonical_json(value)) == value


@settings(deadline=None, max_examples=70)
@given(values)
def test_the_order_of_keys_changes_no_byte(value: object) -> None:
    assert canonical_json(reversed_keys(value)) == canonical_json(value)


@settings(deadline=None, max_examples=70)
@given(values, values)
def test_two_values_have_the_same_bytes_only_if_they_are_the_same(
    one: object, other: object
) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

    assert (canonical_json(one) == canonical_json(other)) is same


@settings(deadline=None, max_examples=70)
@given(unsafe, st.lists(st.none() | keys, max_size=3))
def test_an_unsafe_value_is_refused_however_deep(value: object, depth: list[str | None]) -> None:
    for key in depth:
        value = [value] if key is None else {key: value}

    with pytest.raises(TypeError):
        canonical_json(value)
