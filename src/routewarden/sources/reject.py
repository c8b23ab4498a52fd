"""A record that cannot be read: kept, located, explained; never dropped and never guessed at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a record was refused."""

    MISSING = "missing"
    NOT_A_DECIMAL = "not_a_decimal"
    NOT_AN_INTEGER = "not_an_integer"
    BINARY_FLOAT = "binary_float"
    OUT_OF_RANGE = "out_of_range"
    TOO_PRECISE = "too_precise"
    NOT_AN_INSTANT = "not_an_instant"
    AMBIGUOUS_TIME = "ambiguous_time"
    OUTSIDE_CALENDAR = "outside_calendar"
    NO_SUCH_TIME = "no_such_time"
    UNKNOWN_WORD = "unknown_word"
    NOT_A_FLAG = "not_a_flag"
    RAGGED = "ragged"
    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    NUL_BYTE = "nul_byte"
    ENCODING = "encoding"
    NO_HEADER = "no_header"
    NO_COLUMNS = "no_columns"
    NO_TABLE = "no_table"
    NO_DATE = "no_date"
    UNREADABLE = "unreadable"
    CONFLICT = "conflict"
    TRUNCATED = "truncated"
    BODY_LENGTH = "body_length"
    CHECKSUM = "checksum"
    NOT_A_FIELD = "not_a_field"
    ALL_REFUSED = "all_refused"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, order=True)
class Reject:
    """One refused record.

    `line` counts from 1: a CSV file's header is line 1; a Parquet file's first row is line 1.
    `start` and `end` are the record's bytes in a CSV file, end excluded; both are 0 in Parquet,
    whose rows are not runs of bytes.
    """

    line: int
    reason: Reason
    detail: str
    column: str | None = None
    start: int = 0
    end: int = 0
