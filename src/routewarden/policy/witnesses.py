"""Who outside remembers the log, as the firm's `witnesses.toml` says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from routewarden.base.errors import RoutewardenError
from routewarden.ledger.note import Algorithm, Key, parse_key
from routewarden.ledger.strict import MalformedError

WITNESSES = "witnesses.toml"

WITNESSES_TEXT = """\
# Who outside the reach of whoever keeps this home remembers its log, and cosigns each checkpoint.
# `routewarden witness init` makes a witness and prints its key; run it on another host, under
# another account, best compliance's. `least` of the witnesses must have cosigned; fewer is a
# finding of `verify`.
#
# least = 1
#
# [[witness]]
# key = "witness.example+01234567+BASE64"
# url = "http://witness.example:8791"
#
# [time_stamp]
# url = "http://tsa.example/tsr"
# certificate = "PEM of the authority that its answers are to go back to"
"""


class WitnessesError(RoutewardenError):
    """The firm's `witnesses.toml` cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/{WITNESSES}: {entry}: {value}. Write each witness as `[[witness]]` with `key` "
            "(name+id+base64, as `witness init` prints it) and `url`, and `least` as a count of "
            "them."
        )


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: its key for cosignatures, and where it is asked."""

    key: Key
    url: str


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The witnesses of a log, and how many of them must have cosigned; who stamps its time."""

    witnesses: tuple[Witness, ...] = ()
    least: int = 0
    stamp_url: str | None = None
    stamp_certificate: str | None = None


def read_witnesses(text: str) -> Witnesses:
    """Return what a `witnesses.toml` says.

    Raises:
        WitnessesError: It is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WitnessesError(entry="the file", value=error) from error
    if extra := set(table) - {"witness", "least", "time_stamp"}:
        raise WitnessesError(entry=min(extra), value="no such entry")
    stated = table.get("witness", [])
    if not isinstance(stated, list):
        raise WitnessesError(entry="witness", value="not a list of tables")
    witnesses = tuple(_witness(each) for each in stated)
    if len({each.key.public for each in witnesses}) < len(witnesses):
        raise WitnessesError(entry="witness", value="two have the same key")
    least = table.get("least", 0)
    if type(least) is not int or not 0 <= least <= len(witnesses):
        raise WitnessesError(entry="least", value=f"{least} of {len(witnesses)} witnesses")
    return Witnesses(witnesses, least, *_stamps(table.get("time_stamp")))


def _witness(table: Any) -> Witness:  # noqa: ANN401 - whatever the file says
    if not isinstance(table, dict) or set(table) != {"key", "url"}:
        raise WitnessesError(entry="witness", value=f"{table!r} is not key and url")
    key, url = table["key"], _url(table["url"])
    try:
        parsed = parse_key(str(key))
    except MalformedError as error:
        raise WitnessesError(entry="key", value=error) from error
    if parsed.algorithm is not Algorithm.COSIGNATURE_V1:
        raise WitnessesError(entry="key", value=f"{parsed.name}: is not a key for cosignatures")
    return Witness(parsed, url)


def _stamps(table: Any) -> tuple[str | None, str | None]:  # noqa: ANN401 - as above
    if table is None:
        return None, None
    if not isinstance(table, dict) or set(table) != {"url", "certificate"}:
        raise WitnessesError(entry="time_stamp", value="is not url and certificate")
    certificate = table["certificate"]
    if not isinstance(certificate, str) or "BEGIN CERTIFICATE" not in certificate:
        raise WitnessesError(entry="certificate", value="is not the PEM of a certificate")
    return _url(table["url"]), certificate


def _url(value: Any) -> str:  # noqa: ANN401 - as above
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise WitnessesError(entry="url", value=f"{value!r} is not an address of http or https")
    return value.rstrip("/")
