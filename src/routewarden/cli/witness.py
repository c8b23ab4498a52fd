"""`witness`: remember another's log from outside, and have the home's own log cosigned."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated

import typer

from routewarden.cli.console import err, out, print_json
from routewarden.cli.init import Json
from routewarden.ledger.note import MOST_BYTES, parse_key
from routewarden.policy.witnesses import WITNESSES
from routewarden.store.home import opened
from routewarden.store.witness_home import WitnessHome
from routewarden.store.witnesses import Reply, ask

_SECONDS = 15
_MOST_BODY = MOST_BYTES + (1 << 13)
_NOT_FOUND, _TOO_LARGE, _LENGTH_REQUIRED = 404, 413, 411

app = typer.Typer(no_args_is_help=True, help="Outside witnesses of the log.")

Folder = Annotated[Path, typer.Argument(file_okay=False, help="The witness's own folder.")]


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="witness")


@app.command("init")
def init_witness(
    folder: Folder,
    name: Annotated[str, typer.Option(help="Its name, such as compliance.example/witness.")],
    *,
    json: Json = False,
) -> None:
    """Make a witness: on another host, and under another account, than the log's.

    It prints the key that the log's keeper writes into policy/witnesses.toml.
    """
    key = WitnessHome(folder).make(name)
    if json:
        print_json({"key": key.text})
        return
    out.print(key.text)


@app.command("add")
def add_log(
    folder: Folder,
    key: Annotated[str, typer.Argument(help="The log's key, as `key show` prints it.")],
) -> None:
    """Know a log, by a key of its own; without one the witness cosigns nothing of it."""
    parsed = parse_key(key)
    WitnessHome(folder).add(parsed)
    out.print(f"{folder}: knows {parsed.name}")


@app.command("serve")
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 is any that is free.")] = 8791,
) -> None:
    """Answer logs that ask for a cosignature, until interrupted.

    Put a proxy with TLS in front where the way to it is not trusted. A false signature is never
    given, whoever asks: only what goes on from the head remembered is cosigned.
    """
    home = WitnessHome(folder)
    name = home.key.name
    server = _server(home, host, port)
    bound = server.server_address
    err.print(f"{name} listens at http://{bound[0]!s}:{bound[1]}")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        err.print("stopped")
    finally:
        server.server_close()


@app.command("ask")
def ask_witnesses(context: typer.Context, *, json: Json = False) -> None:
    """Ask every witness of the home to cosign its newest checkpoint.

    Every command that adds to the log asks them, too. Exit status 1 says that fewer than `least`
    have cosigned.
    """
    home_path: Path = context.obj
    with opened(home_path) as home:
        setting = home.witnesses()
        asked = [ask(home.published, witness) for witness in setting.witnesses]
        size = home.published.head.size
    if json:
        told = [{"witness": a.witness, "reply": a.reply, "why": a.why} for a in asked]
        print_json({"size": size, "asked": told})
    else:
        for each in asked:
            out.print(f"{each.witness}: {each.reply}{f' ({each.why})' if each.why else ''}")
        out.print(f"log of {size:,} entries" if asked else f"policy/{WITNESSES} names no witness")
    if sum(each.reply is Reply.COSIGNED for each in asked) < setting.least:
        raise typer.Exit(1)


def _server(home: WitnessHome, host: str, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        """Takes `POST /add-checkpoint` and nothing else."""

        timeout = _SECONDS
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Answer a request to cosign."""
            length = self.headers.get("Content-Length", "")
            if self.path != "/add-checkpoint":
                return self._tell(_NOT_FOUND, "text/plain", b"add-checkpoint is all there is\n")
            if not length.isdecimal():
                return self._tell(_LENGTH_REQUIRED, "text/plain", b"say how long it is\n")
            if int(length) > _MOST_BODY:
                return self._tell(_TOO_LARGE, "text/plain", b"too long for a checkpoint\n")
            given = home.respond(self.rfile.read(int(length)), int(time.time()))
            return self._tell(given.status, given.type, given.body)

        def _tell(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its base's name
            """Say who asked and what came of it, on standard error."""
            err.print(f"{self.address_string()} {format % args}")

    return ThreadingHTTPServer((host, port), Handler)
