"""XML from outside, as a stream of elements and text; the first fault ends it, as a reject.

A document may be UTF-8, or UTF-16 with its mark, and must say so or say nothing. A document type
declaration is refused where it begins, before the parser sees a byte of it, so that there are no
entities but XML's own five: nothing is expanded, and nothing is fetched. Size, depth, attributes
and the length of a tag have limits. Whoever reads a kind of report keeps nothing of one that ends
in a reject.

Source: Extensible Markup Language (XML) 1.0, fifth edition, 2.8 (prolog) and 4.3.3 (encodings)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Never
from xml.parsers import expat

from routewarden.sources.csv_text import Buffer
from routewarden.sources.encoding import UTF8, UTF16_BE, UTF16_LE, Encoding
from routewarden.sources.file_limits import (
    XML_ATTRIBUTES,
    XML_BYTES,
    XML_DEPTH,
    XML_PROLOG,
    XML_TOKEN,
    FileLimit,
)
from routewarden.sources.reject import Reason, Reject

_PIECE = 1 << 14  # bytes parsed at a time
_DECLARATION = re.compile(r"<\?xml\s[^<>]*?\?>")
_STATED = re.compile(r"""\sencoding\s*=\s*["']([^"']*)["']""")
_NAMES: Mapping[Encoding, frozenset[str]] = {
    UTF8: frozenset({"utf-8"}),
    UTF16_LE: frozenset({"utf-16", "utf-16le"}),
    UTF16_BE: frozenset({"utf-16", "utf-16be"}),
}
_ENDS = {"<!--": "-->", "<?": "?>"}
"""What may stand before the first element, and how it ends."""


class Start(NamedTuple):
    """The beginning of an element."""

    line: int
    name: str
    attributes: Mapping[str, str]


class End(NamedTuple):
    """The end of an element."""

    line: int
    name: str


class Text(NamedTuple):
    """Text within an element, perhaps not all of it."""

    line: int
    text: str


Event = Start | End | Text


def read_xml(data: Buffer) -> Iterator[Event | Reject]:
    """Yield a document's events in order; where it is at fault, a reject of the rest, last."""
    if len(data) > XML_BYTES.most:
        yield _whole(data, Reason.TOO_LONG, _over("the document", XML_BYTES))
        return
    encoding = next((each for each in (UTF16_LE, UTF16_BE) if each.begin(data)), UTF8)
    if fault := _prolog_fault(data, encoding):
        yield fault
        return
    yield from _Reading(encoding).events(data)


def _whole(data: Buffer, reason: Reason, detail: str, line: int = 1) -> Reject:
    return Reject(line, reason, detail, end=len(data))


def _over(what: str, limit: FileLimit) -> str:
    return f"{what} is over the limit of {limit.most:,} {limit.what}"


def _prolog_fault(data: Buffer, encoding: Encoding) -> Reject | None:
    """Return what is wrong before the first element: an encoding, a document type, the length."""
    begin = encoding.begin(data)
    raw = bytes(data[begin : begin + XML_PROLOG.most])
    text = encoding.utf8(raw).decode(errors="replace")
    declared = _DECLARATION.match(text)
    stated = _STATED.search(declared[0]) if declared else None
    if stated and stated[1].lower() not in _NAMES[encoding]:
        detail = f"the document says it is {stated[1][:40]!a}; {encoding.name} is what it begins as"
        return _whole(data, Reason.ENCODING, detail)
    at = 0
    while True:
        at += len(text) - at - len(text[at:].lstrip())
        opening = next((mark for mark in _ENDS if text.startswith(mark, at)), None)
        if opening is None:
            break
        found = text.find(_ENDS[opening], at + len(opening))
        if found < 0:
            return _whole(data, Reason.TOO_LONG, _over("what comes before the root", XML_PROLOG))
        at = found + len(_ENDS[opening])
    if text.startswith("<!", at):
        line = text.count("\n", 0, at) + 1
        return _whole(data, Reason.FORBIDDEN, _NO_DTD, line)
    return None


_NO_DTD = "a document type declaration (DTD) is refused; send the document without it"


class _RefusedError(Exception):
    """An element that is not to be read."""


class _Reading:
    """A parser, the events it has found and nobody has taken, and how deep it is."""

    def __init__(self, encoding: Encoding) -> None:
        self._found: list[Event] = []
        self._depth = 0
        parser = expat.ParserCreate("utf-16" if encoding.unit > 1 else "utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype  # the prolog was looked through: once more
        self._parser = parser

    def events(self, data: Buffer) -> Iterator[Event | Reject]:
        """Yield the events of a document, and its fault if it has one."""
        parser, done = self._parser, 0
        try:
            while done < len(data):
                piece = bytes(data[done : done + _PIECE])
                done += len(piece)
                parser.Parse(piece, done == len(data))
                yield from self._taken()
                if done - parser.CurrentByteIndex > XML_TOKEN.most + _PIECE:
                    detail = _over("a tag", XML_TOKEN)
                    yield self._rest(data, Reason.TOO_LONG, detail)
                    return
            if not done:
                parser.Parse(b"", True)  # noqa: FBT003 - the end, as the library calls it
        except _RefusedError as refused:
            yield from self._taken()
            yield self._rest(data, Reason.FORBIDDEN, str(refused))
        except expat.ExpatError as error:
            yield from self._taken()
            yield self._rest(data, Reason.MALFORMED, expat.ErrorString(error.code))

    def _taken(self) -> list[Event]:
        taken, self._found = self._found, []
        return taken

    def _rest(self, data: Buffer, reason: Reason, detail: str) -> Reject:
        parser = self._parser
        start = max(0, min(parser.CurrentByteIndex, len(data)))
        return Reject(parser.CurrentLineNumber, reason, detail, start=start, end=len(data))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > XML_DEPTH.most:
            raise _RefusedError(_over("an element", XML_DEPTH))
        if len(attributes) > XML_ATTRIBUTES.most:
            raise _RefusedError(_over("an element", XML_ATTRIBUTES))
        self._found.append(Start(self._parser.CurrentLineNumber, name, attributes))

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._found.append(End(self._parser.CurrentLineNumber, name))

    def _text(self, text: str) -> None:
        self._found.append(Text(self._parser.CurrentLineNumber, text))

    def _doctype(self, *_: object) -> Never:
        raise _RefusedError(_NO_DTD)
