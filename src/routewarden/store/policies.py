"""What each policy file says, by its own reader, and what a new one would change.

A file is known by its name under `policy/`. Its values are compared, not its text: a remark that
moved is no change.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from routewarden.base.errors import RoutewardenError
from routewarden.policy.calendar import us_equity_calendar, with_overrides
from routewarden.policy.committee import COMMITTEE, Committee, read_committee
from routewarden.policy.contract import CONTRACT
from routewarden.policy.firm import firm_name
from routewarden.policy.limits import BY_NAME, read_limits
from routewarden.policy.notices import NOTICES, read_notices
from routewarden.policy.order_handling import ORDER_HANDLING, read_order_handling
from routewarden.policy.published import read_published
from routewarden.policy.questionnaire import QUESTIONNAIRE, Question, read_questionnaire
from routewarden.policy.retention import RETENTION, read_retention
from routewarden.policy.router import ROUTER, Version, read_routers
from routewarden.policy.trade_conditions import regular_conditions
from routewarden.policy.venues import read_venues
from routewarden.policy.witnesses import WITNESSES, read_witnesses
from routewarden.policy.wsp import WSP, read_wsp
from routewarden.rules.service.checked import checked_contract
from routewarden.sources.profile.parse import read_profile
from routewarden.store.storage import STORAGE, storage_database, storage_place

PROFILES = "profiles"
_ENDING = ".toml"

Said = Mapping[str, str]
"""What a file sets, and to what."""


class NoPolicyFileError(RoutewardenError):
    """There is no policy file of that name."""

    def __init__(self, name: str) -> None:
        known = ", ".join(sorted(_READERS))
        super().__init__(
            f"'{name}' is no policy file. There are {known} and profiles/NAME.toml; "
            "say with --as which one it is to be."
        )


class PolicyTextError(RoutewardenError):
    """A policy file is not text in UTF-8."""

    def __init__(self, name: str) -> None:
        super().__init__(f"policy/{name}: not text in UTF-8. Save it as UTF-8.")


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that another file changes; None where it is not set."""

    what: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """Say it in a line."""
        if self.before is None:
            return f"+ {self.what}: {self.after}"
        if self.after is None:
            return f"- {self.what}: {self.before}"
        return f"~ {self.what}: {self.before} -> {self.after}"


def policy_name(path: Path, stated: str | None = None) -> str:
    """Return which policy file a file is to be: as stated, else by its own name and folder.

    Raises:
        NoPolicyFileError: There is none of that name.
    """
    own = f"{PROFILES}/{path.name}" if path.absolute().parent.name == PROFILES else path.name
    name = own if stated is None else stated
    name = name if name in _READERS or name.endswith(_ENDING) else f"{name}{_ENDING}"
    if name not in _READERS and not _is_profile(name):
        raise NoPolicyFileError(name)
    return name


def said(name: str, data: bytes) -> Said:
    """Return what a policy file says.

    Raises:
        RoutewardenError: It cannot be used; the message says why.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise PolicyTextError(name) from error
    return _profile(text) if _is_profile(name) else _READERS[name](text)


def differences(name: str, before: bytes, after: bytes) -> list[Difference]:
    """Return which values another file of a name changes, by what they are.

    Raises:
        RoutewardenError: The other file cannot be used. That the one before cannot be is no matter.
    """
    new, old = said(name, after), _if_usable(name, before)
    return [
        Difference(what, old.get(what), new.get(what))
        for what in sorted({*old, *new})
        if old.get(what) != new.get(what)
    ]


def _if_usable(name: str, data: bytes) -> Said:
    try:
        return said(name, data)
    except RoutewardenError:
        return {}


def _is_profile(name: str) -> bool:
    path = PurePosixPath(name)
    return str(path) == name and len(path.parts) == 2 and path.parts[0] == PROFILES


def _calendar(text: str) -> Said:
    changes = with_overrides(us_equity_calendar(), text).changes
    return {
        str(day): "closed" if hours is None else f"open {hours.open} to {hours.close}"
        for day, hours in changes.items()
    }


def _conditions(text: str) -> Said:
    return {f"trades of condition '{each}'": "regular" for each in regular_conditions(text)}


def _limits(text: str) -> Said:
    return {
        f"{each.name} from {each.since}": f"{each.value:f} {BY_NAME[each.name].unit} "
        f"({_whose(each.source, each.approved_by)})"
        for each in read_limits(text).entries
    }


def _published(file: str) -> Callable[[str], Said]:
    def figures(text: str) -> Said:
        found: dict[str, str] = {}
        for each in read_published(text, file):
            what = f"{each.metric} of {each.orders} orders from {each.since}"
            over = "" if each.n is None else f" over {each.n:,}"
            simulated = ", simulated" if each.simulated else ""
            value = f"{each.value:f}{over} ({each.source}{simulated})"
            found[what] = f"{found[what]}; {value}" if what in found else value
        return found

    return figures


def _venues(text: str) -> Said:
    return {
        f"venue {each.mic} from {each.since}": f"to {each.until or 'further notice'} "
        f"({_whose(each.source, each.approved_by)})"
        for each in read_venues(text).entries
    }


def _witnesses(text: str) -> Said:
    setting = read_witnesses(text)
    return {
        "least": str(setting.least),
        **{f"witness {each.key.text}": each.url for each in setting.witnesses},
        "time stamps": setting.stamp_url or "none",
        "time stamps' authority": setting.stamp_certificate or "none",
    }


def _storage(text: str) -> Said:
    return {
        "place": storage_place(text) or "the home",
        "database": storage_database(text) or "the home's own",
    }


def _retention(text: str) -> Said:
    return {
        f"{each.name}: {what}": value
        for each in read_retention(text)
        for what, value in (
            ("kinds", ", ".join(each.kinds)), ("years", str(each.years)),
            ("source", f"{each.source}, read {each.read}"),
        )
    }  # fmt: skip


def _routers(text: str) -> Said:
    return {
        f"{each.router} from {each.since}: {what}": value
        for each in read_routers(text).entries
        for what, value in _version(each)
        if value
    }


def _version(version: Version) -> Iterator[tuple[str, str]]:
    """Yield what a router's version says, by what it is."""
    yield "version", f"{version.version} of {version.provider}"
    yield "source", _whose(version.source, version.approved_by)
    yield "order handling", version.order_handling
    yield "venues", " ".join(version.venues)
    yield "strategies", " ".join(version.strategies)
    yield from ((f"allows {number}", str(each)) for number, each in enumerate(version.allows, 1))
    yield from ((f"expects {number}", str(each)) for number, each in enumerate(version.expects, 1))


def _notices(text: str) -> Said:
    setting = read_notices(text)
    mail, webhook = setting.mail, setting.webhook
    said = {
        f"notice for {each.whom} to {each.mail or 'the webhook'}": f"{each.days_ahead} days ahead"
        for each in setting.notices
    }
    if mail is not None:
        said["mail"] = f"{mail.host}:{mail.port} from {mail.sender} as {mail.user or 'nobody'}"
        said["mail's authority"] = mail.certificate or "the system's"
    if webhook is not None:
        said["webhook"] = webhook.url
        said["webhook's authority"] = webhook.certificate or "the system's"
    return said


def _questionnaire(text: str) -> Said:
    asked = read_questionnaire(text)
    return {
        "version": asked.version,
        **{
            f"question {each.id}": f"{each.text} ({_needs(each)}; {each.why} "
            f"{'; '.join(map(str, each.sources))})"
            for each in asked.questions
        },
    }


def _needs(question: Question) -> str:
    needs = "required" if question.required else "optional"
    return f"{needs}, with a document" if question.document else needs


def _contract(text: str) -> Said:
    provider, table = checked_contract(text).provider, tomllib.loads(text)
    clauses = {
        f"clause {row['id']} from {row['from']}: {what}": value
        for row in table.get("clause", [])
        for what, value in _leaves(row, "")
    }
    return clauses | ({"provider": provider} if provider else {})


def _committee(text: str) -> Said:
    return {f"review from {each.since}": _who(each) for each in read_committee(text)}


def _who(committee: Committee) -> str:
    seats = ", ".join(f"{name} {seat}" for name, seat in sorted(committee.seats.items()))
    way = "both sign" if committee.majority is None else f"majority {committee.majority}"
    whose = _whose(committee.source, committee.approved_by)
    return f"{seats}; quorum {committee.quorum}, {way} ({whose})"


def _procedures(text: str) -> Said:
    return {
        each.title: " ".join((*each.paragraphs, *(f"({name})" for name in each.controls)))
        for each in read_wsp(text).procedures
    }


def _profile(text: str) -> Said:
    read_profile(text)
    return dict(_leaves(tomllib.loads(text), ""))


def _leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any TOML
    """Yield every value of a TOML document by its place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _leaves(item, f"{place} {number}")
    else:
        yield place, str(value)


def _whose(source: str, approved_by: str) -> str:
    return f"{source}, approved by {approved_by}" if approved_by else source


_READERS: Mapping[str, Callable[[str], Said]] = {
    "calendar.toml": _calendar,
    "trade_conditions.toml": _conditions,
    "limits.toml": _limits,
    "industry.toml": _published("industry.toml"),
    "prior.toml": _published("prior.toml"),
    "firm.toml": lambda text: {"name": firm_name(text)},
    "venues.toml": _venues,
    WITNESSES: _witnesses,
    STORAGE: _storage,
    RETENTION: _retention,
    ROUTER: _routers,
    NOTICES: _notices,
    ORDER_HANDLING: read_order_handling,
    QUESTIONNAIRE: _questionnaire,
    CONTRACT: _contract,
    COMMITTEE: _committee,
    WSP: _procedures,
}
