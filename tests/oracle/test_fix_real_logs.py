"""Real FIX logs, against counts made by plain searching."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest

from routewarden.sources.reject import Reason
from tests.fix_log import held, interpreted, records, rejects, slowly, told

DATA = Path(os.environ.get("ROUTEWARDEN_DATA", Path(__file__).parents[3] / "shared" / "data"))
LOGS = sorted(path for path in (DATA / "fix").glob("*.log*") if path.is_file())

pytestmark = pytest.mark.skipif(not LOGS, reason=f"no real FIX logs under {DATA / 'fix'}")

MESSAGE = re.compile(rb"8=FIX[^\x01]*\x019=([0-9]+)\x01(.*?\x01)10=([0-9]{3})", re.DOTALL)


def read(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def is_sound(message: re.Match[bytes]) -> bool:
    total = sum(message[0][: -len(b"10=000")]) % 256
    return len(message[2]) == int(message[1]) and total == int(message[3])


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_each_message_is_a_record_or_a_reject(path: Path) -> None:
    data = read(path)
    messages = list(MESSAGE.finditer(data))
    sound = [message for message in messages if is_sound(message)]
    assert len(messages) > 10
    assert records(data).height == len(sound)
    assert len(rejects(data)) == len(messages) - len(sound)
    assert {each.reason for each in rejects(data)} <= {Reason.CHECKSUM, Reason.BODY_LENGTH}
    assert records(data)["start"].to_list() == [message.start() for message in sound]


@pytest.mark.parametrize("mark", [b"\x01", b"|", b";", b"^A"])
@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_the_compiled_scan_tells_what_the_rules_in_python_tell(path: Path, mark: bytes) -> None:
    data = read(path).replace(b"\x01", mark)
    scanned = told(data)
    with slowly():
        assert told(data) == scanned


@pytest.mark.parametrize("mark", [b"|", b";", b"^A"])
@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_a_rewritten_log_gives_every_message(path: Path, mark: bytes) -> None:
    data = read(path)
    rewritten = data.replace(b"\x01", mark)
    assert records(rewritten).height == len(MESSAGE.findall(data))
    assert rejects(rewritten) == []
    assert set(records(data)["message_id"]) <= set(records(rewritten)["message_id"])


def test_a_session_of_orders_and_cancels_is_told_whole() -> None:
    """Of each new order: whether a report says it was cancelled, by a plain search of the log."""
    path = next((path for path in LOGS if "KOD-BON" in path.name), None)
    if path is None:
        pytest.skip("the log of orders and cancels is not there")
    data = read(path)
    lines = [
        dict(f.split(b"=", 1) for f in m[2].split(b"\x01")[:-1]) for m in MESSAGE.finditer(data)
    ]
    new = {line[b"11"].decode() for line in lines if line[b"35"] == b"D"}
    gone = {
        line.get(b"41", line[b"11"]).decode()
        for line in lines
        if line[b"35"] == b"8" and line[b"150"] == b"4"
    }
    orders, routes, fills = interpreted(data)
    assert held([data]).height == len({m[0] for m in MESSAGE.finditer(data)})
    assert {order["order_id"] for order in orders} == new
    ended = {order["order_id"] for order in orders if order.get("end_reason") == "cancelled"}
    assert ended == gone & new
    assert (routes, fills) == ([], [])
