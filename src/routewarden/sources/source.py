"""Any file the firm is sent, from its bytes to records and rejects."""

from __future__ import annotations

from collections.abc import Iterator

from routewarden.base.schema import Kind, Table
from routewarden.sources.cat.reader import read_cat
from routewarden.sources.csv_text import Buffer
from routewarden.sources.fix.dialect import read_fix_dialect
from routewarden.sources.fix.reader import read_fix
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given, read_profiled
from routewarden.sources.table import Batch, read_table


def read_source(table: Table, data: Buffer, profile: str | None, given: Given) -> Iterator[Batch]:
    """Yield the records and rejects of a file of a kind, read by the text of a profile if any.

    Most of what a profile says of messages counts only when they are interpreted.

    Raises:
        ProfileError: The text is not a profile.
        FixDialectError: What it says of FIX sessions cannot be used.
    """
    known = None if profile is None else read_profile(profile)
    if table.kind is Kind.FIX:
        dialect = read_fix_dialect({} if known is None else known.fix or {})
        return read_fix(data, given.bounds, verify=dialect.verify)
    if table.kind is Kind.CAT:
        return read_cat(data, given.bounds)
    if known is None:
        return read_table(table, data, given.bounds, given.opened)
    return read_profiled(table, data, known, given)
