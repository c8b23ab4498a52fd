"""Who is told of what is due, as `notices.toml` says it."""

from __future__ import annotations

import pytest

from routewarden.policy.notices import (
    NOTICES_TEXT,
    Mail,
    Notice,
    Notices,
    NoticesError,
    Webhook,
    read_notices,
)

MAIL = '[mail]\nhost = "smtp.firm.example"\nport = 587\nsender = "rw@firm.example"\n'
HOOK = '[webhook]\nurl = "{}"\n'
TO = '[[notice]]\nfor = "Jane"\nmail = "jane@firm.example"\n'
PEM = '"""-----BEGIN CERTIFICATE-----"""'


def test_what_ships_tells_nobody() -> None:
    assert read_notices(NOTICES_TEXT) == Notices()


def test_the_remarks_that_ship_can_be_used_as_they_are() -> None:
    lines = NOTICES_TEXT.splitlines()
    kept = lines[lines.index("# [mail]") :]
    found = read_notices("\n".join(line.removeprefix("#").removeprefix(" ") for line in kept))

    assert [(each.whom, each.mail, each.days_ahead) for each in found.notices] == [
        ("Jane Doe", "jane.doe@firm.example", 3),
        ("compliance", "", 0),
    ]


def test_it_says_who_is_told_where_and_by_what() -> None:
    text = MAIL + f'user = "rw"\ncertificate = {PEM}\n' + TO + "days_ahead = 2"

    assert read_notices(text) == Notices(
        Mail("smtp.firm.example", 587, "rw@firm.example", "rw", PEM.strip('"')),
        None,
        (Notice("Jane", "jane@firm.example", 2),),
    )


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://h.example", ("h.example", 443, "/")),
        ("https://h.example:8443/a/b?c=d", ("h.example", 8443, "/a/b?c=d")),
    ],
)
def test_a_webhook_is_an_address_of_https(url: str, place: tuple[str, int, str]) -> None:
    text = HOOK.format(url) + '[[notice]]\nfor = "chair"\nwebhook = true\n'
    found = read_notices(text)

    assert found.webhook == Webhook(url, *place)
    assert found.notices == (Notice("chair", "", 0),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "the file"),
        ("odd = 1", "odd: no such entry"),
        ("notice = 1", "notice: 1"),
        ("notice = [1]", "notice: 1"),
        ("mail = 1", "mail: 1"),
        (MAIL + "odd = 1", "odd: no such entry"),
        (MAIL.replace("587", "0"), "mail.port: 0"),
        (MAIL.replace("587", '"x"'), "mail.port: x"),
        (MAIL.replace('"smtp.firm.example"', '"a\\nb"'), "host: a\nb"),
        (MAIL.replace("rw@firm", "rw"), "rw.example is no address"),
        (MAIL + "certificate = 1", "certificate: is not the PEM"),
        (MAIL + 'certificate = "x"', "certificate: is not the PEM"),
        (HOOK.format("http://h.example"), "no plain address of https"),
        (HOOK.format("https://u:p@h.example"), "no plain address of https"),
        (HOOK.format("https://h.example/#x"), "no plain address of https"),
        (HOOK.format("https://h.example:99999"), "no plain address of https"),
        (TO, "notice for Jane: there is no [mail]"),
        (MAIL + '[[notice]]\nfor = "Jane"\nwebhook = true', "there is no [webhook]"),
        (MAIL + TO + "webhook = true", "neither mail nor webhook, or both"),
        (MAIL + TO + "webhook = false", "neither mail nor webhook, or both"),
        (MAIL + '[[notice]]\nfor = "Jane"', "neither mail nor webhook, or both"),
        (MAIL + TO + "days_ahead = -1", "days_ahead: -1"),
        (MAIL + TO + "days_ahead = true", "days_ahead: True"),
        (MAIL + '[[notice]]\nmail = "a@b"', "for: None"),
    ],
)
def test_what_cannot_be_used_is_refused(text: str, said: str) -> None:
    with pytest.raises(NoticesError) as refused:
        read_notices(text)

    assert said in str(refused.value)
