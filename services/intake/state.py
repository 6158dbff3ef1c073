"""The states of case and permit: what the tables alone cannot say (states.md §5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from services.intake.table import CASE, INFORMATION, PERMIT
from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import plus_days
from shared.rules.derive import NO_SITUATION, ahead_entry, item_of, state_of
from shared.rules.model import Context, Item
from shared.rules.rule_table import Due, rule_for
from shared.rules.walker import Walk, walk

#: Days before a title's end on which the coordinator looks again.
_TITLE_DAYS = 90
_MEASURE_FIELDS = ("fundingInstrument", "start", "until", "introductionId", "pilot")


def derive_case(facts: Sequence[Fact], context: Context) -> Item:
    """The case from its standing facts, in any order. Pure."""
    walked = walk(CASE, CASE.sort(facts))
    fields = {name: walked.values.get(name) for name in _CASE_FIELDS}
    named = [fact for fact, _, _ in walked.applied]
    fields["measures"] = _measures(named)
    fields["contactDueOn"] = _contact_due(walked, named, context)
    fields["planReviewDueOn"] = _plan_due(named, context)
    fields["consentRevokedOn"] = _consent_revoked(named)
    fields["declared"] = walked.values.get("declared")
    ahead = [{"from": day} for day in sorted(set(_days_ahead(walked)))]
    return item_of(walked, state_of(walked, NO_SITUATION, fields, ahead))


_CASE_FIELDS = (
    "ags",
    "statusClass",
    "benefitCarrier",
    "phase",
    "access",
    "barredUntil",
    "titleUntil",
    "renewalRequestedOn",
    "targetKldb",
    "targetGermanLevel",
    "targetRegulated",
    "foreignDegree",
    "qualificationLevel",
)


def _days_ahead(walked: Walk) -> Iterator[Day]:
    """Days on which the coordinator looks again: a bar over, a title expiring and ended."""
    barred, title = walked.values.get("barredUntil"), walked.values.get("titleUntil")
    if barred is not None:
        yield plus_days(barred, 1)
    if title is not None:
        yield plus_days(title, -_TITLE_DAYS)
        yield plus_days(title, 1)


def _measures(facts: Iterable[Fact]) -> list[dict[str, Any]] | None:
    """All that were granted, in order."""
    granted = [
        {name: fact.data[name] for name in _MEASURE_FIELDS if name in fact.data}
        for fact in facts
        if fact.name == "measure-granted"
    ]
    return granted or None


def _contact_due(walked: Walk, facts: Iterable[Fact], context: Context) -> Day | None:
    """In phase 2 of an open case: from the later of the last contact and the start of the phase."""
    if walked.status != "open" or walked.values.get("phase") != 2:
        return None
    phase = 0
    phase_two = contact = ""
    for fact in facts:
        if "phase" in fact.data:
            phase_two = fact.occurred_on if fact.data["phase"] == 2 != phase else phase_two
            phase = fact.data["phase"]
        elif fact.name == "contact-held":
            contact = fact.occurred_on
    return _end("CONTACT", max(phase_two, contact), context)


def _plan_due(facts: Iterable[Fact], context: Context) -> Day | None:
    """From the last plan agreed or reviewed."""
    plans = [fact.occurred_on for fact in facts if fact.name in ("plan-agreed", "plan-reviewed")]
    return _end("PLAN", plans[-1], context) if plans else None


def _end(clock: str, start: Day, context: Context) -> Day | None:
    due = _due(clock, start, context)
    return due.day if due else None


def _due(clock: str, start: Day, context: Context) -> Due | None:
    rule = rule_for(clock, start)
    return rule.due(start, context.land(None)) if rule else None


def _consent_revoked(facts: Iterable[Fact]) -> Day | None:
    """The day of the last revocation, if of all consents at least one was revoked and none is granted."""
    last = {fact.data["consentId"]: fact for fact in facts if fact.name in ("consent-granted", "consent-revoked")}
    if not last or any(fact.name == "consent-granted" for fact in last.values()):
        return None
    return max(fact.occurred_on for fact in last.values())


def derive_permit(facts: Sequence[Fact], context: Context) -> Item:
    """One permit from its standing facts, in any order. Pure."""
    walked = walk(PERMIT, PERMIT.sort(facts))
    now = _permit_situation(walked.status, walked.running(), _started(walked), walked, context)
    until: Day | None = walked.values.get("until") if walked.status == "granted" else None
    deemed_on = _deemed_on(walked, context)
    ahead = []
    if deemed_on is not None:
        ahead.append(ahead_entry(deemed_on, now, _permit_situation("deemed-approved", [], deemed_on, walked, context)))
    if until is not None:
        over = max(plus_days(until, 1), _started(walked))
        ahead.append(ahead_entry(over, now, _permit_situation("lapsed", [], over, walked, context)))
    fields = {"introductionId": walked.values.get("introductionId"), "until": until, "deemedOn": deemed_on}
    return item_of(walked, state_of(walked, now, fields, ahead))


def _started(walked: Walk) -> Day:
    return walked.entered.occurred_on if walked.entered is not None else walked.facts[0].occurred_on


def _deemed_on(walked: Walk, context: Context) -> Day | None:
    """The day after the agency's time, from which its approval counts as granted; not if it asked in time."""
    if walked.status != "approval-pending":
        return None
    agency = _due("AGENCY", _started(walked), context)
    asked = walked.flags.get("information")
    if agency is None or (asked is not None and asked.occurred_on <= agency.day):
        return None
    return plus_days(agency.day, 1)


def _permit_situation(
    status: str, flags: Sequence[str], started: Day, walked: Walk, context: Context
) -> dict[str, Any]:
    """A permit's status with whose turn it is and what is due when."""
    meaning = PERMIT.meanings[status]
    if "information" in flags:
        meaning, started = INFORMATION, walked.flags["information"].occurred_on
    due = _due(meaning.due[0], started, context) if meaning.due else None
    return {
        "status": status,
        "flags": list(flags),
        "turn": meaning.turn,
        "dueOn": due.day if due else None,
        "ruleId": due.rule_id if due else None,
        "stalledFrom": plus_days(due.day, 1) if due and meaning.stalled else None,
        "availableFrom": None,
    }
