"""One language course, from the entitlement to the certificate: registered, not formed, begun, left, examined.

The storyteller knows IntV and DeuFöV and reckons every date with the simulator's own calendar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lotse.simulator.almanac import months_later, next_working_day, weeks
from lotse.simulator.chapters.german import TEST, German, next_level
from lotse.simulator.story import Happening, Start, Story
from lotse.simulator.strand import NOTHING_DUE, Strand, Stretch, Watch, watch

DAY = timedelta(1)
APPLICANT, BODY, PARTNER, CAPACITY = "applicant", "competent-body", "partner", "capacity"
_WORKPLACE, _SPECIAL, _OTHER = "workplace-language-course", "integration-course-special", "other"
#: In these a course is awaited or runs.
_AHEAD = ("waiting", "referred", "started")


@dataclass(frozen=True, slots=True)
class Offer:
    """Which course is taken, by which right (None: nobody has to grant it), granted by whom and held where."""

    kind: str
    basis: str | None
    begin: str
    aim: str
    issuer: str
    provider: str

    @property
    def integration(self) -> bool:
        """Whether it is an integration course (IntV)."""
        return self.kind.startswith("integration-course")

    @property
    def for_work(self) -> bool:
        """Whether it is a job language course (DeuFöV), at the workplace or not."""
        return self.kind in ("job-language-course", _WORKPLACE)


class Course:
    """Tells one course. `day` is the day of the last step; steps after the end are told to nobody.

    `german` learns what tests and certificates say; `level` is what the person really speaks in the end.
    """

    def __init__(self, german: German, offer: Offer, begins: date, level: str) -> None:
        self.german, self.story, self.dice = german, german.story, german.story.dice
        self.offer, self.day, self.level = offer, begins, level
        self.id = self.dice.slug("ik" if offer.integration else "bsk" if offer.for_work else "kurs")
        self.strand = Strand(f"course-{self.id}")
        self.registered = begins
        self.state = ""
        self._start: Start | None = None
        self._expected: date | None = None
        self._care = False
        self._aim_said = False
        self.provider = offer.provider
        self._full_time = self.dice.chance(0.7)
        self._about: dict[str, Any] = {
            "fromLevel": offer.begin,
            "toLevel": offer.aim,
            "lessonUnits": {_WORKPLACE: 150, _SPECIAL: 900}.get(offer.kind, 600 if offer.integration else 400),
            "mode": "full-time" if self._full_time else self.dice.pick(("part-time", "online")),
            "timeOfDay": self.dice.pick(("morning", "afternoon", "evening", "all-day")),
            "ags": self.story.person.ags,
            "provider": offer.provider,
        }

    def run(self) -> str:
        """Tells the course to its end; returns `passed`, `below`, `left`, `refused`, `lapsed` or `no exam`."""
        outcome = self._all()
        self.story.courses[self.strand.name] = self.strand
        now = self.strand.on(self.story.end)
        if self._start and now and now.state in _AHEAD:
            self.story.starts.append(self._start)
        if not self.strand.stretches:
            del self.story.courses[self.strand.name]
        return outcome

    def _all(self) -> str:
        dice = self.dice
        if self.offer.basis and not self._granted():
            return "refused"
        if not self._register():
            return "lapsed"
        outcome = self._take()
        if outcome != "below" or not dice.chance(0.35):
            return outcome
        # Once more, under the same right: the exam alone, or the lessons again.
        self.day += dice.duration(5, 0.6)
        if dice.chance(0.4):
            return self._examine(0.7)
        self._registered()
        return self._take()

    def _take(self) -> str:
        """The course itself, and the exam."""
        self._until_it_starts()
        return self._attend() or self._finish()

    # Words for the steps below

    def report(self, fact: str, by: str | None = None, **data: Any) -> Happening | None:
        """A report on this course, today."""
        return self.story.happens(self.day, "language", fact, by or self.provider, episodeId=self.id, **data)

    def stands(self, told: Happening | None, state: str, status: str, turn: str, watched: Watch = NOTHING_DUE) -> bool:
        """From today on the course stands so; False when the simulation is over."""
        self.state = state
        if told is None:
            return False
        self.strand.enter(Stretch(self.day, state, status, turn, watched, told=told))
        if state not in _AHEAD:
            self._start = None
        return True

    def _terms(self, share: float) -> dict[str, Any]:
        """What the office says of the course beside its kind, mostly a part of it. The aim is said at least once."""
        said = {name: value for name, value in self._about.items() if self.dice.chance(share)}
        if not self._aim_said:
            said["toLevel"], self._aim_said = self.offer.aim, True
        return said

    def _care_at_course(self) -> dict[str, Any]:
        return {"childcareAtCourse": self.dice.chance(0.3)} if self.story.person.children else {}

    def _expect(self, told: Happening | None, start: date | None, care: bool | None) -> None:
        """A first day is awaited: the one that is named, or else the one that was named before."""
        if told is None:
            return
        if care is not None:
            self._care = care
        if start is None and self._start is not None:
            return
        self._expected = start or self._expected
        if self._expected:
            self._start = Start(
                f"language/{self.strand.name}", self.day, self._expected, running=False, by=told, care=self._care
            )

    def _by_law(self, day: date) -> date:
        return next_working_day(day, self.story.region.land)

    # What the laws and the project allow

    def _lapses(self) -> date | None:
        """The last day for registering: three months (DeuFöV §6(3)), or a year after an admission (IntV §5(3))."""
        if self.offer.for_work:
            return self._by_law(months_later(self.day, 3))
        return self._by_law(months_later(self.day, 12)) if self.offer.basis == "admission" else None

    def _start_by(self) -> Watch:
        """Six weeks (IntV §7(4)), four for work (DeuFöV §9(3))."""
        if self.offer.integration or self.offer.for_work:
            return watch((self._by_law(self.day + weeks(6 if self.offer.integration else 4)), True))
        return NOTHING_DUE

    def _refer_by(self) -> Watch:
        """Two weeks, by law only for work (DeuFöV §9(4))."""
        end = self.day + weeks(2)
        if self.offer.for_work:
            return watch((self._by_law(end), True))
        return watch((end, False)) if self.offer.integration else NOTHING_DUE

    def _ends_a_year_after(self, begun: date) -> None:
        """The right to an integration course ends when it is not begun or not gone on with for a year (IntV §4(1))."""
        last = self._by_law(months_later(begun, 12))
        if self.offer.integration and last >= self.day:
            self._lapses_after(last)

    def _lapses_after(self, last: date) -> None:
        self.strand.foresee(last + DAY, "entitlement-lapsed", "open", APPLICANT)

    # The right to a course

    def _granted(self) -> bool:
        """Refused or granted; a refusal may be overcome."""
        dice, offer = self.dice, self.offer
        right = {"courseType": offer.kind, "entitlementBasis": offer.basis}
        if dice.chance(0.15 if offer.basis == "admission" else 0.03):
            told = self.report("entitlement-refused", offer.issuer, **right)
            self.stands(told, "entitlement-refused", "open", BODY)
            if dice.chance(0.6):
                return False
            self.day += dice.duration(6, 0.6)
        told = self.report("entitlement-issued", offer.issuer, **right, **self._terms(0.3))
        lapses = self._lapses()
        ends = [(self.day + weeks(6), False)]
        if lapses:
            ends.append((lapses, True))
        if self.stands(told, "entitled", "in-progress", APPLICANT, watch(*ends)) and lapses:
            self._lapses_after(lapses)
        return True

    def _register(self) -> bool:
        """At a provider; False when the right lapses before. A late registration is believed all the same."""
        dice, offer = self.dice, self.offer
        if offer.basis:
            lapses, entitled = self._lapses(), self.day
            if dice.chance(0.07 if offer.for_work else 0.03):
                # Nobody registers; the office says so, or the calendar alone.
                self.day = (lapses or months_later(entitled, 12)) + DAY
                if not lapses or dice.chance(0.4):
                    told = self.report("entitlement-lapsed", offer.issuer)
                    self.stands(told, "entitlement-lapsed", "open", APPLICANT)
                return False
            self.day += dice.duration(5, 0.9)
        self._registered()
        return True

    def _registered(self) -> None:
        dice = self.dice
        start = self.day + dice.days(10, 80) if dice.chance(0.8) else None
        care = self._care_at_course()
        told = self.report("registered", courseType=self.offer.kind, **self._terms(0.6), **care, **_iso(start=start))
        if self.stands(told, "waiting", "in-progress", PARTNER, self._start_by()):
            self.registered = self.day
            self._ends_a_year_after(self.day)
            self._expect(told, start, care.get("childcareAtCourse"))

    # The course

    def _until_it_starts(self) -> None:
        """Too few people: the course is not formed, and whoever waited is sent elsewhere or waits for the next one."""
        dice = self.dice
        while dice.chance(0.12):
            self.day += dice.days(14, 45)
            self.stands(self.report("course-not-formed"), "not-formed", "in-progress", CAPACITY, self._refer_by())
            self.day += dice.duration(2, 0.7)
            if dice.chance(0.3):
                self._registered()
            else:
                self._referred()
        if dice.chance(0.05):
            self.day += dice.days(5, 30)
            self._referred()
        self.day += dice.duration(6, 1.0) if self.offer.integration else dice.duration(9, 0.8)
        care = self._care_at_course() if dice.chance(0.3) else {}
        told = self.report("course-started", courseType=self.offer.kind, **self._terms(0.3), **care, **self._end())
        if self.stands(told, "started", "in-progress", PARTNER):
            self._care = care.get("childcareAtCourse", self._care)
            self._start = Start(f"language/{self.strand.name}", self.day, self.day, by=told, care=self._care)

    def _referred(self) -> None:
        """To another provider, by the Federal Office or the provider itself."""
        dice, region = self.dice, self.story.region
        start = self.day + dice.days(81, 120) if dice.chance(0.6) else None
        other = dice.pick(region.reporters("language", "course-provider"))
        by = region.named("language", "bamf", "bamf", "course-provider") if dice.chance(0.6) else None
        told = self.report("referred", by, provider=other, **_iso(start=start))
        self.provider = self._about["provider"] = other
        if self.stands(told, "referred", "in-progress", PARTNER, self._start_by()):
            self._ends_a_year_after(self.registered)
            self._expect(told, start, None)

    def _end(self) -> dict[str, str]:
        return _iso(until=self.day + weeks(30)) if self.dice.chance(0.5) else {}

    def _attend(self) -> str:
        """The lessons, section by section; returns why the person left, or nothing."""
        dice, offer = self.dice, self.offer
        begun = self.day
        if offer.integration:
            length = dice.duration(34 if self._full_time else 52, 0.2)
        else:
            length = dice.duration({_WORKPLACE: 10, _OTHER: 12}.get(offer.kind, 22), 0.2)
        if dice.chance(0.2):
            self.german.show(begun + dice.days(0, 10), self.provider, self.level, TEST)
        if dice.chance(0.15):
            self.day += dice.days(20, 60)
            self.report("course-started", courseType=offer.kind, **self._end())
        if dice.chance(0.1):
            self.day += dice.days(5, 40)
            self.report("attendance-irregular")
        if dice.chance(0.1) and self._interrupted():
            return "lapsed"
        if dice.chance(0.18):
            self.day += dice.days(7, 100)
            self.stands(self.report("dropped-out"), "dropped-out", "open", APPLICANT)
            return "left"
        self.day = max(begun + length, self.day + DAY)
        return ""

    def _interrupted(self) -> bool:
        """A child is born, or a job comes between; True when the person never goes on."""
        dice = self.dice
        self.day += dice.days(5, 60)
        begun = self.day
        told = self.report("interrupted")
        if self.stands(told, "started", "in-progress", APPLICANT, watch((begun + weeks(8), False))):
            self._ends_a_year_after(begun)
        if dice.chance(0.2):
            self.day = self._by_law(months_later(begun, 12)) + DAY
            return True
        self.day += dice.duration(7, 0.6)
        self.stands(self.report("resumed"), "started", "in-progress", PARTNER)
        return False

    # The exam and the certificate

    def _finish(self) -> str:
        dice, kind = self.dice, self.offer.kind
        told = self.report("completed")
        self.stands(told, "completed", "in-progress", PARTNER, watch((self.day + weeks(8), False)))
        if dice.chance({_WORKPLACE: 0.5, _OTHER: 0.5}.get(kind, 0.15)):
            return "no exam"
        return self._examine({_SPECIAL: 0.17}.get(kind, 0.55 if self.offer.integration else 0.62))

    def _examine(self, passes: float) -> str:
        """Passed; or the level below, which is worth a certificate, too; or nothing."""
        dice, aim = self.dice, self.offer.aim
        self.day += dice.duration(4, 0.6)
        if dice.chance(passes):
            reached = {"germanLevel": aim} if dice.chance(0.7) else {}
            told = self.report("exam-taken", result="passed", **reached)
            self.stands(told, "exam-taken", "in-progress", BODY, watch((self.day + weeks(8), False)))
            self.level = aim
            if dice.chance(0.92):
                self._certificate(aim)
            return "passed"
        lower = "A2" if self.offer.integration and dice.chance(0.75) else None
        if lower and dice.chance(0.5):
            told = self.report("exam-taken", result="passed", germanLevel=lower)
        else:
            told = self.report("exam-taken", result="failed", **({"germanLevel": lower} if lower else {}))
        if self.state != "below-target":
            # Failed once more is nothing new; the time for the next step has run since the first time.
            self.stands(told, "below-target", "open", APPLICANT, watch((self.day + weeks(6), False)))
        if lower:
            self.level = lower
            if dice.chance(0.8):
                self._certificate(lower)
        return "below"

    def _certificate(self, level: str) -> None:
        """Dated some weeks after the exam; the course itself goes on to nothing else."""
        region = self.story.region
        by = region.named("language", "bamf", "bamf", "course-provider") if self.offer.integration else None
        self.day += self.dice.days(0, 40) if self.dice.chance(0.85) else self.dice.days(60, 100)
        self.german.certify(self.day, by or self.provider, level)


def offer_for(story: Story, level: str) -> Offer:
    """The course that fits somebody of a level: up to B1 an integration course, from there on one for work."""
    dice, region, person = story.dice, story.region, story.person
    provider = dice.pick(region.reporters("language", "course-provider"))
    bamf = region.named("language", "bamf", "bamf", "course-provider")
    if level in ("PRE_A1", "A1", "A2") and dice.chance(0.08):
        return Offer(_OTHER, None, level, next_level(level), provider, provider)
    if level in ("PRE_A1", "A1", "A2") and not (level == "A2" and dice.chance(0.15)):
        kind = "integration-course"
        if dice.chance(0.3 if level == "PRE_A1" else 0.03):
            kind = _SPECIAL
        elif dice.chance(0.08):
            kind = "integration-course-intensive"
        issuers = {
            "claim": region.named("language", "auslaenderbehoerde", "foreigners-authority", "bamf"),
            "admission": bamf,
            "obligation-jobcenter": person.jobcenter,
            "obligation-foreigners-authority": region.named(
                "language", "auslaenderbehoerde", "foreigners-authority", "bamf"
            ),
            "obligation-social-welfare-office": region.named(
                "language", "sozialamt", "social-welfare-office", "jobcenter"
            ),
        }
        basis = dice.weighted(dict(zip(issuers, (0.25, 0.35, 0.3, 0.06, 0.04), strict=True)))
        return Offer(kind, basis, level, "B1", issuers[basis], provider)
    issuer = dice.pick((person.jobcenter, bamf, region.named("language", "agentur", "employment-agency", "jobcenter")))
    kind = _WORKPLACE if dice.chance(0.15) else "job-language-course"
    return Offer(kind, "job-language", level, next_level(level), issuer, provider)


def _iso(**named: date | None) -> dict[str, str]:
    return {name: day.isoformat() for name, day in named.items() if day}
