"""`person`: who may approve, by registered keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.ledger.note import parse_key
from routewarden.store.home import opened
from routewarden.store.persons import (
    PersonError,
    add_person,
    make_person_key,
    persons,
    remove_person,
)

app = typer.Typer(no_args_is_help=True, help="The persons whose approval counts.")

Name = Annotated[str, typer.Argument(help="The person's name.")]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="person")


@app.command("key")
def make_one(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(file_okay=False, help="A folder of the person's own.")],
    name: Annotated[str, typer.Argument(help="The key's name, such as jane.doe@firm.example.")],
    *,
    json: Json = False,
) -> None:
    """Make a key pair for someone: the private half stays with them, outside the home.

    Whoever has the private half can approve in their name: let each person run this themselves, on
    their own account. It prints the public half, for `person add`.
    """
    home: Path = context.obj
    if folder.resolve().is_relative_to(home.resolve()):
        raise PersonError(folder, "is in the home, and a person's private key is kept outside it")
    key = make_person_key(folder, name)
    if json:
        print_json({"key": key.text, "private": str(folder / f"{name}.pem")})
        return
    out.print(key.text)


@app.command("add")
def add_one(
    context: typer.Context,
    name: Name,
    key: Annotated[str, typer.Argument(help="Their public key, as `person key` prints it.")],
) -> None:
    """Register a person by their public key, in place of any key they had.

    The log shows who registered whom, and when. What was approved with an earlier key stands.
    """
    home_path: Path = context.obj
    parsed = parse_key(key)
    with opened(home_path) as home:
        person = add_person(home, name, parsed)
    out.print(f"{person.name}: {person.key.text}")


@app.command("remove")
def remove_one(context: typer.Context, name: Name) -> None:
    """Let a person approve nothing from now on; what they approved stands."""
    home_path: Path = context.obj
    with opened(home_path) as home:
        remove_person(home, name)
    out.print(f"{name}: approves nothing from now on")


@app.command("list")
def list_all(context: typer.Context, *, json: Json = False) -> None:
    """List the persons whose approval counts, with their keys."""
    home_path: Path = context.obj
    with opened(home_path, only_to_read=True) as home:
        found = persons(home)
    if json:
        told = [{"name": p.name, "key": p.key.text, "since": p.since} for p in found]
        print_json({"persons": told})
        return
    rows = ((p.name, p.key.text, f"{p.since:,}") for p in found)
    print_table("Persons", ("name", "key", ">since event"), rows)
