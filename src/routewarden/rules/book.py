"""Every rule, in the order findings are listed."""

from __future__ import annotations

from routewarden.rules.catalogue import (
    amendment_without_target,
    clocks_disagree,
    disimproved,
    ended_before_received,
    fill_without_order,
    fill_without_route,
    filled_after_end,
    no_quote_at_receipt,
    orders_disagree,
    outside_nbbo,
    overfilled_order,
    quote_tie,
    rival_corrections,
    route_without_order,
    stale_reference,
    unexpected_venue,
    venues_disagree,
)
from routewarden.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    amendment_without_target.RULE,
    clocks_disagree.RULE,
    disimproved.RULE,
    ended_before_received.RULE,
    fill_without_order.RULE,
    fill_without_route.RULE,
    filled_after_end.RULE,
    no_quote_at_receipt.RULE,
    orders_disagree.RULE,
    outside_nbbo.RULE,
    overfilled_order.RULE,
    quote_tie.RULE,
    rival_corrections.RULE,
    route_without_order.RULE,
    stale_reference.RULE,
    unexpected_venue.RULE,
    venues_disagree.RULE,
)
