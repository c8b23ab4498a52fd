"""A template of written supervisory procedures, to be made the firm's own before it is approved.

It says what this program can show the doing of, and leaves open, in brackets, what only the firm
knows. `wsp template` prints it; nothing is in force until two persons approve the firm's text.
"""

from __future__ import annotations

TEMPLATE = """\
# Written supervisory procedures: oversight of the order router

Text in [brackets] is the firm's to fill in. A control named in braces is one whose running the
log shows; what a paragraph asks beyond it needs a record of its own.

## Due diligence on the provider

[Compliance officer] collects the provider's answers to the firm's questionnaire before its router
is used and whenever it is replaced: the venues it reaches and how that compares with where the
securities the firm trades are traded, how it weighs price, speed and likelihood of execution,
payments and affiliations, security and continuity, its own providers, its regulatory history.

The committee decides on the record of those answers, and its reasons and conditions are kept. No
approval is given by whoever collected the answers. {control: provider-timely}

## Annual refresh

Once a year, before the day the last approval was given, [compliance officer] has the provider
confirm or renew each answer. What changed is marked, and the result is presented to [senior
manager], who signs it.

## Daily monitoring

Each trading date [analyst] has the day's orders, routes, executions and quotes taken in and
measured. {control: measure-daily}

What stands out is put in the queue the same day, and is given to a named person. {control:
queue-daily}

Whoever has an exception looks into it, writes down what was found, and closes it with a reason. A
severe one is confirmed by a second person who did not close it. None stays open past its date
without [supervisor] being told. {control: exceptions-timely}

## Quarterly review

Within [thirty] trading dates of the end of a quarter [analyst] makes the quarter's review: every
security and type of order, each factor of the rule with a number or a written reason.
{control: review-quarterly}

The committee decides for each material difference whether routing is changed, or why it is not,
with an owner and a date, and signs. {control: committee-quarterly}

## The committee's responsibilities

The best-execution committee has [members], a quorum of [three], and meets at least each quarter. A
member with an interest in a matter says so and takes no part in it. Minutes keep who said what,
what was decided and why, and are signed by the chair and a second member.

## Underperformance

Where the provider falls short of its agreement or of the firm's benchmarks, [supervisor] notifies
it formally with the figures and the orders behind them. Causes are looked into together, a plan
with owners and dates is agreed, and the provider is watched more closely until the figures show
that it holds, or it is replaced. {control: provider-timely}

## Conflicts of interest

Payment for order flow, rebates and affiliations are shown beside the measures of execution and
never counted in them. Flow that is concentrated on, or drifts to, venues that pay is an exception
like any other. {control: queue-daily}

## Information leakage

[Analyst] follows whether displayed size fades before the router's orders come, by router and
month, and asks the provider who sees an order, when, and for what use. {control: queue-daily}

## Routing disclosure

[Compliance officer] makes and publishes the quarterly report on held orders, and compares it with
the orders and payments on record before it is published.

## Settings and records

Limits, expected venues, calendars and these procedures are proposed by one person and approved by
another. {control: settings-approved}

The log is copied to [a witness outside the firm's own systems], and [engineer] restores a backup
once a year to show that it can be done.
"""
