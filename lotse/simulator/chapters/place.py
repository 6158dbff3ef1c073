"""One child's way to a place: the need, the list, offers and answers, settling in, and what becomes of the care.

The storyteller knows the law of the Länder (KiBiz NRW §5) and reckons every date with the simulator's own calendar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lotse.simulator.almanac import days, months_later, next_working_day, weeks
from lotse.simulator.story import Happening, Story
from lotse.simulator.strand import NOTHING_DUE, Child, Interim, Stretch, Watch, watch

DAY = timedelta(1)
APPLICANT, OFFICE, PARTNER, CAPACITY = "applicant", "competent-body", "partner", "capacity"
#: Weeks until an offer: median, and the spread of its logarithm.
_WAITS = {"under-3": (36, 0.7), "3-to-6": (22, 0.7), "school": (10, 0.8), "childminder": (12, 0.6)}
#: The most hours a week that places have as a rule.
_FULL_TIME = 45
#: Settling in takes a parent's time; four weeks are the forecast.
_SETTLING_IN = weeks(4)


@dataclass(frozen=True, slots=True)
class Home:
    """What the children of a family share: where they need care, and who looks after it."""

    ags: str
    office: str
    provider: str

    @property
    def in_nrw(self) -> bool:
        """Whether the KiBiz of North Rhine-Westphalia sets the times; elsewhere only the project watches."""
        return self.ags.startswith("05")


class Place:
    """Tells the search for one child. `day` is the day of the last step; steps after the end are told to nobody.

    `first` is the day from which care is needed, `needed` the hours a week.
    """

    def __init__(self, story: Story, number: int, age: str, home: Home, begins: date) -> None:
        self.story, self.dice, self.number, self.age, self.home, self.day = story, story.dice, number, age, home, begins
        self.child = Child(f"child-{number}")
        self.needed = self.dice.pick((15, 20, 25) if age == "school" else (25, 35, 35, 45))
        self.first = self._wanted_from()
        years = {"under-3": 1, "3-to-6": 4, "school": 8}[age]
        self._born = f"{begins.year - years}-{self.dice.integer(1, 12):02}"
        self.registered: date | None = None
        #: First day and weekly hours of the place that was offered last.
        self.begins, self.hours = begins, self.needed
        self.offered_once = False
        self.state = ""
        self._promise: tuple[date, Happening] | None = None
        self._arranged: date | None = None

    def run(self) -> None:
        """The need, the search, and the care."""
        dice = self.dice
        if dice.chance(0.5) and not self._identified():
            return
        if not dice.chance(0.95):
            return
        self._register()
        self._search()
        self._interim_ends()

    # Words for the steps below

    def report(self, fact: str, by: str | None = None, **data: Any) -> Happening | None:
        """A report on this child, today."""
        return self.story.happens(self.day, "childcare", fact, by or self.home.office, child=self.number, **data)

    def stands(
        self, told: Happening | None, state: str, status: str | None, turn: str | None, watched: Watch = NOTHING_DUE
    ) -> bool:
        """From today on the search stands so; False when the simulation is over."""
        self.state = state
        if told is None:
            return False
        forecast: dict[str, Any] = {}
        if self._promise and state in ("offered", "accepted", "contracted", "settling-in"):
            forecast = {"available": self._promise[0], "promised": self._promise[1]}
        self.child.enter(Stretch(self.day, state, status, turn, watched, told=told, **forecast))
        return True

    def _promises(self, told: Happening | None, begins: date) -> None:
        """A place from that day, and four weeks to settle in."""
        if told:
            self._promise = begins + _SETTLING_IN, told

    def _wanted_from(self) -> date:
        """45 of 100 want a place with the kindergarten year, from August or September; the others soon."""
        dice = self.dice
        if not dice.chance(0.45):
            return self.day + dice.days(20, 200)
        month = dice.pick((8, 9))
        this_year = date(self.day.year, month, 1)
        return this_year if this_year > self.day + days(20) else date(self.day.year + 1, month, 1)

    def _need(self) -> dict[str, Any]:
        need = {"from": self.first.isoformat(), "weeklyHours": self.needed, "ags": self.home.ags}
        if self.dice.chance(0.4):
            need["birthMonth"] = self._born
        return need

    # What the law and the project allow

    def _acknowledge_by(self) -> tuple[date, bool]:
        assert self.registered is not None
        end = months_later(self.registered, 1)
        return (next_working_day(end, "NW"), True) if self.home.in_nrw else (end, False)

    def _offer_by(self) -> list[tuple[date, bool]]:
        """Six weeks before the place is needed, or at once; whoever got one offer has been served."""
        if self.offered_once:
            return []
        assert self.registered is not None
        return [(max(self.first - weeks(6), self.registered), self.home.in_nrw)]

    def _list_by(self) -> tuple[date, bool]:
        return self.day + weeks(26), False

    # The search

    def _identified(self) -> bool:
        """Somebody says that care is needed; False when that is all."""
        dice = self.dice
        self.stands(self.report("need-identified", **self._need()), "need-identified", "open", APPLICANT)
        self.day += dice.duration(3, 0.8)
        if dice.chance(0.06):
            self._withdraw()
            return False
        return True

    def _register(self) -> None:
        self.registered = self.day
        told = self.report("need-registered", **self._need())
        self.stands(told, "need-registered", "in-progress", OFFICE, watch(self._acknowledge_by(), *self._offer_by()))

    def _search(self) -> None:
        """From the registration to the first offer."""
        dice, begun = self.dice, self.day
        kind = "childminder" if self.age == "under-3" and dice.chance(0.3) else self.age
        offer = begun + dice.duration(*_WAITS[kind], least_days=20)
        if dice.chance(0.8):
            # One office in ten lets the month pass.
            self.day += dice.days(32, 60) if dice.chance(0.1) else dice.duration(2, 0.5)
            self.stands(self.report("acknowledged"), "acknowledged", "in-progress", OFFICE, watch(*self._offer_by()))
        if self.day < offer and dice.chance(0.65):
            self.day += dice.days(0 if self.state == "acknowledged" else 1, 15)
            self._wait()
        self._meanwhile(offer)
        if dice.chance(0.08):
            self.day += dice.days(5, 60)
            self._withdraw()
            return
        self.day = max(offer, self.day + DAY)
        self._offers()

    def _wait(self) -> None:
        told = self.report("waitlisted")
        self.stands(told, "waitlisted", "in-progress", CAPACITY, watch(*self._offer_by(), self._list_by()))

    def _meanwhile(self, offer: date) -> None:
        """While they wait: another need, care for the time being, a suit."""
        dice = self.dice
        if dice.chance(0.12):
            self.day += dice.days(3, 40)
            self._need_changes()
        if dice.chance(0.2):
            self.day += dice.days(1, 30)
            self._interim()
        if self.day < offer - days(30) and dice.chance(0.06):
            self.day += dice.days(20, 100)
            self.stands(
                self.report("claim-enforced"), "claim-enforced", "in-progress", OFFICE, watch(*self._offer_by())
            )

    def _need_changes(self) -> None:
        """A job or a course begins on another day, or asks for other hours: a word on the need, and no step."""
        self.first += self.dice.days(-30, 60)
        self.needed = min(_FULL_TIME, max(10, self.needed + self.dice.pick((-10, -5, 0, 5, 10))))
        fact = self.dice.pick(("need-identified", "need-registered"))
        if not self.report(fact, **self._need()):
            return
        last = self.child.last
        ends = list(self._offer_by())
        if last.state == "need-registered":
            ends.append(self._acknowledge_by())
        if last.state == "waitlisted":
            ends.append((last.day + weeks(26), False))
        self.child.go_on(self.day, watch(*ends))

    def _interim(self) -> None:
        """A childminder or a bridge project beside the search: for work, or for a course only."""
        dice, day = self.dice, self.day
        purpose = dice.weighted({"course": 0.6, "work": 0.4})
        first = day + dice.days(0, 20) if dice.chance(0.7) else None
        last = (first or day) + dice.days(60, 250) if dice.chance(0.6) else None
        named = {name: one.isoformat() for name, one in (("from", first), ("until", last)) if one}
        if self.report("interim-care-arranged", purpose=purpose, weeklyHours=dice.pick((10, 15, 20)), **named):
            self.child.interim, self._arranged = Interim(purpose, first, last), day

    def _interim_ends(self) -> None:
        """Now and then somebody says so; a need that was withdrawn has ended it already."""
        if not self._arranged or not self.child.interim or not self.dice.chance(0.3):
            return
        self.day = self._arranged + self.dice.days(20, 200)
        if self.report("interim-care-ended"):
            self.child.interim = None

    # Offers and answers

    def _offers(self) -> None:
        """Up to three offers; whoever says no, or nothing, waits again."""
        dice = self.dice
        for _ in range(3):
            self._offer()
            answer = dice.weighted({"accepted": 0.78, "declined": 0.15, "expired": 0.07})
            if answer == "accepted":
                self.day += dice.duration(1.1, 0.6)
                self._accept()
                return
            self._no(answer)
            if dice.chance(0.15):
                return
            self.day += dice.duration(6, 0.8)
            if dice.chance(0.5):
                self._wait()
                self.day += dice.duration(9, 0.8)

    def _offer(self) -> None:
        """An offer of the provider or the office; now and then another one comes before the answer."""
        dice = self.dice
        while True:
            begins = max(self.first, self.day + dice.days(10, 60))
            if self.state == "offered":
                begins = max(begins, self.begins + dice.days(1, 20))
            hours = self._hours_of_place()
            by = dice.pick((self.home.office, self.home.provider))
            told = self.report("offered", by, **{"from": begins.isoformat()}, weeklyHours=hours)
            self.offered_once = True
            self.begins, self.hours = begins, hours
            self._promises(told, begins)
            answer_by = (self.day + weeks(2), False)
            self.stands(told, "offered", "in-progress", APPLICANT, watch(answer_by))
            if not dice.chance(0.05):
                return
            self.day += dice.days(2, 12)

    def _hours_of_place(self) -> int:
        """One place in five has too few hours."""
        return max(5, self.needed - self.dice.pick((5, 10))) if self.dice.chance(0.2) else self.needed

    def _no(self, answer: str) -> None:
        dice = self.dice
        if answer == "declined":
            self.day += dice.duration(1.1, 0.5)
            reasons = ("distance", "hours", "language", "other-offer", "other")
            reason = {"reason": dice.pick(reasons)} if dice.chance(0.7) else {}
            told = self.report("offer-declined", **reason)
        else:
            self.day += dice.days(15, 35)
            told = self.report("offer-expired")
        self._promise = None
        self.stands(told, answer, "open", CAPACITY, watch(self._list_by()))

    def _accept(self) -> None:
        """Accepted and contracted, where either letter may be all that is sent; then the child settles in."""
        dice = self.dice
        letters = dice.weighted({"both": 0.7, "accepted": 0.15, "contracted": 0.15})
        if letters != "contracted":
            self.stands(self.report("offer-accepted", self.home.provider), "accepted", "in-progress", PARTNER)
            self.day += dice.days(3, 20)
        if letters != "accepted":
            self._contract()
        if dice.chance(0.04):
            self.day += dice.days(3, 30)
            self._withdraw()
            return
        self._settle_in()

    def _contract(self) -> None:
        moved: Mapping[str, str] = {}
        if self.dice.chance(0.25):
            self.begins += self.dice.days(7, 40)
            moved = {"from": self.begins.isoformat()}
        told = self.report("contracted", self.home.provider, weeklyHours=self.hours, **moved)
        if moved:
            self._promises(told, self.begins)
        self.stands(told, "contracted", "in-progress", PARTNER)

    def _settle_in(self) -> None:
        dice = self.dice
        self.day = max(self.begins + dice.days(0, 6), self.day + DAY)
        if dice.chance(0.85):
            told = self.report("settling-in-started", self.home.provider)
            self._promises(told, self.day)
            self.stands(told, "settling-in", "in-progress", PARTNER)
            self.day += dice.days(14, 42)
            if dice.chance(0.03):
                self._end()
                return
        self._care()

    # Care, and what becomes of it

    def _care(self) -> None:
        """Care begins; too few hours from the first day are an open barrier, enough of them the end of the search."""
        dice = self.dice
        told, self._promise = self.report("care-started", self.home.provider, weeklyHours=self.hours), None
        if self.hours < self.needed:
            self.stands(told, "hours-insufficient", "open", CAPACITY)
            self._too_few()
            return
        self.stands(told, "in-care", "resolved", None)
        what = dice.weighted(
            {"": 0.55, "ended": 0.14, "cut": 0.12, "more needed": 0.07, "more": 0.08, "withdrawn": 0.04}
        )
        course = max((one.day for one in self.story.starts if one.running), default=None)
        if course and dice.chance(0.35):
            # Of all times now, while the parent is in a course.
            what, self.day = dice.pick(("ended", "cut")), max(self.day, course) + dice.days(5, 60)
        else:
            self.day += dice.duration(16, 0.7, least_days=10)
        if what == "ended":
            self._end()
        elif what == "cut":
            self.hours = max(5, self.needed - dice.pick((5, 10, 15)))
            told = self.report("hours-changed", self.home.provider, weeklyHours=self.hours)
            self._cut(told)
        elif what == "more needed" and self.needed <= _FULL_TIME:
            self.needed += dice.pick((5, 10))
            self._cut(self.report("need-identified", **self._need()))
        elif what == "more":
            self._enough(5)
        elif what == "withdrawn":
            self._withdraw()

    def _too_few(self) -> None:
        """More hours later, less need, a search for another place, or nothing."""
        dice = self.dice
        self.day += dice.duration(10, 0.6, least_days=5)
        what = dice.weighted({"more": 0.4, "less needed": 0.1, "search": 0.25, "": 0.25})
        if what == "more":
            self._enough(self.dice.pick((0, 5)))
        elif what == "less needed":
            self.needed = self.hours
            self.stands(self.report("need-identified", **self._need()), "in-care", "resolved", None)
        elif what == "search":
            self._search_again()

    def _cut(self, told: Happening | None) -> None:
        """There was enough, and there is not any more."""
        self.stands(told, "hours-cut", "lapsed", CAPACITY)
        dice = self.dice
        self.day += dice.duration(8, 0.6, least_days=5)
        what = dice.weighted({"more": 0.3, "search": 0.3, "": 0.4})
        if what == "more":
            self._enough(0)
        elif what == "search":
            self._search_again()

    def _enough(self, more: int) -> None:
        self.hours = self.needed + more
        told = self.report("hours-changed", self.home.provider, weeklyHours=self.hours)
        self.stands(told, "in-care", "resolved", None)

    def _end(self) -> None:
        """The place is lost; half of the families look for another one."""
        dice = self.dice
        self._promise = None
        self.stands(self.report("care-ended", self.home.provider), "ended", "lapsed", CAPACITY)
        if dice.chance(0.5):
            self.day += dice.duration(4, 0.8)
            self._search_again()

    def _search_again(self) -> None:
        """A new registration, the list again, or an offer at once."""
        dice = self.dice
        self.first = self.day + dice.days(0, 30)
        how = "register" if self.state != "ended" else dice.pick(("register", "list", "offer"))
        if how == "register":
            self._register()
            self.day += dice.days(10, 40)
        elif how == "list":
            self._wait()
        self.day += dice.duration(12, 0.7)
        self._offers()

    def _withdraw(self) -> None:
        """Grandparents came, or the family moves; a few need care again."""
        dice = self.dice
        self._promise = None
        if self.stands(self.report("need-withdrawn"), "need-withdrawn", None, None):
            self.child.interim = None
        if not dice.chance(0.3):
            return
        self.day += dice.duration(12, 0.6)
        self.first = self.day + dice.days(20, 120)
        if dice.chance(0.5):
            self.stands(self.report("need-identified", **self._need()), "need-identified", "open", APPLICANT)
            self.day += dice.duration(3, 0.6)
        self._register()
        self.day += dice.duration(12, 0.7)
        self._offers()
