"""Whether an instant falls in the regular session, and when that session ends.

A session includes its opening and closing instants. Crypto has no session: it is never outside one.
"""

from __future__ import annotations

import polars as pl

from routewarden.base.time import trading_date

WITHOUT_SESSION = "crypto"
"""The asset class that trades around the clock."""


def attach_session(
    frame: pl.DataFrame, instant: str, when: str, sessions: pl.DataFrame
) -> pl.DataFrame:
    """Add `in_session_<when>`, `open_<when>` and `close_<when>` for the date of an instant.

    `in_session` is null where there is no instant. Open and close are null on a date without a
    session and for an asset class that has none.
    """
    has_session = pl.col("asset_class") != WITHOUT_SESSION
    dated = frame.with_columns(trading_date=trading_date(pl.col(instant)))
    joined = dated.join(sessions, on="trading_date", how="left", maintain_order="left")
    inside = pl.col(instant).is_between("open", "close").fill_null(value=False)
    return joined.with_columns(
        pl.when(pl.col(instant).is_not_null())
        .then(inside | ~has_session)
        .alias(f"in_session_{when}"),
        pl.when(has_session).then("open").alias(f"open_{when}"),
        pl.when(has_session).then("close").alias(f"close_{when}"),
    ).drop("trading_date", "open", "close")
