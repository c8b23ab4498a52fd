"""How the firm means orders to be handled, in its own words: a Markdown file of sections.

A section is a heading of the second level with the text under it. What stands in a remark
(`<!-- -->`) is no part of it, so the file that ships, which is all remarks, says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from routewarden.base.errors import RoutewardenError

ORDER_HANDLING = "order_handling.md"
ORDER_HANDLING_TEXT = """\
# Order-handling policy

<!-- How the firm means its customers' orders to be executed. Write under each heading, take out
what has no place, add what is missing. A router's configuration (policy/router.toml) cites this
file by its digest, as `routewarden router show` prints it. -->

## Purpose and scope
<!-- Whose orders, in which securities, by which desks. -->

## Price, speed and likelihood of execution
<!-- How they are weighed against each other, and for which orders otherwise. -->

## Price improvement
<!-- What is sought before the far side is taken, and for how long an order may wait for it. -->

## Order types
<!-- Market, marketable, resting, stop, pegged, auction; what is not accepted. -->

## Odd lots, blocks and multi-leg orders
<!-- What is handled otherwise, and how. -->

## Venues, payments and conflicts of interest
<!-- How venues are chosen, and what payments and affiliations have no part in. -->

## What reveals an order
<!-- Who may see it and when; indications of interest; the use of its data. -->

## When something fails
<!-- Outages, halts, stale quotes: who decides what. -->
"""

_REMARK = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = "## "


class OrderHandlingError(RoutewardenError):
    """The firm's `order_handling.md` cannot be used."""

    def __init__(self, heading: str) -> None:
        super().__init__(
            f"policy/{ORDER_HANDLING}: '{heading}': two sections of this name. Give each its own."
        )


def read_order_handling(text: str) -> Mapping[str, str]:
    """Return the sections that say something, by heading, their text in one line.

    Raises:
        OrderHandlingError: Two have one name.
    """
    found: dict[str, str] = {}
    for part in f"\n{_REMARK.sub('', text)}".split(f"\n{_HEADING}")[1:]:
        heading, _, body = part.partition("\n")
        if heading.strip() in found:
            raise OrderHandlingError(heading.strip())
        found[heading.strip()] = " ".join(body.split())
    return {heading: body for heading, body in found.items() if body}
