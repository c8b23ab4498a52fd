"""Every rule, in the order findings are listed."""

from __future__ import annotations

from routewarden.rules.catalogue import (
    amendment_without_target,
    clocks_disagree,
    ended_before_received,
    fill_without_order,
    fill_without_route,
    filled_after_end,
    no_quote_at_receipt,
    orders_disagree,
    overfilled_order,
    quote_tie,
    rival_corrections,
    route_without_order,
    venues_disagree,
)
from routewarden.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    amendment_without_target.RULE,
    clocks_disagree.RULE,
    ended_before_received.RULE,
    fill_without_order.RULE,
    fill_without_route.RULE,
    filled_after_end.RULE,
    no_quote_at_receipt.RULE,
    orders_disagree.RULE,
    overfilled_order.RULE,
    quote_tie.RULE,
    rival_corrections.RULE,
    route_without_order.RULE,
    venues_disagree.RULE,
)
