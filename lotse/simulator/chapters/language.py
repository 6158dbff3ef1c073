"""German in one life: so far only what the Jobcenter declares."""

from __future__ import annotations

from lotse.simulator.chapters.declared import declare
from lotse.simulator.story import Story


def tell_language(story: Story) -> None:
    """It is there, it is not, or nobody has asked yet; some become free of it later."""
    person, dice = story.person, story.dice
    if (story.end - person.opened).days <= 3:
        return
    first = dice.weighted({"needed": 0.55, "absent": 0.35, "": 0.1})
    if first:
        day = (person.assessed or person.opened) + dice.duration(2, 0.7)
        declare(story, "language", day, first)
        if dice.chance(0.25):
            declare(story, "language", day + dice.duration(20, 0.5), "absent" if first == "needed" else "needed")
