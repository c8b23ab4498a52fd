"""XML from outside: what is read, and what ends the reading."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from routewarden.sources import guarded_xml
from routewarden.sources.file_limits import (
    XML_ATTRIBUTES,
    XML_BYTES,
    XML_DEPTH,
    XML_PROLOG,
    XML_TOKEN,
)
from routewarden.sources.guarded_xml import End, Start, Text, read_xml
from routewarden.sources.reject import Reason, Reject

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><a>&i;</a>"
)
ATTRIBUTES = " ".join(f'a{n}="1"' for n in range(XML_ATTRIBUTES.most + 1))
SAMPLE = HEAD + '<!-- 606 --><a b="1">x &amp;<c/>é&#233;</a>\n'

REFUSED: Mapping[str, tuple[str | bytes, int, Reason]] = {
    "a document type": ("<!DOCTYPE a><a/>", 1, Reason.FORBIDDEN),
    "one after a comment": (HEAD + "<!-- > -->\n<!DOCTYPE a><a/>", 3, Reason.FORBIDDEN),
    "one in UTF-16": ("<!DOCTYPE a><a/>".encode("utf-16"), 1, Reason.FORBIDDEN),
    "laughs": (HEAD + LAUGHS, 2, Reason.FORBIDDEN),
    "one in the root": ("<a>\n<!DOCTYPE a></a>", 2, Reason.MALFORMED),
    "an entity nobody declared": ("<a>\n\n&b;</a>", 3, Reason.MALFORMED),
    "another encoding": ('<?xml version="1.0" encoding="UTF-7"?><a/>', 1, Reason.ENCODING),
    "a lie about UTF-16": ('<?xml version="1.0" encoding="UTF-16"?><a/>', 1, Reason.ENCODING),
    "a lie in UTF-16": (
        '<?xml version="1.0" encoding="utf-8"?><a/>'.encode("utf-16"),
        1,
        Reason.ENCODING,
    ),
    "bytes that are no UTF-8": (b"<a>\n\xff</a>", 2, Reason.MALFORMED),
    "UTF-32": ("<a/>".encode("utf-32"), 1, Reason.MALFORMED),
    "a NUL": ("<a>\0</a>", 1, Reason.MALFORMED),
    "nothing": ("", 1, Reason.MALFORMED),
    "no markup": ("price,quantity\n1,2\n", 1, Reason.MALFORMED),
    "two roots": ("<a/>\n<a/>", 2, Reason.MALFORMED),
    "an end too early": ("<a>\n<b>\n", 3, Reason.MALFORMED),
    "a comment without end": ("<!-- " + "x" * XML_PROLOG.most, 1, Reason.TOO_LONG),
    "an endless tag": ("<a>\n<" + "b" * 2 * XML_TOKEN.most, 2, Reason.TOO_LONG),
    "an endless attribute": (f'<a>\n<b c="{"d" * 2 * XML_TOKEN.most}"/></a>', 2, Reason.TOO_LONG),
    "too deep": ("<a>\n" * (XML_DEPTH.most + 1), XML_DEPTH.most + 1, Reason.FORBIDDEN),
    "too many attributes": (f"<a {ATTRIBUTES}/>", 1, Reason.FORBIDDEN),
}


def encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig"])
def test_a_document_is_its_elements_and_their_text(codec: str) -> None:
    assert list(read_xml(SAMPLE.encode(codec))) == [
        Start(2, "a", {"b": "1"}),
        Text(2, "x &"),
        Start(2, "c", {}),
        End(2, "c"),
        Text(2, "éé"),
        End(2, "a"),
    ]


def test_utf_16_reads_the_same() -> None:
    wide = SAMPLE.replace("utf-8", "UTF-16").encode("utf-16")

    assert list(read_xml(wide)) == list(read_xml(SAMPLE.encode()))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_the_last_that_is_said(name: str) -> None:
    text, line, reason = REFUSED[name]
    data = encoded(text)
    *before, last = read_xml(data)

    assert isinstance(last, Reject)
    assert (last.line, last.reason, last.end) == (line, reason, len(data))
    assert last.detail
    assert not any(isinstance(each, Reject) for each in before)


def test_a_document_over_the_limit_is_not_looked_at() -> None:
    (reject,) = read_xml(bytes(XML_BYTES.most + 1))

    assert isinstance(reject, Reject)
    assert reject.reason is Reason.TOO_LONG


def test_much_text_is_no_long_tag() -> None:
    text = "word " * XML_TOKEN.most
    events = list(read_xml(f"<a>{text}</a>".encode()))

    assert "".join(each.text for each in events if isinstance(each, Text)) == text
    assert events[-1] == End(1, "a")


def test_a_document_type_that_the_prolog_did_not_show_is_refused_by_the_parser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(guarded_xml, "_prolog_fault", lambda *_: None)
    (reject,) = read_xml((HEAD + LAUGHS).encode())

    assert isinstance(reject, Reject)
    assert (reject.reason, "DTD" in reject.detail) == (Reason.FORBIDDEN, True)
