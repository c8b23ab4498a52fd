"""The document on paper: PDF/A-3a for keeping and PDF/UA-1 for everyone's reading, in one file.

Only the fonts the package ships are used and the date is an argument, so the same document has the
same bytes on every machine. The tables and the manifest travel inside as attachments.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import typst

from routewarden.evidence.document import Document
from routewarden.evidence.typst_source import quoted, typst_source
from routewarden.runs.typeface import fonts, letters

_MIME = {
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
}


def make_pdf(
    document: Document, charts: Mapping[str, str], attached: Mapping[str, bytes], made: datetime
) -> bytes:
    """Return the PDF of a document, made at `made` (UTC), with files attached under their names."""
    with tempfile.TemporaryDirectory(prefix="routewarden-paper-") as folder:
        root = Path(folder)
        template = files("routewarden.runs") / "templates" / "paper.typ"
        (root / "paper.typ").write_bytes(template.read_bytes())
        source = typst_source(document, charts, letters())
        for number, (name, data) in enumerate(attached.items()):
            (root / f"attached-{number}").write_bytes(data)
            source += _attachment(name, number)
        (root / "main.typ").write_text(source, encoding="utf-8")
        return typst.compile(
            str(root / "main.typ"),
            root=str(root),
            font_paths=[str(fonts())],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["a-3a", "ua-1"],
            timestamp=int(made.timestamp()),
        )


def _attachment(name: str, number: int) -> str:
    mime = _MIME.get(Path(name).suffix, "application/octet-stream")
    return (
        f'#pdf.attach({quoted(name)}, read("/attached-{number}", encoding: none), '
        f'relationship: "data", mime-type: {quoted(mime)}, description: {quoted(name)})\n'
    )
