"""The compensation measure: chosen, waited for, gone through, passed or not, up to the licence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from lotse.simulator.almanac import months_later, next_working_day, weeks

if TYPE_CHECKING:
    from lotse.simulator.chapters.procedure import Procedure

DAY = timedelta(1)
APPLICANT, BODY, PARTNER, CAPACITY = "applicant", "competent-body", "partner", "capacity"


class Compensation:
    """Tells a compensation measure. Without a decision the applicant waived the test of equivalence.

    An exam must be possible within six months of the decision, or of the choice when there is none; an adaptation
    course has no such time.
    """

    def __init__(self, procedure: Procedure, since_decision: date | None) -> None:
        self.procedure, self.story, self.dice = procedure, procedure.story, procedure.dice
        self._counted_from = since_decision

    def run(self) -> None:
        """Up to two attempts; who passes gets the licence, who fails twice stays there."""
        procedure, dice = self.procedure, self.dice
        exam = "knowledge-test" if procedure.filing.nursing else "aptitude-test"
        kind = dice.weighted({"adaptation-course": 0.5, exam: 0.5})
        if self._counted_from:
            procedure.day += dice.duration(4, 0.6)
        for _ in range(2):
            self._choose(kind)
            self._go_through(kind)
            if dice.chance(0.75):
                self._pass()
                return
            self._fail(kind)
            procedure.day += dice.duration(4, 0.5)

    def _choose(self, kind: str) -> None:
        procedure, dice = self.procedure, self.dice
        procedure.report("measure-chosen", compensationMeasure=kind)
        if self._counted_from is None:
            self._counted_from = procedure.day
        patience = procedure.day + weeks(13)
        if kind == "adaptation-course":
            procedure.has(CAPACITY, patience, patience + DAY)
        else:
            procedure.has(CAPACITY, self._exam_due, min(patience, self._exam_due) + DAY)
        procedure.day += dice.duration(12, 0.6)

    def _go_through(self, kind: str) -> None:
        procedure, dice = self.procedure, self.dice
        provider = self.story.region.named("recognition", "bildung", "training-provider", "competent-body")
        procedure.report("measure-started", provider if dice.chance(0.5) else None, compensationMeasure=kind)
        if kind == "adaptation-course":
            procedure.has(PARTNER)
            procedure.day += dice.duration(30, 0.4)
        else:
            procedure.has(PARTNER, self._exam_due, self._exam_due + DAY)
            procedure.day += dice.duration(18, 0.4)

    def _pass(self) -> None:
        """Passed; sometimes the body says once more that all is equal now, then it issues the licence."""
        procedure, dice = self.procedure, self.dice
        procedure.report("exam-taken", result="passed")
        procedure.has(BODY)
        procedure.day += dice.duration(3, 0.5)
        if dice.chance(0.4):
            procedure.report("decided", outcome="full")
            if procedure.licence_needed:
                procedure.has(BODY)
            else:
                self.story.tell("recognition", procedure.day, "resolved")
            procedure.day += dice.duration(3, 0.5)
        procedure.report("licence-issued")
        self.story.tell("recognition", procedure.day, "resolved")

    def _fail(self, kind: str) -> None:
        procedure = self.procedure
        procedure.report("exam-taken", result="failed")
        self._counted_from = procedure.day
        if kind == "adaptation-course":
            procedure.has(APPLICANT)
        else:
            procedure.has(APPLICANT, self._exam_due, self._exam_due + DAY)

    @property
    def _exam_due(self) -> date:
        assert self._counted_from is not None
        return next_working_day(months_later(self._counted_from, 6), self.procedure.land)
