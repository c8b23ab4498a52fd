"""The real command line in its own process, without the two seconds of imports.

A server imports the program once and forks for each command, so a command is as real as one from
the console script (its own process, arguments, streams, exit status) and takes a fraction of a
second. Tests may signal it, trace it, or run several at once.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, NoReturn

from tests.command import Outcome

TIMEOUT_S = 120
WIDE = "999"
"""Columns of the screen, so that no message is broken over lines."""
PROGRAM = Path(sys.executable).parent / "routewarden"
_PR_SET_PTRACER = 0x59616D61
_ANY = ctypes.c_ulong(-1)
_POLL_S = 0.005
_INTERRUPTS = {signal.SIGINT}


class TookTooLongError(Exception):
    """A command did not end in the time it had, and was killed."""


@dataclass(frozen=True, slots=True)
class Running:
    """A command that was started."""

    pid: int
    folder: Path

    def wait_until_held(self) -> None:
        """Wait until nothing but the command itself is left to do."""
        end = time.monotonic() + TIMEOUT_S
        while not (self.folder / "held").exists():
            if time.monotonic() > end:
                raise TookTooLongError(self.pid)
            time.sleep(_POLL_S)

    def release(self) -> None:
        """Let a command that was started held go on."""
        handle = os.open(self.folder / "hold", os.O_WRONLY | os.O_NONBLOCK)  # never waits
        os.write(handle, b"1")
        os.close(handle)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; a command that ended by itself is none the worse."""
        os.kill(self.pid, number)

    def wait(self, timeout_s: float = TIMEOUT_S) -> Outcome:
        """Return what the command answered; a negative status is the signal that ended it."""
        status = _server().ask({"op": "wait", "pid": self.pid, "timeout": timeout_s})["status"]
        if status is None:
            message = f"{self.pid} took over {timeout_s} s: {(self.folder / 'err').read_text()}"
            raise TookTooLongError(message)
        said = [self.folder / name for name in ("out", "err")]  # not if it was killed before that
        out, err = (path.read_text() if path.exists() else "" for path in said)
        return Outcome(status, out, err)


@dataclass(frozen=True, slots=True)
class Way:
    """How to start a command: held until released, with little space in a file."""

    held: bool = False
    file_bytes: int | None = None


AS_USUAL = Way()


def start(home: Path, *arguments: str | Path, way: Way = AS_USUAL) -> Running:
    """Start a command on a home."""
    folder = Path(tempfile.mkdtemp(dir=_server().folder))
    if way.held:
        os.mkfifo(folder / "hold")
    asked = {
        "op": "start",
        "arguments": ["routewarden", "--home", str(home), *map(str, arguments)],
        "folder": str(folder),
        "held": way.held,
        "file_bytes": way.file_bytes,
    }
    running = Running(_server().ask(asked)["pid"], folder)
    if way.held:
        running.wait_until_held()
    return running


def warm(home: Path, *arguments: str | Path, way: Way = AS_USUAL) -> Outcome:
    """Run a command on a home."""
    return start(home, *arguments, way=way).wait()


def call(function: str, *arguments: str | Path) -> Outcome:
    """Call a function, named `module:name`, with texts, in a process of its own."""
    folder = Path(tempfile.mkdtemp(dir=_server().folder))
    asked = {
        "op": "start",
        "call": function,
        "arguments": [function, *map(str, arguments)],
        "folder": str(folder),
        "held": False,
        "file_bytes": None,
    }
    return Running(_server().ask(asked)["pid"], folder).wait()


def script(
    home: Path,
    *arguments: str | Path,
    prefix: Sequence[str | Path] = (),
) -> Outcome:
    """Run the installed console script, as a person does, perhaps by way of another program."""
    done = subprocess.run(  # noqa: S603 - our own program
        [*prefix, PROGRAM, "--home", home, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
        env={**os.environ, "COLUMNS": WIDE},
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class _Server:
    process: subprocess.Popen[str]
    folder: Path

    def ask(self, question: Mapping[str, object]) -> Any:  # noqa: ANN401 - a small protocol
        """Send a question and return the answer."""
        to, back = self.process.stdin, self.process.stdout
        assert to is not None
        assert back is not None
        print(json.dumps(question), file=to, flush=True)
        return json.loads(back.readline())

    def end(self) -> None:
        """End the server; its commands have ended."""
        self.process.communicate(timeout=TIMEOUT_S)


@cache
def _server() -> _Server:
    scratch = tempfile.TemporaryDirectory(prefix="routewarden-warm-")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.warm"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    server = _Server(process, Path(scratch.name))
    atexit.register(scratch.cleanup)
    atexit.register(server.end)  # runs first
    return server


def _serve() -> None:
    """Answer questions until there are no more."""
    from routewarden.cli.app import app  # noqa: PLC0415 - only the server pays for it
    from routewarden.cli.entry import main  # noqa: PLC0415 - what the program itself starts with

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        app(["--home", f"{folder}/firm", "init", "--json"], standalone_mode=False)  # loads the rest
    signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTS)  # until a command is under way
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["op"] == "wait":
            _answer(status=_wait(asked["pid"], asked["timeout"]))
            continue
        if pid := os.fork():
            _answer(pid=pid)
            continue
        _become(asked)
        _end(partial(_called, *asked["arguments"]) if "call" in asked else main)


def _called(function: str, *arguments: str) -> None:
    module, _, name = function.partition(":")
    getattr(importlib.import_module(module), name)(*arguments)


def _answer(**value: int | None) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _end(main: Callable[[], None]) -> NoReturn:
    """Run the command and end the process, without taking two seconds of imports apart again."""
    status: object = 0
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTS)
    except KeyboardInterrupt:  # it came before there was a program to tell of it
        os._exit(130)
    try:
        main()
    except SystemExit as ending:
        status = ending.code
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:  # noqa: BLE001 - what the interpreter does with it
        traceback.print_exc()
        status = 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program is done
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))  # what measures the tests writes files
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 0 if status is None else 1)


def _wait(pid: int, timeout_s: float) -> int | None:
    """Return the exit status of a child, or None after killing it for taking too long."""
    end = time.monotonic() + timeout_s
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None
        time.sleep(_POLL_S)


def _become(asked: Mapping[str, Any]) -> None:
    """Turn the forked child into the command asked for."""
    folder = Path(asked["folder"])
    for number, name in ((1, "out"), (2, "err")):
        handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(handle, number)
        os.close(handle)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.environ["COLUMNS"] = WIDE
    sys.argv = asked["arguments"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # even where tests run with it off
    if asked["file_bytes"] is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["file_bytes"], hard))
    if asked["held"]:
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)  # a test may trace it
        handle = os.open(folder / "hold", os.O_RDWR)
        (folder / "held").touch()
        os.read(handle, 1)
        os.close(handle)


if __name__ == "__main__":
    _serve()
