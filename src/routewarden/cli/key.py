"""`key`: the key the log is signed with, another one, and who holds it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import err, out, print_json
from routewarden.cli.init import Json
from routewarden.ledger.note import Key, parse_key
from routewarden.store.home import Home, opened
from routewarden.store.rotation import Held, hold, rotate
from routewarden.store.terms import terms

app = typer.Typer(no_args_is_help=True, help="The key that signs the log.")

Command = Annotated[
    list[str], typer.Argument(help="The program and its arguments; put -- before them.")
]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="key")


@app.command("show")
def show_key(context: typer.Context, *, json: Json = False) -> None:
    """Print the log's public key, which begins with the log's name.

    Give it to every witness (`witness add`) and to whoever is to verify (`verify --key`).
    """
    home_path: Path = context.obj
    with opened(home_path, only_to_read=True) as home:
        known = terms(home.log.entries())
    key = known[-1].key if known else None
    if json:
        told = [{"key": t.key.text, "since": t.since, "lost_before": t.lost} for t in known]
        text, origin = (None, None) if key is None else (key.text, key.name)
        print_json({"key": text, "origin": origin, "terms": told})
        return
    if key is None:
        err.print("The log has no key yet; any command that may write begins one.")
        raise typer.Exit(1)
    out.print(key.text)
    for term, after in pairwise(known):
        how = "and was lost" if after.lost else "and signed the next"
        err.print(f"before it {term.key.text}, from event {term.since:,}, {how}")


@app.command("rotate")
def rotate_key(
    context: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(help="With --to: the program that signs with it; put -- before it."),
    ] = None,
    *,
    to: Annotated[
        str | None, typer.Option("--to", help="A new key that a program has, as text.")
    ] = None,
    lost: Annotated[
        bool, typer.Option("--lost", help="The old private key is gone: the new one signs alone.")
    ] = False,
    json: Json = False,
) -> None:
    """Give the log another key; both sign the head that brings it in, then the old one is removed.

    With --lost nobody who trusts only the old key can tell the new one from a forger's: the log
    says so, and witnesses and verifiers have to be given it by you.
    """
    if (to is None) != (not command):
        message = "--to KEY and the program that signs with it go together"
        raise typer.BadParameter(message)
    held = None if to is None else Held(parse_key(to), tuple(command or ()))
    home_path: Path = context.obj
    with opened(home_path, only_to_read=True) as home:
        key = rotate(home, held, lost=lost)
        urls = [witness.url for witness in home.witnesses().witnesses]
    if json:
        print_json({"key": key.text, "origin": key.name, "lost": lost, "witnesses": urls})
        return
    out.print(key.text)
    _say_next(key, urls, lost=lost)


def _say_next(key: Key, urls: list[str], *, lost: bool) -> None:
    told = ", ".join(urls) or "none is set"
    err.print(f"Tell every witness ({told}): routewarden witness add FOLDER {key.text}")
    err.print("Then: routewarden witness ask. Until they know it they cosign nothing more.")
    err.print("Give it to whoever verifies with --key, and keep a copy of keys/ elsewhere.")
    if lost:
        err.print(
            "The old key signed nothing of this: say by another way that the new one is yours."
        )


@app.command("program")
def use_program(context: typer.Context, command: Command) -> None:
    """Let a program sign, such as a key service's client; the key stays the log's.

    It is tried first: the newest head's text on its standard input, base64 of the 64 bytes of an
    Ed25519 signature on its standard output.
    """
    home_path: Path = context.obj
    with opened(home_path) as home:
        key = hold(home, command)
        private = _private(home)
    out.print(f"{command[0]} signs for {key.text}")
    if private is not None:
        err.print(f"{private} is used no longer: once the program has it safely, remove the file.")


def _private(home: Home) -> Path | None:
    path = home.keys.root / "log.pem"
    return path if path.exists() else None
