"""The questionnaire that ships: thirty questions a firm can begin with, and why each is asked.

Citations state how firmly they are known; the rules' own words govern. A firm changes the questions
as it changes any policy, by proposing a file and having another person approve it.
"""

from __future__ import annotations

QUESTIONNAIRE_TEXT = r'''# What a provider of routing is asked when it is selected, and each year.
# A new version is proposed and approved like any policy; an open case keeps the one it began with.
# `firm` of a source: read, partly, secondary, recalled, own.

version = "2026-11"
title = "Due diligence on a provider of order routing"

source = [
{id = "5310a", cite = "FINRA Rule 5310(a)(1)", dated = "2026-11", firm = "read"},
{id = "5310c", cite = "FINRA Rule 5310(c)", dated = "2026-11", firm = "read"},
{id = "5310.09", cite = "FINRA Rule 5310.09", dated = "2026-11", firm = "partly"},
{id = "15-46", cite = "FINRA Regulatory Notice 15-46", dated = "2015-11", firm = "secondary"},
{id = "21-23", cite = "FINRA Regulatory Notice 21-23", dated = "2021-06-23", firm = "partly"},
{id = "21-29", cite = "FINRA Regulatory Notice 21-29", dated = "2021-08-13", firm = "recalled"},
{id = "2018", cite = "FINRA examination findings, best execution", dated = "2018", firm = "read"},
{id = "2025", cite = "FINRA oversight report, best execution", dated = "2025", firm = "partly"},
{id = "ioi", cite = "FINRA settlement, indications (IOIs)", dated = "2024-02", firm = "secondary"},
{id = "sor", cite = "FINRA settlement 2017056224801", dated = "2026-07-21", firm = "secondary"},
{id = "606", cite = "SEC Rule 606 and its published schema", dated = "2025-06", firm = "read"},
{id = "17a-4f", cite = "SEC Rule 17a-4(f)", dated = "2023-01-03", firm = "secondary"},
{id = "3110", cite = "FINRA Rule 3110", dated = "", firm = "recalled"},
{id = "15c3-5", cite = "SEC Rule 15c3-5", dated = "", firm = "recalled"},
{id = "own", cite = "the firm's own judgement; no rule", dated = "", firm = "own"},
]

section = [
{id = "venues", title = "Venue connectivity"},
{id = "logic", title = "Routing logic"},
{id = "conflicts", title = "Conflicts of interest"},
{id = "security", title = "Security and continuity"},
{id = "fourth", title = "Fourth parties"},
{id = "history", title = "Regulatory history"},
{id = "leakage", title = "Information leakage"},
]

[[question]]
id = "VC-1"
section = "venues"
text = """\
Name every exchange, alternative trading system, wholesaler and single dealer that the router \
reaches, and how: as a member, through a broker (which one), or by a link of its own."""
why = """\
Reasonable diligence counts the markets checked; what the router cannot reach it does not \
check."""
sources = ["5310a"]
required = true
document = true

[[question]]
id = "VC-2"
section = "venues"
text = """\
Of the venues that are material for the securities we trade, by their share of consolidated \
volume, which does it not reach, and why is each left out?"""
why = "Quality is compared with competing markets, those that are not used among them."
sources = ["5310.09", "2018", "21-23"]
required = true
document = false

[[question]]
id = "VC-3"
section = "venues"
text = """\
Who decides that a venue is added or removed, on what evidence, and how long before the change \
is the firm told?"""
why = """\
A change of venues is a change of the firm's routing arrangements, which the firm must be able \
to judge."""
sources = ["5310.09", "21-29"]
required = true
document = false

[[question]]
id = "VC-4"
section = "venues"
text = """\
How is the router's market data made: direct feeds or the consolidated one, which for which \
decision, and what happens when a feed is late, locked or crossed?"""
why = "The accessibility of a quotation depends on when and how it is seen."
sources = ["5310a"]
required = true
document = false

[[question]]
id = "RL-1"
section = "logic"
text = """\
How are price, speed and likelihood of execution weighed against each other, for a marketable \
order and for one that rests? State the formula, or the rule, and what feeds it."""
why = """\
Price, speed and the likelihood that limit orders execute are factors of the firm's review; the \
firm must know what the router does about each."""
sources = ["5310.09", "2018"]
required = true
document = true

[[question]]
id = "RL-2"
section = "logic"
text = """\
How is the ranking of venues made and kept: which statistics, over which period, refreshed how \
often, and who can override it?"""
why = """\
The firm reviews results by security and type of order, and must know whether the router learns \
at the same grain."""
sources = ["5310.09"]
required = true
document = false

[[question]]
id = "RL-3"
section = "logic"
text = """\
How are orders with several legs handled: as one or leg by leg, at which venues, and who \
carries the risk between legs?"""
why = """\
The size and type of a transaction, and the terms of the order, are part of reasonable \
diligence."""
sources = ["5310a"]
required = true
document = false

[[question]]
id = "RL-4"
section = "logic"
text = "How is a block handled: when is it worked, when exposed, to whom, and what sets the pace?"
why = "The size and type of a transaction are part of reasonable diligence."
sources = ["5310a", "2018"]
required = true
document = false

[[question]]
id = "RL-5"
section = "logic"
text = """\
How are odd lots and fractions of shares handled, and is an odd-lot quotation better than the \
best round lot looked at?"""
why = "Reviews that leave out kinds of order are a recurring finding of examiners."
sources = ["5310a", "2018"]
required = true
document = false

[[question]]
id = "RL-6"
section = "logic"
text = """\
Which parameters can the firm set, which are fixed, and what are the present settings for this \
firm?"""
why = "The duty stays with the firm, which can only answer for settings that it knows."
sources = ["5310.09", "2025"]
required = true
document = true

[[question]]
id = "RL-7"
section = "logic"
text = """\
How are changes of the logic tested, released and taken back, and how is the firm told before \
they reach its orders?"""
why = "A provider's changes are among what the firm supervises."
sources = ["21-29", "3110"]
required = true
document = false

[[question]]
id = "RL-8"
section = "logic"
text = """\
Can each child order be explained afterwards: which venues were considered, what was known of \
each, and why this one? For how long is that kept?"""
why = """\
Order-by-order review is expected where technology makes it possible; it needs the reasons."""
sources = ["15-46"]
required = true
document = false

[[question]]
id = "CI-1"
section = "conflicts"
text = """\
State every payment for order flow that the router or an affiliate receives or passes on: by \
whom, for which orders, at which rates."""
why = """\
Payment must neither interfere with nor be taken into account in the analysis of market \
quality."""
sources = ["15-46", "21-23", "sor"]
required = true
document = true

[[question]]
id = "CI-2"
section = "conflicts"
text = """\
State every access fee, rebate and volume tier that depends on where orders go, who keeps what, \
and whether a tier bears on the ranking."""
why = "Transaction costs are a factor of the review; who keeps a rebate has an interest in it."
sources = ["5310.09", "606"]
required = true
document = true

[[question]]
id = "CI-3"
section = "conflicts"
text = """\
Name every venue, market maker and indicator of interest in which the provider, an owner or an \
affiliate has a stake, and the share of the firm's orders that would go there."""
why = """\
Affiliated venues that are tried first, without looking at what others would give, have been \
the subject of enforcement."""
sources = ["ioi", "5310.09"]
required = true
document = false

[[question]]
id = "CI-4"
section = "conflicts"
text = """\
How is each of these conflicts mitigated, who watches that, and what did the last check find?"""
why = "Routing through a third party as reciprocation relieves the firm of nothing."
sources = ["5310c", "21-23"]
required = true
document = false

[[question]]
id = "SC-1"
section = "security"
text = """\
Which independent examination of the controls covers the router (such as a SOC 2 report of type \
II), over which period, with which exceptions?"""
why = "Diligence on a provider looks at its controls before and while it is used."
sources = ["21-29"]
required = true
document = true

[[question]]
id = "SC-2"
section = "security"
text = """\
What happens to open orders when the router, a line or a site fails; what are the times to \
recover, and when was that last tested with clients?"""
why = "Continuity of an outsourced function stays the firm's to plan for."
sources = ["21-29"]
required = true
document = true

[[question]]
id = "SC-3"
section = "security"
text = """\
Where do the pre-trade controls sit, who sets the limits, and who can stop the flow, how fast?"""
why = """\
An external router used for market access does not move the firm's direct and exclusive \
control."""
sources = ["15c3-5"]
required = true
document = false

[[question]]
id = "SC-4"
section = "security"
text = """\
Which incidents of security or availability touched clients in the last two years, and what was \
changed since?"""
why = "What went wrong, and what followed, says more than a certificate."
sources = ["own"]
required = true
document = false

[[question]]
id = "SC-5"
section = "security"
text = """\
Which records of our orders are kept, in what form, for how long, and how are they delivered on \
request?"""
why = "The firm must be able to produce its records with their audit trail."
sources = ["17a-4f", "21-29"]
required = true
document = false

[[question]]
id = "FP-1"
section = "fourth"
text = """\
Name every subcontractor on which the router depends (hosting, market data, networks, clearing, \
code), what each does, and where."""
why = "What a provider hands on is still part of what the firm supervises."
sources = ["21-29"]
required = true
document = false

[[question]]
id = "FP-2"
section = "fourth"
text = """\
How does the provider watch its own subcontractors, and is the firm told before one is changed?"""
why = "A provider's provider can change what happens to an order without the firm's knowledge."
sources = ["21-29"]
required = true
document = false

[[question]]
id = "RH-1"
section = "history"
text = """\
Which proceedings, settlements and examination findings on order handling, market access or \
reporting touched the provider, its owners or key persons in ten years?"""
why = "A history of failures in the same function bears on the risk of using it."
sources = ["21-29", "own"]
required = true
document = true

[[question]]
id = "RH-2"
section = "history"
text = """\
Is the provider a member of FINRA or an exchange; if so, does it disclose the results and \
rationale of its own reviews to the firm?"""
why = """\
A firm may rely on another member's review only if it is fully disclosed; by the firm's own \
reading, software that is no member offers none."""
sources = ["5310.09", "2025"]
required = true
document = false

[[question]]
id = "IL-1"
section = "leakage"
text = """\
Who sees an order of ours, or part of one, and when: by role at the provider, by venue, by \
recipient of an indication of interest?"""
why = "Each who sees an order before it executes can trade on it."
sources = ["own", "ioi"]
required = true
document = false

[[question]]
id = "IL-2"
section = "leakage"
text = """\
Are indications of interest sent or conditional orders used; to whom, with what content, and \
can the firm turn them off?"""
why = """\
Routing to venues of indications first was found to keep orders from better prices elsewhere."""
sources = ["ioi"]
required = true
document = false

[[question]]
id = "IL-3"
section = "leakage"
text = """\
For what are data of our orders used beyond executing them: models, statistics, resale, \
affiliates' desks? In what form, and who agreed?"""
why = "Data of orders have a price; the firm's customers pay it."
sources = ["own"]
required = true
document = true

[[question]]
id = "IL-4"
section = "leakage"
text = """\
What do child orders reveal (sizes, timing, sequence of venues, identifiers), what is done \
about it, and how is it measured?"""
why = """\
Displayed size that leaves before the router arrives costs the customer; the firm measures it \
too."""
sources = ["own"]
required = true
document = false

[[question]]
id = "IL-5"
section = "leakage"
text = """\
Which barriers keep the firm's orders from the provider's or an affiliate's own trading, and \
when were they last tested?"""
why = "Separation that is not tested is only stated."
sources = ["own"]
required = false
document = false
'''
