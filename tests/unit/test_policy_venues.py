from __future__ import annotations

from datetime import date

import pytest

from routewarden.policy.venues import SHIPPED_TEXT, Venues, VenuesError, read_venues

ENTRY = 'source = "minutes"\napproved_by = "CCO"\n'


def listed(*venues: str) -> str:
    return "".join(f"[[venue]]\n{venue}\n{ENTRY}" for venue in venues)


@pytest.mark.parametrize("text", ["", "venue = []", SHIPPED_TEXT])
def test_nothing_ships_as_expected(text: str) -> None:
    assert read_venues(text) == Venues()
    assert read_venues(text).on(date(2026, 7, 1)) == ()


def test_a_venue_is_expected_from_its_first_date_to_its_last() -> None:
    venues = read_venues(
        listed(
            'mic = "XNYS"\nfrom = 2026-07-02',
            'mic = "ARCX"\nfrom = 2026-07-01\nto = 2026-07-02',
            'mic = "XNYS"\nfrom = 2026-07-03',
        )
    )

    assert [venues.on(date(2026, 7, day)) for day in (1, 2, 3)] == [
        ("ARCX",),
        ("ARCX", "XNYS"),
        ("XNYS",),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("venue", r"the file: .*"),
        ("odd = []", r"odd: no such entry\."),
        ("venue = 3", r"venue: 3\."),
        ("venue = [3]", r"venue: 3\."),
        (listed('mic = ""\nfrom = 2026-07-01'), r"\.mic: \."),
        (listed("mic = 3\nfrom = 2026-07-01"), r"3\.mic: 3\."),
        ('[[venue]]\nmic = "X"\nfrom = 2026-07-01\nsource = "s"', r"X\.approved_by: None\."),
        (listed('mic = "X"\nfrom = "2026"'), r"X\.from: 2026\."),
        (listed('mic = "X"\nfrom = 2026-07-01T00:00:00'), r"X\.from: .*"),
        (listed('mic = "X"\nfrom = 2026-07-02\nto = 2026-07-01'), r"X\.to: 2026-07-01\."),
        (listed('mic = "X"\nfrom = 2026-07-02\nto = 5'), r"X\.to: 5\."),
        (listed('mic = "X"\nfrom = 2026-07-01\nuntil = 5'), r"X: no such entry: until\."),
    ],
)
def test_a_list_that_cannot_be_used_says_where_and_how_to_write_it(
    text: str, complaint: str
) -> None:
    with pytest.raises(VenuesError, match=rf"^policy/venues.toml: {complaint} Write each as "):
        read_venues(text)
