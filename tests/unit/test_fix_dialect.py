"""The `[fix]` section of a profile."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest

from routewarden.base.errors import RoutewardenError
from routewarden.base.schema import Kind
from routewarden.sources.fix.dialect import Cell, FixDialect, Link, read_fix_dialect

WHOLE = """
strip = ["B6_", "X-"]
router = "acme-sor"
verify = false
sent_at = "acknowledged"
role = "children"
venue = 7772
fee = {tag = 9882, times = "-0.5", per = "share"}
liquidity = {tag = 9730, A = "added", R = "removed"}
account_type = {tag = 582, 1 = "proprietary", other = "institutional"}
link = [{tag = 16113, when = {tag = 16114, is = "R"}}, {tag = 5000}]
orders = {desk = 20001}
routes = {further_routable = {tag = 20003, Y = "true"}}
"""


def test_a_dialect_says_all_that_its_section_does() -> None:
    assert read_fix_dialect(tomllib.loads(WHOLE)) == FixDialect(
        strip=("B6_", "X-"),
        links=(Link("16113", "16114", "R"), Link("5000")),
        router="acme-sor",
        verify=False,
        sent_as_acknowledged=True,
        of_children=True,
        columns={
            Kind.ORDERS: {
                "desk": Cell("20001"),
                "account_type": Cell("582", {"1": "proprietary"}, other="institutional"),
            },
            Kind.ROUTES: {"further_routable": Cell("20003", {"Y": "true"})},
            Kind.FILLS: {
                "fee": Cell("9882", times=Decimal("-0.5"), per_share=True),
                "liquidity": Cell("9730", {"A": "added", "R": "removed"}, other="unknown"),
                "venue": Cell("7772"),
            },
        },
    )


def test_a_section_that_says_nothing_is_the_standard() -> None:
    empty: dict[Kind, dict[str, Cell]] = {Kind.ORDERS: {}, Kind.ROUTES: {}, Kind.FILLS: {}}
    assert read_fix_dialect({}) == FixDialect(columns=empty)


def test_a_prefix_is_stripped_and_never_the_whole_identifier() -> None:
    dialect = FixDialect(strip=("B6_",))
    assert dialect.name("B6_5DLY") == "5DLY"
    assert dialect.name("B6_") == "B6_"
    assert dialect.name("5DLY") == "5DLY"
    assert dialect.name("") is None
    assert dialect.name(None) is None


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ('strp = ["B6_"]', "strp"),
        ('strip = "B6_"', "strip"),
        ("strip = [1]", "strip"),
        ('strip = [""]', "strip"),
        ("router = 1", "router"),
        ("verify = 0", "verify"),
        ('sent_at = "60"', "sent_at"),
        ('router = ""', "router"),
        ('role = "child"', "role"),
        ('venue = "30"', "venue"),
        ("venue = true", "venue"),
        ("venue = 0", "venue"),
        ("fee = {times = '1'}", "fee"),
        ("fee = {tag = 1, times = 1}", "fee.times"),
        ("fee = {tag = 1, times = 'one'}", "fee.times"),
        ("fee = {tag = 1, times = 'inf'}", "fee.times"),
        ("fee = {tag = 1, per = 'lot'}", "fee.per"),
        ("liquidity = {tag = 1, A = 2}", "liquidity.A"),
        ("liquidity = {tag = 1, other = 2}", "liquidity.other"),
        ("link = {tag = 1}", "link"),
        ("link = [1]", "link"),
        ("link = [{}]", "link.tag"),
        ("link = [{tag = 1, when = 2}]", "link.when"),
        ("link = [{tag = 1, when = {tag = 2}}]", "link.when.is"),
        ("link = [{tag = 1, when = {is = 'R'}}]", "link.when.tag"),
        ("orders = 5", "orders"),
        ("orders = {dsk = 5}", "orders.dsk"),
        ("orders = {desk = 'x'}", "orders.desk"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_remedy(section: str, key: str) -> None:
    with pytest.raises(RoutewardenError, match=rf"^\[fix\] {key}: write .+\.$"):
        read_fix_dialect(tomllib.loads(section))
