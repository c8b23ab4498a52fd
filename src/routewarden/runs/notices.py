"""Telling people what is due, by e-mail and webhook: each matter once a day, entered in the log.

A message is entered after the other side took it: what a crash comes between is told twice rather
than never.
"""

from __future__ import annotations

import http.client
import json
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage

from routewarden.base.canonical import sha256
from routewarden.ledger.entry import payloads
from routewarden.policy.notices import NOTICES, Mail, Notice, Notices, Webhook, read_notices
from routewarden.runs.calendar import Due, calendar, due_json
from routewarden.store.home import Home

SENT = "notice:sent"
"""The type of the entry of a message that the other side took."""
PASSWORD, TOKEN = "ROUTEWARDEN_SMTP_PASSWORD", "ROUTEWARDEN_WEBHOOK_TOKEN"
"""Where in the environment the secrets are."""
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a notice: to where, how many matters, and why it was not taken, if so."""

    whom: str
    where: str
    matters: int
    why: str = ""


def notify(home: Home, secrets: Mapping[str, str]) -> list[Told]:
    """Tell what is due and was not told today; return what was sent, or could not be.

    Args:
        home: The home.
        secrets: The environment, for PASSWORD and TOKEN.
    """
    settings, today = read_notices(home.setting(NOTICES)), home.today()
    done = []
    for notice in settings.notices:
        where = _where(settings, notice)
        before = _told(home, where, today)
        found = calendar(home, today + timedelta(days=notice.days_ahead), notice.whom)
        new = [each for each in found if each.id not in before]
        if not new:
            continue
        why = _send(settings, notice, new, (today, secrets))
        if not why:
            _enter(home, notice, where, new)
        done.append(Told(notice.whom, where, len(new), why))
    return done


def _where(settings: Notices, notice: Notice) -> str:
    return notice.mail or ("" if settings.webhook is None else settings.webhook.url)


def _told(home: Home, where: str, today: date) -> set[str]:
    """Return the ids of the matters that were told somewhere on a date."""
    return {
        each
        for payload in payloads(home.log.entries(SENT), {SENT})
        if (payload["to"], payload["day"]) == (where, str(today))
        for each in payload["matters"]
    }


def _enter(home: Home, notice: Notice, where: str, found: Sequence[Due]) -> None:
    day = str(home.today())
    matters = [each.id for each in found]
    payload = {"v": 1, "day": day, "for": notice.whom, "to": where, "matters": matters}
    home.record(SENT, f"{SENT}:{day}:{where}:{home.log.size}", notice.whom, payload)


def _send(
    settings: Notices,
    notice: Notice,
    found: Sequence[Due],
    at: tuple[date, Mapping[str, str]],
) -> str:
    """Send a message; return why it was not taken, empty if it was."""
    today, secrets = at
    try:
        if notice.mail and settings.mail is not None:
            message = _message(settings.mail, notice.mail, found, today)
            _mail(settings.mail, message, secrets.get(PASSWORD, ""))
        elif settings.webhook is not None:
            told = {"for": notice.whom, "due": [due_json(each, today) for each in found]}
            return _post(settings.webhook, told, secrets.get(TOKEN, ""))
    except (OSError, smtplib.SMTPException, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _message(mail: Mail, to: str, found: Sequence[Due], today: date) -> EmailMessage:
    late = sum(each.is_overdue(today) for each in found)
    message = EmailMessage()
    message["From"], message["To"] = mail.sender, to
    message["Subject"] = f"Routewarden: {len(found)} due, {late} of them overdue"
    lines = [
        f"{each.due}{' overdue' if each.is_overdue(today) else ''}  {each.what}" for each in found
    ]
    message.set_content("\n".join([f"What is due as of {today}:", "", *lines, ""]))
    return message


def _mail(mail: Mail, message: EmailMessage, password: str) -> None:
    """Hand a message to the server; never in clear, for a server without STARTTLS is refused."""
    with smtplib.SMTP(mail.host, mail.port, timeout=_SECONDS) as server:
        server.starttls(context=_trust(mail.certificate))
        if mail.user:
            server.login(mail.user, password)
        server.send_message(message)


def _post(webhook: Webhook, told: Mapping[str, object], token: str) -> str:
    """Post JSON; return why it was not taken. No redirect is followed: it might lead anywhere."""
    body = json.dumps(told).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": sha256(body)}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    trust = _trust(webhook.certificate)
    connection = http.client.HTTPSConnection(
        webhook.host, webhook.port, timeout=_SECONDS, context=trust
    )
    try:
        connection.request("POST", webhook.path, body, headers)
        answer = connection.getresponse()
        return "" if http.client.OK <= answer.status < 300 else f"status {answer.status}"
    finally:
        connection.close()


def _trust(certificate: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificate)
