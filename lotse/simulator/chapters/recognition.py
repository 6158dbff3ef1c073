"""Recognition in one life: whether a certificate is needed, and the proceedings that the person goes through for it."""

from __future__ import annotations

from datetime import date

from lotse.simulator.chapters.declared import declare
from lotse.simulator.chapters.procedure import Filing, Procedure
from lotse.simulator.people import HELPERS, NURSE
from lotse.simulator.story import Person, Story

_OUTCOMES_A = {"full": 0.5, "partial": 0.46, "none": 0.04}
_OUTCOMES_B = {"full": 0.4, "compensation-required": 0.57, "none": 0.03}
_OUTCOMES_OTHER = {"full": 0.85, "none": 0.1, "closed-without-decision": 0.05}


def tell_recognition(story: Story) -> None:
    """Most who need a certificate apply sooner or later; the others show what the potential assessment says."""
    person, dice = story.person, story.dice
    if (story.end - person.opened).days <= 3:
        return
    needs = needs_certificate(person)
    if needs:
        applies = dice.chance(0.8 if person.assessed else 0.3)
    else:
        # A few go on with the old occupation although they aim at another one, which asks for no certificate.
        applies = person.assessed is not None and person.degree == "regulated" and dice.chance(0.2)
    begins = person.opened + dice.duration(7, 1.0) if dice.chance(0.75) else person.opened - dice.days(5, 200)
    if person.assessed and (begins == person.assessed or not needs):
        begins = person.assessed + dice.days(3, 60)
    if not applies:
        _without_procedure(story, needs)
        return
    if person.assessed and person.assessed < begins:
        _assessed(story, needs)
    elif not person.assessed and dice.chance(0.3) and begins > person.opened:
        declare(story, "recognition", person.opened, "needed")
    _apply(story, begins, needs)


def needs_certificate(person: Person) -> bool:
    """Whether the person cannot take up the target occupation as things are."""
    if person.degree == "none" or person.target in {helper.kldb for helper in HELPERS}:
        return False
    return not (person.degree == "regulated" and not person.target_regulated)


def _assessed(story: Story, needs: bool) -> None:
    day = story.person.assessed
    assert day is not None
    if needs:
        story.tell("recognition", day, "open", "applicant")
    else:
        story.tell("recognition", day, "not-a-barrier")


def _without_procedure(story: Story, needs: bool) -> None:
    person, dice = story.person, story.dice
    if person.assessed:
        _assessed(story, needs)
        if needs and dice.chance(0.1):
            # The person gives up the old occupation: declared absent, and nothing comes after it.
            declare(story, "recognition", person.assessed + dice.duration(10, 0.5), "absent")
    elif dice.chance(0.5):
        declare(story, "recognition", person.opened + dice.days(0, 30), dice.pick(["needed", "absent"]))


def _apply(story: Story, begins: date, needs: bool) -> None:
    """One application, and what some do after it: apply again, or aim at another occupation."""
    person, dice = story.person, story.dice
    filing = _filing(story)
    procedure = Procedure(story, filing, begins, for_target=needs)
    outcome = procedure.run()
    if outcome in ("withdrawn", "closed-without-decision", "partial") and dice.chance(0.4):
        again = Procedure(story, filing, procedure.day + dice.duration(8, 0.6), for_target=needs)
        again.run(outcomes={"full": 1.0}, steadfast=True)
    elif outcome == "none" and needs and person.assessed and person.assessed < procedure.day and dice.chance(0.6):
        _aim_lower(story, procedure.day + dice.duration(6, 0.5))


def _aim_lower(story: Story, day: date) -> None:
    """A new potential assessment: work that asks for no certificate."""
    person, target = story.person, story.dice.pick(HELPERS[:2])
    story.happens(
        day,
        "intake",
        "potential-assessed",
        person.jobcenter,
        targetKldb=target.kldb,
        targetGermanLevel=target.level,
        targetRegulated=target.regulated,
        foreignDegree=person.degree,
    )
    story.tell("recognition", day, "not-a-barrier")


def _filing(story: Story) -> Filing:
    """By which route, for which occupation and with which body the person files."""
    person, dice, region = story.person, story.dice, story.region
    nurse = not person.target_regulated and person.degree == "regulated"
    occupation = NURSE.kldb if nurse else person.target
    if person.target_regulated or nurse:
        zag = occupation.startswith(("8130", "814"))
        body = region.named("recognition", "zag" if zag else "bezreg", "competent-body")
        # Nurses without usable papers show what they can in a qualification analysis.
        return Filing("e" if person.degree == "unclear" else "b", occupation, body, _OUTCOMES_B)
    if person.degree == "unclear":
        route = dice.pick(["e", "f", "d"])
    else:
        route = dice.weighted({"a": 0.75, "c": 0.2, "d": 0.05})
    body = {
        "a": region.named("recognition", dice.pick(["ihk", "hwk"]), "chamber"),
        "c": region.named("recognition", "zab", "competent-body"),
        "d": region.named("recognition", "bezreg", "competent-body"),
        "e": region.named("recognition", "ihk", "chamber"),
        "f": region.named("recognition", "hwk", "chamber"),
    }[route]
    outcomes = {"a": _OUTCOMES_A, "e": _OUTCOMES_A}.get(route, _OUTCOMES_OTHER)
    if route == "f":
        outcomes = {"full": 0.6, "partial": 0.3, "none": 0.1}
    return Filing(route, occupation, body, outcomes, accelerated=route == "a" and dice.chance(0.02))
