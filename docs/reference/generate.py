"""Write the reference pages from the values the program itself uses.

Run `python docs/reference/generate.py`; a test fails while a page differs from what this prints.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer.testing

from routewarden.base.schema import MESSAGES, NUMBERS, TABLES, Column, Type
from routewarden.cases.book import PROCEDURES
from routewarden.cases.case import Step
from routewarden.cases.roles import GRANTS, RIGHTS, Right, Role
from routewarden.cases.roles import MEANS as MEANS_OF_ROLE
from routewarden.cli.app import app
from routewarden.cli.rights import NEEDS
from routewarden.cli.status import MEANS, Status
from routewarden.measures.dimensions import ON_FILLS, ON_ORDERS, ON_ROUTES
from routewarden.measures.fills import FILL_MEASURES
from routewarden.measures.measure import Measure
from routewarden.measures.orders import ORDER_MEASURES
from routewarden.measures.scorecard import METRICS, Metric
from routewarden.rules.book import RULES
from routewarden.sources.file_limits import FILE_LIMITS
from routewarden.sources.reject import Reason

HERE = Path(__file__).parent
_GENERATED = "<!-- written by generate.py; do not edit -->"
_HOLDS = {
    Type.TEXT: "text, opaque and case-sensitive",
    Type.FLAG: "`true` or `false`",
    Type.INSTANT: "RFC 3339 UTC, up to nine fractional digits",
    Type.BEGIN: "an instant, or a date: from its first instant (New York)",
    Type.END: "an instant (excluded), or a date: to the end of it (New York)",
    Type.QUOTE: "price; zero, negative or empty: that side is absent",
    Type.SEQUENCE: "64-bit integer",
}


def pages() -> dict[str, str]:
    """Return each page's text by file name."""
    return {
        "tables.md": _tables(),
        "measures.md": _measures(),
        "rules.md": _rules(),
        "commands.md": _commands(),
        "file-limits.md": _file_limits(),
        "roles.md": _roles(),
        "procedures.md": _procedures(),
    }


def _roles() -> str:
    what = ((f"`{role}`", MEANS_OF_ROLE[role], _rights_of(role)) for role in Role)
    may = ((f"`{right}`", RIGHTS[right], _commands_of(right)) for right in Right)
    return _page(
        "Roles",
        "A user has one role or several; some go with no other. What each may do goes by rights, "
        "and what may be done to a case by the steps of its procedure.",
        _table(("role", "who", "rights"), what),
        "## Rights",
        _table(("right", "lets them", "commands"), may),
    )


def _rights_of(role: Role) -> str:
    return ", ".join(right for right in Right if right in GRANTS[role])


def _commands_of(right: Right) -> str:
    return ", ".join(f"`{path}`" for path, needed in sorted(NEEDS.items()) if needed is right)


_HOW_CASES_MOVE = """\
A case is of a kind, and moves by the steps of its kind alone: `routewarden case STEP`. Where a step
asks for the digest seen, `--seen` gives that of the case as it was looked at."""


def _procedures() -> str:
    parts = [_HOW_CASES_MOVE]
    for procedure in PROCEDURES.values():
        parts.append(f"## {procedure.kind}")
        openers = ", ".join(sorted(procedure.opened_by))
        told = [f"opened by {openers}"] if openers else []
        told += ["opened by what the data say"] if procedure.unasked else []
        ended = ", ".join(sorted(procedure.ended))
        parts.append(f"{procedure.mark}-1, …; {'; '.join(told)}; ended: {ended}.")
        rows = (
            (
                f"`{step.name}`",
                ", ".join(sorted(step.of)),
                step.to + (f" (a severe one: {step.severe})" if step.severe else ""),
                ", ".join(sorted(step.roles)),
                step.means,
                "; ".join(_asks(step)),
            )
            for step in procedure.steps
        )
        parts.append(_table(("step", "from", "to", "who", "what", "asks for"), rows))
    return _page("Procedures", *parts)


def _asks(step: Step) -> Iterator[str]:
    """Yield what a step asks for."""
    asks = (
        (step.says, "a reason"),
        (step.items, "an item"),
        (step.names, "a user"),
        (step.dated, "a date"),
        (step.shows, "a file"),
        (bool(step.choices), f"one of {', '.join(step.choices)}"),
        (bool(step.needs), f"the document {', '.join(step.needs)}"),
        (step.own, "to be whom it is assigned to"),
        (bool(step.apart_from), f"another person than did {', '.join(step.apart_from)}"),
        (step.bound, "the digest seen"),
    )
    return (words for asked, words in asks if asked)


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", _GENERATED, *parts]) + "\n"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(headings), " | ".join("---" for _ in headings)]
    lines += [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


_LIMITED = """\
What a file may ask of its reader. A file that asks more is refused, whole or from there on, in a
sentence that says so; its bytes are kept under their digest all the same. A record that asks more
is one reject.

A firm cannot change these: a file is read again from its raw bytes, here or where the evidence is
checked, and must give the same records. Each has a way round it instead.

gzip, bzip2, Zstandard (window at most 128 MiB) and ZIP are unpacked, one level deep. A ZIP archive
holds one file, stored or deflated. It is refused if a name in it leads out of it, if it holds a
link or a device, is encrypted, or its members share bytes. Nothing is ever written under a name
that an archive states. XML may be UTF-8 or UTF-16; a document type declaration is refused where it
begins, so nothing is expanded or fetched. Files of other kinds (PDF, office documents, pictures,
archives in archives) are one reject."""


def _file_limits() -> str:
    rows = (
        (each.what, f"{each.most:,}", str(each.since), each.why, each.way) for each in FILE_LIMITS
    )
    headings = ("most", "value", "since", "why", "a file that has more")
    return _page("File limits", _LIMITED, _table(headings, rows))


def _holds(column: Column) -> str:
    if column.type is Type.WORD:
        return ", ".join(f"`{word}`" for word in column.words)
    if column.type in _HOLDS:
        return _HOLDS[column.type]
    numbers = NUMBERS[column.type]
    least, most = (Decimal(edge).scaleb(-numbers.scale) for edge in (numbers.least, numbers.most))
    return f"{column.type}: {least.normalize():,f} to {most:,.0f}, {numbers.scale} decimals"


def _tables() -> str:
    parts = [
        (
            "CSV with a header row, or Parquet. Empty is null. Columns not listed are kept and "
            "come out as `x_name`. In Parquet, prices, quantities and amounts are decimals, "
            "integers or text; a binary float is refused."
        ),
    ]
    for kind, table in TABLES.items():
        if kind == MESSAGES[0]:
            parts.append(
                "Messages are kept as they are told; `run` interprets all that are held into "
                "orders, routes and fills. The columns are those of the lake; nobody writes them."
            )
        key = f" Unique by `{table.key}`." if table.key else ""
        date = f" Belongs to the trading date of `{table.dated_by}`." if table.dated_by else ""
        parts.append(f"## {kind}")
        parts.append(f"{key}{date}".strip() or "Reference data: belongs to no date.")
        rows = ((f"`{c.name}`", "yes" if c.required else "", _holds(c)) for c in table.columns)
        parts.append(_table(("column", "required", "holds"), rows))
    parts.append("## Reasons for a reject")
    parts.append(", ".join(f"`{reason}`" for reason in Reason) + ".")
    return _page("Tables", *parts)


def _measure_rows(measures: Iterable[Measure]) -> Iterable[Sequence[str]]:
    for m in measures:
        yield (f"`{m.name}`", m.unit, m.better, m.reference, m.means, m.source)


def _measures() -> str:
    headings = ("name", "unit", "better", "judged by the quote at", "means", "source")
    metric_rows = ((f"`{m.name}`", m.title, m.unit, m.better, _over(m)) for m in METRICS)
    dimensions = (
        (f"`{name}`", *("yes" if name in on else "" for on in (ON_FILLS, ON_ORDERS, ON_ROUTES)))
        for name in sorted(ON_FILLS)
    )
    return _page(
        "Measures",
        "Exact decimal arithmetic. A measure is null where it cannot be known; it is never zero, "
        "clamped or filled in.",
        "## Of a fill",
        _table(headings, _measure_rows(FILL_MEASURES)),
        "## Of an order",
        _table(headings, _measure_rows(ORDER_MEASURES)),
        "## Of a scorecard",
        "Averages by shares; each comes with its coverage and what was left out, by reason.",
        _table(("name", "title", "unit", "better", "computed as"), metric_rows),
        "## Dimensions",
        "Where a dimension is not found on orders, order measures are left out of the row; by "
        "`venue`, the fill rate is that of routes.",
        _table(("name", "fills", "orders", "routes"), dimensions),
    )


def _over(metric: Metric) -> str:
    if metric.summed:
        return "sum"
    if metric.counted:
        return "count over count"
    return f"sum over the sum of `{metric.over}`" if metric.over else "sum by shares over shares"


def _rules() -> str:
    rows = (
        (f"[`{r.id}`](../../src/routewarden/rules/catalogue/{r.id.replace('-', '_')}.md)",
         r.severity, r.subject, r.title, r.remedy)
        for r in RULES
    )  # fmt: skip
    return _page(
        "Rules",
        "A rule answers yes, no or unknown; yes and unknown are findings.",
        _table(("rule", "severity", "asks about each", "finding", "what to do"), rows),
    )


def _commands() -> str:
    parts = [f"```text\n{_help()}\n```"]
    for names in _each_command(typer.main.get_command(app)):
        parts += [f"## {' '.join(names)}", f"```text\n{_help(*names)}\n```"]
    statuses = ((f"`{status.value}`", MEANS[status]) for status in Status)
    parts += ["## Exit status", _table(("status", "means"), statuses)]
    return _page("Commands", *parts)


def _each_command(group: Any, *above: str) -> Iterator[tuple[str, ...]]:  # noqa: ANN401 - click's
    """Yield the names that call each command, those of groups too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _each_command(command, *above, name)
        else:
            yield *above, name


def _help(*command: str) -> str:
    os.environ["TERMINAL_WIDTH"] = "100"
    runner = typer.testing.CliRunner(env={"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"})
    result = runner.invoke(app, [*command, "--help"], prog_name="routewarden")
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text)
