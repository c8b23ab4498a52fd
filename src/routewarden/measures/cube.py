"""A day's cells: exact sums of its fills, orders and routes by everything they are looked at by.

A cell has a row for each set of reasons that keep its rows out of metrics (`missing`: one word
`metric=reason` for each kin of metrics that is not measured, empty where all are), so that metrics
share their counts and shares. Its columns: `by <dimension>`, `missing`, `n` and `n <lot>`,
`shares <weight>` (10**-8), `total <metric>`, and of some metrics `squares <metric>`, the sum of
shares times value squared. A total that 128 bits may not hold exactly is null.

Cells of parts add up to the cells of the whole, whatever the parts and their order, and give the
very summary that the rows give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from routewarden.base.exact import integer, wide
from routewarden.measures.dimensions import ALWAYS, ON_FILLS, ON_ORDERS, ON_ROUTES
from routewarden.measures.improvement import PRICE_IMPROVEMENT
from routewarden.measures.measure import Lack
from routewarden.measures.reference import ReferenceStatus
from routewarden.measures.spread import EFFECTIVE_SPREAD
from routewarden.measures.summary import (
    FILL_PARTS,
    MEASURED,
    NO_DISPLAYED_SIZE,
    ORDER_PARTS,
    ROUTE_PARTS,
    Part,
    merge,
)

TOO_WIDE = "too_wide"
"""Why a metric is missing whose sum 128 bits may not hold."""

SQUARED = (PRICE_IMPROVEMENT, EFFECTIVE_SPREAD)
"""Measures with a sum of squares: what their spread around the average is read from.

Not times: the square of an order's hours in nanoseconds, times its shares, is near what 128 bits
hold. Their histogram tells how they spread.
"""

_MOST = 9.9e37  # what is stored has 38 digits at most

_SEGMENT = (*ALWAYS, "order_size", "account_type", "router", "reference_source")
_STATUS = "reference_status"
_STATUSES = pl.Enum(
    list(dict.fromkeys([MEASURED, *ReferenceStatus, *Lack, NO_DISPLAYED_SIZE])),
)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Measured rows of one sort: what they are broken down by, and what they contribute.

    `kept` are the dimensions of the cells a day keeps, the symbol first.
    """

    name: str
    dimensions: Mapping[str, pl.Expr]
    parts: tuple[Part, ...]
    kept: tuple[str, ...]


FILLS = Source("fills", ON_FILLS, FILL_PARTS, ("symbol", "venue", *_SEGMENT, _STATUS))
ORDERS = Source("orders", ON_ORDERS, ORDER_PARTS, ("symbol", *_SEGMENT, _STATUS))
ROUTES = Source("routes", ON_ROUTES, ROUTE_PARTS, ("symbol", "venue", *_SEGMENT, _STATUS))


def cells(rows: pl.DataFrame, source: Source, names: Sequence[str]) -> pl.DataFrame:
    """Return the cells of some measured rows by some of the source's dimensions, in key order."""
    kins = {part.kin: part.status for part in reversed(source.parts) if part.fixed is None}
    by = [f"by {name}" for name in names]
    alone = rows.select(
        *(source.dimensions[name].alias(f"by {name}") for name in names),
        *(status.cast(_STATUSES).alias(f"kin {kin}") for kin, status in kins.items()),
        **{part.columns[0]: _counted(part).cast(pl.Int64) for part in source.parts},
        **{part.columns[1]: part.shares.fill_null(integer(0)) for part in source.parts},
        **_totals(rows, source),
    )
    found = grouped(alone, [*by, *(f"kin {kin}" for kin in kins)])
    lacking = [
        pl.when(pl.col(f"kin {kin}") != MEASURED).then(
            pl.concat_str(pl.lit(f"{kin}="), pl.col(f"kin {kin}").cast(pl.String))
        )
        for kin in sorted(kins)
    ]
    missing = pl.concat_str(lacking, separator=" ", ignore_nulls=True) if lacking else pl.lit("")
    values = [name for name in found.columns if not name.startswith(("by ", "kin "))]
    told = found.select(*by, missing.alias("missing"), *values)
    return told.sort([*by, "missing"], nulls_last=True)


def _counted(part: Part) -> pl.Expr:
    """Return whether a row is one of the part's lot."""
    return pl.repeat(1, pl.len()) if part.rows is None else part.rows.fill_null(value=False)


def _totals(rows: pl.DataFrame, source: Source) -> dict[str, pl.Expr]:
    """Return each row's totals and squares: 0 where it has none, null where it may be too wide."""
    values = {
        f"total {part.metric}": (_of_lot(part), part.total if part.size is None else part.size)
        for part in source.parts
        if part.fixed in {None, MEASURED}
    }
    if source is FILLS:
        for measure in SQUARED:
            factors = (pl.col("quantity"), pl.col(measure.name), pl.col(measure.name))
            squares, size = (_product(factors, kind) for kind in (pl.Int128(), pl.Float64()))
            values[f"squares {measure.name}"] = (squares, size)
    sizes = {name: size.cast(pl.Float64).abs() for name, (_, size) in values.items()}
    largest = rows.select(size.max().alias(name) for name, size in sizes.items()).row(0, named=True)
    nothing = integer(0)
    return {
        name: total.fill_null(nothing)
        if (largest[name] or 0) <= _MOST
        else pl.when(sizes[name].fill_null(0) <= _MOST).then(total.fill_null(nothing))
        for name, (total, _) in values.items()
    }


def _of_lot(part: Part) -> pl.Expr:
    return part.total if part.rows is None else pl.when(part.rows).then(part.total)


def _product(factors: Iterable[pl.Expr], dtype: pl.DataType) -> pl.Expr:
    first, *others = (factor.cast(dtype) for factor in factors)
    for other in others:
        first *= other
    return first


def added(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Return counts and sums added up by some columns, in their order; the rest are left out.

    A sum with an unknown part is unknown, and so is one that may be too wide. `most` keeps the
    greatest.
    """
    return grouped(frame, keys).sort(keys, nulls_last=True)


def grouped(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Return the same in no order."""
    values = [frame[name] for name, dtype in frame.schema.items() if _adds_up(name, dtype)]
    return frame.group_by(keys).agg(_sum(column) for column in values)


def _adds_up(name: str, dtype: pl.DataType) -> bool:
    return name == "most" or (dtype.is_integer() and name != "bucket")


def _sum(column: pl.Series) -> pl.Expr:
    value = pl.col(column.name)
    if column.name == "most":
        return value.max()
    total = value.sum()
    if column.null_count():
        total = pl.when(value.is_not_null().all()).then(total)
    if _bound(column) * max(column.len(), 1) <= _MOST:
        return total
    return pl.when(value.cast(pl.Float64).abs().sum() <= _MOST).then(total)


def _bound(column: pl.Series) -> int:
    """Return what no number of a column is larger than, whatever its sign."""
    least, most = (int(end or 0) for end in (column.min(), column.max()))  # type: ignore[arg-type]
    return max(-least, most)


def summary_of_cells(frame: pl.DataFrame, parts: Sequence[Part], by: Sequence[str]) -> pl.DataFrame:
    """Return the summary of the rows that cells were made of, by columns of theirs."""
    coarse = grouped(frame, [*by, "missing"])
    alike: dict[tuple[str, str, str | None], list[Part]] = {}
    for part in parts:
        alike.setdefault((part.lot, part.weight, part.fixed), []).append(part)
    return merge([_summary(coarse, some, by) for some in alike.values()], by)


def _summary(frame: pl.DataFrame, parts: Sequence[Part], by: Sequence[str]) -> pl.DataFrame:
    """Return the summary of parts whose counts and shares are the same columns."""
    n, shares = parts[0].columns
    counted = frame.filter(pl.col(n) > 0).select(
        *by,
        "missing",
        n=n,
        shares=shares,
        **{part.metric: pl.col(f"total {part.metric}") for part in parts},
    )
    told = counted.unpivot(
        [part.metric for part in parts],
        index=[*by, "missing", "n", "shares"],
        variable_name="metric",
        value_name="total",
    ).join(_statuses(frame["missing"], parts), on=["missing", "metric"])
    sums = grouped(_lost(told), [*by, "metric", "status"])
    return _lost(sums).select(*by, "status", "metric", "n", "shares", "total")


def _lost(frame: pl.DataFrame) -> pl.DataFrame:
    """Say of measured rows without a total that it is too wide, and leave the rest without one."""
    measured = pl.col("status") == MEASURED
    lost = measured & pl.col("total").is_null()
    return frame.with_columns(
        status=pl.when(lost).then(pl.lit(TOO_WIDE)).otherwise("status"),
        total=pl.when(measured).then("total"),
    )


def _statuses(missing: pl.Series, parts: Sequence[Part]) -> pl.DataFrame:
    """Return the status of each part by what is missing, of which a column has so many values."""
    rows = [
        (told, part.metric, part.fixed or lacks(told).get(part.kin, MEASURED))
        for told in missing.unique()
        for part in parts
    ]
    schema = dict.fromkeys(("missing", "metric", "status"), pl.String())
    return pl.DataFrame(rows, schema=schema, orient="row")


def lacks(missing: str) -> Mapping[str, str]:
    """Return why each kin of metrics is missing."""
    pairs = (word.partition("=") for word in missing.split())
    return {kin: reason for kin, _, reason in pairs}


# -- As stored -------------------------------------------------------------------------------------

_POWERS = (8, 6, 4)
_SCALED = "|e"
_MOST_64 = 2**63 - 1
_WIDE = ("total ", "squares ", "shares ", "all ")


def narrowed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return 128-bit columns in 64 bits where all of a column fits.

    Whole shares make every sum a multiple of 10**8, fractional ones of less: a column whose numbers
    all are is divided by it, and says so in its name.
    """
    wides = [name for name, dtype in frame.schema.items() if dtype == pl.Int128]
    powers, bounds = _powers(frame, wides), _bounds(frame, wides)
    return frame.select(
        _narrow(name, powers.get(name), bounds[name]) if name in bounds else pl.col(name)
        for name in frame.columns
    )


def _powers(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, int]:
    """Return the greatest power of ten, of some, that divides all of a column."""
    found: dict[str, int] = {}
    for power in _POWERS:
        left = [name for name in names if name not in found]
        rests = {name: pl.col(name) % integer(10**power) for name in left}
        whole = frame.select((rest == integer(0)).all().alias(name) for name, rest in rests.items())
        found |= {name: power for name in left if whole[name].item()}
    return found


def _bounds(frame: pl.DataFrame, names: Sequence[str]) -> dict[str, int]:
    """Return what no number of a column is larger than, whatever its sign."""
    least, most = frame.select(names).min(), frame.select(names).max()
    return {name: max(-(least[name].item() or 0), most[name].item() or 0) for name in names}


def _narrow(name: str, power: int | None, bound: int) -> pl.Expr:
    value = pl.col(name)
    if power is not None:
        unit = 10**power
        value, bound, name = value // integer(unit), bound // unit, f"{name}{_SCALED}{power}"
    return (value.cast(pl.Int64) if bound <= _MOST_64 else value).alias(name)


def widened(frame: pl.DataFrame) -> pl.DataFrame:
    """Return what was narrowed as it was."""
    return frame.select(
        _widen(name) if name.startswith(_WIDE) else pl.col(name) for name in frame.columns
    )


def _widen(name: str) -> pl.Expr:
    plain, _, power = name.partition(_SCALED)
    return (wide(pl.col(name)) * integer(10 ** int(power or 0))).alias(plain)
