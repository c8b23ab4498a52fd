"""Why the log, or the disk, cannot take what a command has for it."""

from __future__ import annotations

from routewarden.base.errors import RoutewardenError
from routewarden.store.durable import no_space

_NOTHING = "Nothing more was acknowledged; see to it and run the command again."
_UNKNOWN = "What was asked last may be in the log or not; run the command again, which settles it."


class LogUnavailableError(RoutewardenError):
    """The database of the log cannot be read or written.

    `passes` where a later try may succeed: a server that is gone, a disk that is full. `unknown`
    where the connection was lost with a transaction under way, and again when that was asked about.
    """

    def __init__(
        self, where: object, why: object, *, passes: bool = False, unknown: bool = False
    ) -> None:
        reason = " ".join(str(why).split()).rstrip(".")
        super().__init__(f"{where}: {reason}. {_UNKNOWN if unknown else _NOTHING}")
        self.passes = passes


class UnreadableLogError(LogUnavailableError):
    """The file of the log cannot be used as it is: it is damaged, gone, or no database."""


class NoSpaceError(RoutewardenError):
    """The disk is full; what the log holds stays, and nothing was added to it."""

    passes = True

    def __init__(self, error: BaseException, size: int = 0) -> None:
        after = f" after the {size:,} entries the log holds" if size else ""
        reason = " ".join(str(error).split()).rstrip(".")
        super().__init__(
            f"no space; nothing acknowledged{after} ({reason}). "
            "Make room and run the command again."
        )


class UnpublishedError(RoutewardenError):
    """The disk failed a command when all it did was in the log already, and only to be published.

    `passes` where the disk is full.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"all this command did is in the log, but it could not be published ({error}). "
            "See to it; the next command publishes it."
        )
        self.passes = no_space(error)


class OvertakenError(RoutewardenError):
    """Somebody else added to the log while this command took itself to be alone."""

    passes = True

    def __init__(self, known: int, size: int) -> None:
        super().__init__(
            f"the log has {size:,} entries and had {known:,} when this command last looked: "
            "another one changed the home meanwhile. Nothing more was acknowledged; run the "
            "command again."
        )


class NoLogError(RoutewardenError):
    """The server holds no log of a home that has one."""

    def __init__(self, url: str, schema: str) -> None:
        super().__init__(
            f"{url}: holds no log of this home (schema {schema}), and the home is not new. Name "
            "the database that has it in policy/storage.toml, or restore that one from a copy."
        )
