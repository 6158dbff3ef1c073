"""The words that all rules share: an item's derived state, and what the rules may know of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from shared.contracts.fact import Day, Fact, FactKey

__all__ = [
    "CONFLICT",
    "CORRECTED",
    "IMPLAUSIBLE",
    "OK",
    "RETRACTED",
    "RETRACTION",
    "TARGET_UNKNOWN",
    "WITHDRAWN",
    "Conflict",
    "Context",
    "Day",
    "Fact",
    "FactKey",
    "Item",
    "ItemKind",
    "RuleBook",
    "State",
    "SubjectState",
]

State = dict[str, Any]

IMPLAUSIBLE = "fact.implausible"
CONFLICT = "fact.conflict"
TARGET_UNKNOWN = "target.unknown"
OK = "ok"
CORRECTED = "ok.corrected"
RETRACTED = "ok.retracted"

RETRACTION = "retracted"
WITHDRAWN = "withdrawn"


class Conflict(msgspec.Struct, frozen=True):
    """Facts that contradict each other; `code` is the board's name for it (`two-decisions`)."""

    code: str
    facts: tuple[Fact, ...]


class Item(msgspec.Struct, frozen=True):
    """What `derive` says of one item.

    `state` is the snapshot's `state`; `codes` has one code per standing fact (`ok`, `fact.implausible`, …).
    """

    state: State
    facts: tuple[Fact, ...]
    because: tuple[Fact, ...]
    conflicts: tuple[Conflict, ...]
    codes: Mapping[FactKey, str]


class SubjectState(msgspec.Struct, frozen=True):
    """All items of one subject (a case, an opening) and one code for every stored fact of it."""

    items: Mapping[str, Item]
    codes: Mapping[FactKey, str]


@dataclass(frozen=True, slots=True)
class Context:
    """What rules know besides the facts.

    That is the Land of each institution's seat, the region's, and the states of parents (an introduction's opening).
    """

    region_land: str
    lands: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, State] = field(default_factory=dict)

    def land(self, body: str | None) -> str:
        return self.lands.get(body or "", self.region_land)


@dataclass(frozen=True, slots=True)
class ItemKind:
    """One kind of item of a service.

    `prefix` is the item string (`case`) or its beginning (`procedure-`); `snapshot` the snapshot's kind
    (`procedure-changed`); `derive` turns the standing facts of one item, unsorted, into its state.
    """

    prefix: str
    snapshot: str
    derive: Callable[[Sequence[Fact], Context], Item]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All item kinds of one service."""

    service: str
    kinds: tuple[ItemKind, ...]

    def kind(self, item: str) -> ItemKind:
        """The kind of an item string. Raises KeyError for an item that no kind claims."""
        for kind in self.kinds:
            if item == kind.prefix or (kind.prefix.endswith("-") and item.startswith(kind.prefix)):
                return kind
        raise KeyError(item)
