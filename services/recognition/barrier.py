"""Recognition procedures as the barrier `recognition` (states.md §2, §6.1, bridges §6.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.rules.barrier import (
    APPLICANT,
    IN_PROGRESS,
    NOT_A_BARRIER,
    NOT_RESOLVABLE,
    OPEN,
    RESOLVED,
    BarrierMapping,
    Giver,
    Verdict,
    foremost,
)
from shared.rules.rule_table import is_nursing
from shared.rules.scene import CASE, Fields, Scene, Seen

_PROCEDURE = "procedure-"
_ASSESSED = "lotse.intake.potential-assessed.v1"

#: What a state means for the barrier, and its rank in the table.
_STATES: Mapping[str, tuple[str, int]] = {
    "unclear": (OPEN, 0),
    "advised": (OPEN, 10),
    "preparing-documents": (IN_PROGRESS, 20),
    "submitted": (IN_PROGRESS, 30),
    "receipt-confirmed": (IN_PROGRESS, 40),
    "documents-requested": (IN_PROGRESS, 42),
    "complete": (IN_PROGRESS, 50),
    "full": (RESOLVED, 60),
    "partial": (OPEN, 60),
    "compensation-required": (IN_PROGRESS, 60),
    "none": (NOT_RESOLVABLE, 60),
    "withdrawn": (OPEN, 60),
    "closed-without-decision": (OPEN, 60),
    "waiting-for-place": (IN_PROGRESS, 70),
    "qualifying": (IN_PROGRESS, 71),
    "measure-running": (IN_PROGRESS, 72),
    "exam-passed": (IN_PROGRESS, 74),
    "exam-failed": (IN_PROGRESS, 74),
    "licence-issued": (RESOLVED, 80),
}
_MOST_ADVANCED = (RESOLVED, IN_PROGRESS, OPEN, NOT_RESOLVABLE)
_BRIDGEABLE = frozenset({OPEN, IN_PROGRESS, NOT_RESOLVABLE})


def judge(scene: Scene) -> Verdict | None:
    """The most advanced of the procedures that count; without one, what is known of degree and target."""
    case = scene.case
    known: Fields = case.fields if case is not None else {}
    procedures = _that_count(scene.of(_PROCEDURE), known.get("targetKldb"))
    if procedures:
        return _most_advanced(procedures, known.get("targetRegulated"))
    if case is None or "foreignDegree" not in known:
        return None
    if _needs_none(known):
        return Verdict(NOT_A_BARRIER, (case,), lambda seen: Giver(seen, None, because=(_ASSESSED,)))
    return Verdict(OPEN, (case,), lambda seen: Giver(seen, APPLICANT, because=(_ASSESSED,)))


def _that_count(procedures: Sequence[Seen], target: str | None) -> Sequence[Seen]:
    """Those for the target occupation; if there is none, all that are not refused for good."""
    if target is None or not procedures:
        return procedures
    for digits in (5, 4):
        wanted = target[:digits]
        matching = [seen for seen in procedures if seen.fields.get("referenceOccupation", "")[:digits] == wanted]
        if matching:
            return matching
    return [seen for seen in procedures if seen.status != "none"]


def _most_advanced(procedures: Sequence[Seen], regulated: bool | None) -> Verdict:
    if len(procedures) == 1:
        status, seen = _status(procedures[0], regulated), procedures[0]
    else:
        found = [(_status(seen, regulated), _STATES[seen.status][1], seen) for seen in procedures]
        status, seen = foremost(found, _MOST_ADVANCED)
    return Verdict(status, (seen,))


def _status(seen: Seen, regulated: bool | None) -> str:
    if "appeal" in seen.flags:
        return IN_PROGRESS
    if seen.status == "full" and regulated is not False and _only_licence_resolves(seen.fields):
        return IN_PROGRESS
    return _STATES[seen.status][0]


def _only_licence_resolves(fields: Fields) -> bool:
    """Route b, and route e where it follows b: nursing."""
    route = fields.get("recognitionRoute")
    return route == "b" or (route == "e" and is_nursing(fields.get("referenceOccupation")))


def _needs_none(known: Fields) -> bool:
    if known["foreignDegree"] == "none":
        return True
    helper = known.get("targetKldb", "").endswith("1")
    return known.get("targetRegulated") is False and (helper or known["foreignDegree"] == "regulated")


def bridges(_scene: Scene, status: str, terms: Fields) -> bool:
    """An employer who takes a person before the decision, for work that nobody has reserved."""
    accepts = terms.get("acceptsPendingRecognition") is True and terms.get("regulatedOccupation") is False
    return accepts and status in _BRIDGEABLE


def _facet(procedure: Fields) -> object:
    """Of the states that mean the same the text asks which of them only of a decision."""
    status = procedure["status"]
    decided = (status, procedure.get("recognitionRoute")) if status in ("full", "none") else None
    return _STATES[status][0], decided, "appeal" in procedure.get("flags", ()), procedure.get("referenceOccupation")


def _target(case: Fields) -> object:
    return case.get("targetKldb"), case.get("targetRegulated"), case.get("foreignDegree")


MAPPING = BarrierMapping(
    barrier="recognition",
    items=(_PROCEDURE,),
    reads=(CASE,),
    speaks=(CASE,),
    facets={_PROCEDURE: _facet, CASE: _target},
    judge=judge,
    bridges=bridges,
)
