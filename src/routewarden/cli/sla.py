"""`sla`: the contract with the provider, held to what is measured and what was received."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from routewarden.base.errors import RoutewardenError
from routewarden.cases.breach import KIND
from routewarden.cases.case import RefusedError
from routewarden.cli.console import err, out, print_json, print_table
from routewarden.cli.init import Json, Target
from routewarden.cli.listing import write_list
from routewarden.cli.results import First, Last, day_of, ready
from routewarden.cli.status import Status
from routewarden.evidence.table import Table
from routewarden.policy.contract import Contract
from routewarden.runs.breaches import (
    Checked,
    behind_table,
    check_contract,
    judged_json,
    kept_behind,
    listed,
    standing_json,
    standings,
)
from routewarden.runs.service import Judged, asked, judged
from routewarden.store.acts import enter_export
from routewarden.store.cases import docket
from routewarden.store.home import opened

app = typer.Typer(no_args_is_help=True, help="The provider's contract, held to the data.")

_SHOWN = 20


class NoClauseError(RoutewardenError):
    """The contract has no clause of that name, or none at all."""

    def __init__(self, name: str, contract: Contract) -> None:
        known = ", ".join(dict.fromkeys(clause.id for clause in contract.clauses))
        has = f"it has {known}" if known else "write some, as policy/contract.toml explains"
        super().__init__(f"{name}: no clause of the contract; {has}.")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="sla")


@app.command("check")
def check(
    context: typer.Context, first: First = None, last: Last = None, *, json: Json = False
) -> None:
    """Judge every clause over each closed window; open a case for each breach, draft its notice.

    Windows are those that end from one date to the other. A breach opens one case, however often
    it is looked for. The notice is drafted by whoever's token is shown, if they may draft one;
    another person sends it. Exit status 1 if there is a breach.
    """
    with opened(context.obj) as home:
        ready(home)
        found = check_contract(home, asked(home, day_of(first), day_of(last)))
    if json:
        print_json(
            {
                "judged": [judged_json(each) for each in found.judged],
                "opened": [case.id for case in found.opened],
                "drafted": [case.id for case in found.drafted],
                "undrafted": [case.id for case in found.undrafted],
            }
        )
    else:
        _tell(found)
    if found.breaches:
        raise typer.Exit(Status.NO)


def _tell(found: Checked) -> None:
    unknown = [each for each in found.judged if each.judgement.breach == "unknown"]
    out.print(
        f"judged {len(found.judged)} windows: {len(found.breaches)} breaches, "
        f"{len(unknown)} unknown"
    )
    for each in (*found.breaches, *unknown):
        out.print(f"{each.key}: {each.judgement.breach}: {each.judgement.because}")
    for case in found.opened:
        out.print(f"{case.id} opened: {case.title}")
    for case in found.drafted:
        out.print(f"{case.id}: notice drafted, to be sent by another person (`case send`)")
    if found.undrafted:
        ids = ", ".join(case.id for case in found.undrafted)
        err.print(f"{ids}: no notice yet; an analyst's `sla check`, with their token, drafts it.")


@app.command("list")
def list_clauses(
    context: typer.Context,
    first: First = None,
    last: Last = None,
    target: Annotated[
        Path | None, typer.Option("--out", help="Write it, as .csv or .xlsx.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """List the clauses: met, breached, unknown or due, the last figure beside what was agreed."""
    with opened(context.obj) as home:
        ready(home)
        question = asked(home, day_of(first), day_of(last))
        found = standings(home, question, judged(home, question))
        table = listed(found)
        if target is not None:
            enter_export(home, write_list(home, table, target))
    if json:
        clauses = [standing_json(each) for each in found]
        print_json({"provider": question.contract.provider, "clauses": clauses})
    elif target is None:
        _print(table, leaving=("kind", "owner"))
    else:
        out.print(f"{target}: {len(found):,} clauses")


@app.command("show")
def show(
    context: typer.Context,
    clause: Annotated[str, typer.Argument(help="The clause's id.")],
    first: First = None,
    last: Last = None,
    *,
    json: Json = False,
) -> None:
    """Show a clause window by window, and what is behind its last breach."""
    with opened(context.obj) as home:
        ready(home)
        question = asked(home, day_of(first), day_of(last))
        if clause not in {each.id for each in question.contract.clauses}:
            raise NoClauseError(clause, question.contract)
        found = [each for each in judged(home, question) if each.clause.id == clause]
        broken = [each for each in found if each.is_breach]
        behind = behind_table(home, broken[-1]) if broken else None
        texts = [each for each in question.contract.clauses if each.id == clause]
    if json:
        rows = [] if behind is None else _rows(behind)
        print_json({"windows": [judged_json(each) for each in found], "behind": rows})
        return
    for each in texts:
        until = "" if each.until is None else f" to {each.until}"
        out.print(f"{each.id} from {each.since}{until}, {each.owner}: {each.text}")
    _print_windows(found)
    if behind is not None and behind.rows:
        out.print(f"\n{broken[-1].key}: {behind.caption}")
        _print(behind, most=_SHOWN)


@app.command("orders")
def take_orders(context: typer.Context, case_id: str, target: Target) -> None:
    """Write the orders behind a breach, as they were when its case was opened, as .csv or .xlsx.

    Of a delivery, the dates it should have, and since when each is held.
    """
    with opened(context.obj) as home:
        case = docket(home).case(case_id)
        if case.procedure.kind != KIND:
            raise RefusedError(case.id, "orders", f"it is {case.procedure.title}, no breach")
        table = kept_behind(home, case)
        enter_export(home, write_list(home, table, target))
    out.print(f"{target}: {len(table.rows):,} rows")


def _print_windows(found: list[Judged]) -> None:
    print_table(
        "Windows",
        ("window", "breach", "figure", "agreed", "because"),
        (
            (
                each.span.name,
                each.judgement.breach.value,
                each.judgement.figure,
                each.judgement.tolerance,
                each.judgement.because,
            )
            for each in found
        ),
    )


def _print(table: Table, most: int | None = None, leaving: tuple[str, ...] = ()) -> None:
    """Print the first rows of a table, without some columns for which a screen has no room."""
    kept = [n for n, heading in enumerate(table.headings) if heading.title not in leaving]
    headings = [f">{h.title}" if h.numeric else h.title for h in table.headings]
    rows = table.rows[:most]
    print_table(
        table.title, [headings[n] for n in kept], ([row[n].text for n in kept] for row in rows)
    )
    if len(rows) < len(table.rows):
        out.print(f"and {len(table.rows) - len(rows):,} more")


def _rows(table: Table) -> list[dict[str, str | date | None]]:
    names = [heading.title.replace(" ", "_") for heading in table.headings]
    return [
        {name: cell.exact or None for name, cell in zip(names, row, strict=True)}
        for row in table.rows
    ]
