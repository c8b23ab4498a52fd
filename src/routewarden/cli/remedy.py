"""`remedy`: a provider's failure, from the formal notification to the test that ends it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from routewarden.base.canonical import sha256
from routewarden.base.period import Span
from routewarden.benchmarks.sequential import Decision
from routewarden.cases.case import Case, Opening, RefusedError
from routewarden.cases.deadline import trading_dates_after
from routewarden.cases.remediation import (
    KIND,
    MONITORING,
    NOTIFICATION,
    OPEN,
    TEST,
    TEST_DOCUMENT,
    monitored_since,
    plan_of,
    unverified,
)
from routewarden.cli.console import out, print_json, print_table
from routewarden.cli.init import Json, Target
from routewarden.cli.listing import write_list
from routewarden.cli.results import day_of, ready
from routewarden.cli.scorecard import Where, parse_where
from routewarden.cli.status import Status
from routewarden.evidence.harm import by_order, counts, total
from routewarden.measures.measure import Unit
from routewarden.measures.shown import shown
from routewarden.rules.rule import Severity
from routewarden.runs.docket import Entry, case_json, entries_of
from routewarden.runs.harm import confirmed, harm_document, harmed
from routewarden.runs.letter import make_letter
from routewarden.runs.matter import matter, matter_of
from routewarden.runs.monitored import WORDS, monitored_document
from routewarden.runs.monitoring import Monitored, design_of, monitored
from routewarden.runs.notification import notification
from routewarden.store.acts import Export, enter_export
from routewarden.store.cases import act_of, act_on, docket, keep, open_case, visible
from routewarden.store.durable import write_file
from routewarden.store.home import Home, opened

app = typer.Typer(no_args_is_help=True, help="Remediation: a provider's failure, until it is over.")

CaseId = Annotated[str, typer.Argument(help="The case's number, such as RM-1.")]
_DATE = ["%Y-%m-%d"]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="remedy")


@app.command("open")
def open_one(  # noqa: PLR0913, PLR0917 - one argument an option
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help="The provider, as its users are `of` it.")],
    metric: Annotated[str, typer.Option(help="The metric that failed, as `scorecard` names it.")],
    first: Annotated[datetime, typer.Option("--from", formats=_DATE, help="First date of it.")],
    last: Annotated[datetime, typer.Option("--to", formats=_DATE, help="Last date of it.")],
    where: Where = [],  # noqa: B006 - typer reads it as the default and never changes it
    router: Annotated[
        str, typer.Option(help="What orders state as their router; the provider if not given.")
    ] = "",
    case_id: Annotated[str, typer.Option("--case", help="The case it came from.")] = "",
    severity: Annotated[Severity, typer.Option(help="How grave it is.")] = Severity.HIGH,
    *,
    json: Json = False,
) -> None:
    """Open a remediation about a metric of a provider's router, over some orders and a period.

    Customers' orders in equities, if --where says no other. The period is what later monitoring is
    tested against, so it has to hold enough trading dates.
    """
    span = Span("", first.date(), last.date())
    about = matter((provider, router or provider), metric, parse_where(where), span)
    with opened(context.obj) as home:
        ready(home)
        facts = dict(about.facts())
        if case_id:
            facts["from"] = _seen(home, case_id).id
        design_of(home, about, home.policy().limits, home.today())
        title = f"{provider}: {about.metric.title}, {span.first} to {span.last}"
        actor = home.actor
        opening = Opening(
            *(provider, title, severity, actor.name, tuple(actor.roles), home.now(), home.today()),
            facts,
        )
        case = open_case(home, KIND, opening)
        entry = entries_of(home, [case])[0]
    _tell(entry, json=json)


@app.command("letter")
def write_letter(
    context: typer.Context,
    case_id: CaseId,
    target: Target,
    answer_by: Annotated[
        datetime | None, typer.Option(formats=_DATE, help="The date the answer is due.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Write the formal notification of a provider as PDF, and keep it with the case.

    `case notify` then says that it is sent. If no date is given the answer is due after the firm's
    remedy_answer_days.
    """
    with opened(context.obj) as home:
        case = _seen(home, case_id)
        about = matter_of(case)
        ready(home)
        until = day_of(answer_by) or _answer_by(home, case)
        document = notification(home, case, about, until)
        data = make_letter(document, home.now())
        held = keep(home, NOTIFICATION, target.name, data)
        said = f"notification of {about.provider}"
        act = act_of(home, "attach", reason=said, due=until, documents=(held,))
        act_on(home, case, act)
        case = docket(home).case(case.id)  # with the instant that the log has
        enter_export(home, Export(f"notification {case.id}", held.digest))
        entry = entries_of(home, [case])[0]
    write_file(target.absolute(), data)
    if json:
        print_json({**case_json(entry), "out": str(target), "answer_by": str(until)})
        return
    out.print(f"{target}: kept with {case.id}; the answer is due {until}")
    out.print(f"digest {case.digest}")


@app.command("test")
def run_test(
    context: typer.Context,
    case_id: CaseId,
    target: Annotated[Path | None, typer.Option("--out", help="The PDF to write, too.")] = None,
    *,
    json: Json = False,
) -> None:
    """Run the sequential test of a heightened monitoring, and keep what it says with the case.

    Exit status 1 unless it says to release.
    """
    with opened(context.obj) as home:
        case = _seen(home, case_id)
        about, began = matter_of(case), monitored_since(case)
        if case.state != MONITORING or began is None:
            raise RefusedError(case.id, TEST, f"it is {case.state}, and not monitored")
        ready(home)
        found = monitored(home, about, began.day)
        data = make_letter(monitored_document(home, case, found), home.now())
        name = f"{case.id}-test-{found.days[-1].day}.pdf"
        held = keep(home, TEST_DOCUMENT, name, data)
        choice = found.decision.value
        act = act_of(home, TEST, choice=choice, reason=_path(found), documents=(held,))
        act_on(home, case, act)
        case = docket(home).case(case.id)  # with the instant that the log has
        if target is not None:
            enter_export(home, Export(f"sequential test {case.id}", held.digest))
    if target is not None:
        write_file(target.absolute(), data)
    _tell_test(case, found, json=json)
    if found.decision is not Decision.RELEASE:
        raise typer.Exit(Status.NO)


@app.command("harm")
def write_harm(
    context: typer.Context, case_id: CaseId, target: Target, *, json: Json = False
) -> None:
    """Write what customers lost by a confirmed failure, order by order: .csv, .xlsx or .pdf.

    Exact, against the quote at receipt; harmed, not harmed and unknown are all orders examined.
    """
    with opened(context.obj) as home:
        case = _seen(home, case_id)
        about = confirmed(case)
        ready(home)
        orders = harmed(home, about)
        if target.suffix == ".pdf":
            data = make_letter(harm_document(home, case, about, orders), home.now())
            enter_export(home, Export(f"harm {case.id}", sha256(data)))
            write_file(target.absolute(), data)
        else:
            enter_export(home, write_list(home, by_order(orders), target))
    found, owed = counts(orders), total(orders)
    if json:
        numbers = {each.name.lower(): n for each, n in found.items()}
        print_json({"examined": orders.height, **numbers, "total": f"{owed:f}", "out": str(target)})
        return
    told = ", ".join(f"{n:,} {each.value}" for each, n in found.items())
    out.print(f"{orders.height:,} orders examined: {told}")
    out.print(f"{target}: {shown(owed, Unit.MONEY)} to make whole")


@app.command("list")
def list_all(context: typer.Context, *, json: Json = False) -> None:
    """List the remediations, with what is not verified and since when each is monitored."""
    with opened(context.obj) as home:
        cases = [
            case
            for case in visible(docket(home).cases.values(), home)
            if case.procedure.kind == KIND
        ]
        entries = entries_of(home, cases)
    if json:
        print_json({"remediations": [{**case_json(each), **_about(each.case)} for each in entries]})
        return
    print_table(
        "Remediations",
        ("case", "provider", "metric", "state", "monitored", ">actions", ">open", "due"),
        (
            (
                each.case.id,
                each.case.facts["provider"],
                each.case.facts["metric"],
                each.case.state,
                _since(each.case) or "",
                str(len(plan_of(each.case))),
                str(len(unverified(each.case))),
                "" if each.due is None else f"{each.due}{' overdue' if each.is_overdue else ''}",
            )
            for each in entries
        ),
    )


def _about(case: Case) -> dict[str, Any]:
    return {
        "provider": case.facts["provider"],
        "metric": case.facts["metric"],
        "where": case.facts["where"],
        "from": case.facts["first"],
        "to": case.facts["last"],
        "monitored_since": _since(case),
        "actions": len(plan_of(case)),
        "unverified": list(unverified(case)),
    }


def _since(case: Case) -> str | None:
    began = monitored_since(case)
    return None if began is None else str(began.day)


def _seen(home: Home, case_id: str) -> Case:
    """Return a case that whoever asks may see."""
    case = docket(home).case(case_id)
    if case not in visible([case], home):
        raise RefusedError(case.id, "show", "not a matter with your firm")
    return case


def _answer_by(home: Home, case: Case) -> date:
    """Return the date an answer is due if nobody says another."""
    policy, today = home.policy(), home.today()
    days = int(policy.limits.at("remedy_answer_days", today).value)
    found = trading_dates_after(today, days, policy.calendar)
    if found is None:
        raise RefusedError(case.id, OPEN, "the calendar ends too soon; give --answer-by")
    return found


def _path(found: Monitored) -> str:
    things = "orders" if found.counts_orders else "trading dates"
    n, bad = (found.looks[-1].n, found.looks[-1].bad) if found.looks else (0, 0)
    ratio = found.looks[-1].ratio if found.looks else 0.0
    return (
        f"{bad:,} of {n:,} {things} bad since {found.since}; log likelihood ratio {ratio:.3f}, "
        f"release at {found.test.upper:.3f}, return at {found.test.lower:.3f}"
    )


def _tell(entry: Entry, *, json: bool) -> None:
    case = entry.case
    if json:
        print_json({**case_json(entry), "facts": dict(case.facts)})
        return
    due = "" if entry.due is None else f", due {entry.due}"
    out.print(f"{case.id}: {case.state}{due}: {case.title}")


def _tell_test(case: Case, found: Monitored, *, json: bool) -> None:
    last = found.looks[-1] if found.looks else None
    if json:
        print_json(
            {
                "case": case.id,
                "decision": found.decision.value,
                "counted": "orders" if found.counts_orders else "trading dates",
                "since": str(found.since),
                "dates": len(found.days),
                "n": last.n if last else 0,
                "bad": last.bad if last else 0,
                "ratio": last.ratio if last else None,
                "upper": found.test.upper,
                "lower": found.test.lower,
                "before": found.test.before,
                "after": found.test.after,
                "alpha": found.test.rates.alpha,
                "beta": found.test.rates.beta,
                "digest": case.digest,
            }
        )
        return
    out.print(f"{case.id}: {WORDS[found.decision]}")
    out.print(_path(found))
    out.print(f"digest {case.digest}")
