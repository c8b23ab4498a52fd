"""A case: a matter that named people must settle, and the only ways it can move.

    decide(case, act) -> case

A *procedure* is a value: its states, and the steps between them. A step says who takes it, by role;
what must be said, shown or held first; and whose hands it must not be in. A case is what was
opened and every act since, in order, so the same acts always make the same case. What `decide`
refuses never happened.

An act that is *bound* states the digest of the case as its author saw it: whoever approves approves
just that, and nothing that came in meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from routewarden.base.canonical import Digest, canonical_json, sha256
from routewarden.base.errors import RoutewardenError
from routewarden.cases.roles import Role
from routewarden.rules.rule import Severity


class RefusedError(RoutewardenError):
    """An act that the procedure does not let happen: which, and what to do."""

    def __init__(self, case_id: str, step: str, why: str) -> None:
        super().__init__(f"{case_id}: {step}: {why}.")


@dataclass(frozen=True, slots=True)
class Document:
    """A file that belongs to a case: its kind, the name it came with, the digest of its bytes."""

    kind: str
    name: str
    digest: Digest


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did, when and why; of the fields a step has no use for, none is filled.

    `item` names what in the case it is about, `choice` is one of the step's, `to` a user, `due` a
    date; `seen` the digest of the case that the author had before them; `of` the provider that an
    author who is not of the firm speaks for.
    """

    step: str
    by: str
    roles: tuple[Role, ...]
    at: str
    day: date
    reason: str = ""
    choice: str = ""
    item: str = ""
    to: str = ""
    due: date | None = None
    documents: tuple[Document, ...] = ()
    seen: str = ""
    of: str = ""


Guard = Callable[["Case", Act], str]
"""Says why an act cannot be yet; empty if it can."""


@dataclass(frozen=True, slots=True)
class Step:
    """A way a case can move: `of` the states it starts in, `to` the one it ends in.

    Without `to` the state stays. `severe` is where a severe case ends instead. `says` asks for a
    reason in words; `items` for what it is about; `choices` for one of them; `needs` for documents
    of these kinds, in the case or with the act; `shows` for a document with the act; `names` for a
    user; `dated` for a date.
    `apart_from` are steps none of whose authors may take this one; `own` lets only whom the case
    is assigned to.
    """

    name: str
    of: frozenset[str]
    roles: frozenset[Role]
    means: str
    to: str = ""
    severe: str = ""
    says: bool = False
    items: bool = False
    names: bool = False
    dated: bool = False
    shows: bool = False
    choices: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    apart_from: tuple[str, ...] = ()
    bound: bool = False
    own: bool = False
    guards: tuple[Guard, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """How long a case may be in a state: a limit of trading dates, from the case's opening or not.

    `by_severity` has the severity's name put after the limit's. `fact` names what the case was
    opened with that says it instead: a number of trading dates, or the date itself.
    """

    limit: str = ""
    by_severity: bool = False
    from_opening: bool = False
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """The states of a kind of case, its steps, and how long each state may last.

    It is opened by persons of some roles, or where `unasked` by what the data say. `shared` are
    steps that a provider is told of (`sharing`).
    """

    kind: str
    mark: str
    title: str
    begins: str
    steps: tuple[Step, ...]
    ended: frozenset[str]
    terms: Mapping[str, Term] = field(default_factory=dict)
    opened_by: frozenset[Role] = frozenset()
    unasked: bool = False
    shared: frozenset[str] = frozenset()

    def named(self, name: str) -> tuple[Step, ...]:
        """Return the steps of a name: there may be one for each of several states."""
        return tuple(step for step in self.steps if step.name == name)


@dataclass(frozen=True, slots=True)
class Joined:
    """What the findings of a trading date add to a case: how many, the worst, and where they are.

    `file` is the digest of the list of them.
    """

    day: date
    count: int
    severity: Severity
    file: Digest


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is opened with: by whom, on which date, and what is known of it by then."""

    subject: str
    title: str
    severity: Severity
    by: str
    roles: tuple[Role, ...]
    at: str
    day: date
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """A matter as it stands.

    `opened` is the trading date or the date in New York it began on; `facts` what it began with, by
    name; `joined` the findings that belong to it, the last told for each date. It `entered` its
    state and was `begun`, opened or last reopened, on these dates.
    """

    id: str
    procedure: Procedure
    subject: str
    title: str
    severity: Severity
    opened: date
    opened_at: str
    opened_by: str
    facts: Mapping[str, str]
    state: str
    entered: date
    begun: date
    acts: tuple[Act, ...] = ()
    joined: Mapping[date, Joined] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self.state not in self.procedure.ended

    @property
    def is_severe(self) -> bool:
        """Whether it takes two to end it."""
        return self.severity is Severity.HIGH

    @property
    def owner(self) -> str:
        """Whom it is assigned to; empty if nobody."""
        named = [act.to or act.by for act in self.acts if act.step in {"assign", "take"}]
        return named[-1] if named else ""

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every document, in the order they came."""
        return tuple(document for act in self.acts for document in act.documents)

    @property
    def digest(self) -> Digest:
        """What a bound act is bound to: all of the case."""
        return sha256(canonical_json([self._stated(), [stated(act) for act in self.acts]]))

    def _stated(self) -> dict[str, object]:
        joined = [
            [str(day), each.count, each.severity, each.file]
            for day, each in sorted(self.joined.items())
        ]
        return {
            "id": self.id,
            "kind": self.procedure.kind,
            "subject": self.subject,
            "title": self.title,
            "severity": self.severity,
            "opened": [self.opened_at, self.opened_by],
            "facts": dict(self.facts),
            "joined": joined,
        }

    def of(self, *steps: str) -> tuple[Act, ...]:
        """Return the acts of some steps, in order."""
        return tuple(act for act in self.acts if act.step in steps)

    def latest(self, *steps: str) -> Mapping[str, Act]:
        """Return the last act of some steps about each item."""
        return {act.item: act for act in self.of(*steps)}


def stated(act: Act) -> dict[str, object]:
    """Return what an act says as a JSON value, without what it leaves out; `read_act` reads it."""
    told = {
        "step": act.step,
        "by": act.by,
        "roles": [str(role) for role in act.roles],
        "at": act.at,
        "day": str(act.day),
        "reason": act.reason,
        "choice": act.choice,
        "item": act.item,
        "to": act.to,
        "due": None if act.due is None else str(act.due),
        "documents": [[each.kind, each.name, each.digest] for each in act.documents],
        "seen": act.seen,
        "of": act.of,
    }
    return {name: value for name, value in told.items() if value}


def read_act(value: Mapping[str, object]) -> Act:
    """Return the act that a JSON value states.

    Raises:
        ValueError, TypeError, LookupError: It states none.
    """
    documents, roles, due = value.get("documents", ()), value["roles"], value.get("due")
    if not isinstance(documents, list | tuple) or not isinstance(roles, list):
        raise TypeError(type(documents).__name__)
    names = ("reason", "choice", "item", "to", "seen", "of")
    return Act(
        step=str(value["step"]),
        by=str(value["by"]),
        roles=tuple(Role(each) for each in roles),
        at=str(value["at"]),
        day=date.fromisoformat(str(value["day"])),
        due=None if due is None else date.fromisoformat(str(due)),
        documents=tuple(Document(kind, name, Digest(digest)) for kind, name, digest in documents),
        **{name: str(value.get(name, "")) for name in names},
    )


def joined(case: Case, found: Joined) -> Case:
    """Return a case with the findings of a date, in place of what that date had told before."""
    worst = max((case.severity, found.severity), key=lambda severity: severity.rank)
    return replace(case, joined={**case.joined, found.day: found}, severity=worst)


def opened(procedure: Procedure, case_id: str, opening: Opening) -> Case:
    """Return a new case; `opening.by` is empty where no person opens it.

    Raises:
        RefusedError: Not theirs to open.
    """
    unasked = procedure.unasked and not opening.by
    if not unasked and not procedure.opened_by.intersection(opening.roles):
        who = " or ".join(sorted(procedure.opened_by)) or "no person"
        raise RefusedError(case_id, "open", f"{procedure.title} is opened by {who}")
    return Case(
        id=case_id,
        procedure=procedure,
        subject=opening.subject,
        title=opening.title,
        severity=opening.severity,
        opened=opening.day,
        opened_at=opening.at,
        opened_by=opening.by,
        facts=opening.facts,
        state=procedure.begins,
        entered=opening.day,
        begun=opening.day,
    )


def decide(case: Case, act: Act) -> Case:
    """Return the case after an act.

    Raises:
        RefusedError: The procedure does not let it happen.
    """
    step = _step(case, act)
    for why in (_of_whom(case, step, act), _of_what(case, step, act)):
        if why:
            raise RefusedError(case.id, act.step, why)
    for guard in step.guards:
        if why := guard(case, act):
            raise RefusedError(case.id, act.step, why)
    to = (step.severe if case.is_severe else "") or step.to or case.state
    entered = case.entered if to == case.state else act.day
    again = not case.is_open and to not in case.procedure.ended
    begun = act.day if again else case.begun
    return replace(case, acts=(*case.acts, act), state=to, entered=entered, begun=begun)


def steps_now(case: Case, roles: tuple[Role, ...]) -> tuple[Step, ...]:
    """Return the steps that some roles may take from here, whatever else they need."""
    return tuple(
        step
        for step in case.procedure.steps
        if case.state in step.of and step.roles.intersection(roles)
    )


def _step(case: Case, act: Act) -> Step:
    known = case.procedure.named(act.step)
    if not known:
        names = ", ".join(dict.fromkeys(step.name for step in case.procedure.steps))
        raise RefusedError(case.id, act.step, f"no step of {case.procedure.title}; it has {names}")
    for step in known:
        if case.state in step.of:
            return step
    now = ", ".join(step.name for step in case.procedure.steps if case.state in step.of)
    why = f"it is {case.state}" + (f", from where {now} can be done" if now else " for good")
    raise RefusedError(case.id, act.step, why)


def _of_whom(case: Case, step: Step, act: Act) -> str:
    """Return why it is not this person's to do."""
    if not step.roles.intersection(act.roles):
        return f"it takes {' or '.join(sorted(step.roles))}, and {act.by} is {_roles(act)}"
    if Role.VENDOR in act.roles and (not act.of or act.of != case.facts.get("provider")):
        return f"{act.by} speaks for {act.of or 'nobody'}, and the case is not theirs"
    if step.own and case.owner != act.by:
        return f"it is {case.owner}'s; have it assigned first" if case.owner else "nobody has it"
    for other in step.apart_from:
        if act.by in {done.by for done in case.of(other)}:
            return f"{act.by} did {other}, and it takes another person"
    return ""


def _roles(act: Act) -> str:
    return " and ".join(sorted(act.roles)) or "nobody"


def _of_what(case: Case, step: Step, act: Act) -> str:
    """Return what an act lacks, or has that means nothing."""
    if step.bound and act.seen != case.digest:
        return (
            "it has to state the digest of what it is about, and the case now has "
            f"{case.digest[:12]}; look at it (`case show {case.id}`) and give --seen"
        )
    wants = (
        (step.says and not act.reason.strip(), "say why (--reason)"),
        (step.items and not act.item.strip(), "say what it is about (--item)"),
        (step.names and not act.to.strip(), "name a user (--to)"),
        (step.dated and act.due is None, "give a date (--due)"),
        (step.shows and not act.documents, "name a file (--attach FILE)"),
        (
            bool(step.choices) and act.choice not in step.choices,
            f"choose one of {', '.join(step.choices)} (--choice)",
        ),
    )
    for lacks, why in wants:
        if lacks:
            return why
    if act.choice and not step.choices:
        return "it has nothing to choose"
    held = {document.kind for document in (*case.documents, *act.documents)}
    missing = [kind for kind in step.needs if kind not in held]
    return f"it needs {', '.join(missing)} (--attach FILE --as KIND)" if missing else ""
