"""`committee`: the quarterly review for the people who sit, from opening to minutes."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from routewarden.base.canonical import sha256
from routewarden.base.period import parse_quarter
from routewarden.benchmarks.analysis import verdict_words
from routewarden.cases import coverage, review
from routewarden.cases.case import Case
from routewarden.cli.console import out, print_json, step_progress
from routewarden.cli.init import Json, Target
from routewarden.cli.results import ready
from routewarden.evidence.agenda import Matter, Told, agenda
from routewarden.evidence.minutes import minutes
from routewarden.runs.committee import (
    open_reliance,
    open_review,
    package_of,
    reached,
    review_of,
)
from routewarden.runs.docket import case_json, entries_of
from routewarden.runs.letter import make_letter
from routewarden.runs.review.gathered import gather
from routewarden.store.acts import Export, enter_export
from routewarden.store.cases import act_of, act_on, docket, keep, visible
from routewarden.store.durable import write_file
from routewarden.store.home import Home, opened

app = typer.Typer(no_args_is_help=True, help="The quarterly review of those who sit.")

_QUARTER = typer.Argument(help="A quarter, such as 2026Q3.")
_CASE = typer.Argument(metavar="CASE", help="The number of a quarterly review, such as RV-1.")


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="committee")


@app.command("open")
def open_one(
    context: typer.Context, quarter: Annotated[str, _QUARTER], *, json: Json = False
) -> None:
    """Open a quarter's review: who sits, the coverage map, the differences the data propose.

    The quarter's package has to be written (`review QUARTER`), and policy/committee.toml has to say
    who reviews.
    """
    asked = parse_quarter(quarter)
    with opened(context.obj) as home, step_progress("committee") as step:
        ready(home)
        step(quarter, 0, 1)
        case = open_review(home, asked)
        told = case_json(entries_of(home, [case])[0])
    if json:
        print_json({**told, "missing": list(review.missing(case))})
        return
    empty, drafts = len(coverage.empty(case)), len(review.drafts(case))
    out.print(f"{case.id}: {case.title}; {empty:,} cells without a number, {drafts} drafts")


@app.command("rely")
def rely_on(
    context: typer.Context,
    quarter: Annotated[str, _QUARTER],
    member: Annotated[str, typer.Option("--on", help="The member whose review it is.")],
    *,
    json: Json = False,
) -> None:
    """Open a case on relying on another member's review of a quarter, in place of one's own.

    What they disclosed and how it was checked are its steps (`case disclose`, `case check`).
    """
    asked = parse_quarter(quarter)
    with opened(context.obj) as home:
        case = open_reliance(home, asked, member)
        told = case_json(entries_of(home, [case])[0])
    if json:
        print_json(told)
        return
    out.print(f"{case.id}: {case.title}")


@app.command("status")
def show_status(
    context: typer.Context, case_id: Annotated[str, _CASE], *, json: Json = False
) -> None:
    """Say what is still missing before a review can be minuted and signed."""
    with opened(context.obj) as home:
        case = review_of(home, case_id)
        newer = _newer_package(home, case)
    waits = [*review.missing(case), *_signatures(case)] if case.is_open else []
    if json:
        print_json(
            {"case": case.id, "state": case.state, "missing": waits,
             "empty_cells": sorted(coverage.empty(case)), "newer_package": newer or None,
             "digest": case.digest}
        )  # fmt: skip
        return
    out.print(f"{case.id}: {case.state}; {len(waits)} things are missing")
    for each in waits:
        out.print(f"  {each}")
    if newer:
        out.print(f"A later package of the quarter was written: manifest {newer}")


def _signatures(case: Case) -> list[str]:
    waiting = {
        review.MINUTED: ["two are to sign"],
        review.SIGNING: ["a second is to sign"],
    }
    return waiting.get(case.state, ["minutes are to be taken, and two are to sign"])


def _newer_package(home: Home, case: Case) -> str:
    """Return the digest of a later package of the quarter than the case has; empty if none."""
    newest = package_of(home, parse_quarter(case.facts["quarter"]))
    return "" if newest == case.facts["manifest"] else newest


@app.command("agenda")
def write_agenda(context: typer.Context, case_id: Annotated[str, _CASE], target: Target) -> None:
    """Write the agenda of a review as PDF: what the data ask, cell by group, matter by matter."""
    with opened(context.obj) as home, step_progress("agenda") as step:
        ready(home)
        step(case_id, 0, 1)
        case, made = review_of(home, case_id), home.now()
        gathered = gather(home, parse_quarter(case.facts["quarter"]))
        lines = gathered.dashboards[0].compact
        told = Told(
            verdicts=[(line.metric.title, verdict_words(line)) for line in lines],
            areas=[(title, status.value, why) for title, status, why in reached(gathered)],
            matters=_matters(home, case),
            package=package_of(home, gathered.quarter),
        )
        data = make_letter(agenda(case, told, home.policy().firm, made), made)
        enter_export(home, Export(f"agenda of {case.id}", sha256(data)))
    write_file(target.absolute(), data)
    out.print(str(target))


def _matters(home: Home, but: Case) -> list[Matter]:
    """Return the open cases beside one, with the dates they are due."""
    found = [
        case
        for case in visible(docket(home).cases.values(), home)
        if case.is_open and case.id != but.id
    ]
    return [Matter(each.case, _date(each.due)) for each in entries_of(home, found)]


def _date(day: date | None) -> str:
    return "" if day is None else str(day)


@app.command("minutes")
def draft_minutes(
    context: typer.Context,
    case_id: Annotated[str, _CASE],
    target: Target,
    *,
    draft: Annotated[bool, typer.Option("--draft", help="Write them only; keep none.")] = False,
) -> None:
    """Draft a review's minutes from its acts as PDF, and keep them in the case for signature.

    They are bound to the digest of the case: nothing but signatures comes after them, unless it is
    reopened. With --draft they are written only, whatever is still missing.
    """
    with opened(context.obj) as home:
        case, made = review_of(home, case_id), home.now()
        data = make_letter(minutes(case, home.policy().firm, made), made)
        if not draft:
            held = keep(home, review.MINUTES, f"minutes-{case.id}.pdf", data)
            act = act_of(home, "minute", documents=(held,), seen=case.digest)
            case = act_on(home, case, act)
        enter_export(home, Export(f"minutes of {case.id}", sha256(data)))
    write_file(target.absolute(), data)
    out.print(f"{target}: {case.id} is {case.state}, digest {case.digest}")
