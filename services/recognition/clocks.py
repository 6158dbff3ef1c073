"""The clocks of a recognition procedure: when each ends, and by which rule (states.md §2 and §8).

What stops a clock is counted here: suspensions, the one extension, and in route c an unpaid fee.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.contracts.fact import Day, Fact
from shared.rules.deadlines import end_of, plus_days, stopped_end
from shared.rules.rule_table import Due, Features, is_nursing, rule_for
from shared.rules.walker import Walk

#: First and last day of a stop; no last day: it still runs.
Stop = tuple[Day, Day | None]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A walked procedure with what its clocks depend on. `flags` may hold fewer than run now: those of a day ahead."""

    walk: Walk
    flags: Mapping[str, Fact]
    land: str
    features: Features

    @property
    def started(self) -> Day:
        """The day on which the clocks of the present state start."""
        entered = self.walk.entered
        return entered.occurred_on if entered is not None else self.walk.facts[0].occurred_on

    def end(self, clock: str, start: Day) -> Due | None:
        rule = rule_for(clock, start, self.features)
        return rule.due(start, self.land) if rule else None


def features_of(walk: Walk) -> Features:
    """What the rules of a procedure are chosen by. Route e follows b for nursing, else a; nursing alone means b."""
    nursing = is_nursing(walk.values.get("referenceOccupation"))
    route = walk.values.get("recognitionRoute", "b" if nursing else "unknown")
    if route == "e":
        route = "b" if nursing else "a"
    accelerated = walk.values.get("accelerated", False)
    return (("route", route), ("nursing", _word(nursing)), ("accelerated", _word(accelerated)))


def _word(holds: bool) -> str:
    return "yes" if holds else "no"


def _in_state(clock: str) -> Callable[[Procedure], Due | None]:
    def due(procedure: Procedure) -> Due | None:
        return procedure.end(clock, procedure.started)

    return due


def _acknowledgement(procedure: Procedure) -> Due | None:
    return _stopped("ACK", procedure, _fee_stops(procedure))


def _decision(procedure: Procedure) -> Due | None:
    stops = _suspensions(procedure) + _fee_stops(procedure)
    extension = procedure.flags.get("extended")
    new_date: Day | None = extension.data.get("newDate") if extension is not None else None
    if extension is None or new_date is None:
        return _stopped("DEC", procedure, stops)
    rule = rule_for("DEC", procedure.started, procedure.features)
    if rule is None or _runs_on(stops):
        return None
    after = plus_days(extension.occurred_on, 1)
    late = [(max(first, after), last) for first, last in stops if last is not None]
    return Due(stopped_end(new_date, late), rule.rule_id, rule.law)


def _stopped(clock: str, procedure: Procedure, stops: list[Stop]) -> Due | None:
    """A clock's end, later by its stops and then moved to a working day once; None while a stop has no end."""
    rule = rule_for(clock, procedure.started, procedure.features)
    if rule is None or _runs_on(stops):
        return None
    end = stopped_end(
        end_of(procedure.started, rule.length), [(first, last) for first, last in stops if last is not None]
    )
    return Due(rule.shifted(end, procedure.land), rule.rule_id, rule.law)


def _runs_on(stops: list[Stop]) -> bool:
    return any(last is None for _, last in stops)


def _suspensions(procedure: Procedure) -> list[Stop]:
    """Each from its first day to the day of its resumption, without one to the set date."""
    return [
        (start.occurred_on, end.occurred_on if end is not None else start.data.get("until"))
        for start, end in procedure.walk.spans.get("suspended", ())
    ]


def _fee_stops(procedure: Procedure) -> list[Stop]:
    """In route c the body works only after payment. A fee due before the clock started stops it from its first day."""
    if procedure.walk.values.get("recognitionRoute") != "c":
        return []
    started = procedure.started
    stops: list[Stop] = []
    for start, end in procedure.walk.spans.get("fee-due", ()):
        first = start.occurred_on if start.occurred_on >= started else plus_days(started, 1)
        stops.append((first, end.occurred_on if end is not None else None))
    return stops


def _extension(procedure: Procedure) -> Due | None:
    """An extension without a new date is stalled from the day after it."""
    extension = procedure.flags["extended"]
    if "newDate" in extension.data:
        return _decision(procedure)
    return Due(extension.occurred_on, "", law=False)


def _fee(procedure: Procedure) -> Due | None:
    return procedure.end("FEE", procedure.flags["fee-due"].occurred_on)


def _exam(procedure: Procedure) -> Due | None:
    if procedure.walk.values.get("compensationMeasure") == "adaptation-course":
        return None
    start = _exam_start(procedure.walk)
    return procedure.end("EXAM", start) if start else None


def _exam_start(walk: Walk) -> Day | None:
    """The last failed exam; else the decision that ordered the measure; else the first choice of a measure."""
    chosen = decided = failed = None
    for fact, status, moved in walk.applied:
        if fact.name == "measure-chosen":
            chosen = chosen or fact.occurred_on
        elif fact.name == "exam-taken" and moved:
            failed = fact.occurred_on if status == "exam-failed" else None
        elif fact.name == "decided" and moved:
            decided, failed = fact.occurred_on, None
        elif fact.name == "decided":
            decided = decided or fact.occurred_on
    return failed or decided or chosen


CLOCKS: Mapping[str, Callable[[Procedure], Due | None]] = {
    "ACK": _acknowledgement,
    "DEC": _decision,
    "EXTENSION": _extension,
    "FEE": _fee,
    "EXAM": _exam,
    "PREP": _in_state("PREP"),
    "DOCS": _in_state("DOCS"),
    "PLACE": _in_state("PLACE"),
    "OBJ": _in_state("OBJ"),
}
