"""A hundred thousand damaged messages: none stops the reader, holds it up, or takes another along.

The seeds are in the manner of real logs; the damage is to bytes, to fields and to the frame. Each
damaged message stands before a sound one, which must come through.
"""

from __future__ import annotations

import random
import time

from routewarden.sources.fix.cut import cut_log
from tests.fix_log import ALWAYS, fix, sealed, sent

COUNT = 100_000
SLOWEST = 0.05  # seconds, for one message

SEEDS = (
    sent(1, "35=A|98=0|108=30"),
    sent(2, "35=D|11=A1|1=ACC|21=1|38=100|40=2|44=10.05|54=1|55=DELL|59=0", version="FIX.4.2"),
    sent(3, "35=8|6=0|11=A1|14=0|17=1|20=0|37=1|38=100|39=0|54=1|55=DELL|150=0|151=100"),
    sent(4, "35=8|11=A1|17=E1|30=XNAS|31=10.04|32=100|39=2|54=1|55=DELL|150=F|851=2|9730=R"),
    sent(5, "35=n|95=9|96=a\x01b=c\n10=|58=end", version="FIXT.1.1"),
    sent(6, "35=j|45=3|58=Unsupported|372=D"),
)
SOUND = sent(9, "35=0|112=sound")
PARTS = (
    b"8=FIX.4.4\x01",
    b"9=99\x01",
    b"10=123\x01",
    b"95=999\x0196=",
    b"=",
    b"\x01",
    b"\n",
    b"\x00",
)


def damaged(lots: random.Random) -> bytes:
    message = bytearray(lots.choice(SEEDS))
    for _ in range(lots.randint(1, 3)):
        place, how = lots.randrange(len(message)), lots.randrange(6)
        if how == 0:
            message[place] = lots.randrange(256)
        elif how == 1:
            del message[place : place + lots.randint(1, 20)]
        elif how == 2:
            message[place:place] = lots.choice(PARTS)
        elif how == 3:
            message = bytearray(bytes(message).replace(b"\x01", lots.choice((b"|", b";", b"^A"))))
        elif how == 4:
            del message[place:]
        else:
            message[place:place] = lots.randbytes(lots.randint(1, 8))
        message = message or bytearray(b"8")
    return bytes(message)


def again(log: bytes) -> float:
    """The time it takes when nothing else happens to be collected or scheduled meanwhile."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        list(cut_log(log, ALWAYS))
        taken.append(time.process_time() - began)
    return min(taken)


def test_damage_stays_where_it_is() -> None:
    lots = random.Random(20260701)
    slowest, seen = 0.0, 0
    for _ in range(COUNT):
        log = damaged(lots) + lots.choice((b"", b"\n", b"\r\n2026-07-01 ")) + SOUND
        began = time.process_time()
        (found,) = cut_log(log, ALWAYS)
        taken = time.process_time() - began
        slowest = max(slowest, taken if taken < SLOWEST else again(log))
        assert found.position == len(log)
        start, end = found.places()[-1]
        assert log[start:end] == SOUND
        seen += len(found.places()) + len(found.damaged)
    assert slowest < SLOWEST
    assert seen > COUNT


def test_a_changed_byte_is_always_noticed() -> None:
    """CheckSum is a sum: no change of a single byte leaves it as it was."""
    lots = random.Random(7)
    for _ in range(5_000):
        message = bytearray(lots.choice(SEEDS))
        place = lots.randrange(len(b"8=FIX"), len(message) - 1)
        message[place] = (message[place] + lots.randrange(1, 256)) % 256
        (found,) = cut_log(bytes(message), ALWAYS)
        assert found.places() == []


def test_large_and_dense_input_is_read_at_once() -> None:
    """Ten megabytes in one line, of nothing, of beginnings, of ends, of nested lengths."""
    nested = b"".join(b"8=FIX.4.4\x019=%d\x0135=D\x01" % (900_000 - n) for n in range(40_000))
    shapes = (
        b"x" * 10_000_000,
        b"\x00" * 10_000_000,
        b"8=FIX" * 200_000,
        b"8=FIX.4.4|9=1|" * 70_000,
        b"|10=123" * 140_000,
        nested + b"10=000\x01",
        b"9" * 5_000_000 + b"8=FIX",
        sealed(b"35=D\x0134=1\x01" + b"1=\x01" * 300_000),
    )
    for shape in shapes:
        began = time.process_time()
        cuts = list(cut_log(shape + b"\n" + SOUND, ALWAYS))
        assert time.process_time() - began < 10
        start, end = cuts[-1].places()[-1]
        assert end - start == len(SOUND)


def test_a_message_of_the_greatest_size_is_read_at_once() -> None:
    """The most that fits, as few long fields or as many short ones."""
    for body in (
        "58=" + "x" * 1_000_000,
        "|".join(["58=x"] * 200_000),
        "95=900000|96=" + "x" * 900_000,
    ):
        message = fix("35=B|34=1|52=20260701-13:30:00|" + body)
        began = time.process_time()
        (found,) = cut_log(message, ALWAYS)
        assert time.process_time() - began < 10 * SLOWEST
        assert len(found.places()) == 1
