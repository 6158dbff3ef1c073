"""Who comes to the region: what is true of a person before its life is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from lotse.simulator.dice import Dice
from lotse.simulator.region import Region
from lotse.simulator.story import Person


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation that people aim at: KldB 2010, whether it is regulated, the German that it asks for."""

    kldb: str
    regulated: bool
    level: str

    @property
    def helper(self) -> bool:
        """Whether nobody needs a certificate for it."""
        return self.kldb.endswith("1")


NURSE = Occupation("81302", True, "B2")
REGULATED = (
    NURSE,
    NURSE,
    NURSE,
    Occupation("81404", True, "C1"),
    Occupation("83112", True, "B2"),
    Occupation("84124", True, "C1"),
)
SKILLED = tuple(
    Occupation(kldb, False, level)
    for kldb, level in (
        ("29222", "A2"),
        ("26212", "B1"),
        ("29302", "A2"),
        ("71402", "B2"),
        ("43414", "B2"),
        ("25212", "B1"),
    )
)
HELPERS = tuple(Occupation(kldb, False, level) for kldb, level in (("51311", "A1"), ("54101", "A1"), ("82101", "A2")))

_COUNTRIES = {"UA": 0.62, "SY": 0.16, "AF": 0.1, "ER": 0.04, "SO": 0.03, "stateless": 0.02, "unknown": 0.03}
_GERMAN = {"PRE_A1": 0.2, "A1": 0.2, "A2": 0.3, "B1": 0.25, "B2": 0.05}
_AGES = {"under-3": 0.35, "3-to-6": 0.4, "school": 0.25}
_DEGREES = {"none": 0.3, "non-regulated": 0.36, "regulated": 0.25, "unclear": 0.09}


def draw_person(dice: Dice, region: Region, start: date, end: date) -> Person:
    """One person; a quarter came before the simulation begins, and their offices type them in when it does."""
    opened = _opening_day(dice, start, end)
    degree = dice.weighted(_DEGREES)
    target = _target(dice, degree)
    country = dice.weighted(_COUNTRIES)
    assessed = opened + dice.duration(4, 0.6) if dice.chance(0.93) else None
    return Person(
        case=dice.uuid(),
        opened=opened,
        ags=dice.pick(region.ags),
        jobcenter=dice.pick(region.reporters("intake", "jobcenter")),
        status_class="temporary-protection" if country == "UA" else _other_status(dice),
        country=country,
        assessed=assessed,
        target=target.kldb,
        target_regulated=target.regulated,
        # Now and then the Jobcenter names less than the licence asks for.
        target_level="B1" if target.regulated and dice.chance(0.1) else target.level,
        degree=degree,
        german=dice.weighted(_GERMAN),
        children=_children(dice),
    )


def _opening_day(dice: Dice, start: date, end: date) -> date:
    if dice.chance(0.25):
        return start - dice.days(1, 240)
    if dice.chance(0.04):
        return end - dice.days(0, min(3, (end - start).days))
    return start + timedelta(dice.integer(0, max(0, (end - start).days * 85 // 100)))


def _children(dice: Dice) -> tuple[str, ...]:
    """The children that need care: 35 of 100 have any, and then 1.4."""
    if not dice.chance(0.35):
        return ()
    return tuple(dice.weighted(_AGES) for _ in range(dice.weighted({1: 0.68, 2: 0.25, 3: 0.07})))


def _target(dice: Dice, degree: str) -> Occupation:
    if degree == "none":
        return dice.pick(HELPERS if dice.chance(0.7) else SKILLED)
    if degree == "regulated" and dice.chance(0.8):
        return dice.pick(REGULATED)
    if degree == "unclear" and dice.chance(0.3):
        return NURSE
    return dice.pick(SKILLED if dice.chance(0.8) else HELPERS)


def _other_status(dice: Dice) -> str:
    return dice.weighted(
        {"recognised-protection": 0.5, "humanitarian-title": 0.15, "asylum-permission": 0.2, "toleration": 0.15}
    )
