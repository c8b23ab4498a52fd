"""Compile the scanners and the as-of kernel: one shared library, from C without headers of Python.

Run by the build of a wheel or of an editable installation; run by hand it compiles in place. The
compiler is $CC, else the system's own, else the one that the package `ziglang` brings.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
NATIVE = ROOT / "src" / "routewarden" / "native"
LIBRARY = NATIVE / "compiled.so"
FLAGS = ("-std=c11", "-O3", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror")
ZIG = "ziglang==0.17.1"


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compile before packing, and say that the wheel is of this platform."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for a compiler where the machine has none."""
        return [] if system_compiler() else [ZIG]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the library into the package."""
        del version
        compile_library()
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        build_data["artifacts"].append(str(LIBRARY.relative_to(ROOT)))


def system_compiler() -> list[str] | None:
    """Return the compiler the machine has, if any."""
    if stated := os.environ.get("CC"):
        return stated.split()
    found = next((path for name in ("cc", "gcc", "clang") if (path := shutil.which(name))), None)
    return [found] if found else None


def compile_library(target: Path = LIBRARY, extra: tuple[str, ...] = ()) -> None:
    """Compile every C file of the package into a library, put in place in one step."""
    compiler = system_compiler()
    if compiler is None and importlib.util.find_spec("ziglang"):
        compiler = [sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline", "-fno-sanitize=all"]
    if compiler is None:
        message = f"no C compiler: install one (cc, gcc or clang), set CC, or `pip install {ZIG}`."
        raise SystemExit(message)
    part = target.with_suffix(".part")
    sources = sorted(str(path) for path in NATIVE.glob("*.c"))
    subprocess.run([*compiler, *FLAGS, *extra, "-o", str(part), *sources], check=True)
    part.replace(target)


if __name__ == "__main__":
    compile_library()
