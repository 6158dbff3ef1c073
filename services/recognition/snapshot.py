"""What recognition says of a procedure: the shape of its `state` (facts.md §6)."""

from __future__ import annotations

from typing import Literal

from shared.contracts.state import UNSET, Day, ItemShape, ItemState, Maybe, PathEntry

SERVICE = "recognition"

Route = Literal["a", "b", "c", "d", "e", "f"]
Outcome = Literal["full", "partial", "compensation-required", "none", "withdrawn", "closed-without-decision"]
Measure = Literal["adaptation-course", "knowledge-test", "aptitude-test"]


class ProcedurePath(PathEntry, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of a procedure's life."""

    recognition_route: Maybe[Route] = UNSET
    reference_occupation: Maybe[str] = UNSET
    outcome: Maybe[Outcome] = UNSET


class ProcedureState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `procedure-<procedureId>`."""

    recognition_route: Maybe[Route] = UNSET
    reference_occupation: Maybe[str] = UNSET
    body: Maybe[str] = UNSET
    accelerated: Maybe[bool] = UNSET
    outcome: Maybe[Outcome] = UNSET
    compensation_measure: Maybe[Measure] = UNSET
    result: Maybe[Literal["passed", "failed"]] = UNSET
    suspended_until: Maybe[Day] = UNSET
    path: list[ProcedurePath]


ITEMS = (ItemShape("procedure-", "procedure-changed", ProcedureState),)
