"""`case`: the matters that named people must settle, and each step there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from routewarden.base.canonical import Digest
from routewarden.cases.book import PROCEDURES, STEPS
from routewarden.cases.case import Act, Case, RefusedError, decide, steps_now
from routewarden.cases.sharing import acts_for, documents_for
from routewarden.cli.console import out, print_json, print_table, step_progress
from routewarden.cli.init import Json, Target
from routewarden.cli.judged import row_json, sentence
from routewarden.cli.listing import write_list
from routewarden.cli.results import First, Last, day_of, ready
from routewarden.runs.docket import (
    Entry,
    case_json,
    entries_of,
    false_alarms,
    found_table,
    listed,
    rates,
)
from routewarden.runs.queue import collect, findings_in
from routewarden.runs.reading import Question, measured_dates
from routewarden.store.acts import Export, enter_export
from routewarden.store.cases import act_of, attach, docket, enter_act, visible
from routewarden.store.durable import write_file
from routewarden.store.home import Home, opened

app = typer.Typer(no_args_is_help=True, help="Matters that named people must settle.")

Ids = Annotated[list[str] | None, typer.Argument(help="Numbers of cases, such as EX-3.")]
_MINE = "me"


class NoneMeantError(RefusedError):
    """No case is named, or none is left of those meant."""

    def __init__(self, step: str) -> None:
        super().__init__("case", step, "name cases, or a rule with open ones (--rule)")


def register(parent: typer.Typer) -> None:
    """Add the commands: those that look, and one for each step of a procedure."""
    for name, means in STEPS.items():
        app.command(name, help=f"{means[:1].upper()}{means[1:]}.")(_step(name))
    parent.add_typer(app, name="case")


@app.command("collect")
def collect_findings(
    context: typer.Context, first: First = None, last: Last = None, *, json: Json = False
) -> None:
    """Put the findings of measured dates in the queue, those of a pattern as one case.

    Findings of a pattern whose case is open join it. A date that was collected is collected again
    only if it was measured again.
    """
    with opened(context.obj) as home:
        ready(home)
        days = measured_dates(home, Question(day_of(first), day_of(last)))
        with step_progress("collecting") as step:
            done = collect(home, days, lambda day, n, of: step(str(day), n, of))
    told = [
        {"date": str(d.day), "findings": d.findings, "opened": d.opened, "joined": d.joined}
        for d in done
    ]
    if json:
        print_json({"collected": told, "unchanged": len(days) - len(done)})
        return
    opened_now = sum(len(each.opened) for each in done)
    joined = len({case for each in done for case in each.joined})
    out.print(
        f"collected {len(done)} trading dates; {len(days) - len(done)} were unchanged; "
        f"{opened_now} cases opened, {joined} joined"
    )


@app.command("list")
def list_cases(  # noqa: PLR0913, PLR0917 - one argument an option
    context: typer.Context,
    kind: Annotated[str, typer.Option(help=f"Of a kind: {', '.join(PROCEDURES)}.")] = "",
    rule: Annotated[str, typer.Option(help="Opened by findings of a rule.")] = "",
    owner: Annotated[str, typer.Option(help="Assigned to a user; `me` for oneself.")] = "",
    sort: Annotated[str, typer.Option(help="By due, age, severity, findings or case.")] = "due",
    target: Annotated[
        Path | None, typer.Option("--out", help="Write it, as .csv or .xlsx.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that are settled, too.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is past its date.")] = False,
    json: Json = False,
) -> None:
    """List the cases that wait: how grave, how old, due when, and whose."""
    with opened(context.obj) as home:
        found = [
            entry
            for entry in entries_of(home, visible(docket(home).cases.values(), home), sort)
            if (every or entry.case.is_open)
            and kind in {"", entry.case.procedure.kind}
            and rule in {"", entry.case.facts.get("rule")}
            and (home.actor.name if owner == _MINE else owner) in {"", entry.case.owner}
            and (entry.is_overdue or not overdue)
        ]
        table, today = listed(found), home.today()
        if target is not None:
            written = write_list(home, table, target)
            enter_export(home, written)
    if json:
        print_json({"today": str(today), "cases": [case_json(each) for each in found]})
    elif target is None:
        headings = [f">{h.title}" if h.numeric else h.title for h in table.headings]
        print_table(table.title, headings, ([cell.text for cell in row] for row in table.rows))
    else:
        out.print(f"{target}: {len(found):,} cases")


@app.command("show")
def show_one(context: typer.Context, case_id: str, *, json: Json = False) -> None:
    """Show a case: what it is about, every act, what is attached, and what can be done next.

    Approvals are bound to its digest, which is shown here.
    """
    with opened(context.obj) as home:
        case = _seen(home, case_id)
        entry = entries_of(home, [case])[0]
        steps = steps_now(case, home.actor.roles)
        acts = acts_for(case, home.actor.roles)
    if json:
        next_steps = [{"step": step.name, "means": step.means} for step in steps]
        print_json({**case_json(entry), **_details(case, acts), "next": next_steps})
        return
    _print(entry, acts, [f"{step.name}: {step.means}" for step in steps])


@app.command("findings")
def show_case_findings(
    context: typer.Context,
    ids: Ids = None,
    target: Annotated[
        Path | None, typer.Option("--out", help="Write them, as .csv or .xlsx.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """List the findings behind cases, all open ones if none is named: each with its record."""
    with opened(context.obj) as home:
        known = docket(home).cases.values()
        meant = [_seen(home, each) for each in ids or []]
        cases = meant or [case for case in visible(known, home) if case.is_open]
        found = findings_in(home, cases)
        if target is not None:
            enter_export(home, write_list(home, found_table(found), target))
    if json:
        print_json({"findings": [row_json(row) for row in found.iter_rows(named=True)]})
    elif target is None:
        for row in found.iter_rows(named=True):
            out.print(f"{row['case']} {sentence(row)}")
    else:
        out.print(f"{target}: {found.height:,} findings")


@app.command("document")
def take_document(
    context: typer.Context,
    case_id: str,
    digest: Annotated[str, typer.Argument(help="Of the document, or its first digits.")],
    target: Target,
) -> None:
    """Write a document of a case to a file, its bytes as they were attached."""
    with opened(context.obj) as home:
        case = _seen(home, case_id)
        held = documents_for(case, home.actor.roles)
        found = [each for each in held if each.digest.startswith(digest.lower())]
        if len({each.digest for each in found}) != 1:
            raise RefusedError(case.id, "document", f"none, or more than one, begins {digest}")
        data = home.blobs.path(Digest(found[0].digest)).read_bytes()
        enter_export(home, Export(f"document of {case.id}", found[0].digest))
    write_file(target.absolute(), data)
    out.print(f"{target}: {found[0].kind}, {len(data):,} bytes")


@app.command("rates")
def show_rates(context: typer.Context, *, json: Json = False) -> None:
    """Show for each rule how its cases were settled, and how many of them were false alarms."""
    with opened(context.obj) as home:
        found = false_alarms(docket(home).cases.values())
    if json:
        print_json({"rules": [each.told() for each in found]})
        return
    table = rates(found)
    headings = [f">{h.title}" if h.numeric else h.title for h in table.headings]
    print_table(table.title, headings, ([cell.text for cell in row] for row in table.rows))


def _step(name: str) -> Callable[..., None]:
    """Return the command that takes a step."""

    def take(  # noqa: PLR0913, PLR0917 - one argument an option
        context: typer.Context,
        ids: Ids = None,
        reason: Annotated[str, typer.Option(help="Why, in words.")] = "",
        choice: Annotated[str, typer.Option(help="One of what the step offers.")] = "",
        item: Annotated[str, typer.Option(help="What in the case it is about.")] = "",
        to: Annotated[str, typer.Option(help="A user.")] = "",
        due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A date.")] = None,
        files: Annotated[
            list[Path] | None,
            typer.Option("--attach", exists=True, dir_okay=False, help="A file to keep with it."),
        ] = None,
        kind: Annotated[str, typer.Option("--as", help="What the files are.")] = "document",
        seen: Annotated[str, typer.Option(help="The digest of the case as you saw it.")] = "",
        rule: Annotated[str, typer.Option(help="All open cases of a rule.")] = "",
        *,
        json: Json = False,
    ) -> None:
        with opened(context.obj) as home:
            cases = _meant(home, name, ids or [], rule)
            documents = tuple(attach(home, kind, path) for path in files or [])
            said: dict[str, Any] = {"reason": reason, "choice": choice, "item": item, "to": to}
            last = None if due is None else due.date()
            act = act_of(home, name, **said, due=last, documents=documents, seen=seen)
            for case in cases:
                decide(case, act)  # all of them, or none
            for case in cases:
                enter_act(home, case, act)
            after = docket(home)
            entries = entries_of(home, [after.case(case.id) for case in cases])
        _tell(entries, json=json)

    return take


def _meant(home: Home, step: str, ids: Sequence[str], rule: str) -> list[Case]:
    if ids and not rule:
        return [_seen(home, each) for each in dict.fromkeys(each.upper() for each in ids)]
    ways = {state for p in PROCEDURES.values() for s in p.named(step) for state in s.of}
    found = [
        case
        for case in visible(docket(home).cases.values(), home)
        if rule and case.facts.get("rule") == rule and case.state in ways
        if not ids or case.id in {each.upper() for each in ids}
    ]
    if not found:
        raise NoneMeantError(step)
    return found


def _seen(home: Home, case_id: str) -> Case:
    """Return a case that whoever asks may see."""
    known = docket(home)
    case = known.case(case_id)
    if case not in visible([case], home):
        raise RefusedError(case.id, "show", "not a matter with your firm")
    return case


def _tell(entries: Sequence[Entry], *, json: bool) -> None:
    if json:
        print_json({"cases": [case_json(entry) for entry in entries]})
        return
    for entry in entries:
        due = "" if entry.due is None else f", due {entry.due}"
        whose = f", {entry.case.owner}'s" if entry.case.owner else ""
        out.print(f"{entry.case.id}: {entry.case.state}{whose}{due}")


def _details(case: Case, acts: Sequence[Act]) -> dict[str, Any]:
    return {
        "facts": dict(case.facts),
        "acts": [
            {
                "step": act.step,
                "by": act.by,
                "at": act.at,
                "reason": act.reason,
                "choice": act.choice or None,
                "item": act.item or None,
                "to": act.to or None,
                "due": None if act.due is None else str(act.due),
                "documents": [
                    {"kind": d.kind, "name": d.name, "digest": d.digest} for d in act.documents
                ],
            }
            for act in acts
        ],
        "findings_by_date": {str(day): each.count for day, each in sorted(case.joined.items())},
    }


def _print(entry: Entry, acts: Sequence[Act], steps: Sequence[str]) -> None:
    case = entry.case
    due = "" if entry.due is None else f"; due {entry.due}"
    late = ", overdue" if entry.is_overdue else ""
    whose = f"{case.owner}'s" if case.owner else "nobody's yet"
    out.print(f"{case.id} {case.title}")
    out.print(f"{case.severity}, {case.state}, {whose}; opened {case.opened}{due}{late}")
    out.print(f"digest {case.digest}")
    days = [day for day, each in sorted(case.joined.items()) if each.count]
    if days:
        out.print(f"{entry.findings:,} findings on {len(days)} dates, {_span(days)}")
    for name, value in case.facts.items():
        out.print(f"  {name}: {value}")
    for act in acts:
        said = " ".join(each for each in (act.choice, act.item, act.to, act.reason) if each)
        out.print(f"{act.at[:19]} {act.by} ({', '.join(act.roles)}): {act.step} {said}".rstrip())
        for document in act.documents:
            out.print(f"    {document.kind}: {document.name} {document.digest[:12]}")
    if steps:
        print_table("What you can do", ("step",), ([each] for each in steps))


def _span(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"
