"""Any file the firm is sent, from its bytes to records and rejects."""

from __future__ import annotations

from collections.abc import Iterator

from routewarden.base.schema import Kind, Table
from routewarden.sources.cat.reader import read_cat
from routewarden.sources.csv_text import Buffer
from routewarden.sources.file_limits import REFUSED
from routewarden.sources.fix.dialect import read_fix_dialect
from routewarden.sources.fix.reader import read_fix
from routewarden.sources.foreign import foreign
from routewarden.sources.profile.model import Profile
from routewarden.sources.profile.parse import read_profile
from routewarden.sources.profile.reading import Given, read_profiled
from routewarden.sources.reject import Reason, Reject
from routewarden.sources.table import Batch, no_records, read_table


def read_source(table: Table, data: Buffer, profile: str | None, given: Given) -> Iterator[Batch]:
    """Yield the records and rejects of a file of a kind, read by the text of a profile if any.

    Most of what a profile says of messages counts only when they are interpreted. A file that
    begins with very many rows, all refused, is read no further than need be to know it.

    Raises:
        ProfileError: The text is not a profile.
        FixDialectError: What it says of FIX sessions cannot be used.
    """
    known = None if profile is None else read_profile(profile)
    if what := foreign(data):
        detail = f"this is {what}; ingest the table or the log itself"
        reject = Reject(1, Reason.UNREADABLE, detail, end=len(data))
        return iter((Batch(no_records(table), (reject,), len(data)),))
    return _while_worth_it(table, data, _batches(table, data, known, given))


def _batches(table: Table, data: Buffer, profile: Profile | None, given: Given) -> Iterator[Batch]:
    if table.kind is Kind.FIX:
        dialect = read_fix_dialect({} if profile is None else profile.fix or {})
        return read_fix(data, given.bounds, verify=dialect.verify)
    if table.kind is Kind.CAT:
        return read_cat(data, given.bounds)
    if profile is None:
        return read_table(table, data, given.bounds, given.opened)
    return read_profiled(table, data, profile, given)


def _while_worth_it(table: Table, data: Buffer, batches: Iterator[Batch]) -> Iterator[Batch]:
    """Yield batches; of a file that begins with none but refused rows the rest is one reject.

    One row that is taken in is enough for all to be read: what is good in a file is never left out.
    """
    nothing, refused = True, 0
    for batch in batches:
        yield batch
        nothing = nothing and not (batch.records.height or batch.others)
        refused += len(batch.rejects)
        if nothing and refused > REFUSED.most and batch.position < len(data):
            detail = f"all {refused:,} rows so far are refused: the rest is not read"
            line = max(reject.line for reject in batch.rejects) + 1
            rest = Reject(line, Reason.ALL_REFUSED, detail, start=batch.position, end=len(data))
            yield Batch(no_records(table), (rest,), len(data))
            return
