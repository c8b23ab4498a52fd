"""A list written to a file: CSV with values untouched, or a workbook that runs nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import typer

from routewarden.base.canonical import sha256
from routewarden.evidence.document import Document, Section
from routewarden.evidence.table import Table
from routewarden.runs.workbook import make_workbook
from routewarden.store.acts import Export
from routewarden.store.durable import write_file
from routewarden.store.home import Home


def write_list(home: Home, table: Table, target: Path) -> Export:
    """Write a table; return what left the home.

    Raises:
        typer.BadParameter: The file is to be neither CSV nor a workbook.
    """
    match target.suffix:
        case ".csv":
            data = _csv(table)
        case ".xlsx":
            data = _workbook(home, table)
        case _:
            message = f"'{target.name}' ends in neither .csv nor .xlsx"
            raise typer.BadParameter(message)
    write_file(target.absolute(), data)
    names = [heading.title for heading in table.headings]
    return Export(table.name, sha256(data), names, len(table.rows))


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading.title for heading in table.headings)
    writer.writerows([cell.exact for cell in row] for row in table.rows)
    return text.getvalue().encode()


def _workbook(home: Home, table: Table) -> bytes:
    section = Section(table.name, table.title, table.caption, (table,))
    document = Document(
        title=table.title,
        subtitle="",
        firm=home.policy().firm,
        period="",
        prepared=f"Made from {home.log.size:,} entries of the log at {home.now()}",
        sections=(section,),
        footer="",
    )
    return make_workbook(document, datetime.fromisoformat(home.now()).astimezone(UTC))
