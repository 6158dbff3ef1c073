"""Barriers that no service follows yet: they are known only by what the Jobcenter declares."""

from __future__ import annotations

from datetime import date

from lotse.simulator.story import Story

#: Childcare and language so far. Shares of people for whom the barrier is declared needed, and absent.
BARRIERS = {"childcare": (0.33, 0.55), "language": (0.55, 0.35)}


def tell_declarations(story: Story) -> None:
    """For each such barrier: it is there, it is not, or nobody has asked yet; some become free of it later."""
    person, dice = story.person, story.dice
    if (story.end - person.opened).days <= 3:
        return
    for barrier, (needed, absent) in BARRIERS.items():
        first = dice.weighted({"needed": needed, "absent": absent, "": 1 - needed - absent})
        if not first:
            continue
        day = (person.assessed or person.opened) + dice.duration(2, 0.7)
        declare(story, barrier, day, first)
        if dice.chance(0.25):
            declare(story, barrier, day + dice.duration(20, 0.5), "absent" if first == "needed" else "needed")


def declare(story: Story, barrier: str, day: date, what: str) -> None:
    """The Jobcenter declares a barrier needed or absent; there is no proceeding that says more."""
    person = story.person
    if not story.happens(day, "intake", f"barrier-declared-{what}", person.jobcenter, barrier=barrier):
        return
    if what == "needed":
        story.tell(barrier, day, "open", "applicant")
    else:
        story.tell(barrier, day, "not-a-barrier")
