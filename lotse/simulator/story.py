"""A life as it is told: what happened and was reported, and what each happening means for a barrier from which day on.

Nothing here knows Lotse's rules. A chapter of a life is written by somebody who knows how the story goes on; where it
says `the body decides 12 days too late`, it says by itself since when the barrier is stalled and which day was due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from lotse.simulator.dice import Dice
from lotse.simulator.region import Region
from lotse.simulator.strand import Child, Collision, Strand
from lotse.simulator.work import Introduction, Market, Permit

BARRIERS = ("recognition", "childcare", "language", "residence")


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that an office reports. `data` is what it reports beside the day; `late`: a letter that is typed in
    weeks later.
    """

    day: date
    service: str
    fact: str
    by: str
    data: Mapping[str, Any]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """What a barrier must show from `day` on. `stalled_from` is the day from which on it is stalled; `available` the
    forecast; `bridged_by` the openings whose employers take the person all the same. `overtaken`: the calendar alone
    brought it, and a later report set another day, so that nothing is counted from this one any more.
    """

    day: date
    status: str
    turn: str | None = None
    due: date | None = None
    stalled_from: date | None = None
    available: date | None = None
    bridged_by: tuple[str, ...] = ()
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """A course or a job that begins on `day`, as it is known from `told` on.

    It counts up to the day before `over` (None: to the end); a changed first day is a further start. `item` is the
    item that says so, with its service (`language/course-…`), `by` the report; `running`: it has begun, not only been
    expected. `care`: children are looked after there. Chapter `collisions` holds it against the children's care.
    """

    item: str
    told: date
    day: date
    over: date | None = None
    running: bool = True
    by: Happening | None = None
    care: bool = False


@dataclass(slots=True)
class Person:
    """What is true of a person before anything is told: drawn once, used by all chapters.

    `assessed` is the day of the potential assessment (None: never), `target` the occupation aimed at, `german` the
    level in the beginning, `children` the ages of those that need care (`under-3`, `3-to-6`, `school`).
    """

    case: str
    opened: date
    ags: str
    jobcenter: str
    status_class: str
    country: str
    assessed: date | None
    target: str
    target_regulated: bool
    target_level: str
    degree: str
    german: str
    children: tuple[str, ...]


@dataclass(slots=True)
class Tale:
    """What is told of one subject (a person's case, an opening, an event, an employer contact) up to `end`, the last
    day of the simulation.
    """

    subject: str
    region: Region
    dice: Dice
    end: date
    happenings: list[Happening] = field(default_factory=list)

    def happens(self, day: date, service: str, fact: str, by: str, **data: Any) -> Happening | None:
        """Something happens and will be reported; after the end of the simulation nothing does."""
        if day > self.end:
            return None
        late = self.dice.chance(0.08)
        happening = Happening(day, service, fact, by, data, late=late)
        self.happenings.append(happening)
        return happening

    @property
    def over(self) -> date:
        """The first day that is not told any more."""
        return self.end + timedelta(1)


@dataclass(slots=True, kw_only=True)
class Story(Tale):
    """One person's life."""

    person: Person
    #: The openings of the region, the same for all.
    market: Market
    phases: dict[str, list[Phase]] = field(default_factory=lambda: {barrier: [] for barrier in BARRIERS})
    #: Days on which the case was opened and closed, in order.
    closings: list[tuple[date, bool]] = field(default_factory=list)
    #: Days on which the consent was given and revoked, in order.
    consents: list[tuple[date, bool]] = field(default_factory=list)
    #: Whenever the Jobcenter declared a barrier needed or absent: day, barrier, what it said.
    declarations: list[tuple[date, str, str]] = field(default_factory=list)
    #: What German is proven from a day on (CEFR), in order of the days.
    levels: list[tuple[date, str]] = field(default_factory=list)
    #: Each course, and each child that needs care, under the name of its item.
    courses: dict[str, Strand] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    #: Courses and jobs that begin, for which somebody must look after the children.
    starts: list[Start] = field(default_factory=list)
    #: The person's ways to jobs, and the permits that were asked for.
    introductions: list[Introduction] = field(default_factory=list)
    permits: list[Permit] = field(default_factory=list)
    #: What stands against each other on the last day.
    collisions: list[Collision] = field(default_factory=list)

    def tell(
        self,
        barrier: str,
        day: date,
        status: str,
        turn: str | None = None,
        *,
        due: date | None = None,
        stalled_from: date | None = None,
        available: date | None = None,
        overtaken: bool = False,
    ) -> None:
        """What a barrier shows from this day on. A stall may only be planned for barriers that somebody must clear."""
        phase = Phase(day, status, turn, due, stalled_from, available, overtaken=overtaken)
        self.phases[barrier].append(phase)
