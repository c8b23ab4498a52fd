"""What customers lost: exact amounts, and every order in just one finding."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from routewarden.evidence.harm import by_account, by_order, counts, money_cell, total
from routewarden.measures.harm import Harm, harm

SHARE = 10**8
CENT = 10**7  # of 10**-9


def fills(*rows: tuple[str, int, int | None]) -> pl.DataFrame:
    """Fills of an order: its id, shares, and how much better than the quote (10**-9)."""
    frame = pl.DataFrame(
        {
            "order_id": [order for order, _, _ in rows],
            "quantity": [shares * SHARE for _, shares, _ in rows],
            "price_improvement": [better for _, _, better in rows],
        },
        schema={"order_id": pl.String, "quantity": pl.Int128, "price_improvement": pl.Int64},
    )
    return frame.with_columns(
        account_id=pl.concat_str(pl.lit("acct-"), pl.col("order_id")),
        symbol=pl.lit("ABC"),
        side=pl.lit("buy"),
        received_at=pl.lit(1_782_914_400_000_000_000),
        bid_at_receipt=pl.lit(10 * SHARE, dtype=pl.Int64),
        ask_at_receipt=pl.lit(1004 * SHARE // 100, dtype=pl.Int64),
    )


def test_worse_shares_are_not_set_against_better_ones() -> None:
    orders = harm(fills(("A", 100, -CENT), ("A", 300, 2 * CENT)))

    row = orders.row(0, named=True)
    assert row["found"] == Harm.HARMED
    assert (row["shares"], row["worse"]) == (400 * SHARE, 100 * SHARE)
    assert row["per_share"] == CENT
    assert row["quote"] == 10_040_000_000
    assert total(orders) == Decimal(1)


def test_an_order_not_judged_is_unknown_unless_it_is_known_to_be_harmed() -> None:
    orders = harm(
        fills(("A", 1, None), ("A", 1, -1), ("B", 1, None), ("B", 1, 5), ("C", 1, 0), ("D", 1, 1))
    )

    assert dict(orders.select("order_id", "found").iter_rows()) == {
        "A": "harmed", "B": "unknown", "C": "not harmed", "D": "not harmed",
    }  # fmt: skip
    assert counts(orders) == {Harm.HARMED: 1, Harm.UNKNOWN: 1, Harm.NOT_HARMED: 2}


def test_the_amount_has_every_digit() -> None:
    orders = harm(fills(("A", 7, -1)))

    assert total(orders) == Decimal("0.000000007")
    assert by_order(orders).rows[0][8].exact == "0.000000007"


def test_an_order_without_worse_shares_has_no_amount_per_share() -> None:
    row = by_order(harm(fills(("A", 7, 1)))).rows[0]

    assert row[7].exact == ""
    assert row[8].exact == "0"


def test_accounts_are_made_whole_for_harmed_orders_alone() -> None:
    table = by_account(harm(fills(("A", 100, -CENT), ("B", 50, -CENT), ("C", 10, None))))

    assert [[cell.exact for cell in row] for row in table.rows] == [
        ["acct-A", "1", "100", "1"], ["acct-B", "1", "50", "0.5"],
    ]  # fmt: skip


def test_money_below_nothing_keeps_its_sign() -> None:
    assert money_cell(-(10**17)).exact == "-1"
    assert money_cell(0).exact == "0"


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABCDE"),
            st.integers(1, 10**9),
            st.one_of(st.none(), st.integers(-(10**12), 10**12)),
        ),
        min_size=1,
    )
)
def test_findings_and_amounts_are_conserved(rows: list[tuple[str, int, int | None]]) -> None:
    orders = harm(fills(*rows))

    assert sum(counts(orders).values()) == orders.height == len({order for order, _, _ in rows})
    owed = sum(-better * shares for _, shares, better in rows if better is not None and better < 0)
    assert total(orders) == Decimal(owed).scaleb(-9)
    assert sum(row[8].exact != "0" for row in by_order(orders).rows) == counts(orders)[Harm.HARMED]
