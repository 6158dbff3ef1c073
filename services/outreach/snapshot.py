"""What outreach says: the shapes of the `state` of openings, introductions, events and contacts (facts.md §6)."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.contracts.state import UNSET, Day, ItemShape, ItemState, Maybe, PathEntry
from shared.contracts.types import (
    Cefr,
    Channel,
    ContactResult,
    EndReason,
    EventFormat,
    HireKind,
    LeaveReason,
    Mark,
    OpeningKind,
    ShiftPattern,
)

SERVICE = "outreach"


class OpeningPath(PathEntry, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of an opening, with the terms that its introductions carry."""

    kldb: Maybe[str] = UNSET
    min_german_level: Maybe[Cefr] = UNSET
    accepts_pending_recognition: Maybe[bool] = UNSET
    regulated_occupation: Maybe[bool] = UNSET
    weekly_hours: Maybe[float] = UNSET


class OpeningState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `opening`."""

    kldb: Maybe[str] = UNSET
    min_german_level: Maybe[Cefr] = UNSET
    accepts_pending_recognition: Maybe[bool] = UNSET
    regulated_occupation: Maybe[bool] = UNSET
    weekly_hours: Maybe[float] = UNSET
    kind: Maybe[OpeningKind] = UNSET
    ags: Maybe[str] = UNSET
    places: Maybe[int] = UNSET
    start: Maybe[Day] = UNSET
    until: Maybe[Day] = UNSET
    fixed_term: Maybe[bool] = UNSET
    shift_pattern: Maybe[ShiftPattern] = UNSET
    branch: Maybe[str] = UNSET
    childcare_friendly: Maybe[bool] = UNSET
    job_bsk_offered: Maybe[bool] = UNSET
    mentor: Maybe[bool] = UNSET
    pilot: Maybe[str] = UNSET
    employer_site: Maybe[str] = UNSET
    refnr: Maybe[str] = UNSET
    path: list[OpeningPath]


class Terms(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The opening's status and terms as its introduction carries them."""

    status: Literal["published", "filled", "withdrawn"]
    kldb: Maybe[str] = UNSET
    min_german_level: Maybe[Cefr] = UNSET
    accepts_pending_recognition: Maybe[bool] = UNSET
    regulated_occupation: Maybe[bool] = UNSET
    weekly_hours: Maybe[float] = UNSET


class IntroductionPath(PathEntry, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of an introduction; a change of the opening's terms begins a new one, until the hire."""

    opening_id: Maybe[str] = UNSET
    terms: Maybe[Terms] = UNSET
    start: Maybe[Day] = UNSET
    hire_kind: Maybe[HireKind] = UNSET


class IntroductionState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `introduction-<introductionId>`.

    `terms` are there once the opening is known, and stay those of the hire. `start` is the first day of work, until the
    hire that of the trial; `mark` the highest that was confirmed; `reason` why it ended.
    """

    opening_id: Maybe[str] = UNSET
    terms: Maybe[Terms] = UNSET
    start: Maybe[Day] = UNSET
    hire_kind: Maybe[HireKind] = UNSET
    kldb: Maybe[str] = UNSET
    weekly_hours: Maybe[float] = UNSET
    mark: Maybe[Mark] = UNSET
    reason: Maybe[EndReason | LeaveReason] = UNSET
    path: list[IntroductionPath]


class EventState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `event`: how many people came how far."""

    format: Maybe[EventFormat] = UNSET
    hosts: Maybe[list[str]] = UNSET
    ags: Maybe[str] = UNSET
    employers: Maybe[int] = UNSET
    pilot: Maybe[str] = UNSET
    invited: Maybe[int] = UNSET
    attended: Maybe[int] = UNSET
    conversations: Maybe[int] = UNSET
    follow_ups: Maybe[int] = UNSET
    hires: Maybe[int] = UNSET
    path: list[PathEntry]


class ContactState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `contact`."""

    channel: Maybe[Channel] = UNSET
    result: Maybe[ContactResult] = UNSET
    ags: Maybe[str] = UNSET
    employer_site: Maybe[str] = UNSET
    branch: Maybe[str] = UNSET
    path: list[PathEntry]


ITEMS = (
    ItemShape("opening", "opening-changed", OpeningState),
    ItemShape("introduction-", "introduction-changed", IntroductionState),
    ItemShape("event", "event-changed", EventState),
    ItemShape("contact", "contact-changed", ContactState),
)
