"""FIX logs: no byte is lost, and neither their order nor how they are split makes a difference."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.base.schema import Kind
from routewarden.events.fix.interpret import interpret_fix
from routewarden.events.told import INTERPRETED, PLACED
from routewarden.simulator.dialects.drop_copy import drop_copy
from routewarden.sources.fix import cut
from routewarden.sources.fix.cut import What
from routewarden.sources.fix.fields import SOH
from tests.fix_log import batches, held, records, rejects, sealed, sent, spans
from tests.sample_world import world

PIECES = st.sampled_from(
    [
        sent(1, "35=0|112=x"),
        sent(2, "35=D|11=A|54=1|55=NA|38=1|40=1"),
        sent(3, "35=n|95=7|96=a\x01b8=FIX|58=x"),
        sent(4, "35=8|11=A|17=E|150=F").replace(SOH, b"|"),
        sent(5, "35=8|11=A|17=E|150=F").replace(SOH, b"^A"),
        *(b"8=FIX", b"8=FIX.4.4\x01", b"9=5\x01", b"35=D\x01", b"10=001\x01", b"95=99\x0196="),
        *(b"\n", b"\r\n", b"|", b";", b"^", b"\x00", b"\xff", b" text 10:30:00 ", b"8", b"="),
    ]
)
LOGS = st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=12).map(b"".join)


@settings(deadline=None, max_examples=300)
@given(LOGS)
def test_every_byte_is_in_one_message_one_reject_or_between(log: bytes) -> None:
    found = spans(log)
    assert b"".join(log[start:end] for _, start, end in found) == log
    assert all(start < end for _, start, end in found)
    said = [(each.start, each.end) for each in rejects(log)]
    said += records(log).select("start", "end").rows() if batches(log) else []
    assert sorted(said) == [(start, end) for what, start, end in found if what != What.BETWEEN]


LINES = st.lists(st.lists(PIECES, max_size=3).map(b"".join), max_size=20).map(b"\n".join)


@settings(deadline=None, max_examples=150)
@given(LINES, st.integers(400, 900))
def test_the_size_of_a_block_makes_no_difference(log: bytes, size: int) -> None:
    """As long as each line fits in one."""
    whole = (spans(log), rejects(log), sum(batch.others for batch in batches(log)))
    usual = cut.BLOCK_BYTES, cut._MARGIN
    cut.BLOCK_BYTES, cut._MARGIN = size, 2_000
    try:
        blocks = (spans(log), rejects(log), sum(batch.others for batch in batches(log)))
    finally:
        cut.BLOCK_BYTES, cut._MARGIN = usual
    assert blocks == whole


TAGS = st.sampled_from(["34", "35", "43", "49", "52", "56", "97", "122", "11", "55", "58", "95"])
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=8)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(TAGS, TEXTS), max_size=12))
def test_fields_in_a_run_and_one_by_one_say_the_same(fields: list[tuple[str, str]]) -> None:
    """A data field at the end changes what a message says, and nothing else of it."""
    known = "35=n|34=1|52=20260701-13:30:00|".replace("|", "\x01").encode()
    plain = "".join(f"{tag}={text}\x01" for tag, text in fields if tag != "95").encode()
    run = records(sealed(known + plain)).drop("message_id", "end")
    walked = records(sealed(known + plain + b"95=1\x0196=x\x01")).drop("message_id", "end")
    ending = "\x0195=1\x0196=x"
    assert walked.with_columns(pl.col("fields").str.strip_suffix(ending)).equals(run)


def drop_copy_lines() -> list[bytes]:
    tables = world(1).tables
    orders = tables[Kind.ORDERS].head(60)
    ids = orders["order_id"].implode()
    copied = drop_copy(
        orders,
        tables[Kind.ROUTES].filter(pl.col("order_id").is_in(ids)),
        tables[Kind.FILLS].filter(pl.col("order_id").is_in(ids)),
    )
    return copied.splitlines(keepends=True)


def tangled_lines() -> list[bytes]:
    """Chains, ids that come again, shared ExecIDs and reports without their orders."""
    fields = [
        "35=D|11=A|54=1|55=NA|38=9|40=1",
        "35=G|11=B|41=A|54=1|55=NA|38=8|40=1",
        "35=8|11=B|41=A|37=1|150=5|39=5|54=1|55=NA|14=1",
        "35=8|11=B|41=C|37=1|150=5|39=5|54=1|55=NA|14=1",
        "35=D|11=A|54=2|55=NA|38=9|40=1|526=B",
        "35=D|11=C|54=1|55=NA|38=9|40=1|526=A",
        "35=8|11=A|37=1|17=E|150=F|39=1|54=1|55=NA|31=1|32=1",
        "35=8|11=C|37=2|17=E|150=F|39=1|54=1|55=NA|31=1|32=1",
        "35=8|11=D|37=2|17=E|150=F|39=1|54=1|55=NA|31=1|32=2",
        "35=8|37=2|17=F|150=F|39=1|54=1|55=NA|31=1|32=2",
        "35=8|11=D|37=2|17=G|19=E|150=H|39=0|54=1|55=NA",
        "35=8|11=E|37=3|150=0|39=0|54=1|55=NA|198=1",
        "35=F|11=H|41=B|54=1|55=NA",
        "35=8|11=H|37=1|150=4|39=4|54=1|55=NA",
    ]
    return [sent(number % 5, each, at=f"13:30:0{number % 3}") for number, each in enumerate(fields)]


def told(logs: list[bytes], arranged: Callable[[pl.DataFrame], pl.DataFrame]) -> list[object]:
    tables = interpret_fix(arranged(held(logs)), {}).tables
    return [tables[kind].drop(*PLACED).sort(pl.all()).rows(named=True) for kind in INTERPRETED]


@settings(deadline=None, max_examples=25)
@given(st.sampled_from([drop_copy_lines, tangled_lines]), st.randoms(use_true_random=False))
def test_neither_order_nor_files_make_a_difference(
    lines_of: Callable[[], list[bytes]], lots: object
) -> None:
    lines = lines_of()
    whole = told([b"".join(lines)], lambda frame: frame)
    lots.shuffle(lines)  # type: ignore[attr-defined]
    place = lots.randrange(1, len(lines))  # type: ignore[attr-defined]
    seed = lots.randrange(1000)  # type: ignore[attr-defined]
    files = [b"".join(lines[:place]), b"".join(lines[place - 1 :])]
    assert told(files, lambda frame: frame.sample(fraction=1, shuffle=True, seed=seed)) == whole
