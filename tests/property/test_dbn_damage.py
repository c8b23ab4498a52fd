"""Whatever happens to a stream, every byte of it is in a record or in the one reject at its end."""

from __future__ import annotations

from typing import Any

import databento_dbn
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from routewarden.sources.dbn import read_dbn

library: Any = databento_dbn  # its stubs take an enumeration for text

NOON = 1_782_907_200_123_456_789
HEAD = bytes(
    library.Metadata(
        "EQUS.MINI", 0, library.SType.RAW_SYMBOL, library.SType.INSTRUMENT_ID, None
    ).encode()
)
TRADE = bytes(
    library.TradeMsg(
        2, 7, NOON, 10**9, 100, library.Action.TRADE, library.Side.BID, 0, NOON, sequence=1
    )
)
QUOTE = bytes(
    library.MBP1Msg(2, 7, NOON, 10**9, 100, library.Action.ADD, library.Side.ASK, 0, NOON)
)
BAR = bytes(library.OHLCVMsg(32, 2, 7, NOON, 1, 1, 1, 1, 1))

records = st.lists(st.sampled_from([TRADE, QUOTE, BAR]), max_size=12).map(b"".join)


@given(
    records, st.lists(st.tuples(st.integers(0, 900), st.integers(0, 255)), max_size=3), st.data()
)
@settings(max_examples=300, deadline=None)
def test_every_byte_is_accounted_for(
    body: bytes, flips: list[tuple[int, int]], data: st.DataObject
) -> None:
    damaged = bytearray(HEAD + body)
    for place, value in flips:
        if place < len(damaged):
            damaged[place] = value
    stream = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    blocks = list(read_dbn(stream))
    rejects = [reject for block in blocks for reject in block.rejects]
    frames = [block.frame for block in blocks if block.frame.columns]
    assert len(rejects) <= 1
    if rejects and rejects[0].start == 0:
        assert not frames
        assert rejects[0].end == len(stream)
        return
    begin = 8 + int.from_bytes(stream[4:8], "little")
    ends = [begin]
    if frames:
        rows = pl.concat(frames)
        assert rows["line"].to_list() == list(range(1, rows.height + 1))
        assert rows["start"].to_list() == [begin, *rows["end"].to_list()[:-1]]
        ends += rows["end"].to_list()
    ends += [reject.end for reject in rejects]
    assert [reject.start for reject in rejects] == ends[-2:-1] * len(rejects)
    assert ends[-1] == len(stream)
