"""How far a case has come (states.md §7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.contracts.fact import Day
from shared.rules.bridge import HIRED, INTRODUCED, RETAINED
from shared.rules.scene import CASE, INTRODUCTION, Facet, Fields, Scene

CLOSED = "closed"
READY = "ready"
CLEARING = "clearing"
REGISTERED = "registered"
#: Stages that an introduction gives, the furthest first.
_BY_INTRODUCTION = (("retained", RETAINED), ("hired", HIRED), ("introduced", INTRODUCED))


def _by_introduction(introduction: Fields) -> object:
    return next((word for word, those in _BY_INTRODUCTION if introduction["status"] in those), None)


#: What of the items gives a stage.
FACETS: Mapping[str, Facet] = {CASE: lambda case: case["status"] == CLOSED, INTRODUCTION: _by_introduction}


def stage(scene: Scene, first_beside_opening: Day | None, is_ready: Callable[[], bool]) -> str:
    """The first stage that holds; `is_ready` is asked only when nothing before it does."""
    case = scene.case
    if case is not None and case.status == CLOSED:
        return CLOSED
    introductions = scene.of(INTRODUCTION)
    if introductions:
        statuses = {seen.status for seen in introductions}
        for word, introduced in _BY_INTRODUCTION:
            if not statuses.isdisjoint(introduced):
                return word
    if is_ready():
        return READY
    begun = first_beside_opening is not None and (scene.present or first_beside_opening <= scene.day)
    return CLEARING if begun else REGISTERED
