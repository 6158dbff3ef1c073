"""What is known of a person's German, what the occupation asks for, and what courses and levels come to together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from lotse.simulator.almanac import weeks
from lotse.simulator.chapters.declared import declaration_days, weighed
from lotse.simulator.story import Phase, Story
from lotse.simulator.strand import Stretch, turning_days
from lotse.simulator.work import LEVELS, licence_level

DAY = timedelta(1)
CERTIFICATE, TEST, SELF_REPORT = "certificate", "placement-test", "self-report"
#: The German of work, while nobody knows which work.
_USUAL = "B2"
#: Of several courses the one that has come furthest is shown.
_WAY = ("entitled", "waiting", "not-formed", "referred", "started", "completed", "exam-taken")


def at_least(level: str, wanted: str) -> bool:
    """Whether somebody of one level has what another one asks for."""
    return LEVELS.index(level) >= LEVELS.index(wanted)


def next_level(level: str) -> str:
    """The level above."""
    return LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)]


def wanted(story: Story, day: date) -> str:
    """The German that the person's aim asks for on a day: as assessed, but never less than the licence does."""
    assessed = [one for one in story.happenings if one.fact == "potential-assessed" and one.day <= day]
    if not assessed:
        return _USUAL
    aim = max(assessed, key=lambda one: one.day).data
    level = str(aim["targetGermanLevel"])
    licence = licence_level(str(aim["targetKldb"])) if aim["targetRegulated"] else None
    return licence if licence and at_least(licence, level) else level


@dataclass(frozen=True, slots=True)
class Known:
    """A level as it became known, and how."""

    day: date
    level: str
    evidence: str


@dataclass(slots=True)
class German:
    """What one person is known to speak, and the courses that the person takes, under the names of their items."""

    story: Story
    known: list[Known] = field(default_factory=list)

    def show(self, day: date, by: str, level: str, evidence: str) -> None:
        """Somebody finds out or is shown what the person speaks."""
        if self.story.happens(day, "language", "level-assessed", by, germanLevel=level, evidence=evidence):
            self.known.append(Known(day, level, evidence))

    def certify(self, day: date, by: str, level: str) -> None:
        """A certificate of that day."""
        if self.story.happens(day, "language", "level-certified", by, germanLevel=level):
            self.known.append(Known(day, level, CERTIFICATE))

    def proven(self, day: date) -> str | None:
        """The best certificate; without any, the last test. What people say of themselves proves nothing."""
        known = sorted((one for one in self.known if one.day <= day), key=lambda one: one.day)
        certified = [one.level for one in known if one.evidence == CERTIFICATE]
        tested = [one.level for one in known if one.evidence == TEST]
        return max(certified, key=LEVELS.index) if certified else tested[-1] if tested else None

    def tell(self) -> None:
        """The barrier, on every day on which anything turns for it."""
        story, was_one = self.story, False
        told = story.phases["language"]
        for day in self._days():
            phase = weighed(story, "language", day, self._on(day))
            if phase is None:
                continue
            if phase.status == "resolved" and not was_one:
                # Who could do it from the first day that anybody knows of never had this barrier.
                phase = replace(phase, status="not-a-barrier")
            was_one = was_one or phase.status in ("open", "in-progress")
            told.append(phase)
        for day in sorted({one.day for one in self.known}):
            level = self.proven(day)
            if level:
                story.levels.append((day, level))

    def _days(self) -> list[date]:
        story = self.story
        days = {*turning_days(story.courses.values(), story.end), *declaration_days(story, "language")}
        days |= {one.day for one in self.known}
        days |= {one.day for one in story.happenings if one.fact == "potential-assessed"}
        return sorted(days)

    def _on(self, day: date) -> Phase | None:
        """What level and courses come to on a day; None while nothing is known."""
        known = [one for one in self.known if one.day <= day]
        courses = list(self._courses(day))
        proven = self.proven(day)
        if proven and at_least(proven, wanted(self.story, day)):
            return Phase(day, "resolved")
        certified = max((one.day for one in known if one.evidence == CERTIFICATE), default=date.min)
        running = [
            one
            for one in courses
            if one.now.status == "in-progress" and not (one.now.state == "exam-taken" and certified >= one.since)
        ]
        if running:
            return _shown(day, max(running, key=lambda one: (_WAY.index(one.now.state), one.since)).now, "in-progress")
        newest = max(courses, key=lambda one: one.since, default=None)
        if newest and certified < newest.since:
            return _shown(day, newest.now, "open")
        if not known:
            return None
        # It is for whoever counsels the person to find the next step, six weeks after the certificate at the latest.
        open_since = newest.since if newest else date.min
        answers = [one for one in known if one.evidence == CERTIFICATE and one.day >= open_since]
        best = max(sorted(answers, key=lambda one: one.day), key=lambda one: LEVELS.index(one.level), default=None)
        due = best.day + weeks(6) if best else None
        return Phase(day, "open", "competent-body", due, due + DAY if due else None)

    def _courses(self, day: date) -> Iterator[_Course]:
        for _, strand in sorted(self.story.courses.items()):
            now = strand.on(day)
            if now:
                yield _Course(now, strand.since(day))


@dataclass(frozen=True, slots=True)
class _Course:
    now: Stretch
    since: date


def _shown(day: date, now: Stretch, status: str) -> Phase:
    return Phase(day, status, now.turn, now.watch.due, now.watch.stalled_from)
