"""What language says of levels and courses: the shapes of their `state` (facts.md §6)."""

from __future__ import annotations

from typing import Literal

from shared.contracts.state import UNSET, Day, ItemShape, ItemState, Maybe, PathEntry

SERVICE = "language"

Level = Literal["PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2"]
Evidence = Literal["certificate", "placement-test", "self-report"]
Course = Literal[
    "integration-course",
    "integration-course-intensive",
    "integration-course-special",
    "job-language-course",
    "workplace-language-course",
    "other",
]
Basis = Literal[
    "claim",
    "admission",
    "obligation-jobcenter",
    "obligation-foreigners-authority",
    "obligation-social-welfare-office",
    "job-language",
]


class LevelPath(PathEntry, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of what was known of the level. `certifiedOn`: the day of a further certificate of the same level."""

    german_level: Maybe[Level] = UNSET
    evidence: Maybe[Evidence] = UNSET
    certified_on: Maybe[Day] = UNSET


class LevelState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `level`: what was said last, which need not be what is proven."""

    german_level: Maybe[Level] = UNSET
    evidence: Maybe[Evidence] = UNSET
    path: list[LevelPath]


class CoursePath(PathEntry, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of a course. `toLevel` is the aim, `start` the expected first day."""

    course_type: Maybe[Course] = UNSET
    to_level: Maybe[Level] = UNSET
    start: Maybe[Day] = UNSET


class CourseState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `course-<episodeId>`. `lapsesOn`: from then on the entitlement is lapsed if nothing is reported."""

    from_level: Maybe[Level] = UNSET
    to_level: Maybe[Level] = UNSET
    lesson_units: Maybe[int] = UNSET
    mode: Maybe[Literal["full-time", "part-time", "online"]] = UNSET
    time_of_day: Maybe[Literal["morning", "afternoon", "evening", "all-day"]] = UNSET
    ags: Maybe[str] = UNSET
    childcare_at_course: Maybe[bool] = UNSET
    provider: Maybe[str] = UNSET
    course_type: Maybe[Course] = UNSET
    entitlement_basis: Maybe[Basis] = UNSET
    start: Maybe[Day] = UNSET
    until: Maybe[Day] = UNSET
    lapses_on: Maybe[Day] = UNSET
    result: Maybe[Literal["passed", "failed"]] = UNSET
    german_level: Maybe[Level] = UNSET
    path: list[CoursePath]


ITEMS = (
    ItemShape("level", "level-changed", LevelState),
    ItemShape("course-", "course-changed", CourseState),
)
