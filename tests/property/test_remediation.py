"""No sequence of acts gets a remediation past four eyes, required documents or its order."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from routewarden.base.canonical import sha256
from routewarden.cases.case import Act, Case, Document, RefusedError, decide
from routewarden.cases.remediation import CAUSES, PROCEDURE
from routewarden.cases.roles import Role
from tests.remedies import AT, DAY, monitoring, new, planned, through

FIRM = {
    "ann": Role.ANALYST, "sup": Role.SUPERVISOR, "com": Role.COMPLIANCE, "coo": Role.COMPLIANCE,
    "cha": Role.CHAIR, "sen": Role.SENIOR, "ven": Role.VENDOR, "els": Role.VENDOR,
}  # fmt: skip
OF = {"ven": "acme-sor", "els": "other-sor"}
KINDS = ("notification", "sequential test", "transition plan", "document")
STEPS = sorted({step.name for step in PROCEDURE.steps})
CHOICES = ("", *CAUSES, "continue", "release", "return")
LIKELY = {
    "open": ("attach", "notify"),
    "notified": ("investigate", "exchange", "terminate"),
    "investigating": ("exchange", "conclude", "justify"),
    "planning": ("plan", "accept", "approve", "done", "verify", "monitor"),
    "monitoring": ("done", "verify", "sequential-test", "release", "return", "terminate"),
    "releasing": ("confirm", "return"),
    "justifying": ("confirm", "return"),
    "leaving": ("sign", "return"),
    "terminating": ("cease",),
}


BEGUN = (new, lambda: through("conclude"), planned, monitoring, lambda: monitoring(done=False))


class Remediation(RuleBasedStateMachine):
    """Anybody tries anything, mostly what leads on."""

    def __init__(self) -> None:
        super().__init__()
        self.case = new()

    @initialize(begun=st.sampled_from(BEGUN))
    def begin(self, begun: Callable[[], Case]) -> None:
        self.case = begun()

    @rule(data=st.data(), leads=st.booleans())
    def attempt(self, data: st.DataObject, leads: bool) -> None:  # noqa: FBT001 - drawn
        step = data.draw(st.sampled_from(LIKELY.get(self.case.state, STEPS) if leads else STEPS))
        fits = [
            name
            for name, role in FIRM.items()
            for each in PROCEDURE.named(step)
            if role in each.roles
        ]
        by = data.draw(st.sampled_from(fits if leads else sorted(FIRM)))
        choices = [each for way in PROCEDURE.named(step) for each in way.choices]
        kind = data.draw(st.sampled_from(KINDS))
        done = Act(
            *(step, by, (FIRM[by],), AT, data.draw(st.sampled_from([DAY, date(2026, 8, 1)]))),
            reason="why",
            choice=data.draw(st.sampled_from(choices or [""] if leads else CHOICES)),
            item=data.draw(st.sampled_from(["one", "two", "acme-sor"])),
            to=data.draw(st.sampled_from(sorted(FIRM))),
            due=DAY,
            documents=(Document(kind, "f", sha256(kind.encode())),),
            seen=self.case.digest if leads or data.draw(st.booleans()) else "0" * 64,
            of=OF.get(by, ""),
        )
        with contextlib.suppress(RefusedError):
            self.case = decide(self.case, replace(done, item="" if step == "notify" else done.item))

    @invariant()
    def the_end_took_all_it_takes(self) -> None:
        acts, state = self.case.acts, self.case.state
        steps = [act.step for act in acts]
        by = {step: {act.by for act in acts if act.step == step} for step in set(steps)}
        held = {document.kind for act in acts for document in act.documents}
        assert all(act.of in {"", "acme-sor"} for act in acts)
        if state != "open":
            assert "notify" in steps
            assert "notification" in held
        if "approve" in steps:
            for place, act in enumerate(acts):
                if act.step == "approve":
                    assert act.by not in {each.by for each in acts[:place] if each.step == "plan"}
            assert by["accept"] == {"ven"}
        if "monitor" in steps:
            assert steps.index("accept") < steps.index("approve") < steps.index("monitor")

    @invariant()
    def each_way_out_took_its_persons(self) -> None:
        acts, state = self.case.acts, self.case.state
        by = {act.step: {each.by for each in acts if each.step == act.step} for act in acts}
        if state in {"releasing", "resolved"}:
            assert [act.choice for act in acts if act.step == "sequential-test"][-1] == "release"
            assert "verify" in by
        if state == "resolved":
            assert by["confirm"] - by["release"]
        if state == "justified":
            assert by["justify"] <= {"cha"}
            assert acts[-1].roles == (Role.COMPLIANCE,)
        if state in {"terminating", "terminated"}:
            assert "transition plan" in {each.kind for act in acts for each in act.documents}
            assert by["sign"] == {"sen"}
            assert [act.item for act in acts if act.step == "terminate"][-1] != "acme-sor"


TestRemediation = Remediation.TestCase
TestRemediation.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
