"""Permission to work: the foreigners' authority and the agency; titles that end and are renewed."""

from __future__ import annotations

from datetime import date, timedelta

from lotse.simulator.almanac import days, next_working_day, weeks
from lotse.simulator.story import Phase, Story
from lotse.simulator.work import Permit, PermitStep

DAY = timedelta(1)
#: How long the authority, and who owes it an information, may take before the project speaks of a stall.
_PATIENCE = weeks(4)
#: UkraineAufenthFGV §2: the titles of temporary protection go on until then.
_TEMPORARY_PROTECTION_ENDS = date(2027, 3, 4)


def tell_residence(story: Story) -> None:
    """What a person may work by law, as it was told to the Jobcenter's partners."""
    person, dice = story.person, story.dice
    if (story.end - person.opened).days <= 3 or dice.chance(0.04):
        return
    day = person.opened + dice.days(0, 12)
    access = dice.weighted({"free": 0.78, "permit": 0.17, "barred": 0.05})
    if access == "free":
        _free(story, day)
    elif access == "permit":
        _permit_needed(story, day)
        _offers(story, day)
    else:
        _barred(story, day)


def _report(story: Story, day: date, fact: str, **data: object) -> None:
    authority = story.region.named("intake", "abh", "foreigners-authority")
    story.happens(day, "intake", fact, authority, **data)


def _agency(story: Story, day: date, fact: str, **data: object) -> None:
    story.happens(day, "intake", fact, story.region.named("intake", "agentur", "employment-agency"), **data)


# Free access, and titles that end


def _free(story: Story, day: date) -> None:
    dice = story.dice
    story.tell("residence", day, "not-a-barrier")
    ends = day + dice.days(100, 400) if dice.chance(0.35) else max(_TEMPORARY_PROTECTION_ENDS, day + days(400))
    _report(story, day, "employment-access-changed", access="free", titleUntil=ends.isoformat())
    _title_ends(story, ends)


def _title_ends(story: Story, ends: date) -> None:
    """Ninety days before its end the title becomes a barrier; who asks in time keeps it by fiction of law."""
    dice = story.dice
    course = dice.weighted({"in-time": 0.55, "pressed": 0.2, "late": 0.1, "lost": 0.15})
    asked = {
        "in-time": ends - dice.days(31, 89),
        "pressed": ends - dice.days(0, 29),
        "late": ends + dice.days(1, 60),
        "lost": story.over,
    }[course]
    renewed = asked + dice.duration(7, 0.5)
    overtaken, late = renewed <= story.end, ends - days(30)
    story.tell(
        "residence", ends - days(90), "in-progress", "applicant", due=ends, stalled_from=late, overtaken=overtaken
    )
    if asked > ends:
        story.tell("residence", ends + DAY, "lapsed", "applicant", overtaken=overtaken)
    _report(story, asked, "title-renewal-requested")
    story.tell("residence", asked, "lapsed" if asked > ends else "in-progress", "competent-body")
    until = renewed + days(730)
    _report(story, renewed, "employment-access-changed", access="free", titleUntil=until.isoformat())
    story.tell("residence", renewed, "not-a-barrier")
    if overtaken:
        _title_ends(story, until)


# No access, or none yet


def _barred(story: Story, day: date) -> None:
    dice = story.dice
    if dice.chance(0.5):
        _report(story, day, "employment-access-changed", access="barred")
        story.tell("residence", day, "not-resolvable")
        return
    until = day + dice.days(30, 180)
    _report(story, day, "employment-access-changed", access="barred", until=until.isoformat())
    story.tell("residence", day, "open", available=until + DAY)
    story.tell("residence", until + DAY, "open", "applicant")
    if dice.chance(0.6):
        free = until + dice.duration(4, 0.4)
        _report(story, free, "employment-access-changed", access="free", statusClass="recognised-protection")
        story.tell("residence", free, "not-a-barrier")


def _permit_needed(story: Story, day: date) -> None:
    _report(story, day, "employment-access-changed", access="permit-needed")
    story.tell("residence", day, "open", "applicant")


# Permits: one for each offer of a job


def _offers(story: Story, day: date) -> None:
    """Job offers one after the other, until the authority grants a permit or the person has no further offer."""
    dice = story.dice
    while day <= story.end and dice.chance(0.8):
        day += dice.duration(6, 0.7, least_days=2)
        granted, day = ask_for_permit(story, day)
        if granted:
            return
    if dice.chance(0.4):
        day += dice.duration(8, 0.5)
        _report(story, day, "employment-access-changed", access="free", statusClass="recognised-protection")
        story.tell("residence", day, "not-a-barrier")


def ask_for_permit(story: Story, day: date, introduction: str | None = None) -> tuple[bool, date]:
    """One permit from request to answer, for the job of an introduction or for another one; says whether it was
    granted, and the day of the answer.
    """
    dice, permit = story.dice, _Asked(story, Permit(story.dice.slug("permit"), introduction))
    story.permits.append(permit.permit)
    permit.report(day, "permit-requested", **({"introductionId": introduction} if introduction else {}))
    permit.authority_has_it(day, 1)
    agency_asked, refused = dice.chance(0.7), False
    if agency_asked:
        day, refused = permit.ask_agency(day + dice.duration(1.2, 0.5))
    answer = day + dice.duration(2 if agency_asked else 4, 0.5)
    if refused or dice.chance(0.03):
        permit.report(answer, "permit-denied")
        permit.stands(answer, 4, "open", "applicant")
        return False, answer
    permit.granted(answer)
    return True, answer


class _Asked:
    """Tells one permit that was asked for."""

    def __init__(self, story: Story, permit: Permit) -> None:
        self.story, self.dice, self.permit = story, story.dice, permit

    def report(self, day: date, fact: str, **data: object) -> None:
        """The authority reports."""
        _report(self.story, day, fact, permitId=self.permit.name, **data)

    def stands(
        self,
        day: date,
        far: int,
        status: str,
        turn: str | None = None,
        *,
        due: date | None = None,
        stalled_from: date | None = None,
    ) -> None:
        """What the permit alone would show from this day on."""
        self.permit.steps.append(PermitStep(far, Phase(day, status, turn, due, stalled_from)))

    def authority_has_it(self, day: date, far: int) -> None:
        """The authority is at work; no law says for how long."""
        due = day + _PATIENCE
        self.stands(day, far, "in-progress", "competent-body", due=due, stalled_from=due + DAY)

    def granted(self, day: date) -> None:
        """Granted for good, or for some months; then it lapses by itself."""
        self.stands(day, 4, "resolved")
        if not self.dice.chance(0.25):
            self.report(day, "permit-granted")
            return
        until = day + self.dice.days(60, 200)
        self.report(day, "permit-granted", until=until.isoformat())
        self.stands(until + DAY, 4, "lapsed", "applicant")

    def ask_agency(self, day: date) -> tuple[date, bool]:
        """The agency has two weeks; if it says nothing, its approval counts as given. Returns the day of its move, and
        whether it refused.
        """
        story, dice = self.story, self.dice
        self.report(day, "permit-approval-requested")
        due = next_working_day(day + weeks(2), story.region.land)
        self.stands(day, 2, "in-progress", "competent-body", due=due, stalled_from=due + DAY)
        course = dice.weighted({"answer": 0.6, "information": 0.2, "silence": 0.2})
        if course == "silence":
            # Nobody reports anything: from the day after, the authority is at work on an approval deemed granted.
            self.authority_has_it(due + DAY, 3)
            return due + DAY, False
        if course == "information":
            day += dice.days(1, 12)
            _agency(story, day, "permit-information-demanded", permitId=self.permit.name)
            owed = day + _PATIENCE
            self.stands(day, 2, "in-progress", "partner", due=owed, stalled_from=owed + DAY)
            day += dice.duration(3, 0.6)
        else:
            day += dice.days(1, 12)
        refused = dice.chance(0.1)
        _agency(story, day, "permit-refused" if refused else "permit-approved", permitId=self.permit.name)
        self.authority_has_it(day, 3)
        return day, refused
