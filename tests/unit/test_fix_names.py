"""What tags are called."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from routewarden.sources.fix.names import NAMES, known_by

DATA = Path(os.environ.get("ROUTEWARDEN_DATA", Path(__file__).parents[3] / "shared" / "data"))
DICTIONARY = DATA / "fix" / "dictionaries" / "FIX44.xml"
OF_LATER_VERSIONS = {851, 880, 1003, 1031, 1080, 1138}
OF_EARLIER_VERSIONS = {20, 47, 76}


def test_each_tag_has_a_name_of_its_own() -> None:
    assert len(set(NAMES.values())) == len(NAMES)
    assert (NAMES[11], NAMES[52], NAMES[150]) == ("ClOrdID", "SendingTime", "ExecType")


@pytest.mark.skipif(not DICTIONARY.exists(), reason=f"no FIX dictionary at {DICTIONARY}")
def test_names_are_those_of_fix_4_4() -> None:
    fields = ET.parse(DICTIONARY).getroot().iter("field")  # noqa: S314 a file of our own
    known = {int(each.get("number", "0")): each.get("name") for each in fields}
    ours = {
        tag: name
        for tag, name in NAMES.items()
        if tag not in OF_LATER_VERSIONS | OF_EARLIER_VERSIONS
    }
    assert ours == {tag: known.get(tag) for tag in ours}


def test_a_message_is_known_by_its_type_and_identifiers() -> None:
    fields = "35=8\x0149=A\x0137=O1\x0111=C1\x0117=E1\x0111=C2\x0131=0"

    assert known_by(fields) == (
        "MsgType 35 is '8', ClOrdID 11 is 'C1', OrderID 37 is 'O1', ExecID 17 is 'E1'"
    )
