"""The audit trail of a review as people read it: who did what, when, to which file or setting."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from html import escape

from routewarden.ledger.entry import StoredEntry

_HEADINGS = ("number", "at", "who", "what", "subject", "said", "leaf")
_SAID = ("records", "duplicates", "rejects", "delivered", "quarter", "digest", "manifest", "key")
_PAGE = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Audit trail</title>
<style>body{{font:14px sans-serif;margin:2em}}table{{border-collapse:collapse}}
td,th{{border-bottom:1px solid #ccc;padding:.3em .8em;text-align:left;vertical-align:top}}
td:last-child{{font-family:monospace;font-size:11px}}</style>
<h1>Audit trail: {title}</h1>
<p>Entries of the log that the review rests on, in the log's order; the order is that of the
numbers, whatever a clock said. Each is in log/entries.json as it was written.</p>
<table><tr>{head}</tr>
{rows}
</table></html>
"""


def trail_csv(entries: Sequence[StoredEntry]) -> bytes:
    """Return the trail as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADINGS)
    writer.writerows(map(_row, entries))
    return text.getvalue().encode()


def trail_html(title: str, entries: Sequence[StoredEntry]) -> bytes:
    """Return the trail as a page that needs nothing from anywhere."""
    head = "".join(f"<th>{name}</th>" for name in _HEADINGS)
    rows = "\n".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in _row(entry))}</tr>"
        for entry in entries
    )
    return _PAGE.format(title=escape(title), head=head, rows=rows).encode()


def _row(entry: StoredEntry) -> tuple[str, ...]:
    content = entry.content
    payload = content["payload"]
    name = payload.get("source", {}).get("name")
    said = [*([f"name {name}"] if name else []), *_told(payload)]
    return (
        *(str(entry.seq), content["at"], content["actor"]["sub"], content["type"]),
        *(content["subject"], "; ".join(said), entry.leaf),
    )


def _told(payload: dict[str, object]) -> list[str]:
    return [f"{name} {payload[name]}" for name in _SAID if name in payload]
