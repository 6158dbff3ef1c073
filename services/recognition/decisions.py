"""Decisions that compete: a named function before the walk (states.md §2, readings 16).

Between two appeals, one of the procedure's body goes before others, then the sort decides. The first is in force, an
equal one is an echo, a different one a conflict. What follows a waiting, a measure or an exam continues the first;
that a measure is ordered there again moves nothing and competes with nothing. What the table parks separates nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.contracts.fact import Fact, FactKey

#: Where a procedure stands: nowhere yet (None), at an outcome, or on the way through a measure or qualifying.
_MEASURE, _QUALIFYING, _ORDERED = "measure", "qualifying", "compensation-required"
_APPEALABLE = frozenset({"partial", _ORDERED, "none", "closed-without-decision", _MEASURE, _QUALIFYING})
_WITHDRAWABLE = frozenset({None, "partial", _ORDERED, _MEASURE, _QUALIFYING})
_REFUSED = frozenset({"none", "withdrawn", "closed-without-decision"})
_MEASURES = frozenset({"measure-chosen", "measure-started", "exam-taken"})


@dataclass(slots=True)
class Decisions:
    """`lost` are the decisions that another one, given, contradicts; `echoes` those that only repeat an earlier one."""

    lost: dict[FactKey, Fact] = field(default_factory=dict)
    echoes: dict[FactKey, FactKey] = field(default_factory=dict)


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
    seen: FactKey | None = None
    for fact in rivals:
        if fact.data["outcome"] != first.data["outcome"]:
            found.lost[fact.key] = first
        elif seen is not None:
            found.echoes[fact.key] = seen
        else:
            seen = fact.key


def _first(rivals: Sequence[Fact], body: str | None) -> Fact:
    return next((fact for fact in rivals if fact.institution == body), rivals[0])


def _rivals(ordered: Sequence[Fact], body: str | None) -> list[list[Fact]]:
    """The decisions in groups that compete. A group ends with an appeal or a measure that its first one allows."""
    groups: list[list[Fact]] = []
    group: list[Fact] = []
    before: str | None = None
    qualifying = over = False
    for fact in ordered:
        at = _reached(_first(group, body).data["outcome"] if group else before, qualifying)
        if fact.name == "decided":
            if at != _MEASURE or fact.data["outcome"] != _ORDERED:
                group.append(fact)
        elif over:
            continue
        elif fact.name == "withdrawn":
            over = at in _WITHDRAWABLE
        elif fact.name == "licence-issued":
            over = at not in _REFUSED
        elif fact.name == "appeal-filed" and at in _APPEALABLE:
            groups.append(group)
            group, before, qualifying = [], at, False
        elif fact.name in _MEASURES:
            led = _led(fact, at)
            qualifying = qualifying or led == _QUALIFYING
            if led == _MEASURE:
                groups.append(group)
                group, before, qualifying = [], led, False
    groups.append(group)
    return [group for group in groups if len(group) > 1]


def _reached(outcome: str | None, qualifying: bool) -> str | None:
    return _QUALIFYING if qualifying and outcome == "partial" else outcome


def _led(fact: Fact, at: str | None) -> str | None:
    """Where a measure or an exam leads from there; None where the table parks it."""
    if at == "partial":
        return None if fact.name == "exam-taken" else _QUALIFYING
    if at == _QUALIFYING:
        return _MEASURE if fact.name == "exam-taken" else _QUALIFYING
    return _MEASURE if at in (None, _ORDERED, _MEASURE) else None
