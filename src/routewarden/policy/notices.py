"""Who is told of what is due, and how: by e-mail over STARTTLS, or by a webhook over HTTPS."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from routewarden.base.errors import RoutewardenError

NOTICES = "notices.toml"
NOTICES_TEXT = """\
# Who `routewarden notify` tells of what is due, once for each matter and day. Without a [[notice]]
# it tells nobody. What is told names cases, by their titles, and leaves the firm's machines.
#
# The server's password is in the environment, as ROUTEWARDEN_SMTP_PASSWORD, and what the webhook
# wants to see (Authorization: Bearer) as ROUTEWARDEN_WEBHOOK_TOKEN. Neither is written here.
# `certificate` is the PEM of an authority of the firm's own; left out, those of the system.
#
# [mail]
# host = "smtp.firm.example"
# port = 587
# sender = "routewarden@firm.example"
# user = "routewarden"
#
# [webhook]
# url = "https://chat.firm.example/hooks/due"
#
# [[notice]]
# for = "Jane Doe"                  # a user, or a role such as "supervisor"
# mail = "jane.doe@firm.example"
# days_ahead = 3                    # tell what is due by then; left out, what is due today
#
# [[notice]]
# for = "compliance"
# webhook = true
"""

_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+")
_URL = re.compile(
    r"https://(?P<host>[A-Za-z0-9.-]+)(:(?P<port>\d{1,5}))?(?P<path>/[!-\"$-~]*)?", re.ASCII
)
_HTTPS = 443
_MOST_DAYS = 366
_MOST_PORT = 65535


class NoticesError(RoutewardenError):
    """The firm's `notices.toml` cannot be used."""

    def __init__(self, *, entry: str, value: object) -> None:
        super().__init__(
            f"policy/{NOTICES}: {entry}: {value}. Write [mail] with host, port and sender, "
            '[webhook] with url = "https://…", and each [[notice]] with for, and mail = "address" '
            "or webhook = true; the file that ships shows how."
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """A server that takes e-mail over STARTTLS; `user` is empty where it asks for none."""

    host: str
    port: int
    sender: str
    user: str = ""
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that takes JSON over HTTPS."""

    url: str
    host: str
    port: int
    path: str
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Whom it is about, a user or a role; where it goes, the webhook where `mail` is empty."""

    whom: str
    mail: str
    days_ahead: int


@dataclass(frozen=True, slots=True)
class Notices:
    """Every notice, and what they go by."""

    mail: Mail | None = None
    webhook: Webhook | None = None
    notices: tuple[Notice, ...] = ()


def read_notices(text: str) -> Notices:
    """Return what a `notices.toml` says.

    Raises:
        NoticesError: It is not that.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NoticesError(entry="the file", value=str(error)) from error
    _require_known(table, "mail", "webhook", "notice")
    rows = table.get("notice", [])
    if not isinstance(rows, list):
        raise NoticesError(entry="notice", value=rows)
    mail = None if "mail" not in table else _mail(_table(table["mail"], "mail"))
    webhook = None if "webhook" not in table else _webhook(_table(table["webhook"], "webhook"))
    notices = tuple(_notice(_table(row, "notice")) for row in rows)
    for each in notices:
        way = "mail" if each.mail else "webhook"
        if (mail if each.mail else webhook) is None:
            raise NoticesError(entry=f"notice for {each.whom}", value=f"there is no [{way}]")
    return Notices(mail, webhook, notices)


def _table(value: object, entry: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise NoticesError(entry=entry, value=value)
    return value


def _mail(row: Mapping[str, object]) -> Mail:
    _require_known(row, "host", "port", "sender", "user", "certificate")
    port = row.get("port")
    if type(port) is not int or not 0 < port <= _MOST_PORT:
        raise NoticesError(entry="mail.port", value=port)
    user = _text(row, "user") if "user" in row else ""
    return Mail(_text(row, "host"), port, _address(row, "sender"), user, _certificate(row))


def _webhook(row: Mapping[str, object]) -> Webhook:
    _require_known(row, "url", "certificate")
    url = _text(row, "url")
    parts = _URL.fullmatch(url)
    port = int(parts["port"] or _HTTPS) if parts else 0
    if parts is None or not 0 < port <= _MOST_PORT:
        raise NoticesError(entry="webhook.url", value=f"{url} is no plain address of https")
    return Webhook(url, parts["host"], port, parts["path"] or "/", _certificate(row))


def _notice(row: Mapping[str, object]) -> Notice:
    _require_known(row, "for", "mail", "webhook", "days_ahead")
    whom, days = _text(row, "for"), row.get("days_ahead", 0)
    if ("mail" in row) is (row.get("webhook") is True) or row.get("webhook", True) is not True:
        raise NoticesError(entry=f"notice for {whom}", value="neither mail nor webhook, or both")
    if type(days) is not int or not 0 <= days <= _MOST_DAYS:
        raise NoticesError(entry="days_ahead", value=days)
    return Notice(whom, _address(row, "mail") if "mail" in row else "", days)


def _require_known(row: Mapping[str, object], *known: str) -> None:
    if extra := set(row).difference(known):
        raise NoticesError(entry=min(extra), value="no such entry")


def _text(row: Mapping[str, object], key: str) -> str:
    text = row.get(key)
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        raise NoticesError(entry=key, value=text)
    return text


def _address(row: Mapping[str, object], key: str) -> str:
    text = _text(row, key)
    if not _ADDRESS.fullmatch(text):
        raise NoticesError(entry=key, value=f"{text} is no address")
    return text


def _certificate(row: Mapping[str, object]) -> str | None:
    text = row.get("certificate")
    if text is not None and (not isinstance(text, str) or "BEGIN CERTIFICATE" not in text):
        raise NoticesError(entry="certificate", value="is not the PEM of a certificate")
    return text
