"""Set up and run, with nothing but Python and its package index.

    python3 dev.py demo     make .venv, install the program, build and measure a sample firm
    python3 dev.py test     make .venv, install the checks, run all of them

Every package is pinned to its hash in requirements/. More arguments go to the program or pytest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)

CORE = (
    *("base", "native", "ledger", "policy", "sources", "simulator"),
    *("events", "market", "measures", "benchmarks", "rules", "cases", "evidence"),
)
"""The packages left of the bar, whose every branch a test takes."""


def main(arguments: list[str]) -> int:
    """Run the job named first."""
    if sys.version_info < OLDEST:
        print("Python 3.11 or newer is needed.", file=sys.stderr)
        return 2
    match arguments:
        case ["demo", *more]:
            install("run.txt")
            return run("routewarden", "demo", *more)
        case ["test", *more]:
            install("dev.txt")
            return test(more)
        case _:
            print(__doc__)
            return 2


def install(lock: str) -> None:
    """Make the environment as the lock says; one that is so already costs nothing."""
    path = ROOT / "requirements" / lock
    native = sorted((ROOT / "src" / "routewarden" / "native").glob("*.[ch]"))
    built = (path, ROOT / "pyproject.toml", ROOT / "hatch_build.py", *native)
    parts = [file.read_bytes() for file in built]
    wanted = hashlib.sha256(b"\0".join(parts)).hexdigest()
    stamp = VENV / f"installed-{lock}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    if not (VENV / "bin" / "python").exists():
        venv.create(VENV, with_pip=True)
    pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    python = str(VENV / "bin" / "python")
    locks = [path] if has_compiler() else [path, path.with_name("compiler.txt")]
    for each in locks:
        subprocess.run([python, *pip, "--require-hashes", "--requirement", each], check=True)
    subprocess.run(
        [python, *pip, "--no-deps", "--no-build-isolation", "--editable", ROOT], check=True
    )
    stamp.write_text(wanted)


def has_compiler() -> bool:
    """Return whether the machine can compile C by itself; if not, a package brings a compiler."""
    return "CC" in os.environ or any(shutil.which(name) for name in ("cc", "gcc", "clang"))


def test(more: list[str]) -> int:
    """Run every check; stop at the first that fails."""
    checks = (
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "--quiet", "."),
        ("mypy",),
        ("lint-imports",),
        ("deptry", "src"),
    )
    for check in checks:
        if status := run(*check):
            return status
    run("coverage", "erase")
    workers = str(os.cpu_count() or 1)
    spread = ("-n", workers, "--dist", "loadfile")  # what a file builds is built once
    if status := run("coverage", "run", "-m", "pytest", *spread, *more):
        return status
    if more:  # part of the tests: their coverage says nothing
        return 0
    run("coverage", "combine", "--quiet")
    core = ",".join(f"src/routewarden/{package}/*" for package in CORE)
    return run("coverage", "report", f"--include={core}", "--fail-under=100") or run(
        "coverage", "report", "--include=src/*", "--fail-under=90"
    )


def run(program: str, *arguments: str) -> int:
    """Run a program of the environment in the project's folder."""
    print(f"$ {program} {' '.join(arguments)}", flush=True)
    return subprocess.run([VENV / "bin" / program, *arguments], check=False, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
