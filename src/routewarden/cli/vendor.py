"""`vendor`: due diligence on the providers of routing, first and every year."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from routewarden.base.canonical import sha256
from routewarden.base.period import parse_quarter
from routewarden.cases.answers import Told
from routewarden.cases.case import Case
from routewarden.cases.diligence import PURPOSES, open_conditions
from routewarden.cases.renewal import Standing
from routewarden.cli.console import out, print_json, print_table
from routewarden.cli.init import Json, Target
from routewarden.cli.listing import write_list
from routewarden.cli.results import ready
from routewarden.evidence.candidates import overview
from routewarden.evidence.diligence import Diligence, outcome, rating
from routewarden.evidence.liquidity import basis, by_venue, every_source, gap_table
from routewarden.evidence.table import Table
from routewarden.policy.questionnaire import Question
from routewarden.runs.diligence import (
    compared,
    diligence_case,
    gathered,
    make_comparison,
    make_report,
    open_diligence,
    open_refreshes,
    provider_standings,
)
from routewarden.runs.liquidity import liquidity_of, span_of
from routewarden.store.acts import Export, enter_export
from routewarden.store.cases import act_on
from routewarden.store.durable import write_file
from routewarden.store.home import opened

app = typer.Typer(no_args_is_help=True, help="Due diligence on the providers of routing.")

QuarterName = Annotated[
    str, typer.Option("--quarter", help="Such as 2026Q3; the newest measured one if not given.")
]
_Pdf = Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Write it, as .pdf.")]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="vendor")


@app.command("list")
def list_providers(context: typer.Context, *, json: Json = False) -> None:
    """List the providers: the last case, the decision, until when, and which conditions wait."""
    with opened(context.obj) as home:
        found, today = provider_standings(home), home.today()
    told = [_standing(each, today) for each in found]
    if json:
        print_json({"today": str(today), "providers": told})
        return
    names = ("provider", "case", "state", "risk", "decided", "approved until", "refresh from")
    print_table(
        "Providers",
        (*names, ">open conditions"),
        ([_shown(each[name]) for name in (*names, "open conditions")] for each in told),
    )


def _standing(each: Standing, today: date) -> dict[str, Any]:
    last = each.latest if each.decided is None else each.decided
    waiting = open_conditions(last)
    return {
        "provider": each.provider,
        "case": each.latest.id,
        "state": each.latest.state,
        "risk": rating(last),
        "decided": outcome(last),
        "approved until": None if each.until is None else str(each.until),
        "refresh from": None if each.opens is None else str(each.opens),
        "overdue": each.is_overdue(today),
        "open conditions": len(waiting),
        "conditions": [
            {"about": act.item, "owner": act.to, "due": str(act.due), "condition": act.reason,
             "overdue": act.due is not None and act.due < today}
            for act in waiting
        ],
    }  # fmt: skip


def _shown(value: object) -> str:
    return "" if value is None else str(value)


@app.command("open")
def open_one(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="The provider, as its users are `--of` it.")],
    purpose: Annotated[str, typer.Option(help=f"One of {', '.join(PURPOSES)}.")],
    comparison: Annotated[
        str, typer.Option(help="A name that candidates to be compared share.")
    ] = "",
    *,
    json: Json = False,
) -> None:
    """Open a due diligence: the questions of now, and the answers of before that may still hold.

    Carried are answers of the provider's last signed case to questions whose words did not change;
    each counts once somebody says that it still holds (`case reaffirm`).
    """
    if purpose not in PURPOSES:
        message = f"'{purpose}': one of {', '.join(PURPOSES)}"
        raise typer.BadParameter(message)
    with opened(context.obj) as home:
        case = open_diligence(home, provider, purpose, comparison)
    _tell([case], json=json)


@app.command("refresh")
def refresh(context: typer.Context, *, json: Json = False) -> None:
    """Open the annual refresh of every provider whose approval is about to be a year old.

    Which is when: the dated limits diligence_every_days, less diligence_lead_days. Again is once.
    """
    with opened(context.obj) as home:
        cases = open_refreshes(home)
    _tell(cases, json=json)


def _tell(cases: list[Case], *, json: bool) -> None:
    if json:
        print_json({"opened": [{"case": each.id, **each.facts} for each in cases]})
        return
    for case in cases:
        held = len(case.facts.get("carried", "").split())
        before = f", {held} answers carried from {case.facts['before']}" if held else ""
        asked = len(case.facts["questions"].split())
        out.print(f"{case.id}: {case.title}; {asked} questions{before}")
    if not cases:
        out.print("no refresh is due")


@app.command("questions")
def show_questions(context: typer.Context, case_id: str, *, json: Json = False) -> None:
    """Show what a case asks, why, and what stands as the answer to each question."""
    with opened(context.obj) as home:
        found = gathered(home, diligence_case(home, case_id))
    rows = [(each, found.told[each.id]) for each in found.asked.questions]
    if json:
        stated = {"version": found.asked.version, "digest": found.asked.digest}
        print_json({**stated, "questions": [_question(*row) for row in rows]})
        return
    for question, said in rows:
        needs = "required" if question.required else "optional"
        out.print(f"{question.id} ({needs}{', with a document' * question.document})")
        out.print(f"  {question.text}")
        out.print(f"  why: {question.why} [{'; '.join(map(str, question.sources))}]")
        out.print(f"  {_mark(said)}{': ' if said.text else ''}{said.text}")
        for each in said.documents:
            out.print(f"    {each.kind}: {each.name}, good until {said.until}")


def _mark(said: Told) -> str:
    if said.is_asked_back:
        return "asked back"
    if said.by:
        return f"{said.change} {said.day} {said.by}".lstrip()
    return "carried forward, to be reaffirmed" if said.text else "not answered"


def _question(question: Question, said: Told) -> dict[str, Any]:
    return {
        "question": question.id,
        "section": question.section,
        "text": question.text,
        "why": question.why,
        "sources": [str(each) for each in question.sources],
        "required": question.required,
        "document": question.document,
        "answer": said.text or None,
        "by": said.by or None,
        "day": None if said.day is None else str(said.day),
        "until": None if said.until is None else str(said.until),
        "documents": [each.name for each in said.documents],
        "mark": _mark(said),
    }


@app.command("liquidity")
def show_liquidity(
    context: typer.Context,
    quarter: QuarterName = "",
    target: Annotated[
        Path | None,
        typer.Option("--out", help="Write every security and venue, as .csv or .xlsx."),
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Show where the firm's securities trade, and whether its orders get there.

    Material is a venue with at least the dated limit material_share_least of a security's volume,
    from the trades held; beside it what policy/venues.toml lists, and where fills were made.
    """
    with opened(context.obj) as home:
        ready(home)
        found = liquidity_of(home, span_of(home, quarter))
        if target is not None:
            enter_export(home, write_list(home, every_source(found), target))
    venues, gaps = by_venue(found), gap_table(found)
    if json:
        print_json({"over": basis(found), "venues": _rows(venues), "gaps": _rows(gaps)})
        return
    out.print(basis(found))
    for table in (venues, gaps):
        if table.rows:
            _print(table)
    if target is not None:
        out.print(str(target))


def _print(table: Table) -> None:
    headings = [f">{h.title}" if h.numeric else h.title for h in table.headings]
    print_table(table.title, headings, ([cell.text for cell in row] for row in table.rows))


def _rows(table: Table) -> list[dict[str, str]]:
    names = [heading.title for heading in table.headings]
    return [
        dict(zip(names, (cell.exact for cell in row), strict=True)) for row in table.rows
    ]  # fmt: skip


@app.command("compare")
def compare(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(help="Numbers of cases, such as DD-1 DD-2.")],
    target: _Pdf = None,
    *,
    json: Json = False,
) -> None:
    """Set candidates side by side: the same questions, what each answered, how each was rated."""
    with opened(context.obj) as home:
        ready(home)
        found = compared(home, [diligence_case(home, each) for each in ids])
        if target is not None:
            data = make_comparison(found, home.now())
            enter_export(home, Export("comparison of " + " ".join(ids), sha256(data)))
            write_file(target.absolute(), data)
    if json:
        print_json({"overview": _rows(overview(found)), "answers": _answers(found)})
        return
    for heading, *cells in overview(found).rows:
        out.print(f"{heading.text}:")
        for each, cell in zip(found, cells, strict=True):
            out.print(f"  {each.case.facts['provider']}: {cell.text}")
    if target is not None:
        out.print(str(target))


def _answers(found: tuple[Diligence, ...]) -> dict[str, dict[str, str | None]]:
    return {
        question.id: {each.case.id: each.told[question.id].text or None for each in found}
        for question in found[0].asked.questions
    }


@app.command("report")
def report(
    context: typer.Context, case_id: str, target: Target, quarter: QuarterName = "", *,
    json: Json = False,
) -> None:  # fmt: skip
    """Write the report of a due diligence as PDF; once it is decided, keep it with the case.

    Before the decision it is a draft for the committee. What is kept is what compliance presents
    and senior management signs.
    """
    with opened(context.obj) as home:
        ready(home)
        case = diligence_case(home, case_id)
        made = make_report(home, case, parse_quarter(quarter).span if quarter else None)
        enter_export(home, Export(f"report of {case.id}", sha256(made.data)))
        if made.act is not None:
            act_on(home, case, made.act)
    write_file(target.absolute(), made.data)
    kept = "a draft" if made.act is None else "kept with the case"
    if json:
        print_json({"out": str(target), "digest": sha256(made.data), "kept": made.act is not None})
        return
    out.print(f"{target}: {kept}, {len(made.data):,} bytes")
