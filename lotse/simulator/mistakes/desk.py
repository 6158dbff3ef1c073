"""The desk from which one life's reports go out, and what a mistake is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from lotse.simulator.dice import Dice
from lotse.simulator.report import Outbox, Report, instant
from lotse.simulator.story import Happening, Tale
from lotse.simulator.truth import Truth

#: The keys by which offices tell one matter of a person from another.
KEYS = ("procedureId", "permitId", "introductionId", "episodeId", "child")


@dataclass(slots=True)
class Desk:
    """Where the reports on one subject leave the offices. `strangers` are other subjects of the same kind."""

    story: Tale
    truth: Truth
    outbox: Outbox
    dice: Dice
    strangers: Sequence[str]
    #: The happening behind the report that is being sent.
    happening: Happening | None = None
    #: Reports that stand, by the happening they are about.
    standing: dict[int, Report] = field(default_factory=dict)

    def send(self, report: Report, day: date, **more: Any) -> None:
        """Sends one report on this subject."""
        self.outbox.send(report, self.story.subject, day, **more)

    def deliver(self, report: Report, day: date) -> None:
        """Sends the report as it should be: one in ten as a whole event, the others in binary mode."""
        self.send(report, day, whole=self.dice.chance(0.1))
        self.standing[id(self.happening)] = report

    def anew(self, report: Report, **changes: Any) -> Report:
        """The same report under another id."""
        return replace(report, id=self.dice.uuid(), **changes)

    def later(self, day: date, most: int) -> date:
        """Some days after, at the latest on the last day."""
        return min(self.outbox.end, day + self.dice.days(0, most))

    def moment(self, day: date, after: datetime | None = None) -> datetime:
        """A moment of that day in some office; after another one, if one is named."""
        drawn = instant(day, self.dice.integer(0, 30_000))
        return max(drawn, after + timedelta(seconds=1)) if after else drawn

    def siblings(self) -> list[Happening]:
        """All that happens in the same proceeding, in order."""
        assert self.happening is not None
        key = _proceeding(self.happening)
        return sorted((one for one in self.story.happenings if _proceeding(one) == key), key=lambda one: one.day)


def _proceeding(happening: Happening) -> tuple[str, str]:
    named = (str(happening.data[key]) for key in KEYS if key in happening.data)
    return happening.service, next(named, "")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One kind of mistake. `share` of the reports that it can happen to suffer it.

    `commit` sends the report and what goes wrong around it, and says False when it cannot happen to this report.
    """

    name: str
    share: float
    commit: Callable[[Desk, Report, date], bool]
