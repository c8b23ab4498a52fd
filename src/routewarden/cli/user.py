"""`user`: who the firm's people are, and what each may do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from routewarden.base.canonical import sha256
from routewarden.cases.roles import Role
from routewarden.cli.console import err, out, print_json, print_table
from routewarden.cli.init import Json
from routewarden.store.appointing import UserError, add_user, draw_token, remove_user
from routewarden.store.home import opened
from routewarden.store.users import User, users

app = typer.Typer(no_args_is_help=True, help="Users: known by a token, allowed by roles.")

Name = Annotated[str, typer.Argument(help="The user's name.")]
_TRUST = (
    "The home is embedded: whoever has its operating-system account can read and replace its "
    "files; what is replaced, `verify` finds with an outside witness."
)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="user")


@app.command("add")
def add_one(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    name: Name,
    role: Annotated[list[Role], typer.Option("--role", help="What they are; may be repeated.")],
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Their last date, if any.")
    ] = None,
    of: Annotated[str, typer.Option(help="The provider a vendor's user speaks for.")] = "",
    *,
    json: Json = False,
) -> None:
    """Make somebody a user, or change what a user is; print the token that is theirs from now on.

    The token is shown here once and kept nowhere: give it to them alone. They show it by
    ROUTEWARDEN_TOKEN or --token-file. The first user is an administrator, who adds the others.
    """
    token = draw_token()
    roles = tuple(dict.fromkeys(role))
    last = None if until is None else until.date()
    with opened(context.obj) as home:
        add_user(home, User(name, roles, sha256(token.encode()), home.log.size, last, of))
    _tell(name, token, json=json)


@app.command("token")
def new_token(context: typer.Context, name: Name, *, json: Json = False) -> None:
    """Draw a new token for a user; the one before is nobody's from then on."""
    token = draw_token()
    with opened(context.obj) as home:
        user = users(home.log).get(name)
        if user is None:
            raise UserError(name, "no user; `routewarden user list` shows who is")
        digest, size = sha256(token.encode()), home.log.size
        add_user(home, User(name, user.roles, digest, size, user.until, user.of))
    _tell(name, token, json=json)


@app.command("remove")
def remove_one(context: typer.Context, name: Name) -> None:
    """Let a user be none from now on; what they did stands."""
    with opened(context.obj) as home:
        remove_user(home, name)
    out.print(f"{name}: no user from now on")


@app.command("list")
def list_all(context: typer.Context, *, json: Json = False) -> None:
    """List the users, what each is, and until when."""
    with opened(context.obj) as home:
        found, today = list(users(home.log).values()), home.today()
    if json:
        print_json({"users": [_json(user, today) for user in found], "trust": _TRUST})
        return
    print_table(
        "Users",
        ("name", "roles", "of", "until", ">since event"),
        (
            (user.name, ", ".join(user.roles), user.of, _until(user, today), f"{user.since:,}")
            for user in found
        ),
    )
    err.print(_TRUST)


def _tell(name: str, token: str, *, json: bool) -> None:
    if json:
        print_json({"name": name, "token": token})
        return
    out.print(token)
    err.print(f"{name}'s token, shown this once. Keep it out of shared files.")


def _until(user: User, today: date) -> str:
    if user.until is None:
        return ""
    return str(user.until) + ("" if user.is_on(today) else ", ended")


def _json(user: User, today: date) -> dict[str, object]:
    return {
        "name": user.name,
        "roles": [str(role) for role in user.roles],
        "of": user.of or None,
        "until": None if user.until is None else str(user.until),
        "ended": not user.is_on(today),
        "since": user.since,
    }
