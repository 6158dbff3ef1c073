"""One recognition procedure, from the first advice to the licence: who has it, since when, and what the law makes due.

The storyteller knows the law of each route and reckons every date with the simulator's own calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lotse.simulator.almanac import days, months_later, next_working_day, weeks
from lotse.simulator.chapters.examination import Examination
from lotse.simulator.story import Happening, Story

DAY = timedelta(1)
APPLICANT, BODY, PARTNER, CAPACITY = "applicant", "competent-body", "partner", "capacity"


@dataclass(frozen=True, slots=True)
class Filing:
    """What is filed where: route, occupation, competent body, and how such applications end."""

    route: str
    occupation: str
    body: str
    outcomes: Mapping[str, float]
    accelerated: bool = False

    @property
    def licensed(self) -> bool:
        """Whether a full equivalence is not the end: a regulated occupation asks for the licence too."""
        return self.route == "b" or (self.route == "e" and self.nursing)

    @property
    def nursing(self) -> bool:
        """Whether the nursing law sets the time."""
        return self.occupation.startswith("8130")

    @property
    def has_law(self) -> bool:
        """Whether a law sets the body's time; elsewhere only the project watches it."""
        return self.route in ("a", "b", "e") or self.nursing


class Procedure:
    """Tells one procedure. `day` is the day of the last step; steps after the simulation's end are told to nobody.

    Not `for_target` is a procedure for an occupation that the person does not aim at any more.
    """

    def __init__(self, story: Story, filing: Filing, begins: date, *, for_target: bool = True) -> None:
        self.story, self.filing, self.day, self.for_target = story, filing, begins, for_target
        self.licence_needed = filing.licensed and for_target
        self.dice = story.dice
        self.id = self.dice.slug({"a": "trade", "b": "licence"}.get(filing.route, "cert"))
        self.land = story.region.land_of(filing.body)
        self._first = True

    def run(self, outcomes: Mapping[str, float] | None = None, *, steadfast: bool = False) -> str:
        """Tells the procedure to its end; returns the outcome (`withdrawn` too)."""
        dice = self.dice
        self._before()
        if not steadfast and dice.chance(min(0.9, 0.01 * self._prepared_months)):
            return self._withdraw()
        self._submit()
        self._check_papers()
        if not steadfast and dice.chance(0.03):
            return self._withdraw()
        return Examination(self).run(outcomes or self.filing.outcomes)

    # Words for the steps below and for the examination

    def report(self, fact: str, by: str | None = None, **data: Any) -> Happening | None:
        """A report on this procedure, today; now and then its head is said again."""
        filing, head = self.filing, {}
        if self._first or fact in ("advised", "submitted"):
            head = {
                "recognitionRoute": filing.route,
                "referenceOccupation": filing.occupation,
                "body": filing.body,
            }
            self._first = False
        elif self.dice.chance(0.3):
            head = {"body": filing.body}
        return self.story.happens(self.day, "recognition", fact, by or filing.body, procedureId=self.id, **head, **data)

    def has(self, turn: str, due: date | None = None, stalled_from: date | None = None) -> None:
        """From today on the barrier is in progress and somebody has the turn."""
        self.story.tell("recognition", self.day, "in-progress", turn, due=due, stalled_from=stalled_from)

    def by_law(self, day: date) -> date:
        """An end of a time set by law: moved to the next working day at the body's seat; the project moves nothing."""
        return next_working_day(day, self.land) if self.filing.has_law else day

    # The steps before the examination

    def _before(self) -> None:
        """Advice and papers: the largest hidden delay."""
        dice = self.dice
        adviser = self.story.region.named("recognition", "iq", "advice-centre", "chamber", "competent-body")
        begun = self.day
        if dice.chance(0.7):
            self.report("advised", adviser)
            self.story.tell("recognition", self.day, "open", APPLICANT)
            self.day += dice.duration(3, 0.6)
        if dice.chance(0.7):
            self._collect(adviser)
        self._prepared_months = (self.day - begun).days / 30

    def _collect(self, adviser: str) -> None:
        """Collecting papers; who reports again that they are at it starts the project's patience anew."""
        left = self.dice.duration(16, 0.8, least_days=4)
        while left > timedelta(0):
            self.report("documents-preparing", adviser)
            patience = self.day + weeks(13)
            self.has(APPLICANT, patience, patience + DAY)
            step = left if self.dice.chance(0.6) else min(left, self.dice.days(20, 80))
            self.day += step
            left -= step

    def _withdraw(self) -> str:
        self.day += self.dice.days(1, 20)
        self.report("withdrawn")
        self.story.tell("recognition", self.day, "open", APPLICANT)
        return "withdrawn"

    def _submit(self) -> None:
        """Filed: the body owes a receipt within a month (accelerated: two weeks); the ZAB works only when paid."""
        filing, dice = self.filing, self.dice
        if filing.accelerated:
            self.report("submitted", accelerated=True)
        else:
            self.report("submitted")
        filed = self.day
        owed = filed + weeks(2) if filing.accelerated else months_later(filed, 1)
        self.has(BODY, self.by_law(owed), self.by_law(owed) + DAY)
        answered = dice.duration(3, 0.5)
        if filing.route == "c" and dice.chance(0.8):
            owed += self._pay(1)
            self.has(BODY, owed, owed + DAY)
        self.day += answered
        if dice.chance(0.85):
            self.report("receipt-confirmed")
            self.has(BODY)
            if filing.route == "a" and dice.chance(0.15):
                self.day += DAY
                self._pay(2)
                self.has(BODY)

    def _pay(self, least_days: int) -> timedelta:
        """A fee is asked and paid; returns for how long nothing went on but waiting for the money."""
        self.day += self.dice.days(1, 6)
        asked = self.day
        self.report("fee-due")
        self.has(APPLICANT, asked + weeks(4), asked + weeks(4) + DAY)
        self.day += self.dice.duration(2.5, 0.7, least_days=least_days)
        self.report("fee-paid")
        return self.day - asked + DAY

    def _check_papers(self) -> None:
        """Six of ten lack something; the body asks, the person brings it, sometimes twice."""
        dice = self.dice
        while dice.chance(0.6):
            self.day += dice.days(0 if self._may_ask_today() else 1, 10)
            self.report("documents-requested")
            patience = self.day + weeks(8)
            self.has(APPLICANT, patience, patience + DAY)
            self.day += dice.duration(9, 0.8, least_days=2)
            if dice.chance(0.8):
                self.report("documents-supplied")
                self.has(BODY)
            if dice.chance(0.75):
                break
        self.day += days(dice.integer(1, 14))

    def _may_ask_today(self) -> bool:
        """The letter that confirms the receipt may list the missing papers, too."""
        last = self.story.happenings[-1] if self.story.happenings else None
        return last is not None and last.fact == "receipt-confirmed" and last.day == self.day
