"""The marks of an employment: when each is reached, and which kinds of hire reach it (states.md §7, §8 MARK)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import end_of
from shared.rules.rule_table import Due, rule_for

#: In their order.
MARKS = ("6w", "3m", "6m", "12m")
#: From six months on official figures count: only insured work, apprenticeships and self-employment come so far.
BEYOND = ("6m", "12m")
_NO_INTEGRATION = frozenset({"introductory-training", "mini-job", "work-opportunity-16d", "subsidised-16i"})


def reached_mark(fact: Fact, known: Mapping[str, Any]) -> str:
    """The mark that a confirmation names; empty if it was said before the mark's day, or never can be reached."""
    mark: str = fact.data["mark"]
    start: Day | None = known.get("start")
    due = mark_due(mark, start, known.get("hireKind")) if start is not None else None
    return mark if due is not None and due.day <= fact.occurred_on else ""


def next_mark(start: Day, kind: str | None, confirmed: str | None) -> Due | None:
    """The mark after the highest confirmed one; None where there is no further one."""
    place = MARKS.index(confirmed) + 1 if confirmed is not None else 0
    return mark_due(MARKS[place], start, kind) if place < len(MARKS) else None


def mark_due(mark: str, start: Day, kind: str | None) -> Due | None:
    """The day of a mark, counted from the first day of work; None for a hire that does not reach it."""
    if mark in BEYOND and kind in _NO_INTEGRATION:
        return None
    rule = rule_for("MARK", start, (("mark", mark),))
    if rule is None:
        return None
    if mark == "6m":
        return Due(_six_insured_months(start), rule.rule_id, rule.law)
    return Due(end_of(start, rule.length), rule.rule_id, rule.law)


def _six_insured_months(start: Day) -> Day:
    """Insured in each of the six months after the first: once the sixth of them has begun."""
    return end_of(f"{start[:8]}01", "6m")
