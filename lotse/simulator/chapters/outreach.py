"""Ways into work: introduced, talked to, tried out, hired, still there after half a year; or nothing comes of it.

How many come how far is what the project assumes; there is no evidence for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from lotse.simulator.almanac import months_later
from lotse.simulator.chapters.residence import ask_for_permit
from lotse.simulator.story import Happening, Start, Story
from lotse.simulator.work import Event, Introduction, Opening

DAY = timedelta(1)
#: What becomes of an opening for a job, what people find alone, and what openings of another kind are for.
_JOBS = {"insured": 0.78, "mini-job": 0.12, "work-opportunity-16d": 0.05, "subsidised-16i": 0.05}
_FOUND = {"insured": 0.45, "self-employed": 0.35, "mini-job": 0.2}
_TRAINING = ("apprenticeship", "introductory-training")
#: Official figures count these as an integration; the others reach no mark of half a year or more.
_INTEGRATION = ("insured", "apprenticeship", "self-employed")
#: Of a hundred who began, so many are still there at each mark.
_STAY = {"6w": 0.92, "3m": 0.83 / 0.92, "6m": 0.72 / 0.83, "12m": 0.6 / 0.72}
_END_REASONS = {
    "language": 0.22,
    "qualification": 0.12,
    "hours-childcare": 0.15,
    "distance": 0.1,
    "no-show": 0.08,
    "filled-otherwise": 0.15,
    "employer-withdrew": 0.08,
    "candidate-declined": 0.1,
}
_LEAVE_REASONS = {
    "language": 0.12,
    "qualification": 0.1,
    "hours-childcare": 0.13,
    "distance": 0.07,
    "term-ended": 0.2,
    "employer-ended": 0.18,
    "employee-ended": 0.12,
    "new-job": 0.05,
    "other": 0.03,
}


def tell_outreach(story: Story) -> None:
    """Six of ten are introduced to employers sooner or later, again and again until one hires them."""
    person, dice = story.person, story.dice
    if (story.end - person.opened).days <= 3 or not dice.chance(0.6):
        return
    closed = [day for day, closed in story.closings if closed]
    ends = min([story.end, *closed])
    day = (person.assessed or person.opened) + dice.duration(9, 0.9)
    if dice.chance(0.04):
        day = _Way(story, None).found_alone(day)
    while day <= ends:
        opening = _opening(story, day)
        over = _Way(story, opening).run(day)
        day = (over or day) + dice.duration(11, 0.7, least_days=4)


def _opening(story: Story, day: date) -> Opening | None:
    """An opening that can be had; preferably in the person's line. Now and then one that nobody reports, or that is
    reported only some weeks later.
    """
    dice, fuzzy = story.dice, story.dice.chance(0.07)
    if dice.chance(0.03):
        return None
    ahead = timedelta(30 if fuzzy else 0)
    open_ = [one for one in story.market.openings if one.first - ahead <= day and one.may_hire(day)]
    wanted = [one for one in open_ if (one.terms.kldb or "")[:2] == story.person.target[:2]]
    choice = wanted if wanted and dice.chance(0.6) else open_
    return dice.pick(choice) if choice else None


class _Way:
    """Tells one introduction. `opening` None: for one that nobody ever reports."""

    def __init__(self, story: Story, opening: Opening | None) -> None:
        self.story, self.dice, self.opening = story, story.dice, opening
        self.way = Introduction(story.dice.slug("intro"), opening)
        offices = story.region.reporters("outreach", "employer-service", "employment-agency")
        self.by = self.dice.pick([*offices, *offices[:1], story.person.jobcenter])
        self.opening_id = opening.id if opening else story.dice.uuid()

    def run(self, day: date) -> date | None:
        """Tells it from the introduction on; returns the last day of the job that came of it, if one did and it ended;
        a day beyond the simulation if it did not end.
        """
        dice = self.dice
        told = dice.chance(0.95)
        if told:
            self._introduce(day)
        if not dice.chance(0.35):
            return self._nothing_comes(day + dice.duration(3, 0.6)) if told else None
        day += dice.duration(1.5, 0.6)
        # Of some nobody heard before the talk with the employer.
        self._step(day, "interview-held", "interview-held", **self._perhaps_opening(0.2 if told else 1))
        comes = dice.weighted({"hire": 0.12, "trial": 0.3, "": 0.58})
        if not comes:
            return self._nothing_comes(day + dice.duration(2, 0.6))
        if comes == "hire":
            return self._hire(day + dice.duration(1.5, 0.6))
        day = self._try_out(day + dice.days(1, 10))
        if dice.chance(0.1):
            day = self._try_out(day + dice.days(1, 10))
        if dice.chance(0.45):
            return self._hire(day + dice.days(0, 14))
        return self._nothing_comes(day + dice.days(0, 20))

    def found_alone(self, day: date) -> date:
        """A job that the person found without anybody's help; returns its last day."""
        self.opening_id = ""
        return self._hire(day)

    # Steps before the hire

    def _introduce(self, day: date) -> None:
        event = self._event(day)
        more = {"eventId": event.tale.subject} if event else self._contact(day)
        self._step(day, "introduced", "candidate-introduced", openingId=self.opening_id, **more)
        if event and self.way.steps:
            event.introductions.append(self.way)

    def _step(self, day: date, state: str, fact: str, by: str | None = None, **data: Any) -> Happening | None:
        told = self.story.happens(day, "outreach", fact, by or self.by, introductionId=self.way.name, **data)
        if told:
            if not self.way.steps:
                self.story.introductions.append(self.way)
            self.way.steps.append((day, state))
        return told

    def _event(self, day: date) -> Event | None:
        """The event of the last weeks that it came from."""
        recent = [one for one in self.story.market.events if timedelta(0) <= day - one.day <= timedelta(30)]
        return self.dice.pick(recent) if recent and self.dice.chance(0.25) else None

    def _contact(self, day: date) -> dict[str, str]:
        recent = [one for one in self.story.market.contacts if timedelta(0) <= day - one.day <= timedelta(14)]
        return {"contactId": self.dice.pick(recent).tale.subject} if recent and self.dice.chance(0.15) else {}

    def _perhaps_opening(self, probability: float) -> dict[str, str]:
        """Some say again for which opening; a few name another one, but the first that was named stays."""
        if not self.opening_id or not self.dice.chance(probability):
            return {}
        return {"openingId": self.dice.uuid() if self.way.steps and self.dice.chance(0.05) else self.opening_id}

    def _try_out(self, day: date) -> date:
        """Some days at the employer's (SGB III §45); returns the last one."""
        dice, story = self.dice, self.story
        start = day + dice.days(1, 10)
        until = start + dice.days(3, 28)
        self._step(day, "trial-agreed", "trial-agreed", start=start.isoformat(), until=until.isoformat())
        self._granted(day, "trial-work", start, until)
        ended = until if dice.chance(0.7) else start + dice.days(0, (until - start).days)
        employer = story.region.reporters("outreach", "employer-body")[0]
        self._step(ended, "trial-done", "trial-ended", employer if dice.chance(0.3) else None)
        return ended

    def _granted(self, day: date, instrument: str, start: date, until: date) -> None:
        self.story.happens(
            day,
            "intake",
            "measure-granted",
            self.story.person.jobcenter,
            fundingInstrument=instrument,
            start=start.isoformat(),
            until=until.isoformat(),
            introductionId=self.way.name,
        )

    def _nothing_comes(self, day: date) -> date | None:
        """It ends with a reason, and one in ten is forgotten; now and then the employer calls again after all."""
        if not self.dice.chance(0.1):
            self._step(day, "ended", "introduction-ended", reason=self.dice.weighted(_END_REASONS))
        return self._hire(day + self.dice.duration(2, 0.5)) if self.dice.chance(0.01) else None

    # The job

    def _hire(self, day: date) -> date:
        """Hired; returns the last day of work, a day beyond the simulation if there is none."""
        dice, story, opening = self.dice, self.story, self.opening
        if opening is not None and not opening.may_hire(day):
            if "ended" not in {state for _, state in self.way.steps}:
                self._step(day, "ended", "introduction-ended", reason="filled-otherwise")
            return day
        kind = self._kind()
        start = day + dice.days(0, 35)
        granted = True
        needed = self._permit_needed_since(day)
        if needed and dice.chance(0.7):
            granted, answered = ask_for_permit(story, max(needed, day + dice.days(-3, 5)), self.way.name)
            start = max(start, answered + DAY) if granted else start
            ended = answered + dice.days(1, 6)
        told = self._step(day, "hired", "hired", self._teller(), **self._contract(kind, start))
        if told is None:
            return story.over
        self.way.hired, self.way.marks = day, _marks(start, kind)
        if opening is not None:
            opening.hires.append(day)
        if dice.chance(0.25):
            self._granted(day, "wage-subsidy", start, months_later(start, dice.integer(3, 6)))
        if granted:
            ended = self._stay(start)
            reason = dice.weighted(_LEAVE_REASONS)
        else:
            reason = "permit"
        ended = max(ended, day)
        left = self._step(
            ended, "employment-ended", "employment-ended", **({"reason": reason} if dice.chance(0.9) else {})
        )
        story.starts.append(Start(f"outreach/{self.way.item}", day, start, ended if left else None, by=told))
        return ended

    def _kind(self) -> str:
        if not self.opening_id:
            return self.dice.weighted(_FOUND)
        offered = self.opening.kind if self.opening else "job"
        return offered if offered in _TRAINING else self.dice.weighted(_JOBS)

    def _permit_needed_since(self, day: date) -> date | None:
        """Since when the person may work only with a permit for the job; None if that is not so."""
        told = [phase for phase in self.story.phases["residence"] if phase.day <= day]
        return told[-1].day if told and (told[-1].status, told[-1].turn) == ("open", "applicant") else None

    def _teller(self) -> str:
        """The Jobcenter learns of it through the benefits, the crafts' association through the firm."""
        region = self.story.region
        return self.dice.weighted(
            {self.by: 0.5, self.story.person.jobcenter: 0.35, region.reporters("outreach", "employer-body")[0]: 0.15}
        )

    def _contract(self, kind: str, start: date) -> Mapping[str, Any]:
        dice, opening = self.dice, self.opening
        terms = opening.terms if opening else None
        said: dict[str, Any] = {
            "start": start.isoformat(),
            "hireKind": kind,
            "kldb": terms.kldb if terms and terms.kldb else self.story.person.target,
            "weeklyHours": 10 if kind == "mini-job" else dice.pick([20, 30, 38.5]),
            **self._perhaps_opening(0.4),
        }
        if dice.chance(0.5):
            said["ags"] = dice.pick(self.story.region.ags)
        if dice.chance(0.5):
            said["fixedTerm"] = dice.chance(0.6)
        return said

    def _stay(self, start: date) -> date:
        """The marks, as far as the person stays, each confirmed some days after it is reached; returns the last day."""
        dice, before = self.dice, start
        for mark, share in _STAY.items():
            day = mark_day(start, mark)
            if not dice.chance(share):
                return before + dice.days(1, max(1, (day - before).days - 1))
            before = day + dice.days(0, 25)
            # Who confirms a later mark need not have confirmed the ones before.
            if mark in self.way.marks and dice.chance(0.88):
                self._step(before, f"retained-{mark}", "retention-confirmed", self.story.person.jobcenter, mark=mark)
        return self.story.over + DAY if dice.chance(0.8) else before + dice.duration(20, 0.5)


def mark_day(start: date, mark: str) -> date:
    """When a mark is reached: six weeks, three and twelve months; half a year by the official rule, insured in each of
    the six months after the first, once the sixth has begun.
    """
    if mark == "6w":
        return start + timedelta(42)
    if mark == "6m":
        return months_later(start.replace(day=1), 6)
    return months_later(start, int(mark[:-1]))


def _marks(start: date, kind: str) -> dict[str, date]:
    reached = ("6w", "3m", "6m", "12m") if kind in _INTEGRATION else ("6w", "3m")
    return {mark: mark_day(start, mark) for mark in reached}
