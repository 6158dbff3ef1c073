"""Permission to work: the foreigners' authority and the agency; titles that end and are renewed."""

from __future__ import annotations

from datetime import date, timedelta

from lotse.simulator.almanac import days, next_working_day, weeks
from lotse.simulator.story import Story

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
    story.tell("residence", ends - days(90), "in-progress", "applicant", due=ends, stalled_from=ends - days(30))
    if asked > ends:
        story.tell("residence", ends + DAY, "lapsed", "applicant")
    _report(story, asked, "title-renewal-requested")
    story.tell("residence", asked, "lapsed" if asked > ends else "in-progress", "competent-body")
    renewed = asked + dice.duration(7, 0.5)
    until = renewed + days(730)
    _report(story, renewed, "employment-access-changed", access="free", titleUntil=until.isoformat())
    story.tell("residence", renewed, "not-a-barrier")
    if renewed <= story.end:
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
    dice, denied = story.dice, False
    while day <= story.end and dice.chance(0.8):
        day += dice.duration(6, 0.7, least_days=2)
        granted, day = _permit(story, day, denied)
        if granted:
            return
        denied = True
    if dice.chance(0.4):
        day += dice.duration(8, 0.5)
        _report(story, day, "employment-access-changed", access="free", statusClass="recognised-protection")
        story.tell("residence", day, "not-a-barrier")


def _permit(story: Story, day: date, denied: bool) -> tuple[bool, date]:
    """One permit from request to answer, after others were denied or as the first; says whether it was granted, and
    the day of the answer.
    """
    dice, permit = story.dice, {"permitId": story.dice.slug("permit")}
    _report(story, day, "permit-requested", **permit)
    _authority_has_it(story, day)
    agency_asked, refused = dice.chance(0.7), False
    if agency_asked:
        day, refused = _ask_agency(story, day + dice.duration(1.2, 0.5), permit)
    answer = day + dice.duration(2 if agency_asked else 4, 0.5)
    if refused or dice.chance(0.03):
        _report(story, answer, "permit-denied", **permit)
        story.tell("residence", answer, "open", "applicant")
        return False, answer
    _granted(story, answer, permit, denied)
    return True, answer


def _granted(story: Story, day: date, permit: dict[str, str], denied: bool) -> None:
    """Granted for good, or for some months. Then it lapses by itself; who was denied one before is back at that."""
    dice = story.dice
    story.tell("residence", day, "resolved")
    if not dice.chance(0.25):
        _report(story, day, "permit-granted", **permit)
        return
    until = day + dice.days(60, 200)
    _report(story, day, "permit-granted", **permit, until=until.isoformat())
    story.tell("residence", until + DAY, "open" if denied else "lapsed", "applicant")


def _authority_has_it(story: Story, day: date) -> None:
    due = day + _PATIENCE
    story.tell("residence", day, "in-progress", "competent-body", due=due, stalled_from=due + DAY)


def _ask_agency(story: Story, day: date, permit: dict[str, str]) -> tuple[date, bool]:
    """The agency has two weeks; if it says nothing, its approval counts as given. Returns the day of its move, and
    whether it refused.
    """
    dice = story.dice
    _report(story, day, "permit-approval-requested", **permit)
    due = next_working_day(day + weeks(2), story.region.land)
    story.tell("residence", day, "in-progress", "competent-body", due=due, stalled_from=due + DAY)
    course = dice.weighted({"answer": 0.6, "information": 0.2, "silence": 0.2})
    if course == "silence":
        # Nobody reports anything: from the day after, the authority is at work on an approval deemed granted.
        _authority_has_it(story, due + DAY)
        return due + DAY, False
    if course == "information":
        day += dice.days(1, 12)
        _agency(story, day, "permit-information-demanded", **permit)
        owed = day + _PATIENCE
        story.tell("residence", day, "in-progress", "partner", due=owed, stalled_from=owed + DAY)
        day += dice.duration(3, 0.6)
    else:
        day += dice.days(1, 12)
    refused = dice.chance(0.1)
    _agency(story, day, "permit-refused" if refused else "permit-approved", **permit)
    _authority_has_it(story, day)
    return day, refused
