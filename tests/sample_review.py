"""A review with every kind of block, many rows, broad tables and awkward text."""

from __future__ import annotations

from decimal import Decimal

from routewarden.evidence.document import (
    Block,
    Document,
    Fact,
    Facts,
    Form,
    Notice,
    NoticeKind,
    OrderStory,
    Paragraph,
    Section,
    Stories,
    anchor,
)
from routewarden.evidence.table import (
    Cell,
    Footnote,
    Heading,
    Table,
    Tone,
    count_cell,
    text_cell,
)
from routewarden.evidence.tickchart import Mark, Step, TickChart, draw
from routewarden.measures.measure import Unit
from routewarden.measures.shown import NO_VALUE, shown
from tests.sample_figures import VENUES, days_figure, quarters_figure, venue_figure

HOSTILE = (
    "#evil[]",
    "$x$",
    "*bold*",
    "_it_",
    "<a href='x'>",
    "back\\slash\\",
    'say "hi"',
    "// no",
    "=1+1",
    "+cmd",
    "-2+3",
    "@SUM(A1)",
    "https://example.org/a?b=1",
    "日本",
    "\x07bell",
    "`raw` ~ @ref",
    "</script><script>alert(1)</script>",
    "line\nbreak",
)
"""Text that would run, break or vanish where it is taken for markup."""

CLASSES = (
    "market",
    "marketable limit",
    "inside the quote",
    "at the quote",
    "near the quote",
    "other",
)
EXACT = Decimal("0.012345678901")
STORY = anchor("ORD 0001/x")
NOTES = (
    Footnote(
        "Price improvement",
        "side sign times (reference quote less price), by shares; unit: price/share; higher is "
        "better; 17 CFR 242.600 (definitions of the order execution reports).",
    ),
    Footnote("Coverage", "measured shares over executed shares; what is left out is counted."),
)


def number(value: Decimal, unit: Unit, basis: str = "", tone: Tone = Tone.NEUTRAL) -> Cell:
    return Cell(shown(value, unit), f"{value:f}", "of 1,200 shares", basis, tone=tone)


def metrics() -> Table:
    rows = []
    for at, (title, unit) in enumerate(
        [
            ("Net price improvement", Unit.PER_SHARE),
            ("Effective over quoted spread", Unit.FRACTION),
            ("Executed at or better than the quote", Unit.FRACTION),
            ("Realized spread after five minutes", Unit.PER_SHARE),
            ("Fill time", Unit.MS),
            ("Slippage from arrival", Unit.BPS),
            ("Fees and rebates", Unit.MONEY),
        ]
    ):
        cells = (
            number(
                EXACT * (at + 1) * (-1) ** place * (place + 1),
                unit,
                f"{98 - place}.4 % of 12,{place}00 sh",
            )
            for place in range(len(CLASSES))
        )
        rows.append((text_cell(title), text_cell(unit.value), Cell("▲", "higher"), *cells))
    heads = (Heading("Metric", note=1), Heading("Unit"), Heading("▲▼"))
    return Table(
        "scorecard-equity",
        "Equity: customer orders, held, not directed",
        "Averages by shares; ▲ higher is better, ▼ lower is better.",
        (*heads, *(Heading(name, numeric=True, note=2) for name in CLASSES)),
        tuple(rows),
        NOTES,
    )


def symbols(count: int = 300) -> Table:
    def row(at: int) -> tuple[Cell, ...]:
        value = EXACT * (at - 150)
        verdict = Tone.GOOD if value > 0 else Tone.BAD
        words = "better than the benchmark" if value > 0 else "worse than the benchmark"
        return (
            text_cell(f"SYM{at:03}"),
            Cell(f"2026-07-{at % 28 + 1:02}", f"2026-07-{at % 28 + 1:02}"),
            count_cell(1_000 * at + 7),
            number(value, Unit.PER_SHARE),
            number(value * 10, Unit.BPS),
            Cell(NO_VALUE) if at % 7 == 0 else number(abs(value), Unit.FRACTION),
            Cell(words, words, tone=verdict, link=STORY if at == 1 else ""),
        )

    return Table(
        "by-symbol",
        "By symbol",
        "Each security, with its benchmark.",
        (
            Heading("Symbol"),
            Heading("First date", dated=True),
            Heading("Shares", numeric=True),
            Heading("Price improvement", "price/share", "▲ higher is better", numeric=True, note=1),
            Heading("Slippage", "bps", "▼ lower is better", numeric=True),
            Heading("Fill rate", "%", "▲ higher is better", numeric=True),
            Heading("Verdict"),
        ),
        tuple(row(at) for at in range(count)),
        NOTES[:1],
    )


def broad() -> Table:
    """Thirty columns of numbers: more than one sheet can take."""
    return Table(
        "broad",
        "Every month by venue",
        "Shares.",
        (Heading("Venue"), *(Heading(f"2024-{at:02}", "shares", numeric=True) for at in range(30))),
        tuple((text_cell(v), *(count_cell(1_234_567 + at) for at in range(30))) for v in VENUES),
    )


def awkward() -> Table:
    return Table(
        "awkward",
        "Awkward text: #evil[] $x$ <a>",
        "What files may hold; @ref *not bold*.",
        (Heading("#"), Heading("Text </td>"), Heading("Digest")),
        tuple(
            (count_cell(at), text_cell(text), text_cell("ab" * 32))
            for at, text in enumerate(HOSTILE)
        ),
    )


def coverage() -> Table:
    return Table(
        "coverage",
        "Coverage",
        "Executed shares each metric could be taken of.",
        (Heading("Metric"), Heading("Covered", "%", numeric=True), Heading("Left out")),
        tuple(
            (
                text_cell(name),
                Cell(f"{part:.1f} %", f"{part / 100}", share=part / 100),
                text_cell("crossed: 1,200 shares"),
            )
            for name, part in (
                ("Net price improvement", 98.5),
                ("Realized spread", 75.0),
                ("Explicit cost", 0.0),
            )
        ),
    )


def story(name: str, title: str) -> OrderStory:
    ms = 1_000_000
    steps = tuple(
        Step(
            at * 20 * ms,
            Decimal("10.00") + Decimal(at % 4) / 100,
            Decimal("10.04") + Decimal(at % 3) / 100,
        )
        for at in range(12)
    )
    marks = (
        Mark(10 * ms, "received", "received by the firm"),
        Mark(40 * ms, "routed", "R1 sent to XNAS"),
        Mark(90 * ms, "filled", '100 at 10.05 on "XNAS" <b>', Decimal("10.05")),
    )
    heads = (
        Heading("Time (New York)"),
        Heading("Since receipt", "ms", numeric=True),
        Heading("Event"),
        Heading("What"),
    )
    rows = tuple(
        (
            text_cell(f"2026-07-01 10:00:00.{m.at // 1000:06} EDT"),
            Cell(f"{m.at / ms:,.1f}", str(m.at // ms)),
            text_cell(m.kind),
            text_cell(m.label),
        )
        for m in marks
    )
    return OrderStory(
        name,
        title,
        (
            ("received", "2026-07-01 10:00:00.010000 EDT"),
            ("cost over arrival mid", "123.45"),
            ("slippage", "12.30 bps"),
        ),
        draw(TickChart(10 * ms, 0, 240 * ms, steps, marks)),
        Table(f"events-{name}", "Events", "Every route and fill of the order.", heads, rows),
    )


def tiles() -> Facts:
    return Facts(
        "at-a-glance",
        (
            Fact("Orders", "12,345", "", "received in the quarter", "12345"),
            Fact(
                "Net price improvement",
                "0.0123",
                "price/share",
                "market orders, 98.4 % covered; higher is better",
                str(EXACT),
                Tone.GOOD,
            ),
            Fact(
                "Slippage",
                "\N{MINUS SIGN}1.5",
                "bps",
                "market orders; lower is better",
                "-1.5",
                Tone.BAD,
            ),
        ),
    )


def decision() -> Form:
    return Form("Reviewed by", "Role", ("Name", "Signature"), ("Chair <b>", "Compliance"))


def sample_review() -> Document:
    notices = tuple(
        Notice(kind, f"A {kind} notice", f"What {kind} means; {HOSTILE[0]}.") for kind in NoticeKind
    )

    def section(name: str, title: str, *blocks: Block) -> Section:
        return Section(
            name, title, "What this part shows, over what, in a sentence or two.", blocks
        )

    stories = Stories(
        "order-events",
        (
            story(STORY, f"ORD 0001/x: buy 100 {HOSTILE[0]}, market"),
            story(anchor("O2"), "O2: sell 5 ABC, market"),
        ),
    )
    return Document(
        "Review of execution quality",
        "The firm's own measurement of what the router did, for the committee to judge.",
        "Sample Firm #1 <LLC>",
        "2026Q3 (2026-07-01 to 2026-09-30)",
        "ledger size 1,234 (head 0a1b2c3d4e5f)",
        (
            section(
                "summary",
                "Summary",
                tiles(),
                *notices,
                Paragraph('Plain words with "quotes", $money$ and // slashes.'),
            ),
            section("scorecard", "Scorecard", metrics(), coverage()),
            section("venues", "Venues", venue_figure(), quarters_figure()),
            section("time", "Over time", days_figure()),
            section("symbols", "Security by security", symbols()),
            section("months", "By month", Paragraph("Broad."), broad()),
            section("orders", "Costliest orders", stories),
            section("decision", "For decision", decision()),
            section(
                "data",
                "Data",
                awkward(),
                Table("none", "Nothing found", "An empty table.", (Heading("What"),), ()),
            ),
        ),
        "Internal consistency only; no outside witness was asked.",
        "draft for the committee",
    )
