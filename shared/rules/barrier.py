"""The words between a service's mapping and the board: mapping, verdict, the items that give it (states.md §6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from shared.contracts.fact import Day
from shared.contracts.snapshot import ConflictEntry
from shared.rules.bridge import facet as bridge_facet
from shared.rules.scene import INTRODUCTION, Facet, Fields, Scene, Seen

NOT_ASSESSED = "not-assessed"
NOT_A_BARRIER = "not-a-barrier"
OPEN = "open"
IN_PROGRESS = "in-progress"
BRIDGED = "bridged"
RESOLVED = "resolved"
NOT_RESOLVABLE = "not-resolvable"
LAPSED = "lapsed"

APPLICANT = "applicant"
COMPETENT_BODY = "competent-body"


class Giver(msgspec.Struct, frozen=True, gc=False):
    """An item that gives a barrier its status, with what it says beside it.

    `because` names the types of the facts that carry it, `because_on` their day; None: all that the item's own
    `because` has.
    """

    seen: Seen
    turn: str | None
    due_on: Day | None = None
    rule_id: str | None = None
    stalled_from: Day | None = None
    available_from: Day | None = None
    because: tuple[str, ...] | None = None
    because_on: Day | None = None


def giver(seen: Seen) -> Giver:
    """An item that speaks for itself."""
    fields = seen.fields
    return Giver(
        seen,
        fields.get("turn"),
        fields.get("dueOn"),
        fields.get("ruleId"),
        fields.get("stalledFrom"),
        fields.get("availableFrom"),
    )


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What the items of a barrier say on one day: a status, the items that give it, and what each of them says.

    Of past days only the status counts, so `speak` is asked of the present alone. `stalled_from`: further days from
    which the barrier is stalled.
    """

    status: str
    items: Sequence[Seen]
    speak: Callable[[Seen], Giver] = giver
    stalled_from: Sequence[Day] = ()


def foremost(found: Sequence[tuple[str, int, Seen]], order: Sequence[str]) -> tuple[str, Seen]:
    """Of items (status, rank, item; in order of their names) the first: by `order`, the highest rank, the newest."""
    if len(found) == 1:
        return found[0][0], found[0][2]
    status, _, seen = max(found, key=lambda one: (-order.index(one[0]), one[1], one[2].fields["since"] or ""))
    return status, seen


@dataclass(frozen=True, slots=True, kw_only=True)
class BarrierMapping:
    """How a service's items become a barrier. All functions are pure; a past day is asked with a scene of that day.

    `items` are the kinds of the barrier's own items, `case_facts` the types of the case item's facts that belong to it,
    too: they outdo an older declaration that there is no barrier. `reads` are the kinds of all other items on which the
    status depends, the case's own included; for bridges, introductions go without saying. Of a case that has neither
    the barrier's own items nor one that can speak for them (`speaks`) nothing is known, and no function is asked.
    """

    barrier: str
    items: tuple[str, ...]
    #: The verdict of §§6.1–6.4; None: nothing is known.
    judge: Callable[[Scene], Verdict | None]
    case_facts: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    #: Of the kinds that it reads those that give a status although no item of its own is there.
    speaks: tuple[str, ...] = ()
    #: By kind, what of an item's fields the status depends on; of a kind without, whatever changes may change it.
    facets: Mapping[str, Facet] = field(default_factory=dict)
    #: Whether an introduction's opening (its terms) takes the person in spite of the barrier (§6.5); None: never.
    bridges: Callable[[Scene, str, Fields], bool] | None = None
    #: Days on which the verdict can change while all items stay as the scene has them; None: there are none.
    days: Callable[[Scene], Iterable[Day]] | None = None
    #: Whether what is resolved is no barrier at all if it was open, in progress or bridged on no earlier day (§6.3).
    needs_history: bool = False
    #: Contradictions between items (§7), beside those that the items themselves tell.
    conflicts: Callable[[Scene], Sequence[ConflictEntry]] | None = None

    #: All kinds on which the status depends, each with its facet if it has one.
    kinds: Mapping[str, Facet | None] = field(init=False)

    #: The kinds of which one must be there for anything to be known.
    knowing: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "knowing", frozenset((*self.items, *self.speaks)))
        kinds = {kind: self.facets.get(kind) for kind in (*self.items, *self.reads)}
        if self.bridges is not None:
            kinds.setdefault(INTRODUCTION, bridge_facet)
        object.__setattr__(self, "kinds", kinds)
