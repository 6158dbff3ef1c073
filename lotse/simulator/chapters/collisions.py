"""What stands against each other: a course or a job that begins before there is care, care that is lost meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from lotse.simulator.story import Happening, Start, Story
from lotse.simulator.strand import Child, Collision, Stretch

_STANDING = ("lapsed", "open", "in-progress")
_COURSE = "language/course-"


@dataclass(frozen=True, slots=True)
class Lacking:
    """A child without enough care on the last day."""

    child: Child
    now: Stretch

    @property
    def item(self) -> str:
        """The child's item on the board."""
        return f"childcare/{self.child.name}"

    def since(self, day: date) -> bool:
        """Whether it has been without care from that day on."""
        then = self.child.on(day)
        later = [one for one in self.child.stretches if day < one.day]
        return then is not None and all(one.status in _STANDING for one in (then, *later))


def tell_collisions(story: Story) -> None:
    """What stands on the last day. A start that comes too early stalls the childcare, too."""
    told = [phase for phase in story.phases["childcare"] if phase.day <= story.end]
    if not told or told[-1].status not in _STANDING:
        return
    found = [(child, child.on(story.end)) for child in story.children.values()]
    lacking = [Lacking(child, now) for child, now in found if now and now.status in _STANDING]
    stalls = [told[-1].stalled_from] if told[-1].stalled_from else []
    for start in story.starts:
        if start.over is not None and start.over <= story.end:
            continue
        early = _too_early(start, lacking, story.end)
        if early:
            stalls.append(early.stalled_from)
            _collide(story, "care-after-start", start, (early.item, early.by))
        lost = [(one.item, one.now.told) for one in lacking if one.now.status == "lapsed"]
        if lost and start.running and start.item.startswith(_COURSE):
            _collide(story, "care-lost", start, *lost)
    story.phases["childcare"].append(replace(told[-1], stalled_from=min(stalls, default=None)))


@dataclass(frozen=True, slots=True)
class _Early:
    """A start that is too early for a child, the report that says so of it, and since when that is a stall."""

    item: str
    by: Happening | None
    stalled_from: date


def _too_early(start: Start, lacking: Sequence[Lacking], today: date) -> _Early | None:
    """With places in view for all: a start before the last child has settled in. While nobody knows that day: once it
    has begun, if a child has been without care ever since.
    """
    concerned = [one for one in lacking if not _looked_after(start, one.child, today)]
    if not concerned:
        return None
    days = [one.now.available for one in concerned if one.now.available]
    if len(days) < len(concerned):
        alone = next((one for one in concerned if start.day <= today and one.since(start.day)), None)
        return _Early(alone.item, alone.now.told, start.day) if alone else None
    if start.day >= max(days):
        return None
    last = next(one for one in concerned if one.now.available == max(days))
    by = last.now.promised
    return _Early(last.item, by, max(by.day, start.told)) if by else None


def _looked_after(start: Start, child: Child, today: date) -> bool:
    """Whether the child is cared for during a course: there, or by what was arranged for the time being."""
    if not start.item.startswith(_COURSE):
        return False
    interim = child.interim
    arranged = interim is not None and interim.purpose == "course" and interim.covers(max(start.day, today))
    return start.care or arranged


def _collide(story: Story, code: str, start: Start, *children: tuple[str, Happening | None]) -> None:
    items = (*(item for item, _ in children), start.item)
    told = (*(by for _, by in children), start.by)
    story.collisions.append(Collision("childcare", code, items, tuple(one for one in told if one)))
