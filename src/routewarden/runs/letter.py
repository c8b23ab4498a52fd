"""A few sheets that people sign or send: a document as PDF, beside no package."""

from __future__ import annotations

from datetime import datetime

from routewarden.evidence.document import Document
from routewarden.runs.drawing import draw_figures
from routewarden.runs.paper import make_pdf


def make_letter(document: Document, made: str) -> bytes:
    """Return the PDF of a document, made at an instant in RFC 3339."""
    return make_pdf(document, draw_figures(document), {}, datetime.fromisoformat(made))
