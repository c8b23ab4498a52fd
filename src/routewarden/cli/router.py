"""`router`: how each router is to be set up, and what it did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from routewarden.base.canonical import sha256
from routewarden.cases.case import Case, Opening
from routewarden.cases.configuration import DIGEST, IN_FORCE, KIND, ROUTER, SINCE, VERSION
from routewarden.cli.console import out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.cli.listing import write_list
from routewarden.cli.policy import File
from routewarden.cli.results import First, KnownAt, Last, answering, day_of
from routewarden.policy.order_handling import ORDER_HANDLING
from routewarden.policy.router import ROUTER as FILE
from routewarden.policy.router import Version, read_routers
from routewarden.rules.rule import Severity
from routewarden.runs.drift import drift, tabled
from routewarden.runs.reading import Question
from routewarden.store.acts import enter_export
from routewarden.store.approvals import Proposal, propose
from routewarden.store.cases import NobodyActsError, docket, open_case
from routewarden.store.home import Home, opened
from routewarden.store.policies import said

app = typer.Typer(no_args_is_help=True, help="Routers: how each is to be set up, and what it did.")

_SHORT = 12


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="router")


@app.command("propose")
def propose_versions(
    context: typer.Context,
    file: File,
    reason: Annotated[str, typer.Option("--reason", help="Why it is wanted, for the log.")],
    *,
    json: Json = False,
) -> None:
    """Propose a configuration as `policy propose` does, and open a case for each new version.

    In the case it is tested and approved by two. `policy approve` puts the file in force.
    """
    data = file.read_bytes()
    with opened(context.obj) as home:
        if not home.actor.is_user:
            raise NobodyActsError
        said(FILE, data)
        known = home.policy().routers.entries
        new = [each for each in read_routers(data.decode()).entries if each not in known]
        proposal = propose(home, FILE, data, reason)
        cases = [_case_of(home, version, proposal) for version in new]
    if json:
        told = [{"case": case.id, **case.facts} for case in cases]
        print_json({"digest": proposal.digest, "cases": told})
        return
    out.print(f"policy/{FILE}: {proposal.digest[:_SHORT]} waits for approval")
    for case in cases:
        out.print(f"{case.id}: {case.title}, to be tested and approved")


def _case_of(home: Home, version: Version, proposal: Proposal) -> Case:
    """Return the case of a proposed version: the one that is open, or a new one."""
    facts = {**_facts(version), DIGEST: str(proposal.digest)}
    for case in docket(home).cases.values():
        if case.procedure.kind == KIND and case.is_open and case.facts == facts:
            return case
    opening = Opening(
        subject=f"{version.router} {version.version}",
        title=f"{version.router} {version.version} from {version.since}",
        severity=Severity.MEDIUM,
        by=home.actor.name,
        roles=tuple(home.actor.roles),
        at=home.now(),
        day=home.today(),
        facts=facts,
    )
    return open_case(home, KIND, opening)


def _facts(version: Version) -> dict[str, str]:
    return {ROUTER: version.router, VERSION: version.version, SINCE: str(version.since)}


@app.command("show")
def show_versions(
    context: typer.Context,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="In force on a date; else today.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Show the version of each router in force, whether it was signed off, and what it cites.

    Of the order-handling policy in force the digest is shown too, for a version to cite.
    """
    with opened(context.obj) as home:
        day = day_of(on) or home.today()
        text = home.setting(ORDER_HANDLING)
        policy = sha256(text.encode()) if text else ""
        versions = home.policy().routers.on(day)
        signed = {each: _signed(home, each) for each in versions}
    if json:
        told = [_version_json(each, signed[each], policy) for each in versions]
        print_json({"on": str(day), "order_handling": policy or None, "versions": told})
        return
    out.print(f"policy/{ORDER_HANDLING}: {policy or 'none'}")
    for each in versions:
        out.print(f"{each.router} {each.version} of {each.provider}, in force from {each.since}")
        out.print(f"  signed off: {signed[each] or 'no case says so'}")
        out.print(f"  order handling: {_cited(each, policy)}")
        for line in _says(each):
            out.print(f"  {line}")


def _signed(home: Home, version: Version) -> str:
    """Return the case by which a version was tested, approved and found in force; "" if none."""
    mine = _facts(version).items()
    found = [
        case.id
        for case in docket(home).cases.values()
        if case.procedure.kind == KIND and case.state == IN_FORCE and mine <= case.facts.items()
    ]
    return found[-1] if found else ""


def _says(version: Version) -> Iterator[str]:
    """Yield what a version says of its routes and orders, a line each."""
    yield f"venues: {' '.join(version.venues) or 'any'}"
    yield f"strategies: {' '.join(version.strategies) or 'any'}"
    yield from (f"allows: {each}" for each in version.allows)
    yield from (f"expects: {each}" for each in version.expects)


def _cited(version: Version, policy: str) -> str:
    if not version.order_handling:
        return "it cites none"
    which = "the one in force" if version.order_handling == policy else "not the one in force"
    return f"{which}: {version.order_handling[:_SHORT]}"


def _version_json(version: Version, case: str, policy: str) -> dict[str, Any]:
    cited = version.order_handling or None
    return {
        **_facts(version),
        "provider": version.provider,
        "venues": list(version.venues),
        "strategies": list(version.strategies),
        "allows": [str(each) for each in version.allows],
        "expects": [str(each) for each in version.expects],
        "source": version.source,
        "approved_by": version.approved_by,
        "case": case or None,
        "order_handling": cited,
        "cites_policy_in_force": None if cited is None else cited == policy,
    }


@app.command("drift")
def show_drift(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    first: First = None,
    last: Last = None,
    known_at: KnownAt = None,
    target: Annotated[
        Path | None, typer.Option("--out", help="Write it, as .csv or .xlsx.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Show what each router was to do beside what it did, with counts.

    What is not as expected is a finding (`findings`), and joins the queue by `case collect`.
    """
    with answering(context.obj, known_at) as (home, read):
        found = drift(read, Question(day_of(first), day_of(last)))
        table = tabled(found)
        if target is not None:
            enter_export(home, write_list(home, table, target))
    if json:
        print_json({"drift": found.to_dicts()})
    elif target is None:
        headings = [f">{h.title}" if h.numeric else h.title for h in table.headings]
        print_table(table.title, headings, ([cell.text for cell in row] for row in table.rows))
    else:
        out.print(f"{target}: {found.height:,} rows")
