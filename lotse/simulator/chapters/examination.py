"""From complete papers to the decision and beyond: suspended, extended, decided too late, appealed, compensated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from lotse.simulator.almanac import months_later, next_working_day, weeks
from lotse.simulator.chapters.compensation import Compensation

if TYPE_CHECKING:
    from lotse.simulator.chapters.procedure import Procedure

DAY = timedelta(1)
APPLICANT, BODY, THIRD, PARTNER = "applicant", "competent-body", "third-party", "partner"


class Examination:
    """Tells what the body does with complete papers. `_end` is the unshifted end of its time."""

    def __init__(self, procedure: Procedure) -> None:
        self.procedure, self.story, self.dice = procedure, procedure.story, procedure.dice
        self._end = procedure.day
        self._fixed = False

    def run(self, outcomes: Mapping[str, float]) -> str:
        """Tells everything from completeness on; returns how it ended."""
        procedure, dice = self.procedure, self.dice
        filing = procedure.filing
        procedure.report("documents-complete")
        months = 2 if filing.accelerated else 4 if filing.nursing else 3
        self._complete_on, self._end = procedure.day, months_later(procedure.day, months)
        procedure.has(BODY, self._due, self._due + DAY)
        if filing.route == "b" and procedure.for_target and dice.chance(0.06):
            # The applicant waives the test of equivalence for good and goes for the exam (PflBG §40(3a)).
            procedure.day += dice.days(5, 40)
            Compensation(procedure, since_decision=None).run()
            return "compensation-required"
        if dice.chance(0.15):
            self._suspend()
        elif dice.chance(0.1):
            self._extend()
        self._wait_for_decision()
        return self._decide(dice.weighted(outcomes))

    @property
    def _due(self) -> date:
        """The day by which the body must decide."""
        return self._end if self._fixed else self.procedure.by_law(self._end)

    def _suspend(self) -> None:
        """The clock stops: the body asks abroad, doubts a paper, or looks at the work itself."""
        procedure, dice = self.procedure, self.dice
        procedure.day += dice.days(3, 40)
        begun = procedure.day
        reason = dice.pick(["further-information", "authenticity-check", "qualification-analysis"])
        turn = APPLICANT if reason == "further-information" else THIRD
        if dice.chance(0.3):
            procedure.report("clock-suspended", suspensionReason=reason)
            procedure.has(turn)
            procedure.day += dice.duration(6, 0.5, least_days=2)
            self._resume(begun)
            return
        until = begun + dice.days(14, 70)
        procedure.report("clock-suspended", suspensionReason=reason, until=until.isoformat())
        self._suspended_until(begun, until, turn)
        if dice.chance(0.5):
            procedure.day = until + dice.days(-10, 10)
            self._resume(begun)

    def _suspended_until(self, begun: date, until: date, turn: str) -> None:
        """With a set date everybody can reckon the new end; from the day after it the body has the turn again."""
        procedure, unchanged = self.procedure, self._end
        self._end = unchanged + (until - begun + DAY)
        procedure.has(turn, self._due, self._due + DAY)
        procedure.day = until + DAY
        procedure.has(BODY, self._due, self._due + DAY)
        self._unchanged = unchanged

    def _resume(self, begun: date) -> None:
        """The body says that it goes on: the days up to here do not count, whatever was set before."""
        procedure = self.procedure
        self._forget_after(procedure.day)
        procedure.report("clock-resumed")
        before = getattr(self, "_unchanged", self._end)
        self._end = before + (procedure.day - begun + DAY)
        procedure.has(BODY, self._due, self._due + DAY)

    def _forget_after(self, day: date) -> None:
        """What the set date would have brought later does not come, because the body went on before."""
        phases = self.story.phases["recognition"]
        phases[:] = [phase for phase in phases if phase.day < day]

    def _extend(self) -> None:
        """Once, with reasons: to a new day, or without one."""
        procedure, dice = self.procedure, self.dice
        procedure.day += dice.days(20, max(21, (self._end - self._complete_on).days - 5))
        if dice.chance(0.2):
            procedure.report("deadline-extended")
            procedure.has(BODY, self._due, procedure.day + DAY)
            return
        self._end, self._fixed = self._end + weeks(dice.integer(4, 10)), True
        procedure.report("deadline-extended", newDate=self._end.isoformat())
        procedure.has(BODY, self._due, self._due + DAY)

    def _wait_for_decision(self) -> None:
        """Most decide when they are ready; one in eight bodies too late by some days, and one in 25 by months."""
        procedure, dice = self.procedure, self.dice
        slow = dice.weighted({"": 0.84, "days": 0.12, "months": 0.04})
        if slow == "days":
            procedure.day = max(procedure.day + DAY, self._due + dice.days(2, 30))
        elif slow == "months":
            procedure.day = max(procedure.day + DAY, self._due + dice.days(60, 200))
        else:
            ready = self._complete_on + dice.duration(8, 0.9)
            procedure.day = max(procedure.day + dice.days(1, 10), ready)

    def _decide(self, outcome: str) -> str:
        """The decision, and what people make of it."""
        procedure, dice = self.procedure, self.dice
        procedure.report("decided", outcome=outcome)
        told = getattr(self, "_" + outcome.replace("-", "_"), self._closed_without_decision)
        told()
        if outcome in ("none", "partial") and procedure.for_target and dice.chance(0.25):
            return self._appeal()
        if outcome == "compensation-required":
            Compensation(procedure, since_decision=procedure.day).run()
        elif outcome == "full" and procedure.licence_needed:
            self.licence()
        elif outcome == "partial" and dice.chance(0.3):
            self._qualify()
            return "qualifying"
        return outcome

    def _appeal(self) -> str:
        """Against it within the month; the body decides again, and better."""
        procedure, dice = self.procedure, self.dice
        procedure.day += dice.days(4, 25)
        procedure.report("appeal-filed")
        procedure.has(BODY)
        procedure.day += dice.duration(10, 0.5, least_days=8)
        return self._decide("full")

    # What each decision means for the barrier

    def _full(self) -> None:
        if self.procedure.licence_needed:
            self.procedure.has(BODY)
        else:
            self.story.tell("recognition", self.procedure.day, "resolved")

    def _partial(self) -> None:
        self.story.tell("recognition", self.procedure.day, "open", APPLICANT)

    def _closed_without_decision(self) -> None:
        self.story.tell("recognition", self.procedure.day, "open", APPLICANT)

    def _compensation_required(self) -> None:
        due = next_working_day(months_later(self.procedure.day, 6), self.procedure.land)
        self.procedure.has(APPLICANT, due, due + DAY)

    def _none(self) -> None:
        day = self.procedure.day
        if not self.procedure.for_target:
            self.story.tell("recognition", day, "not-a-barrier")
            return
        due = next_working_day(months_later(day, 1), self.procedure.land)
        self.story.tell("recognition", day, "not-resolvable", APPLICANT, due=due)

    def licence(self) -> None:
        """The licence, when language, health and reliability are shown, too."""
        self.procedure.day += self.dice.duration(5, 0.7)
        self.procedure.report("licence-issued")
        self.story.tell("recognition", self.procedure.day, "resolved")

    def _qualify(self) -> None:
        """After a partial equivalence: the missing parts are learned at a firm."""
        self.procedure.day += self.dice.duration(10, 0.6)
        self.procedure.report("measure-started")
        self.procedure.has(PARTNER)
