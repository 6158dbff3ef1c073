"""The states of openings, introductions, events and contacts: what the tables alone cannot say (states.md §5).

An introduction carries its opening's terms, day by day, until the hire; from then on they are frozen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.outreach.clocks import MARKS, next_mark
from services.outreach.table import CONTACT, EVENT, INTRODUCTION, OPENING, TERMS
from shared.contracts.fact import Day, Fact
from shared.rules.derive import NO_SITUATION, Situation, item_of, state_of
from shared.rules.model import Context, Item, State
from shared.rules.table import Table
from shared.rules.walker import Walk, walk

Entry = Mapping[str, Any]

_ENDED = frozenset({"ended", "employment-ended"})


def derive_opening(facts: Sequence[Fact], _: Context) -> Item:
    """One opening from its standing facts, in any order. Pure."""
    return _of_registers(OPENING, facts)


def derive_event(facts: Sequence[Fact], _: Context) -> Item:
    """One event with employers; later counts come by correction. Pure."""
    return _of_registers(EVENT, facts)


def derive_contact(facts: Sequence[Fact], _: Context) -> Item:
    """One contact with an employer. Pure."""
    return _of_registers(CONTACT, facts)


def _of_registers(table: Table, facts: Sequence[Fact]) -> Item:
    """An item that is nobody's turn: its status and all that is known of it."""
    walked = walk(table, table.sort(facts))
    fields = {register.name: walked.values.get(register.name) for register in table.registers}
    return item_of(walked, state_of(walked, NO_SITUATION, fields, []))


def derive_introduction(facts: Sequence[Fact], context: Context) -> Item:
    """One introduction from its standing facts, in any order, and from its opening. Pure."""
    walked = walk(INTRODUCTION, _in_order(facts))
    values = walked.values
    opening: State = context.parents.get(values.get("openingId", ""), {})
    path = _with_terms(walked.path, opening.get("path", ()), _hired_on(walked))
    fields = {
        "openingId": values.get("openingId"),
        "terms": path[-1].get("terms") if path else None,
        "start": values.get("start"),
        "hireKind": values.get("hireKind"),
        "kldb": values.get("kldb"),
        "weeklyHours": values.get("weeklyHours"),
        "mark": values.get("mark"),
        "reason": values.get("reason") if walked.status in _ENDED else None,
    }
    return item_of(walked, state_of(walked, _situation(walked), fields, []) | {"path": path})


def _in_order(facts: Iterable[Fact]) -> list[Fact]:
    """As the table sorts; of confirmations on one day, each mark has a rank of its own."""

    def rank(fact: Fact) -> int:
        return INTRODUCTION.ranks[fact.name] + (MARKS.index(fact.data["mark"]) if "mark" in fact.data else 0)

    return sorted(facts, key=lambda fact: (fact.occurred_on, rank(fact), fact.time, fact.source, fact.id))


def _situation(walked: Walk) -> Situation:
    meaning = INTRODUCTION.meanings[walked.status]
    values = walked.values
    due = next_mark(values["start"], values["hireKind"], values.get("mark")) if meaning.due else None
    return {
        **NO_SITUATION,
        "turn": meaning.turn,
        "dueOn": due.day if due else None,
        "ruleId": due.rule_id if due else None,
    }


def _hired_on(walked: Walk) -> Day | None:
    """The day of the hire, on which the terms are frozen; there is at most one."""
    return next((fact.occurred_on for fact, _, moved in walked.applied if moved and fact.name == "hired"), None)


def _with_terms(path: Sequence[Entry], opening: Sequence[Entry], hired_on: Day | None) -> list[Entry]:
    """The path with the opening's status and terms of each day; a change of them is an entry on its own day.

    From the hire on they are those of its day or, if the opening became known only later, the first known.
    """
    if not path or not opening:
        return list(path)
    days = {entry["since"] for entry in (*path, *opening) if entry["since"] >= path[0]["since"]}
    frozen = (_on(opening, hired_on) or opening[0]) if hired_on is not None else {}
    found: list[Entry] = []
    for day in sorted(days):
        terms = frozen if hired_on is not None and hired_on <= day else _on(opening, day)
        entry = {**_on(path, day), "since": day}
        if terms and "openingId" in entry:
            entry["terms"] = {name: terms[name] for name in ("status", *TERMS) if name in terms}
        if not found or {**found[-1], "since": day} != entry:
            found.append(entry)
    return found


def _on(path: Sequence[Entry], day: Day) -> Entry:
    """The entry that holds on a day; empty before the first."""
    return next((entry for entry in reversed(path) if entry["since"] <= day), {})
