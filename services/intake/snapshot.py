"""What intake says of the case and of permits: the shapes of their `state` (facts.md §6)."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.contracts.state import UNSET, Day, ItemShape, ItemState, Maybe, PathEntry

SERVICE = "intake"

Access = Literal["free", "permit-needed", "barred"]
Level = Literal["PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2"]
Degree = Literal["none", "non-regulated", "regulated", "unclear"]
Declared = dict[str, Literal["absent", "needed"]]


class CasePath(PathEntry, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of a case. `declaredOn` has the day of the last declaration of each barrier."""

    phase: Maybe[int] = UNSET
    access: Maybe[Access] = UNSET
    barred_until: Maybe[Day] = UNSET
    title_until: Maybe[Day] = UNSET
    renewal_requested_on: Maybe[Day] = UNSET
    target_kldb: Maybe[str] = UNSET
    target_german_level: Maybe[Level] = UNSET
    target_regulated: Maybe[bool] = UNSET
    foreign_degree: Maybe[Degree] = UNSET
    declared: Maybe[Declared] = UNSET
    declared_on: Maybe[dict[str, Day]] = UNSET


class Measure(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A measure that was granted."""

    funding_instrument: str
    start: Day
    until: Maybe[Day] = UNSET
    introduction_id: Maybe[str] = UNSET
    pilot: Maybe[str] = UNSET


class CaseState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `case`. `consentRevokedOn` is there while a consent is revoked and none is granted."""

    ags: Maybe[str] = UNSET
    status_class: Maybe[str] = UNSET
    benefit_carrier: Maybe[str] = UNSET
    phase: Maybe[int] = UNSET
    access: Maybe[Access] = UNSET
    barred_until: Maybe[Day] = UNSET
    title_until: Maybe[Day] = UNSET
    renewal_requested_on: Maybe[Day] = UNSET
    target_kldb: Maybe[str] = UNSET
    target_german_level: Maybe[Level] = UNSET
    target_regulated: Maybe[bool] = UNSET
    foreign_degree: Maybe[Degree] = UNSET
    qualification_level: Maybe[int] = UNSET
    measures: Maybe[list[Measure]] = UNSET
    contact_due_on: Maybe[Day] = UNSET
    plan_review_due_on: Maybe[Day] = UNSET
    consent_revoked_on: Maybe[Day] = UNSET
    declared: Maybe[Declared] = UNSET
    path: list[CasePath]


class PermitPath(PathEntry, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of a permit's life."""

    introduction_id: Maybe[str] = UNSET
    until: Maybe[Day] = UNSET


class PermitState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `permit-<permitId>`. `deemedOn`: from then on the agency's approval counts as granted."""

    introduction_id: Maybe[str] = UNSET
    until: Maybe[Day] = UNSET
    deemed_on: Maybe[Day] = UNSET
    path: list[PermitPath]


ITEMS = (
    ItemShape("case", "case-changed", CaseState),
    ItemShape("permit-", "permit-changed", PermitState),
)
