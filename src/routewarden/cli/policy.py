"""`policy`: the firm's settings, changed by four eyes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from routewarden.base.errors import RoutewardenError
from routewarden.cli.console import err, out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.store.approvals import (
    Footing,
    Proposal,
    Stretch,
    approve_policy,
    in_force,
    proposals,
    propose,
    stretches,
)
from routewarden.store.home import opened
from routewarden.store.policies import differences, policy_name

_SHORT = 12

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
As = Annotated[
    str | None,
    typer.Option("--as", help="Which policy file it is to be; else as its own name says."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        help="Policy files: looked over, proposed by one person, approved by another.",
        no_args_is_help=True,
    )
    commands.command("check")(check_file)
    commands.command("propose")(propose_file)
    commands.command("approve")(approve_file)
    commands.command("list")(list_files)
    app.add_typer(commands, name="policy")


def check_file(context: typer.Context, file: File, name: As = None, *, json: Json = False) -> None:
    """Say whether a policy file can be used, and what it would change of the one in force.

    Values are compared, with their dates: + is new, - goes, ~ changes. Exit status 1 says that the
    file cannot be used.
    """
    home_path: Path = context.obj
    meant = policy_name(file, name)
    with opened(home_path) as home:
        before = in_force(home, meant)
    try:
        found, why = differences(meant, before, file.read_bytes()), None
    except RoutewardenError as error:
        found, why = [], str(error)
    if json:
        changes = [{"what": d.what, "before": d.before, "after": d.after} for d in found]
        print_json({"name": meant, "usable": why is None, "why": why, "changes": changes})
    elif why is not None:
        err.print(why)
    else:
        out.print(f"policy/{meant}: can be used; {len(found)} values would change")
        for each in found:
            out.print(str(each))
    if why is not None:
        raise typer.Exit(1)


def propose_file(
    context: typer.Context,
    file: File,
    reason: Annotated[str, typer.Option("--reason", help="Why it is wanted, for the log.")],
    name: As = None,
    *,
    json: Json = False,
) -> None:
    """Propose a policy file: it is kept and entered in the log, and changes nothing yet.

    Another person than proposed it approves it: `policy approve`.
    """
    home_path: Path = context.obj
    meant, data = policy_name(file, name), file.read_bytes()
    with opened(home_path) as home:
        found = differences(meant, in_force(home, meant), data)
        proposal = propose(home, meant, data, reason)
    if json:
        print_json(_proposal_json(proposal))
        return
    out.print(f"policy/{meant}: {proposal.digest[:_SHORT]} waits for approval")
    for each in found:
        out.print(str(each))


def approve_file(
    context: typer.Context,
    proposed: Annotated[
        str, typer.Argument(help="The digest proposed, or its first 8, or a file.")
    ],
    key: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="The approving person's private key."),
    ],
    *,
    json: Json = False,
) -> None:
    """Put a proposed policy file in force, as a registered person who did not propose it."""
    home_path: Path = context.obj
    with opened(home_path) as home:
        approved = approve_policy(home, proposed, key)
    if json:
        print_json({"name": approved.name, "digest": approved.digest, "approved_by": approved.by})
        return
    out.print(f"policy/{approved.name}: {approved.digest[:_SHORT]} in force, by {approved.by}")


def list_files(context: typer.Context, *, json: Json = False) -> None:
    """List the policy files in force: since when, and on whose word; and what waits.

    A file changed outside an approved act is in force too, and a finding.
    """
    home_path: Path = context.obj
    with opened(home_path) as home:
        present = [each for each in stretches(home) if each.until is None]
        waiting = proposals(home)
    present.sort(key=lambda each: each.name)
    if json:
        files = [_stretch_json(each) for each in present]
        print_json({"files": files, "proposed": [_proposal_json(each) for each in waiting]})
        return
    print_table(
        "Policy files in force",
        ("file", "digest", "since", "on whose word"),
        ((each.name, each.digest[:_SHORT], each.since[:19], _word(each)) for each in present),
    )
    if waiting:
        print_table(
            "Proposed",
            ("file", "digest", "at", "by", "reason"),
            ((p.name, p.digest[:_SHORT], p.at[:19], p.by, p.reason) for p in waiting),
        )


def _word(stretch: Stretch) -> str:
    by = f" by {stretch.by}" if stretch.footing is Footing.APPROVED else ""
    return f"{stretch.footing}{by}"


def _stretch_json(stretch: Stretch) -> dict[str, Any]:
    return {
        "name": stretch.name,
        "digest": stretch.digest,
        "since": stretch.since,
        "standing": stretch.footing,
        "approved_by": stretch.by or None,
    }


def _proposal_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "name": proposal.name,
        "digest": proposal.digest,
        "replaces": proposal.replaces,
        "reason": proposal.reason,
        "proposed_by": proposal.by,
        "at": proposal.at,
    }
