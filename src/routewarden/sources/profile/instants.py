"""Instants as vendors write them, to the nanosecond: epochs, RFC 3339, and forms of local time.

A form is what `strftime` knows, of a closed list. A regular expression made of it says exactly
which texts it fits, since a date parser lets pass more than is meant: eleven decimals of a second,
or the year 26. A local time that clocks show twice is settled by the profile or refused; one that
no clock shows is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from routewarden.base.schema import Type
from routewarden.base.time import (
    NS_PER_SECOND,
    REPRESENTABLE,
    render_instant,
)
from routewarden.native.numbers import parse_instant
from routewarden.sources.profile.decimals import literal
from routewarden.sources.profile.model import Ambiguous, Clock
from routewarden.sources.reject import Reason

RFC3339 = "rfc3339"
EPOCHS: Mapping[str, int] = {"epoch_s": 9, "epoch_ms": 6, "epoch_us": 3, "epoch_ns": 0}
"""Counts since 1970-01-01T00:00:00Z, and how many decimals of each a nanosecond takes."""

_YEAR = REPRESENTABLE.removeprefix("^")
_DATE_PARTS = {
    "%Y": _YEAR,
    "%y": "[0-9]{2}",
    "%m": "(?:0?[1-9]|1[0-2])",
    "%d": "(?:0?[1-9]|[12][0-9]|3[01])",
    "%e": "(?: ?[1-9]|[12][0-9]|3[01])",
    "%b": "[A-Za-z]{3}",
    "%B": "[A-Za-z]{3,9}",
    "%a": "[A-Za-z]{3}",
    "%A": "[A-Za-z]{6,9}",
    "%j": "[0-3][0-9]{2}",
}
_TIME_PARTS = {
    "%H": "(?:[01]?[0-9]|2[0-3])",
    "%I": "(?:0?[1-9]|1[0-2])",
    "%p": "(?:[AaPp][Mm])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
    "%.f": r"(?:\.[0-9]{1,9})?",
    "%.3f": r"\.[0-9]{3}",
    "%.6f": r"\.[0-9]{6}",
    "%.9f": r"\.[0-9]{9}",
    "%3f": "[0-9]{3}",
    "%6f": "[0-9]{6}",
    "%9f": "[0-9]{9}",
}
_OFFSET_PARTS = {"%z": "[+-][0-9]{4}", "%:z": "[+-][0-9]{2}:[0-9]{2}"}
ABBREVIATED = "%Z"
"""What a zone's clocks are called at the time, such as EDT; it ends a form."""
_ABBREVIATION = "[A-Z]{2,5}"
_PARTS = {ABBREVIATED: _ABBREVIATION, **_DATE_PARTS, **_TIME_PARTS, **_OFFSET_PARTS}
_SHORT = {"%F": "%Y-%m-%d", "%T": "%H:%M:%S", "%R": "%H:%M", "%D": "%m/%d/%y"}
PARTS = (*_PARTS, *_SHORT)
"""The directives a form may be made of."""

_TOKEN = re.compile(r"%(?:[.:]?[0-9]?[A-Za-z])|[^%]|%")
_DAY = "%Y-%m-%d "
_RFC3339 = r"^[0-9]{4}-[01][0-9]-[0-3][0-9][T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_OFFSET = r"(?:Z|[+-](?:0[0-9]|1[0-9]|2[0-3]):[0-5][0-9])$"
_WHOLE_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


@dataclass(frozen=True, slots=True)
class Told:
    """Instants as RFC 3339 text in UTC, null where they are none, and then the reason."""

    text: pl.Expr
    reason: pl.Expr


def expanded(form: str) -> str:
    """Return a form without directives that stand for others."""
    for short, long in _SHORT.items():
        form = form.replace(short, long)
    return form


def unknown_parts(form: str) -> list[str]:
    """Return the directives of a form that are not known."""
    tokens = _TOKEN.findall(expanded(form))
    return [token for token in tokens if token.startswith("%") and token not in _PARTS]


def states_day(form: str) -> bool:
    """Return whether a form states a day: by itself, or as a count."""
    parts = set(_TOKEN.findall(expanded(form)))
    of_year = "%j" in parts or (parts & {"%m", "%b", "%B"} and parts & {"%d", "%e"})
    return form == RFC3339 or form in EPOCHS or bool(parts & {"%Y", "%y"} and of_year)


def states_time(form: str) -> bool:
    """Return whether a form states a time of day."""
    parts = set(_TOKEN.findall(expanded(form)))
    hour = "%H" in parts or {"%I", "%p"} <= parts
    return form == RFC3339 or form in EPOCHS or (hour and "%M" in parts)


def instants(raw: pl.Expr, clock: Clock, kind: Type, day: date | None) -> Told:
    """Return what texts say by a clock. `day` is the date of times of day."""
    if clock.form in EPOCHS:
        return _epochs(raw, EPOCHS[clock.form])
    if clock.form == RFC3339:
        return _rfc3339(raw, clock, kind)
    form = expanded(clock.form)
    fits = raw.str.contains(pattern(form))
    if not states_time(form):  # only a table's first and last days are stated so
        return _days(pl.when(fits).then(raw), raw, form)
    longer = raw.str.contains(pattern(form, longer=True)) & ~fits
    text: pl.Expr = pl.when(fits).then(raw)
    if form.endswith(ABBREVIATED):
        form = form.removesuffix(ABBREVIATED)
        text = text.str.replace(f"{_ABBREVIATION}$", "")
    if day is None:
        read = text.str.to_datetime(form, time_unit="ns", strict=False)
    else:
        dated = pl.lit(f"{day} ") + text
        read = dated.str.to_datetime(_DAY + form, time_unit="ns", strict=False)
    if {*_OFFSET_PARTS} & set(_TOKEN.findall(form)):
        return _told(raw, read.dt.epoch("ns"), longer)
    return _local(raw, read, clock, longer)


def pattern(form: str, *, longer: bool = False) -> str:
    """Return the regular expression of a form; or of one with too many decimals of a second."""
    parts = {**_PARTS, "%.f": r"\.[0-9]{10,}"} if longer else _PARTS
    return "^" + "".join(parts.get(t) or literal(t) for t in _TOKEN.findall(form)) + "$"


def _told(raw: pl.Expr, value: pl.Expr, longer: pl.Expr) -> Told:
    reason = (
        pl.when(raw.is_not_null() & longer)
        .then(pl.lit(Reason.TOO_PRECISE.value))
        .when(raw.is_not_null() & value.is_null())
        .then(pl.lit(Reason.NOT_AN_INSTANT.value))
    )
    return Told(render_instant(value), reason)


def _local(raw: pl.Expr, read: pl.Expr, clock: Clock, longer: pl.Expr) -> Told:
    """Take times from a zone's clocks to UTC."""
    if clock.zone in {None, "UTC"}:
        return _told(raw, read.dt.epoch("ns"), longer)
    zone = str(clock.zone)
    first = read.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    taken = first
    if clock.ambiguous is Ambiguous.LATER:
        taken = read.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    if clock.ambiguous is Ambiguous.REJECT:
        taken = read.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    if clock.form.endswith(ABBREVIATED):
        last = read.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
        shown = raw.str.extract(f"({_ABBREVIATION})$")
        named = [pl.when(at.dt.strftime("%Z") == shown).then(at) for at in (first, last)]
        taken = first = pl.coalesce(*named)  # what the clocks are not called is no time of theirs
    value = taken.dt.convert_time_zone("UTC").dt.epoch("ns")
    unread = _told(raw, read.dt.epoch("ns"), longer).reason
    reason = (
        pl.when(read.is_not_null() & first.is_null())
        .then(pl.lit(Reason.NO_SUCH_TIME.value))
        .when(read.is_not_null() & taken.is_null())
        .then(pl.lit(Reason.AMBIGUOUS_TIME.value))
        .otherwise(unread)  # null is no reason, here as there
    )
    return Told(render_instant(value), reason)


def _days(text: pl.Expr, raw: pl.Expr, form: str) -> Told:
    read = text.str.to_date(form, strict=False).dt.strftime("%Y-%m-%d")
    wrong = raw.is_not_null() & read.is_null()
    return Told(read, pl.when(wrong).then(pl.lit(Reason.NOT_AN_INSTANT.value)))


def _epochs(raw: pl.Expr, places: int) -> Told:
    fraction = rf"(?:\.[0-9]{{1,{places}}})?" if places else ""
    whole = raw.str.extract("^([0-9]+)").cast(pl.Int128, strict=False) * 10**places
    value = whole
    if places:
        parts = raw.str.extract(r"\.([0-9]+)$").fill_null("").str.pad_end(places, "0")
        value = whole + parts.cast(pl.Int128, strict=False)
    fits = raw.str.contains(f"^[0-9]+{fraction}$")
    longer = raw.str.contains(rf"^[0-9]+\.[0-9]{{{places + 1},}}$")
    return _told(raw, pl.when(fits).then(value).cast(pl.Int64, strict=False), longer)


def _rfc3339(raw: pl.Expr, clock: Clock, kind: Type) -> Told:
    """An offset says which instant; without one it is the time in the zone, if that is stated."""
    local = raw.str.replace(_OFFSET, "").str.replace(" ", "T", literal=True)
    as_if_utc = parse_instant(local + pl.lit("Z"))
    longer = raw.str.contains(_RFC3339 + r"\.[0-9]{10,}(?:Z|[+-][0-9:]{5})?$")
    stated = raw.str.contains(_OFFSET) & raw.str.contains(_RFC3339)
    offset = raw.str.extract("([+-][0-9]{2}:[0-9]{2})$").fill_null("+00:00")
    minutes = offset.str.slice(1, 2).cast(pl.Int64) * 60 + offset.str.slice(4, 2).cast(pl.Int64)
    ahead = pl.when(offset.str.starts_with("-")).then(-minutes).otherwise(minutes)
    value = pl.when(stated).then(as_if_utc - ahead * 60 * NS_PER_SECOND)
    told = _told(raw, value, longer)
    if clock.zone is not None:
        read = pl.when(~stated).then(as_if_utc).cast(pl.Datetime("ns"))
        here = _local(raw, read, clock, longer)
        told = Told(
            pl.coalesce(told.text, here.text),
            pl.when(~stated).then(here.reason).otherwise(told.reason),
        )
    if kind is Type.INSTANT:
        return told
    whole = raw.str.contains(_WHOLE_DAY)
    return Told(pl.when(whole).then(raw).otherwise(told.text), pl.when(~whole).then(told.reason))
