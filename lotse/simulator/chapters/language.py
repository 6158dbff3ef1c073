"""German in one life: what is known of it, and one course after the other until it is enough, or nothing more comes."""

from __future__ import annotations

from datetime import date

from lotse.simulator.chapters.course import Course, offer_for
from lotse.simulator.chapters.declared import note
from lotse.simulator.chapters.german import CERTIFICATE, SELF_REPORT, TEST, German, at_least, wanted
from lotse.simulator.story import Story
from lotse.simulator.work import LEVELS


def tell_language(story: Story) -> None:
    """Most are asked soon after they come; a few never."""
    person, dice = story.person, story.dice
    if (story.end - person.opened).days <= 3:
        return
    german = German(story)
    asked = (person.assessed or person.opened) + dice.days(0, 25)
    if dice.chance(0.93):
        looked_at = asked + dice.days(1, 15)
        _ask(german, looked_at)
        _learn(german, looked_at)
    # The Jobcenter's word, before anybody has looked closer.
    if dice.chance(0.2) and not any(one.service == "language" and one.day <= asked for one in story.happenings):
        note(story, "language", asked, "absent" if at_least(person.german, person.target_level) else "needed")
    german.tell()


def _ask(german: German, day: date) -> None:
    """A certificate is shown, a test is made, or the person says what it can; or none of it."""
    story, dice = german.story, german.story.dice
    level = story.person.german
    how = dice.weighted(
        {CERTIFICATE: 0.4, TEST: 0.15, SELF_REPORT: 0.3, "": 0.15}
        if at_least(level, "A2")
        else {TEST: 0.25, SELF_REPORT: 0.5, "": 0.25}
    )
    if how == TEST:
        german.show(day, dice.pick(story.region.reporters("language", "course-provider")), level, TEST)
    elif how:
        german.show(day, story.person.jobcenter, level, how)
    if how == SELF_REPORT and dice.chance(0.3):
        # Looked at closer, it is often less.
        real = LEVELS[max(0, LEVELS.index(level) - dice.integer(0, 1))]
        tested = day + dice.duration(6, 0.6)
        german.show(tested, dice.pick(story.region.reporters("language", "course-provider")), real, TEST)


def _learn(german: German, day: date) -> None:
    """Courses one after the other; a quarter of the people began before they came to the Jobcenter."""
    story, dice, level = german.story, german.story.dice, german.story.person.german
    begins = story.person.opened - dice.days(20, 300) if dice.chance(0.25) else day + dice.duration(3, 0.8)
    while begins <= story.end and level != "C2":
        proven = german.proven(begins)
        if proven and at_least(proven, wanted(story, begins)) and not dice.chance(0.1):
            return
        if dice.chance(0.1):
            return
        course = Course(german, offer_for(story, level), begins, level)
        outcome = course.run()
        level = course.level
        if outcome not in ("passed", "no exam") and dice.chance(0.4):
            return
        begins = course.day + dice.duration(7, 0.8)
        if dice.chance(0.03):
            # The next right is granted before the last course is over.
            begins = course.day - dice.days(5, 60)
