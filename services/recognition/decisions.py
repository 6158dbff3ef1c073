"""Decisions that compete: a named function before the walk (states.md §2, readings 16).

Between two appeals, one of the procedure's body goes before others, then the sort decides. The first is in force, an
equal one is an echo, a different one a conflict. What follows a waiting, a measure or an exam continues the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.contracts.fact import Fact, FactKey

_APPEALABLE = frozenset({"partial", "compensation-required", "none", "closed-without-decision"})
_MEASURES = frozenset({"measure-chosen", "measure-started", "exam-taken"})


@dataclass(slots=True)
class Decisions:
    """`lost` are the decisions that another one, given, contradicts; `echoes` those that only repeat."""

    lost: dict[FactKey, Fact] = field(default_factory=dict)
    echoes: set[FactKey] = field(default_factory=set)


def compare(ordered: Sequence[Fact], body: str | None) -> Decisions:
    """What the decisions of a procedure are to each other. `ordered` is sorted; pure."""
    found = Decisions()
    decided = [fact for fact in ordered if fact.name == "decided"]
    if len(decided) > 1:
        for rivals in _rivals(ordered, body):
            _settle(rivals, body, found)
    return found


def _settle(rivals: Sequence[Fact], body: str | None, found: Decisions) -> None:
    first = _first(rivals, body)
    seen = False
    for fact in rivals:
        if fact.data["outcome"] != first.data["outcome"]:
            found.lost[fact.key] = first
        elif seen:
            found.echoes.add(fact.key)
        else:
            seen = True


def _first(rivals: Sequence[Fact], body: str | None) -> Fact:
    return next((fact for fact in rivals if fact.institution == body), rivals[0])


def _rivals(ordered: Sequence[Fact], body: str | None) -> list[list[Fact]]:
    """The decisions in groups that compete. A group ends with an appeal or a measure that its first one allows."""
    groups: list[list[Fact]] = []
    group: list[Fact] = []
    withdrawn = measured = qualifying = False
    for fact in ordered:
        outcome = _first(group, body).data["outcome"] if group else None
        if fact.name == "decided":
            group.append(fact)
        elif fact.name == "withdrawn":
            withdrawn = withdrawn or measured or outcome in (None, "partial", "compensation-required")
        elif withdrawn:
            continue
        elif fact.name == "appeal-filed" and outcome in _APPEALABLE:
            groups.append(group)
            group, qualifying = [], False
        elif fact.name in _MEASURES and _leads_on(fact, outcome, qualifying):
            groups.append(group)
            group, measured = [], True
        elif fact.name in _MEASURES and outcome == "partial":
            qualifying = fact.name != "exam-taken" or qualifying
    groups.append(group)
    return [group for group in groups if len(group) > 1]


def _leads_on(fact: Fact, outcome: str | None, qualifying: bool) -> bool:
    """Whether a measure or exam is taken up after this outcome, otherwise than by qualifying after `partial`."""
    if outcome == "partial":
        return qualifying and fact.name == "exam-taken"
    return outcome in (None, "compensation-required")
