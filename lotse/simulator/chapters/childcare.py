"""The children of one life: what each needs, and what they come to together for the parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from lotse.simulator.chapters.declared import declaration_days, note, weighed
from lotse.simulator.chapters.place import Home, Place
from lotse.simulator.story import Phase, Story
from lotse.simulator.strand import Child, Stretch, turning_days

#: Other Länder, whose law sets other times or none: Koblenz, Osnabrück, Frankfurt am Main.
_ELSEWHERE = ("07111000", "03404000", "06412000")
#: Of several children the one that lacks most decides.
_ORDER = ("lapsed", "open", "in-progress", "resolved")


def tell_childcare(story: Story) -> None:
    """The Jobcenter's word first, where it comes before any proceeding; then the children, and all together."""
    person, dice = story.person, story.dice
    if (story.end - person.opened).days <= 3:
        return
    asked = (person.assessed or person.opened) + dice.duration(2, 0.7)
    if not person.children:
        if dice.chance(0.8):
            note(story, "childcare", asked, "absent")
    else:
        if dice.chance(0.3):
            note(story, "childcare", asked, dice.weighted({"needed": 0.8, "absent": 0.2}))
        if dice.chance(0.94):
            _search(story, asked)
            if dice.chance(0.03):
                # Somebody else looks after the children now; what the offices still report, outdoes that word.
                note(story, "childcare", asked + dice.duration(20, 0.5), "absent")
    _together(story)


def _search(story: Story, asked: date) -> None:
    """For each child by itself; a quarter of the families came to the offices before they came to the Jobcenter."""
    person, dice = story.person, story.dice
    region = story.region
    ags = dice.pick(_ELSEWHERE) if dice.chance(0.08) else person.ags
    home = Home(
        ags,
        office=dice.pick(region.reporters("childcare", "youth-office")),
        provider=region.named("childcare", "kita", "childcare-provider", "youth-office"),
    )
    first = person.opened - dice.days(10, 240) if dice.chance(0.25) else asked + dice.days(1, 40)
    for number, age in enumerate(person.children, 1):
        place = Place(story, number, age, home, first + dice.days(0, 25))
        place.run()
        if place.child.stretches:
            story.children[place.child.name] = place.child


def _together(story: Story) -> None:
    """The barrier, on every day on which anything turns for it."""
    children = list(story.children.values())
    days = {*turning_days(children, story.end), *declaration_days(story, "childcare")}
    for day in sorted(days):
        phase = weighed(story, "childcare", day, _family(children, day))
        told = story.phases["childcare"]
        if phase and not (told and replace(phase, day=told[-1].day) == told[-1]):
            told.append(phase)


def _family(children: Sequence[Child], day: date) -> Phase | None:
    """What the children come to on a day; None while nobody has said that one needs care."""
    known = [(child, stretch) for child in children if (stretch := child.on(day))]
    needing = [(child, stretch) for child, stretch in known if stretch.status]
    if not known:
        return None
    if not needing:
        return Phase(day, "not-a-barrier")
    status = min((str(stretch.status) for _, stretch in needing), key=_ORDER.index)
    deciding = [(child, stretch) for child, stretch in needing if stretch.status == status]
    _, shown = min(deciding, key=lambda one: _urgency(one[0], one[1], day))
    stalls = [stretch.watch.stalled_from for _, stretch in deciding if stretch.watch.stalled_from]
    return Phase(
        day,
        status,
        shown.turn,
        shown.watch.due,
        min(stalls, default=None),
        _forecast([stretch for _, stretch in needing if stretch.status != "resolved"]),
    )


def _urgency(child: Child, stretch: Stretch, day: date) -> tuple[bool, date, date, str]:
    """Of children who need the same, the one for whom somebody is late is shown, then the one that is due first."""
    return not stretch.is_stalled(day), stretch.watch.due or date.max, child.since(day), child.name


def _forecast(lacking: Sequence[Stretch]) -> date | None:
    """The parent may be free for work when the last child has settled in, and nobody knows while one has no place."""
    days = [stretch.available for stretch in lacking if stretch.available]
    return max(days, default=None) if len(days) == len(lacking) else None
