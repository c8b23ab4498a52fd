"""What a router is to do, as `router.toml` says it, and the policy that it cites."""

from __future__ import annotations

from datetime import date

import pytest

from routewarden.base.canonical import sha256
from routewarden.policy.order_handling import (
    ORDER_HANDLING_TEXT,
    OrderHandlingError,
    read_order_handling,
)
from routewarden.policy.router import (
    ROUTER_TEXT,
    Allowed,
    Expected,
    RouterError,
    What,
    read_routers,
)

HEAD = """\
[[version]]
router = "ACME"
version = "{version}"
from = {since}
provider = "Acme Routing Inc."
source = "sheet of 2025-12-10"
approved_by = "committee"
"""
FIRST = HEAD.format(version="4.1", since="2026-01-01")
SECOND = HEAD.format(version="4.2", since="2026-03-01")
WHOLE = (
    FIRST
    + f"""\
order_handling = "{sha256(b"policy")}"
venues = ["IEXG", "XNYS"]
strategies = ["dark"]
[[version.allows]]
venues = ["IEXG"]
order_types = ["pegged"]
times_in_force = ["ioc"]
instructions = ["midpoint"]
[[version.expects]]
improvement_least = "0.005"
[[version.expects]]
decision_most_ms = "2.5"
strategies = ["dark"]
[[version.expects]]
first_venues = ["IEXG"]
"""
)


def test_what_ships_expects_nothing() -> None:
    assert read_routers(ROUTER_TEXT).entries == ()


def test_the_remarks_that_ship_can_be_used_as_they_are() -> None:
    lines = ROUTER_TEXT.splitlines()
    begins = lines.index("# [[version]]")
    kept = [
        line.removeprefix("# ")
        for line in lines[begins:]
        if line.startswith("# [[") or " = " in line
    ]
    text = "\n".join(kept).replace(
        "SHA-256 of the policy/order_handling.md it follows", sha256(b"policy")
    )
    (version,) = read_routers(text).entries

    assert (version.router, len(version.allows), len(version.expects)) == ("ACME", 1, 1)


def test_a_version_says_what_is_expected_in_exact_units() -> None:
    (version,) = read_routers(WHOLE).entries

    assert (version.version, version.since) == ("4.1", date(2026, 1, 1))
    assert version.order_handling == sha256(b"policy")
    assert (version.venues, version.strategies) == (("IEXG", "XNYS"), ("dark",))
    assert version.allows == (
        Allowed(("IEXG",), (), ("pegged",), ("ioc",), ("midpoint",)),
    )  # fmt: skip
    assert version.expects == (
        Expected(What.IMPROVEMENT, 5_000_000, "0.005"),
        Expected(What.DECISION, 2_500_000, "2.5", strategies=("dark",)),
        Expected(What.FIRST_VENUES, venues=("IEXG",)),
    )


def test_what_is_expected_is_said_in_words() -> None:
    (version,) = read_routers(WHOLE).entries

    assert [str(each) for each in version.expects] == [
        "price improvement of at least 0.005",
        "decision within 2.5 ms (dark)",
        "first routes to IEXG",
    ]
    assert str(version.allows[0]) == (
        "venues IEXG, order_types pegged, times_in_force ioc, instructions midpoint"
    )
    assert str(Allowed()) == "anything"


@pytest.mark.parametrize(
    ("day", "versions"),
    [
        (date(2025, 12, 31), []),
        (date(2026, 1, 1), ["4.1"]),
        (date(2026, 2, 28), ["4.1"]),
        (date(2026, 3, 1), ["4.2"]),
    ],
)
def test_a_version_counts_until_a_later_one(day: date, versions: list[str]) -> None:
    routers = read_routers(SECOND + FIRST)

    assert [each.version for each in routers.on(day)] == versions


def test_routers_have_versions_of_their_own() -> None:
    routers = read_routers(FIRST.replace("ACME", "ZED") + SECOND)

    assert [each.router for each in routers.on(date(2026, 4, 1))] == ["ACME", "ZED"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[", "the file"),
        ("odd = 1", "odd: no such entry"),
        ("version = 1", "version: 1"),
        ("version = [1]", "version: 1"),
        (FIRST + "odd = 1", "odd: no such entry"),
        (FIRST.replace('"ACME"', '" "'), "router:  "),
        (FIRST.replace('"4.1"', "4"), "version: 4"),
        (FIRST.replace("2026-01-01", "2026"), "ACME.from: 2026"),
        (FIRST + FIRST, "ACME: given twice from 2026-01-01"),
        (FIRST + 'order_handling = "abc"', "abc is no SHA-256"),
        (FIRST + "order_handling = 1", "1 is no SHA-256"),
        (FIRST + "venues = []", "venues: []"),
        (FIRST + 'venues = "XNYS"', "venues: XNYS"),
        (FIRST + "venues = [1]", "venues: 1"),
        (FIRST + '[[version.allows]]\norder_types = ["odd"]', "order_types: odd"),
        (FIRST + "[[version.allows]]\nodd = 1", "odd: no such entry"),
        (FIRST + "[[version.expects]]", "expects: not one of"),
        (FIRST + '[[version.expects]]\nimprovement_least = "x"', "improvement_least: x"),
        (FIRST + '[[version.expects]]\nimprovement_least = "-1"', "improvement_least: -1"),
        (FIRST + '[[version.expects]]\nimprovement_least = "NaN"', "improvement_least: NaN"),
        (FIRST + '[[version.expects]]\ndecision_most_ms = "0.0000001"', "decision_most_ms: 0.00"),
        (FIRST + "[[version.expects]]\ndecision_most_ms = 5", "decision_most_ms: 5"),
    ],
)
def test_what_cannot_be_used_is_refused(text: str, said: str) -> None:
    with pytest.raises(RouterError) as refused:
        read_routers(text)

    assert f"policy/router.toml: {said}" in str(refused.value) or said in str(refused.value)


# -- The order-handling policy ---------------------------------------------------------------------


def test_the_template_that_ships_says_nothing() -> None:
    assert read_order_handling(ORDER_HANDLING_TEXT) == {}


def test_sections_are_known_by_their_heading_and_remarks_are_none() -> None:
    text = "# Title\nIntroduction.\n## Price\nBest\nprice <!-- hidden\n## No --> first.\n## Empty\n"

    assert read_order_handling(text) == {"Price": "Best price first."}


def test_two_sections_of_one_name_are_refused() -> None:
    with pytest.raises(OrderHandlingError, match="'Price': two sections of this name"):
        read_order_handling("## Price\na\n## Price\nb\n")
