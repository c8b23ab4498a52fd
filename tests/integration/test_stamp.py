"""A time stamp of the log by an authority outside, checked without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.authority import OPENSSL, Authority, serving
from tests.command import must, routewarden

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="needs openssl, for the authority")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "keys").make()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    must(tmp_path / "firm", "init")
    return tmp_path / "firm"


def naming(home: Path, url: str, certificate: str) -> None:
    setting = f'[time_stamp]\nurl = "{url}"\ncertificate = """\n{certificate}"""\n'
    (home / "policy" / "witnesses.toml").write_text(setting)


def test_a_stamp_is_asked_for_once_and_checked_offline(home: Path, authority: Authority) -> None:
    with serving(authority) as url:
        naming(home, url, authority.certificate)
        first = must(home, "stamp", "--json").json["stamp"]
    again = must(home, "stamp", "--json").json["stamp"]
    said = must(home, "verify", "--json").json["assurance"]

    assert first == again  # the authority is gone: it was not asked again
    assert first["authority"] == "CN=Throw-away time"
    assert said.startswith(f"{first['size']} entries existed by 20")
    assert said.endswith("UTC, says CN=Throw-away time")


def test_a_stamp_of_something_else_is_found(home: Path, authority: Authority) -> None:
    with serving(authority) as url:
        naming(home, url, authority.certificate)
        size = must(home, "stamp", "--json").json["stamp"]["size"]
    anchors = home / "evidence" / "anchors"
    kept = anchors / f"{size}.tsr"
    data = bytearray(kept.read_bytes())
    for at in range(0, len(data), 97):
        altered = data.copy()
        altered[at] ^= 1
        kept.write_bytes(altered)
        if (told := routewarden(home, "verify")).status == 0:
            assert "existed by" in told.out  # a byte beside the token, such as of the status
    kept.write_bytes(data)
    (anchors / "99.tsr").write_bytes(data)
    (anchors / "note.txt").write_bytes(b"")
    told = routewarden(home, "verify")

    assert told.status == 1
    assert told.err.count("stamps no checkpoint of this log") == 2


def test_another_authority_than_the_one_named_is_not_believed(
    home: Path, authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other").make("Somebody else")
    with serving(other) as url:
        naming(home, url, authority.certificate)
        told = routewarden(home, "stamp")

    assert (told.status, told.out) == (1, "")
    assert "is no time stamp of this checkpoint by the authority named" in told.err
    assert not (home / "evidence" / "anchors").exists()


def test_a_stamp_whose_authority_nobody_names_any_more_is_told(
    home: Path, authority: Authority
) -> None:
    with serving(authority) as url:
        naming(home, url, authority.certificate)
        must(home, "stamp")
    (home / "policy" / "witnesses.toml").write_text("")

    assert "no authority is named that it could go back to" in routewarden(home, "verify").err


def test_that_the_authority_is_silent_is_said(home: Path, authority: Authority) -> None:
    naming(home, "http://127.0.0.1:9/tsr", authority.certificate)
    silent = routewarden(home, "stamp", "--json")

    assert silent.status == 1
    assert silent.json["why"].startswith("did not answer: ")


def test_without_an_authority_there_is_no_stamp(home: Path) -> None:
    told = routewarden(home, "stamp")

    assert (told.status, "names no [time_stamp]" in told.err) == (1, True)
