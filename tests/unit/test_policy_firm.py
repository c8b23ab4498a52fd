"""The firm's name, and what a review of execution has to consider."""

from __future__ import annotations

import re

import pytest

from routewarden.policy.best_execution import ASKED, Factor
from routewarden.policy.firm import FIRM_TEXT, UNNAMED, FirmError, firm_name


def test_a_firm_is_called_what_its_file_says() -> None:
    assert firm_name('name = "Example Securities LLC"') == "Example Securities LLC"
    assert firm_name("") == firm_name(FIRM_TEXT) == UNNAMED


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("name = ", "the file: "),
        ('title = "X"', "title: no such entry"),
        ("name = 7", "name: 7"),
        ('name = " "', "name:  "),
    ],
)
def test_what_is_no_name_is_named(text: str, entry: str) -> None:
    with pytest.raises(FirmError, match=re.escape(f"policy/firm.toml: {entry}")):
        firm_name(text)


def test_every_factor_is_asked_for_once_by_its_paragraph() -> None:
    assert sorted(asked.factor for asked in ASKED) == sorted(Factor)
    assert [asked.citation for asked in ASKED] == [
        *(f"FINRA Rule 5310.09(b)({number})" for number in range(1, 9)),
        *(f"FINRA Rule 5310(a)(1)({letter})" for letter in "ABCDE"),
    ]
