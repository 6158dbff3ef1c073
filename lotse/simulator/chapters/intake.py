"""The case at the Jobcenter: opened, assessed, planned, talked to, closed; consent given and revoked."""

from __future__ import annotations

from datetime import date, timedelta

from lotse.simulator.almanac import days
from lotse.simulator.story import Story

_CLOSE_REASONS = {"in-work": 0.5, "moved-away": 0.3, "left-benefits": 0.1, "other": 0.1}


def tell_intake(story: Story) -> None:
    """The counter's side of a life; the potential assessment stands here, what it means for recognition there."""
    person = story.person
    _open(story)
    _consent(story)
    if person.assessed:
        assess(story)
    if not _newly_arrived(story):
        _counsel(story)
        _close(story)


def assess(story: Story) -> None:
    """The potential assessment, as it was first made."""
    person = story.person
    assert person.assessed is not None
    story.happens(
        person.assessed,
        "intake",
        "potential-assessed",
        person.jobcenter,
        targetKldb=person.target,
        targetGermanLevel=person.target_level,
        targetRegulated=person.target_regulated,
        foreignDegree=person.degree,
    )


def _newly_arrived(story: Story) -> bool:
    """Opened in the last days: nothing but the opening has happened yet."""
    return (story.end - story.person.opened).days <= 3


def _open(story: Story) -> None:
    person, dice = story.person, story.dice
    more = {"country": person.country} if dice.chance(0.8) else {}
    if dice.chance(0.7):
        more["sex"] = dice.weighted({"female": 0.58, "male": 0.4, "diverse": 0.01, "unknown": 0.01})
    if dice.chance(0.5):
        more["arrivalMonth"] = (person.opened - timedelta(dice.integer(20, 400))).strftime("%Y-%m")
    story.happens(
        person.opened,
        "intake",
        "case-opened",
        person.jobcenter,
        ags=person.ags,
        statusClass=person.status_class,
        benefitCarrier="jobcenter",
        **more,
    )
    story.closings.append((person.opened, False))


def _consent(story: Story) -> None:
    """Most consent to the partners' view; a few revoke it, and some of them give it again."""
    person, dice = story.person, story.dice
    if _newly_arrived(story) or not dice.chance(0.6):
        return
    consent = dice.slug("consent")
    day = person.opened + dice.days(0, 10)
    _grant(story, day, consent)
    if not dice.chance(0.05):
        return
    day += dice.duration(12, 0.6)
    if story.happens(day, "intake", "consent-revoked", person.jobcenter, consentId=consent):
        story.consents.append((day, False))
    if dice.chance(0.4):
        _grant(story, day + dice.duration(4, 0.4), dice.slug("consent"))


def _grant(story: Story, day: date, consent: str) -> None:
    person = story.person
    recipients = sorted(story.region.reporters("recognition", "competent-body", "chamber"))[:2]
    if story.happens(
        day,
        "intake",
        "consent-granted",
        person.jobcenter,
        consentId=consent,
        purposes=["case-view", "employer-introduction"],
        recipients=recipients,
    ):
        story.consents.append((day, True))


def _counsel(story: Story) -> None:
    """Plan, contacts, phases, carrier: facts that move no barrier but must not disturb one either."""
    person, dice = story.person, story.dice
    planned = (person.assessed or person.opened) + dice.duration(2, 0.5)
    story.happens(planned, "intake", "plan-agreed", person.jobcenter)
    story.happens(planned + days(180) + dice.days(-20, 20), "intake", "plan-reviewed", person.jobcenter)
    story.happens(planned, "intake", "phase-changed", person.jobcenter, phase=1)
    if dice.chance(0.6):
        later = planned + dice.duration(16, 0.4)
        trigger = dice.pick(["course-completed", "level-reached", "review"])
        story.happens(later, "intake", "phase-changed", person.jobcenter, phase=2, trigger=trigger)
    day = planned
    while day <= story.end:
        # Six weeks are the aim; in truth it is 115 days on average.
        day += dice.duration(13.7, 0.6, least_days=7)
        channel = dice.pick(["in-person", "phone", "video", "written"])
        story.happens(day, "intake", "contact-held", person.jobcenter, channel=channel)
    if dice.chance(0.1):
        welfare = story.region.named("intake", "sozialamt", "social-welfare-office", "jobcenter")
        changed = person.opened + dice.duration(10, 0.5)
        story.happens(changed, "intake", "benefit-carrier-changed", welfare, benefitCarrier="social-welfare-office")


def _close(story: Story) -> None:
    person, dice = story.person, story.dice
    if not dice.chance(0.09):
        return
    day = person.opened + dice.duration(26, 0.5, least_days=40)
    if story.happens(day, "intake", "case-closed", person.jobcenter, reason=dice.weighted(_CLOSE_REASONS)):
        story.closings.append((day, True))
    if not dice.chance(0.25):
        return
    day += dice.duration(8, 0.5)
    opening = {"ags": person.ags, "statusClass": person.status_class, "benefitCarrier": "jobcenter"}
    if story.happens(day, "intake", "case-opened", person.jobcenter, **opening):
        story.closings.append((day, False))
