"""The state of one recognition procedure: what the table alone cannot say (states.md §2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.recognition.clocks import CLOCKS, Procedure, features_of
from services.recognition.decisions import Decisions, compare
from services.recognition.table import FEE, FLAG_MEANINGS, MEANINGS, PROCEDURE
from shared.contracts.fact import Day, Fact, FactKey
from shared.rules.deadlines import plus_days
from shared.rules.derive import ahead_entry, item_of, state_of
from shared.rules.model import Context, Item
from shared.rules.rule_table import Due, earliest, is_nursing, stalled_from
from shared.rules.walker import Walk, walk

_NEVER = "9999-12-31"


def derive_procedure(facts: Sequence[Fact], context: Context) -> Item:
    """One procedure from its standing facts, in any order. Pure."""
    ordered = PROCEDURE.sort(facts)
    body = next((fact.data["body"] for fact in ordered if "body" in fact.data), None)
    decisions = compare(ordered, body)
    walked = _walk(ordered, decisions, _set_ends(ordered, decisions))
    procedure = Procedure(walked, walked.flags, context.land(body), features_of(walked))
    now = _situation(procedure)
    suspended = walked.flags.get("suspended")
    until: Day | None = suspended.data.get("until") if suspended is not None else None
    values = walked.values
    fields = {
        "recognitionRoute": values.get("recognitionRoute"),
        "referenceOccupation": values.get("referenceOccupation"),
        "body": body,
        "accelerated": values.get("accelerated"),
        "outcome": values.get("outcome"),
        "compensationMeasure": values.get("compensationMeasure"),
        "result": values.get("result"),
        "suspendedUntil": until,
    }
    ahead = [_resumed(procedure, now, until)] if until is not None else []
    return item_of(walked, state_of(walked, now, fields, ahead))


def _situation(procedure: Procedure) -> dict[str, Any]:
    """Whose turn it is, and what is due when: the state's meaning, what a running flag makes of it, and the fee."""
    walked, flags = procedure.walk, procedure.flags
    meaning = MEANINGS[walked.status]
    turn, due, stalled = meaning.turn, meaning.due, meaning.stalled
    if flags:
        over = next((FLAG_MEANINGS[flag] for flag in FLAG_MEANINGS if flag in flags), None)
        if over is not None:
            turn, due, stalled = over.turn, over.due, over.stalled
        if "suspended" in flags and flags["suspended"].data.get("suspensionReason") == "further-information":
            turn = "applicant"
        if "fee-due" in flags:
            turn, due, stalled = FEE.turn, due + FEE.due, stalled + FEE.stalled
    elif walked.status == "full" and _licence_pending(procedure):
        turn = "competent-body"
    running = {clock: CLOCKS[clock](procedure) for clock in {*due, *stalled}}
    first = earliest(_running(due, running))
    return {
        "flags": [flag for flag in walked.running() if flag in flags],
        "turn": turn,
        "dueOn": first.day if first else None,
        "ruleId": first.rule_id if first else None,
        "stalledFrom": stalled_from(_running(stalled, running)),
        "availableFrom": None,
    }


def _running(clocks: Sequence[str], running: Mapping[str, Due | None]) -> list[Due]:
    return [due for clock in clocks if (due := running[clock]) is not None]


def _licence_pending(procedure: Procedure) -> bool:
    """Route b, or e as b: only the licence resolves."""
    route = procedure.walk.values.get("recognitionRoute")
    return route == "b" or (route == "e" and is_nursing(procedure.walk.values.get("referenceOccupation")))


def _resumed(procedure: Procedure, now: Mapping[str, Any], until: Day) -> dict[str, Any]:
    """What is different from the day after a suspension's set date, but not from before the suspension."""
    suspended = procedure.flags["suspended"].occurred_on
    flags = {flag: start for flag, start in procedure.flags.items() if flag != "suspended"}
    then = _situation(Procedure(procedure.walk, flags, procedure.land, procedure.features))
    return ahead_entry(max(plus_days(until, 1), suspended), now, then)


def _set_ends(ordered: Sequence[Fact], decisions: Decisions) -> dict[FactKey, Day]:
    """The set date of each suspension that no reported resumption ends before the next one begins."""
    ends: dict[FactKey, Day] = {}
    if not any(fact.name == "clock-suspended" and "until" in fact.data for fact in ordered):
        return ends
    open_start: Fact | None = None
    for fact in _while_complete(ordered, decisions):
        if fact.name == "clock-resumed":
            if open_start is not None:
                del ends[open_start.key]
            open_start = None
        elif fact.name == "clock-suspended" and (open_start is None or fact.occurred_on > ends[open_start.key]):
            open_start = fact
            ends[fact.key] = fact.data.get("until", _NEVER)
    return ends


def _while_complete(ordered: Sequence[Fact], decisions: Decisions) -> Sequence[Fact]:
    """The facts between completeness and what follows it: elsewhere no clock is suspended, and the fact is parked."""
    at = {fact.key: status for fact, status, _ in _walk(ordered, decisions, {}).applied}
    begun = next((place for place, fact in enumerate(ordered) if at.get(fact.key) == "complete"), len(ordered))
    left = (place for place in range(begun, len(ordered)) if at.get(ordered[place].key, "complete") != "complete")
    return ordered[begun : next(left, len(ordered))]


def _walk(ordered: Sequence[Fact], decisions: Decisions, ending: Mapping[FactKey, Day]) -> Walk:
    return walk(PROCEDURE, ordered, lost=decisions.lost, echoes=decisions.echoes, ending=ending)
