"""Where a line ends, whatever its encoding."""

from __future__ import annotations

import codecs

from routewarden.sources import encoding


def test_the_halves_of_two_letters_end_no_line() -> None:
    """U+0A41 after U+4100 has, in UTF-16, the bytes of a newline in the middle."""
    utf16 = encoding.Encoding("utf-16-le", "utf-16-le", codecs.BOM_UTF16_LE, 2, b"\n\0")
    text = "\u0a41\u4100x\ny".encode("utf-16-le")
    assert utf16.line_end(text, 0) == len("\u0a41\u4100x\n".encode("utf-16-le"))
