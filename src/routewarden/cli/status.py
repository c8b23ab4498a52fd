"""The exit statuses: what a command answers to whoever called it from a script."""

from __future__ import annotations

from enum import IntEnum

from routewarden.base.errors import RoutewardenError
from routewarden.store.durable import no_space


class Status(IntEnum):
    """A command's exit status; 75 is EX_TEMPFAIL of sysexits.h."""

    DONE = 0
    NO = 1
    FAILED = 2
    REJECTED = 3
    LATER = 75
    INTERRUPTED = 130


MEANS = {
    Status.DONE: "done",
    Status.NO: "the answer is no: `verify` found a fault, or there are findings of `--fail-on`",
    Status.FAILED: "the call is wrong or the machine failed it; one sentence says why",
    Status.REJECTED: "some input was rejected, each row with its reason; the rest is in",
    Status.LATER: (
        "not now: no space, or the database of the log cannot be reached; the sentence says what "
        "is in the log, if anything, and the same command may succeed later"
    ),
    Status.INTERRUPTED: "interrupted; nothing is half in",
}


def status_of(error: BaseException) -> Status:
    """Return the status a command ends with that fails with an error."""
    passes = isinstance(error, RoutewardenError) and error.passes
    return Status.LATER if passes or no_space(error) else Status.FAILED
