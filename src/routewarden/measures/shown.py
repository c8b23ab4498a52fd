"""Numbers as people read them: one way on screen, on paper and inside a sentence."""

from __future__ import annotations

from decimal import Decimal

from routewarden.measures.measure import Unit

NO_VALUE = "\N{EN DASH}"
_HUNDRED = Decimal(100)


def shown(value: Decimal | None, unit: Unit) -> str:
    """Return a number as people read it: percent, price, milliseconds, with a true minus."""
    if value is None:
        return NO_VALUE
    match unit:
        case Unit.FRACTION:
            text = f"{value * _HUNDRED:z,.1f} %"
        case Unit.MS:
            text = f"{value:z,.1f}"
        case Unit.PER_SHARE:
            text = f"{value:z,.5f}"
        case Unit.BPS:
            text = f"{value:z,.1f}"
        case Unit.MONEY:
            text = f"{value:z,.2f}"
        case _:
            text = f"{value:z,.0f}"
    return text.replace("-", "\N{MINUS SIGN}")


def unit_shown(unit: Unit) -> str:
    """Return the unit as a heading says it; a fraction is shown in percent."""
    return "%" if unit is Unit.FRACTION else unit.value
