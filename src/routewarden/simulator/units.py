"""The whole numbers a small world is made of; text is made of them once, at the end.

what       unit                  integer
price      0.0001 dollars        10,000 is a dollar
quantity   0.00000001 shares     10**8 is a share
fee        10**-12 dollars       a price per share times a quantity
instant    1 ns                  since 1970-01-01T00:00:00Z
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
"""A column of whole numbers."""

DOLLAR = 10_000
TICK = 100
"""The least step of a quoted price: a cent."""
SHARE = 10**8

PRICE_DECIMALS = 4
QUANTITY_DECIMALS = 8
FEE_DECIMALS = 12

US = 1_000
MS = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
