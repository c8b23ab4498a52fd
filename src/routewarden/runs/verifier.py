"""The verifier that travels in a pack: the ledger's own modules, one after the other, in one file.

It is put together from the very sources that this program runs, so there is one place to look and
one to change. Two modules' private names that are alike get the module's name as an ending.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from importlib.resources import files

_MODULES = (
    *("base.errors", "base.canonical", "ledger.tree", "ledger.strict", "ledger.ed25519"),
    *("ledger.note", "ledger.checkpoint", "ledger.outside", "ledger.envelope", "ledger.archive"),
    *("ledger.pack", "runs.offline"),
)
_TITLE = '''\
#!/usr/bin/env python3
"""Check every byte of an evidence pack, with nothing but Python 3.9 or later.

    python3 -I -S verify.py PACK.zip [--key KEY] [--witness KEY] [--checkpoint FILE]

Without a key or a checkpoint known from elsewhere it can show internal consistency only: whoever
made a pack anew made the key in it too. Put together from Routewarden's own modules, as they are.
"""

from __future__ import annotations

'''


def verifier() -> str:
    """Return the verifier's source."""
    sources = {name: _source(name) for name in _MODULES}
    counted = Counter(name for source in sources.values() for name in _defined(source))
    taken = {name for name, times in counted.items() if times > 1}
    imports, bodies = set[str](), list[str]()
    for module, source in sources.items():
        outside, body = _parted(source)
        imports |= outside
        for name in taken & _defined(source):
            own = f"{name}_of_{module.rpartition('.')[2]}"
            body = re.sub(rf"(?<![\w.]){name}\b", own, body)
        bodies.append(f"# -- {module} {'-' * (90 - len(module))}\n\n{body.strip()}\n")
    return _TITLE + "\n".join(sorted(imports)) + "\n\n\n" + "\n\n".join(bodies)


def _source(module: str) -> str:
    package, _, name = module.partition(".")
    text = (files("routewarden") / package / f"{name}.py").read_text(encoding="utf-8")
    return re.sub(r"  # noqa: .*", "", text.replace(", slots=True", ""))  # slots are of Python 3.10


def _defined(source: str) -> set[str]:
    """Return the names that a module gives to what is its own."""
    found = set[str]()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                found |= {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def _parted(source: str) -> tuple[set[str], str]:
    """Return a module's imports from outside the package, and its text without any import."""
    lines = source.splitlines(keepends=True)
    imports = set[str]()
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            del lines[node.lineno - 1 : node.end_lineno]
            if module != "__future__" and not str(module).startswith("routewarden"):
                imports.add(ast.unparse(node))
    return imports, re.sub(r"\n{4,}", "\n\n\n", "".join(lines))
