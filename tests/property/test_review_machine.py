"""No order of acts leads a review past quorum, recusal, empty cells, decisions or two signers."""

from __future__ import annotations

from datetime import date
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from routewarden.base.canonical import Digest
from routewarden.cases import coverage, review
from routewarden.cases.case import Act, Case, Document, RefusedError, decide
from tests.reviewed import (
    COMMITTEE,
    DAY,
    FUNCTION,
    ROLES,
    act,
    complete,
    considered,
    new,
    sitting,
)

_NAMES = st.sampled_from(sorted(ROLES))
_STEPS = st.sampled_from(
    [
        *(step.name for step in review.PROCEDURE.steps if step.name != "void"),
        *("sign", "sign", "minute", "minute", "tally", "vote", "consider"),
    ]
)
_ITEMS = st.sampled_from(
    ["january", "march", "all", "D1", "D2", "M1", "needs|market|*", "needs|other|*", "thin"]
)
_CHOICES = {
    "consider": ("number", "open", "not_applicable"),
    "vote": ("yes", "no", "abstain"),
    "tally": ("passed", "failed", "withdrawn"),
    "decide": (review.MODIFY, review.JUSTIFY),
    "order-by-order": review.APPLIES,
}
_MINUTES = (Document(review.MINUTES, "m.pdf", Digest("dd" * 32)),)


_STARTS = (
    new,
    sitting,
    lambda: sitting(None, "Ann", "Bob"),
    lambda: sitting(new(FUNCTION), "Ann", "Di"),
    lambda: considered(sitting()),
    complete,
)


class Review(RuleBasedStateMachine):
    """Anybody tries anything; what is let through is judged here, apart from the guards."""

    case: Case

    @initialize(start=st.sampled_from(range(len(_STARTS))))
    def open(self, start: int) -> None:
        """Begin early or late, with many or just enough, so that short sequences go far."""
        self.case = _STARTS[start]()

    @rule(by=st.sampled_from(["Ann", "Bob", "Di"]), item=st.sampled_from(["all", "D1"]))
    def somebody_steps_aside(self, by: str, item: str) -> None:
        self._try(by, "recuse", item=item)

    @rule(by=st.sampled_from(["Ann", "Bob"]), item=st.sampled_from(["D1", "M2"]))
    def one_goes_on(self, by: str, item: str) -> None:
        self._try(by, "difference" if item == "D1" else "move", item=item)

    @rule(by=_NAMES, step=_STEPS, item=_ITEMS, pick=st.integers(0, 2), fresh=st.integers(0, 4))
    def anybody_tries(self, by: str, step: str, item: str, pick: int, fresh: int) -> None:
        offered = _CHOICES.get(step, ("",))
        tried = Act(
            step, by, (ROLES[by],), "2026-01-20T16:00:00Z", DAY, reason="why",
            choice=offered[pick % len(offered)], item=item, to="Bob", due=date(2026, 3, 1),
            documents=_MINUTES if step == "minute" else (),
            seen=self.case.digest if fresh else "old",
        )  # fmt: skip
        try:
            after = decide(self.case, tried)
        except RefusedError:
            return
        self._judge(self.case, tried)
        self.case = after

    @rule(bob=st.booleans(), again=st.booleans())
    def two_finish_it(self, bob: bool, again: bool) -> None:  # noqa: FBT001
        """Who would, goes on in the right order; what others did before may be in the way."""
        names = ("Ann", "Ann" if again else "Bob" if bob else "Cy")
        if self.case.state == review.SITTING:
            self._try("Di", "minute", documents=_MINUTES)
        for name in names:
            self._try(name, "sign")

    def _try(self, by: str, step: str, **said: Any) -> None:  # noqa: ANN401
        tried = act(by, step, reason="why", seen=self.case.digest, **said)
        try:
            after = decide(self.case, tried)
        except RefusedError:
            return
        self._judge(self.case, tried)
        self.case = after

    def _judge(self, before: Case, done: Act) -> None:
        """Nothing was let through by a person who may not, or by too few."""
        aside = {a.by for a in before.of("recuse") if a.item in {done.item, "all"}}
        met = [a.item for a in before.of("convene")]
        at = done.item if done.step == "convene" else (met or [""])[-1]
        there = {a.by for a in before.of("attend") if a.item == at} - aside
        voting = {"Ann", "Di"} if "majority" not in before.facts else {"Ann", "Bob", "Cy"}
        if done.step in {"convene", "consider", "difference", "immaterial", "decide", "move",
                        "order-by-order"}:  # fmt: skip
            assert done.by in there & voting
            assert len(there & voting) >= COMMITTEE.quorum
        if done.step == "vote":
            assert done.by in there & voting
            assert done.by not in {a.by for a in before.of("vote") if a.item == done.item}
        if done.step == "tally" and done.choice != "withdrawn":
            cast = {a.by: a.choice for a in before.of("vote") if a.item == done.item}
            kept = [choice for name, choice in cast.items() if name not in aside]
            assert len(kept) >= COMMITTEE.quorum
            assert (done.choice == "passed") == (kept.count("yes") > kept.count("no"))
        if done.step in {"minute", "sign"}:
            assert done.seen == before.digest
            self._whole(before)

    @staticmethod
    def _whole(case: Case) -> None:
        """All that has to be said was, whatever way it came there."""
        said = {a.item for a in case.of("consider") if a.choice != "number"}
        for cell in coverage.lacking(case):
            factor, kind, symbol = cell.split("|")
            assert said & {cell, f"{factor}|{kind}|*"} or ("thin" in said and cell in _THIN)
        last = {a.item: a.step for a in case.of("difference", "immaterial")}
        assert "D1" in last
        decided = {a.item for a in case.of("decide")}
        assert {item for item, step in last.items() if step == "difference"} <= decided
        assert {a.item for a in case.of("move")} == {a.item for a in case.of("tally")}
        assert case.of("order-by-order")
        assert symbol

    @invariant()
    def two_signed_the_last_minutes(self) -> None:
        case = getattr(self, "case", None)
        if case is None or case.state != review.SIGNED:
            return
        minutes, first, second = case.acts[-3:]
        assert (minutes.step, first.step, second.step) == ("minute", "sign", "sign")
        assert first.by == "Ann"
        assert second.by in {"Bob", "Cy", "Di"}
        assert second.by not in {a.by for a in case.of("recuse") if a.item == "all"}


_THIN = {"needs|market|XYZ", "speed|market|XYZ"}

Review.TestCase.settings = settings(
    max_examples=2000,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestReview = Review.TestCase
