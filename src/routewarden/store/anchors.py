"""Time stamps of the log's checkpoints, by an authority outside (RFC 3161): `evidence/anchors/`.

A stamp is over the three lines of a checkpoint, which never change, whoever cosigns it later. It is
kept as the authority answered it, under the size of the log, and checked offline against the
authority's certificate in `policy/witnesses.toml`.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from routewarden.ledger.checkpoint import read_checkpoint
from routewarden.ledger.strict import MalformedError
from routewarden.policy.witnesses import WITNESSES
from routewarden.store import durable
from routewarden.store.fault import Fault
from routewarden.store.home import Home, publish

SECONDS = 10
_MOST_BODY = 1 << 20
_QUERY = "application/timestamp-query"


@dataclass(frozen=True, slots=True)
class Stamp:
    """That a log of some size existed by a time (UTC), and which authority says so."""

    size: int
    at: datetime
    authority: str

    @property
    def text(self) -> str:
        """What it shows, in words."""
        by = f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        return f"{self.size:,} entries existed by {by}, says {self.authority}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking for a stamp: the stamp, or why there is none."""

    stamp: Stamp | None
    why: str = ""


def stamp(home: Home, seconds: int = SECONDS) -> Asked | None:
    """Have the newest checkpoint stamped; None where the firm's settings name no authority.

    A checkpoint that has its stamp is not stamped again. An authority that is silent, or answers
    something else, is no failure: the stamp can be asked for later.
    """
    publish(home)
    setting, newest = home.witnesses(), home.published.newest()
    if setting.stamp_url is None or setting.stamp_certificate is None or newest is None:
        return None
    checkpoint = newest[0]
    path = anchors(home) / f"{checkpoint.head.size}.tsr"
    text = checkpoint.text.encode()
    if path.exists():
        return _read(path.read_bytes(), text, checkpoint.head.size, setting.stamp_certificate)
    answer, why = _asked(setting.stamp_url, text, seconds)
    if answer is None:
        return Asked(None, why)
    found = _read(answer, text, checkpoint.head.size, setting.stamp_certificate)
    if found.stamp is not None:
        durable.make_folder(path.parent)
        durable.write_file(path, answer)
    return found


def anchors(home: Home) -> Path:
    """Return the folder of a home's time stamps."""
    return home.root / "evidence" / "anchors"


def stamps(home: Home) -> tuple[list[Stamp], list[Fault]]:
    """Return the stamps of a home that hold, and what is wrong with the others."""
    certificate = home.witnesses().stamp_certificate
    held, wrong = [], []
    for path in sorted(anchors(home).glob("*")):
        if path.name.startswith(durable.PART):
            continue
        text = _text(home, path)
        if text is None:
            remedy = f"Find out who did; remove {path}."
            wrong.append(Fault(str(path), "stamps no checkpoint of this log", remedy))
        elif certificate is None:
            remedy = f"Name the authority and its certificate in policy/{WITNESSES}."
            wrong.append(Fault(str(path), "no authority is named that it could go back to", remedy))
        else:
            found = _read(path.read_bytes(), text, int(path.stem), certificate)
            held += [found.stamp] if found.stamp else []
            if found.stamp is None:
                remedy = "Restore it from a copy, or remove it and run `routewarden stamp`."
                wrong.append(Fault(str(path), found.why, remedy))
    return held, wrong


def _text(home: Home, path: Path) -> bytes | None:
    """Return what a stamp is over, by its name; None if no signed checkpoint is of that size."""
    try:
        size = int(path.stem) if path.suffix == ".tsr" and path.stem.isdecimal() else -1
        checkpoint, _ = read_checkpoint(home.published.signed_at(size).read_bytes())
    except (FileNotFoundError, MalformedError):
        return None
    return checkpoint.text.encode() if checkpoint.head.size == size else None


def _read(answer: bytes, text: bytes, size: int, certificate: str) -> Asked:
    """Return the stamp that an answer is, once it is seen to be one of a text."""
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - slow
    from rfc3161_client import (  # noqa: PLC0415 - slow
        VerificationError,
        VerifierBuilder,
        decode_timestamp_response,
    )

    try:
        roots = load_pem_x509_certificates(certificate.encode())
        given = decode_timestamp_response(answer)
        VerifierBuilder(roots=roots).build().verify_message(given, text)
    except (ValueError, VerificationError) as error:
        return Asked(None, f"is no time stamp of this checkpoint by the authority named: {error}")
    names = [each.rfc4514_string() for root in roots for each in [root.subject]]
    return Asked(Stamp(size, given.tst_info.gen_time, " or ".join(names)))


def _asked(url: str, text: bytes, seconds: int) -> tuple[bytes | None, str]:
    """Return what an authority answers, or why it does not."""
    from rfc3161_client import TimestampRequestBuilder  # noqa: PLC0415 - slow

    query = TimestampRequestBuilder().data(text).cert_request(cert_request=True).build()
    request = urllib.request.Request(  # noqa: S310 - http or https, as the setting is read
        url, query.as_bytes(), {"Content-Type": _QUERY}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=seconds) as given:  # noqa: S310 - as above
            return given.read(_MOST_BODY), ""
    except (OSError, http.client.HTTPException, urllib.error.HTTPError) as error:
        return None, f"did not answer: {error}"
