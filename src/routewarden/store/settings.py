"""A firm's settings: what its policy files say, as one value with its digests.

A file is known by its bytes. Which bytes were in force, and when, is in the log: each command that
may write notes what it finds anew, so that any past answer can be given again with the settings of
its time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from routewarden.base.canonical import Digest, sha256
from routewarden.ledger.entry import StoredEntry, payloads
from routewarden.policy.calendar import Calendar, us_equity_calendar, with_overrides
from routewarden.policy.committee import COMMITTEE, COMMITTEE_TEXT
from routewarden.policy.contract import CONTRACT, CONTRACT_TEXT
from routewarden.policy.diligence_questions import QUESTIONNAIRE_TEXT
from routewarden.policy.firm import FIRM_TEXT, firm_name
from routewarden.policy.limits import Limits, read_limits, shipped_text
from routewarden.policy.notices import NOTICES, NOTICES_TEXT
from routewarden.policy.order_handling import ORDER_HANDLING, ORDER_HANDLING_TEXT
from routewarden.policy.published import INDUSTRY_TEXT, PRIOR_TEXT, Published, read_published
from routewarden.policy.questionnaire import QUESTIONNAIRE
from routewarden.policy.retention import RETENTION, RETENTION_TEXT
from routewarden.policy.router import ROUTER, ROUTER_TEXT, Routers, read_routers
from routewarden.policy.trade_conditions import regular_conditions
from routewarden.policy.venues import SHIPPED_TEXT, Venues, read_venues
from routewarden.policy.witnesses import WITNESSES, WITNESSES_TEXT

_CALENDAR = "calendar.toml"
_CONDITIONS = "trade_conditions.toml"
_LIMITS = "limits.toml"
_INDUSTRY = "industry.toml"
_PRIOR = "prior.toml"
_FIRM = "firm.toml"
_VENUES = "venues.toml"

FILES: Mapping[str, str] = {
    _CALENDAR: """\
# Changes to the shipped calendar of the US equity exchanges (XNYS), New York time.
#
# closed = [2026-12-31]
#
# [sessions]
# 2026-12-30 = {open = 09:30:00, close = 13:00:00}
""",
    _CONDITIONS: """\
# Sale conditions whose trades count as regular in market averages (VWAP).
# A trade with empty conditions always counts. Conditions are compared whole, as the file has them.
#
# regular = ["@", "F"]
""",
    _LIMITS: shipped_text(),
    _INDUSTRY: INDUSTRY_TEXT,
    _PRIOR: PRIOR_TEXT,
    _FIRM: FIRM_TEXT,
    _VENUES: SHIPPED_TEXT,
    ROUTER: ROUTER_TEXT,
}
"""Settings that an answer depends on: a number, a finding, a sentence of a review."""

BESIDE: Mapping[str, str] = {
    WITNESSES: WITNESSES_TEXT,
    RETENTION: RETENTION_TEXT,
    ORDER_HANDLING: ORDER_HANDLING_TEXT,
    NOTICES: NOTICES_TEXT,
    QUESTIONNAIRE: QUESTIONNAIRE_TEXT,
    CONTRACT: CONTRACT_TEXT,
    COMMITTEE: COMMITTEE_TEXT,
}
"""Settings that no answer depends on."""

_MEASURED_BY = (_CALENDAR, _CONDITIONS, _LIMITS, _VENUES)
"""What a measured result depends on.

Figures to compare it with are not among it, nor what a router is to do: how it is set up is judged
when findings are asked for, so that a new version has no date measured again.
"""

NOTED = "policy:noted"
"""The type of the entry of a policy file found with other bytes than before."""
PROPOSED = "policy:proposed"
"""The type of the entry of a policy file that waits for a second person."""
APPROVED = "policy:approved"
"""The type of the entry by which a second person puts a policy file in force."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The firm's settings, and their digests: of those results depend on, and of them all."""

    calendar: Calendar
    regular_conditions: tuple[str, ...]
    limits: Limits
    industry: tuple[Published, ...]
    prior: tuple[Published, ...]
    firm: str
    venues: Venues
    routers: Routers
    digest: str
    whole_digest: str


def noted(entries: Iterable[StoredEntry]) -> dict[str, Digest]:
    """Return the digest of each policy file as the log last has it."""
    return {
        str(payload["name"]): Digest(str(payload["digest"]))
        for payload in payloads(entries, {NOTED})
    }


def is_shipped(name: str, digest: Digest) -> bool:
    """Return whether a policy file has the bytes that this version ships."""
    text = {**FILES, **BESIDE}.get(name)
    return text is not None and sha256(text.encode()) == digest


def note_of(name: str, digest: Digest) -> dict[str, object]:
    """Return what an entry of NOTED says of a file."""
    return {"v": 1, "name": name, "digest": digest, "shipped": is_shipped(name, digest)}


def not_in_force(entries: Iterable[StoredEntry]) -> dict[str, Digest]:
    """Return the files that were approved and not put in force, as a crash between leaves them.

    Args:
        entries: Those of NOTED and APPROVED.
    """
    found: dict[str, Digest] = {}
    now: dict[str, Digest] = {}
    for stored in sorted(entries, key=lambda entry: entry.seq):
        for payload in payloads([stored], {NOTED, APPROVED}):
            name, digest = str(payload.get("name")), Digest(str(payload.get("digest")))
            found.pop(name, None)
            if stored.content["type"] == NOTED:
                now[name] = digest
            elif now.get(name) != digest and ".." not in name and name[:1] != "/":
                found[name] = digest
    return found


@lru_cache(maxsize=4)
def read_policy(files: tuple[str, ...]) -> Policy:
    """Return what the texts of FILES say; a command asks often, and they rarely change.

    Raises:
        RoutewardenError: One cannot be used; the message says which and why.
    """
    texts = dict(zip(FILES, files, strict=True))
    return Policy(
        calendar=with_overrides(us_equity_calendar(), texts[_CALENDAR]),
        regular_conditions=regular_conditions(texts[_CONDITIONS]),
        limits=read_limits(texts[_LIMITS]),
        industry=read_published(texts[_INDUSTRY], _INDUSTRY),
        prior=read_published(texts[_PRIOR], _PRIOR),
        firm=firm_name(texts[_FIRM]),
        whole_digest=sha256("\0".join(texts.values()).encode()),
        digest=sha256("\0".join(texts[name] for name in _MEASURED_BY).encode()),
        venues=read_venues(texts[_VENUES]),
        routers=read_routers(texts[ROUTER]),
    )
