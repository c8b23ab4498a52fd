"""A provider's remediation: who takes which step, in what order, and with what in hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from routewarden.base.canonical import sha256
from routewarden.cases.book import STEPS
from routewarden.cases.case import Act, Case, RefusedError, decide
from routewarden.cases.remediation import PROCEDURE, monitored_since, plan_of, unverified
from tests.remedies import DAY, NOTICE, act, monitoring, new, planned, taken, through


def refused(case: Case, done: Act) -> str:
    with pytest.raises(RefusedError) as raised:
        decide(case, done)
    return str(raised.value)


def test_it_is_opened_by_those_who_lead() -> None:
    assert {str(role) for role in PROCEDURE.opened_by} == {"supervisor", "compliance", "chair"}


def test_the_test_is_no_step_to_take_by_hand() -> None:
    assert "sequential-test" not in STEPS
    assert {"notify", "release", "sign"} <= set(STEPS)


# -- Notice and inquiry ----------------------------------------------------------------------------


def test_nobody_is_notified_without_the_letter() -> None:
    assert "needs notification" in refused(new(), act("notify", "com", new(), due=DAY))


def test_the_date_is_the_one_the_letter_says() -> None:
    case = taken(new(), "attach", "ann", documents=(NOTICE,), due=DAY + timedelta(days=9))

    assert "--due 2026-07-10" in refused(case, act("notify", "com", case, due=DAY))
    assert taken(case, "notify", "com", due=DAY + timedelta(days=9)).state == "notified"


def test_a_letter_without_a_date_leaves_it_open() -> None:
    assert taken(new(), "notify", "com", due=DAY, documents=(NOTICE,)).state == "notified"


def test_a_supervisor_does_not_notify() -> None:
    case = taken(new(), "attach", "ann", documents=(NOTICE,))

    assert "it takes chair or compliance" in refused(case, act("notify", "sup", case, due=DAY))


def test_nothing_is_concluded_until_the_provider_answered_or_its_date_passed() -> None:
    case = taken(through("notify"), "investigate", "sup")
    done = act("conclude", "com", case, choice="market", reason="a halt")

    assert "exchanged no findings, and has until 2026-07-10" in refused(case, done)
    late = replace(done, day=date(2026, 7, 11))
    assert decide(case, late).state == "planning"


def test_the_providers_of_another_firm_see_nothing_of_it() -> None:
    case = through("notify")
    done = replace(act("exchange", "ven", case, reason="ours", documents=(NOTICE,)), of="other-sor")

    assert "not theirs" in refused(case, done)


# -- Plan ------------------------------------------------------------------------------------------


def test_an_empty_plan_is_not_accepted() -> None:
    case = through("conclude")

    assert "no action is planned" in refused(case, act("accept", "ven", case))
    assert "no action is planned" in refused(case, act("approve", "com", case))


def test_a_plan_is_approved_after_the_provider_accepted_it_as_it_stands() -> None:
    case = planned()
    assert "has not accepted the plan" in refused(case, act("approve", "com", case))

    case = taken(case, "accept", "ven")
    changed = taken(case, "plan", "sup", item="speed", to="ven", due=DAY, reason="more")
    assert "has not accepted the plan" in refused(changed, act("approve", "com", changed))
    assert taken(case, "approve", "com").state == "planning"


def test_who_planned_does_not_approve() -> None:
    case = taken(through("conclude"), "plan", "com", item="a", to="sup", due=DAY, reason="why")
    case = taken(case, "accept", "ven")

    assert "com did plan" in refused(case, act("approve", "com", case))


def test_an_approval_is_of_what_was_seen() -> None:
    case = taken(planned(), "accept", "ven")

    assert "has to state the digest" in refused(
        case, replace(act("approve", "com", case), seen="x")
    )


def test_monitoring_counts_from_the_act_that_began_it() -> None:
    began = monitored_since(monitoring())

    assert monitored_since(planned()) is None
    assert began is not None
    assert (began.step, began.by) == ("monitor", "sup")


def test_monitoring_waits_for_the_approval_and_actions_for_it_too() -> None:
    case = taken(planned(), "accept", "ven")
    shown = act("done", "ven", case, item="tables", documents=(NOTICE,))

    assert "not approved" in refused(case, act("monitor", "sup", case))
    assert "not approved" in refused(case, shown)
    assert "has not accepted" in refused(planned(), act("monitor", "sup", planned()))


def test_an_action_is_done_by_its_owner_or_the_provider() -> None:
    case = monitoring(done=False)

    assert "no action 'x'" in refused(case, act("done", "ven", case, item="x", documents=(NOTICE,)))
    assert "is ven's" in refused(case, act("done", "sup", case, item="tables", documents=(NOTICE,)))


def test_an_action_is_verified_once_done_and_by_another() -> None:
    case = monitoring(done=False)
    looked = act("verify", "ann", case, item="tables", reason="seen")
    assert "not done yet" in refused(case, looked)

    case = taken(through("conclude"), "plan", "sup", item="own", to="ann", due=DAY, reason="why")
    case = taken(taken(case, "accept", "ven"), "approve", "com")
    case = taken(case, "done", "ann", item="own", documents=(NOTICE,))
    assert unverified(case) == ("own",)
    mine = act("verify", "ann", case, item="own", reason="seen")
    assert "takes another person" in refused(case, mine)
    assert unverified(taken(case, "verify", "sup", item="own", reason="seen")) == ()


def test_an_action_planned_anew_has_to_be_done_anew() -> None:
    case = taken(planned(), "accept", "ven")
    case = taken(taken(case, "approve", "com"), "done", "ven", item="tables", documents=(NOTICE,))
    case = taken(case, "plan", "sup", item="tables", to="ven", due=DAY, reason="otherwise")

    assert unverified(case) == ("tables",)
    looked = act("verify", "ann", case, item="tables", reason="seen")
    assert "not done yet" in refused(case, looked)


# -- Ends ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["continue", "return"])
def test_a_test_that_does_not_say_release_releases_nobody(said: str) -> None:
    case = taken(monitoring(), "sequential-test", "ann", choice=said, documents=(NOTICE,))
    case = taken(case, "attach", "ann", documents=(replace(NOTICE, kind="sequential test"),))

    assert f"says {said}" in refused(case, act("release", "sup", case, reason="it is"))


def test_a_file_that_calls_itself_a_test_is_none() -> None:
    named = replace(NOTICE, kind="sequential test")
    case = taken(monitoring(), "attach", "ann", documents=(named,))

    assert "no sequential test" in refused(case, act("release", "sup", case, reason="it is"))


def test_a_release_waits_for_every_action() -> None:
    case = with_test(monitoring(done=False))

    assert "not verified: tables" in refused(case, act("release", "sup", case, reason="it is"))


def test_a_release_takes_two_and_is_final() -> None:
    case = taken(with_test(monitoring()), "release", "sup", reason="it is mended")
    assert case.state == "releasing"
    assert "sup did release" in refused(case, act("confirm", "sup", case))

    ended = taken(case, "confirm", "com")
    assert (ended.state, ended.is_open) == ("resolved", False)


def test_who_sends_a_release_back_wants_another_test() -> None:
    case = taken(with_test(monitoring()), "release", "sup", reason="it is mended")
    case = taken(case, "return", "com", reason="one more week")

    assert case.state == "monitoring"
    assert "no sequential test" in refused(case, act("release", "sup", case, reason="it is"))


def test_back_in_the_investigation_a_plan_is_made_anew() -> None:
    case = taken(monitoring(), "return", "sup", reason="the test says so")
    case = taken(case, "conclude", "com", choice="venue_fault", reason="a venue")

    assert plan_of(case) == {}
    assert "no action is planned" in refused(case, act("monitor", "sup", case))


def test_to_keep_it_unchanged_takes_the_chair_and_compliance() -> None:
    case = taken(through("conclude"), "justify", "cha", reason="no better router")
    assert "it takes compliance" in refused(case, act("confirm", "sup", case))

    assert taken(case, "confirm", "com").state == "justified"


def test_leaving_needs_a_plan_an_alternative_and_a_signature() -> None:
    case, plan = through("notify"), replace(NOTICE, kind="transition plan")
    own = act("terminate", "com", case, item="acme-sor", reason="why", documents=(plan,))
    bare = act("terminate", "com", case, item="other-sor", reason="why")
    assert "own router" in refused(case, own)
    assert "needs transition plan" in refused(case, bare)

    case = taken(case, "terminate", "com", item="other-sor", reason="why", documents=(plan,))
    assert case.state == "leaving"
    assert "it takes senior" in refused(case, act("sign", "com", case))
    case = taken(case, "sign", "sen")
    assert case.state == "terminating"
    assert (
        taken(case, "cease", "sup", reason="none left", documents=(NOTICE,)).state == "terminated"
    )


def with_test(case: Case) -> Case:
    held = replace(NOTICE, kind="sequential test", digest=sha256(b"test"))
    return taken(case, "sequential-test", "ann", choice="release", documents=(held,))
