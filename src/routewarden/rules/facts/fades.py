"""Whether displayed size goes away before the router comes for it.

An order that is sent to several venues one after another shows its hand with the first child. For
each venue first reached later, the far side displayed there at that moment is watched until the
child for it is sent, at most 50 ms: it *fades* if its price moves away or vanishes, or its size
falls below what was displayed. The same is watched for the same venues at matched instants before
and after, when the firm sent nothing in the symbol, for what fades anyway.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from routewarden.base.side import SIGN, far_side
from routewarden.base.time import NS_PER_MS, NS_PER_SECOND
from routewarden.market.tape import QUOTE, Tape, build_tape
from routewarden.rules.facts.trailing import two_proportion_z

WATCHED_NS = 50 * NS_PER_MS
"""How long a displayed size is watched, at most."""
MATCHED_NS = (-5 * NS_PER_SECOND, -2 * NS_PER_SECOND, 5 * NS_PER_SECOND)
"""Where the matched instants are, from the first child."""
QUIET_NS = NS_PER_SECOND
"""How far a matched instant is from any first child of the firm's in the symbol."""

PROBES = {
    "order_id": pl.String(),
    "router": pl.String(),
    "symbol": pl.String(),
    "side": pl.String(),
    "venue": pl.String(),
    "offset": pl.Int64(),
    "at": pl.Int64(),
    "until": pl.Int64(),
}
"""A venue watched from an instant to another; `offset` is 0 for the order itself."""

SWEEPS = {
    "order_id": pl.String(),
    "router": pl.String(),
    "offset": pl.Int64(),
    "faded": pl.Boolean(),
}
"""Whether any later venue of an order faded; `offset` is 0, or that of a matched instant."""

LEAKS = {
    "router": pl.String(),
    "period": pl.String(),
    "trading_date": pl.Date(),
    "orders": pl.Int64(),
    "matched": pl.Int64(),
    "rate": pl.Float64(),
    "matched_rate": pl.Float64(),
    "excess": pl.Float64(),
    "z": pl.Float64(),
    "ids": pl.String(),
}


def probes(routes: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Return what to watch for the orders of a date that reached venues one after another.

    `routes` have `order_id`, `router`, `symbol`, `side`, `asset_class`, `venue`, `sent_at` and
    `trading_date`, of every order, for their first children are what matched instants keep away
    from.
    """
    reached = routes.group_by(
        "order_id", "router", "symbol", "side", "asset_class", "trading_date", "venue"
    ).agg(pl.col("sent_at").min())
    first = reached.with_columns(first_at=pl.col("sent_at").min().over("order_id"))
    later = first.filter(pl.col("sent_at") > pl.col("first_at")).with_columns(
        router=pl.coalesce("router", pl.lit("direct")),
        watched=pl.min_horizontal(
            pl.col("sent_at") - pl.col("first_at"), pl.lit(WATCHED_NS, dtype=pl.Int64)
        ),
    )
    offsets = pl.DataFrame({"offset": [0, *MATCHED_NS]}, schema={"offset": pl.Int64()})
    asked = (
        later.join(offsets, how="cross")
        .with_columns(at=pl.col("first_at") + pl.col("offset"))
        .join(sessions, on="trading_date", how="left")
    )
    within = [pl.col(name).is_between("open", "close") for name in ("at", "first_at")]
    in_session = pl.all_horizontal(within) | (pl.col("asset_class") == "crypto")
    quiet = _quiet(asked, first)
    return (
        asked.with_columns(quiet=quiet, until=pl.col("at") + pl.col("watched"))
        .filter((pl.col("offset") == 0) | pl.col("quiet"), in_session.fill_null(value=False))
        .select(*PROBES)
        .sort("order_id", "offset", "venue")
    )


def _quiet(asked: pl.DataFrame, first: pl.DataFrame) -> pl.Series:
    """Return whether no first child of the symbol is within a second of each instant."""
    sent = first.group_by("symbol").agg(sent=pl.col("first_at").unique().sort())
    times = {symbol: np.array(held) for symbol, held in sent.iter_rows()}
    quiet = []
    for symbol, at in asked.select("symbol", "at").iter_rows():
        low, high = np.searchsorted(times[symbol], [at - QUIET_NS + 1, at + QUIET_NS])
        quiet.append(low == high)
    return pl.Series(quiet, dtype=pl.Boolean)


def venue_tape(quotes: pl.DataFrame, asked: pl.DataFrame) -> Tape:
    """Return the tape of the symbols and venues asked about; its symbol is their pair."""
    wanted = quotes.join(asked.select("symbol", "venue").unique(), on=["symbol", "venue"])
    return build_tape(wanted.with_columns(symbol=_PAIR))


_PAIR = pl.concat_str("symbol", "venue", separator="\n")


def sweeps(asked: pl.DataFrame, tape: Tape) -> pl.DataFrame:
    """Return whether any venue faded, for each order and instant that had one displayed."""
    seen = asked.with_columns(faded=_faded(asked, tape)).filter(pl.col("faded").is_not_null())
    return (
        seen.group_by("order_id", "router", "offset")
        .agg(pl.col("faded").any())
        .select(*SWEEPS)
        .sort("order_id", "offset")
    )


def _faded(asked: pl.DataFrame, tape: Tape) -> pl.Series:
    """Return whether each probe faded; null where nothing was displayed to begin with."""
    pairs = asked.select(_PAIR).to_series()
    first, _ = tape.index.spans(pairs)
    begin = tape.index.after(pairs, asked["at"].to_numpy())
    end = tape.index.after(pairs, asked["until"].to_numpy())
    in_force = pl.select(pl.when(pl.Series(begin > first)).then(pl.Series(begin - 1))).to_series()
    shown = _far_sides(asked.with_row_index("probe"), in_force, tape)
    probe = np.repeat(np.arange(len(begin)), end - begin)
    passed = np.arange(len(probe)) - np.repeat(np.cumsum(end - begin) - (end - begin), end - begin)
    later = _far_sides(asked[probe], pl.Series(begin[probe] + passed), tape)
    now = later.select(then="price", size_then="size").with_columns(
        shown.select("price", "size")[probe]
    )
    away = SIGN * (pl.col("then") - pl.col("price")) > 0
    shrunk = (pl.col("then") == pl.col("price")) & (pl.col("size_then") < pl.col("size")).fill_null(
        value=True
    )
    gone = now.with_columns(asked[probe]["side"]).select(
        faded=pl.col("then").is_null() | away | shrunk
    )
    faded = probe[gone["faded"].fill_null(value=False).to_numpy()]
    displayed = pl.col("price").is_not_null() & (pl.col("size") > 0)
    return shown.select(
        pl.when(displayed).then(pl.col("probe").is_in(pl.Series(faded, dtype=pl.UInt32).implode()))
    ).to_series()


def _far_sides(asked: pl.DataFrame, rows: pl.Series, tape: Tape) -> pl.DataFrame:
    """Add `price` and `size` of the far side in some rows of the tape; null where there is none."""
    quotes = {name: tape.quotes[name].gather(rows) for name in QUOTE}
    return asked.with_columns(**quotes).with_columns(
        price=far_side(pl.col("bid"), pl.col("ask")),
        size=far_side(pl.col("bid_size"), pl.col("ask_size")),
    )


def leak_facts(swept: pl.DataFrame, period: str) -> pl.DataFrame:
    """Return how often what was displayed faded, by router, against matched instants, as LEAKS.

    `swept` are the sweeps of every date of the period, with `trading_date`. `ids` names the orders
    seen fading. Without a matched instant there is nothing to compare with, and no fact.
    """
    rows = []
    for (router,), part in swept.group_by("router"):
        own, others = part.filter(pl.col("offset") == 0), part.filter(pl.col("offset") != 0)
        if not own.height or not others.height:
            continue
        faded, matched = int(own["faded"].sum()), int(others["faded"].sum())
        rows.append(
            {
                "router": router,
                "period": period,
                "trading_date": part["trading_date"].max(),
                "orders": own.height,
                "matched": others.height,
                "rate": faded / own.height,
                "matched_rate": matched / others.height,
                "excess": faded / own.height - matched / others.height,
                "z": two_proportion_z((faded, own.height), (matched, others.height)),
                "ids": " ".join(sorted(own.filter("faded")["order_id"])),
            }
        )
    return pl.DataFrame(rows, schema=LEAKS).sort("router")
