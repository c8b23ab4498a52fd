"""What right each command needs: one table, and the guard that holds every command to it.

A command that is not in the table cannot be run: a test walks the program and finds it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import typer

from routewarden.cases.book import STEPS
from routewarden.cases.roles import Right
from routewarden.store.session import needing

_BY_RIGHT: Mapping[Right, str] = {
    Right.LOOK: """
        scorecard, findings, retention, hold list, policy check, policy list, person list,
        user list, key show, wsp book, wsp controls, wsp playbook, wsp assess, conflicts,
        conflicts show, router show, vendor liquidity, sla list, sla show
    """,
    Right.TAKE_AWAY: """
        export, page, review, prove, evidence pack, conflicts export, router drift, vendor compare,
        vendor report, sla orders, committee agenda, committee minutes, remedy letter, remedy harm
    """,
    Right.CHECK: "verify, scrub, rerun",
    Right.OPERATE: """
        init, ingest, run, rebuild, backup, restore, stamp, witness ask, key rotate, key program,
        case collect, notify, vendor refresh, sla check
    """,
    Right.PROPOSE: "policy propose, router propose, hold place, purge propose",
    Right.APPROVE: "policy approve, hold release, purge approve, conflicts settle",
    Right.APPOINT: "person add, person remove, user add, user remove, user token",
    Right.SEE_CASES: """
        case list, case show, case findings, case document, case rates, due, vendor list,
        vendor questions, committee status, remedy list
    """,
    Right.ACT: ", ".join(
        (
            *("vendor open", "committee open", "committee rely", "remedy open", "remedy test"),
            *(f"case {name}" for name in STEPS),
        )
    ),
    Right.NOTHING: """
        demo, wsp template, profile try, profile list, profile show, witness init, witness add,
        witness serve, person key, evidence verifier
    """,
}

NEEDS: Mapping[str, Right] = {
    path.strip(): right for right, paths in _BY_RIGHT.items() for path in paths.split(",")
}


def guard(app: typer.Typer) -> None:
    """Hold every command of the program to the right it needs."""
    for path, holder in commands(app):
        holder.callback = _guarded(holder.callback, path)


def commands(app: typer.Typer, before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what holds each command's function, by the words that call it."""
    for info in app.registered_commands:
        yield f"{before}{info.name}", info
    for group in app.registered_groups:
        inner = group.typer_instance
        if inner is None or group.name is None:
            continue
        own = inner.registered_callback
        if own is not None and own.invoke_without_command:
            yield f"{before}{group.name}", own
        yield from commands(inner, f"{before}{group.name} ")


def _guarded(function: Callable[..., Any], path: str) -> Callable[..., Any]:
    @functools.wraps(function)
    def held(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the command takes
        with needing(NEEDS[path]):
            return function(*given, **named)

    return held
