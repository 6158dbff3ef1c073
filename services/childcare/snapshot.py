"""What childcare says of a child's need: the shape of its `state` (facts.md §6)."""

from __future__ import annotations

from typing import Literal

import msgspec

from shared.contracts.state import UNSET, Day, ItemShape, ItemState, Maybe, PathEntry

SERVICE = "childcare"


class Interim(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Care that runs beside the search for a place."""

    purpose: Literal["work", "course"]
    weekly_hours: float
    from_: Maybe[Day] = msgspec.field(name="from", default=UNSET)
    until: Maybe[Day] = UNSET


class NeedPath(PathEntry, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """A stretch of a need's life. `needed` and `hours` are hours a week."""

    from_: Maybe[Day] = msgspec.field(name="from", default=UNSET)
    needed: Maybe[float] = UNSET
    hours: Maybe[float] = UNSET
    interim: Maybe[Interim] = UNSET
    available_from: Maybe[Day] = UNSET


class NeedState(ItemState, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """`state` of `child-<n>`. `from` is the day from which care is needed, `availableFrom` the forecast."""

    from_: Maybe[Day] = msgspec.field(name="from", default=UNSET)
    needed: Maybe[float] = UNSET
    hours: Maybe[float] = UNSET
    ags: Maybe[str] = UNSET
    interim: Maybe[Interim] = UNSET
    path: list[NeedPath]


ITEMS = (ItemShape("child-", "need-changed", NeedState),)
