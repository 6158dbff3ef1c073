"""Facts in, items out: `derive` of architecture.md. Pure; the order of the facts does not matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from shared.contracts.fact import Day, Fact, FactKey
from shared.contracts.snapshot import ConflictEntry, FactHeader, Reference
from shared.rules.model import OK, WITHDRAWN, Context, Item, RuleBook, State, SubjectState
from shared.rules.standing import standing
from shared.rules.walker import Walk, conflicts_of

__all__ = ["NO_SITUATION", "ahead_entry", "derive_subject", "item_of", "state_of", "to_content"]

#: What the items' states always say, and what of it a day ahead may change.
SITUATION = ("turn", "dueOn", "ruleId", "stalledFrom", "availableFrom")

_encode = msgspec.json.Encoder().encode

Situation = Mapping[str, Any]
#: For items that are nobody's turn and have nothing due.
NO_SITUATION: Situation = dict.fromkeys(SITUATION)


def derive_subject(book: RuleBook, facts: Iterable[Fact], context: Context) -> SubjectState:
    """All items of one subject, and one code for every fact of it.

    An item that facts named and of which none stands is `withdrawn`, with no facts. Raises KeyError for an item or a
    fact that the book does not know.
    """
    stood = standing(facts)
    codes: dict[FactKey, str] = dict(stood.codes)
    items: dict[str, Item] = {}
    for name, own in stood.items.items():
        item = book.kind(name).derive(own, context) if own else _withdrawn()
        items[name] = item
        codes.update(item.codes)
    return SubjectState(items, codes)


def _withdrawn() -> Item:
    state: State = {"status": WITHDRAWN, "flags": [], "turn": None, "since": None}
    state |= dict.fromkeys(SITUATION[1:])
    return Item(state | {"path": [], "ahead": []}, (), (), (), {})


def item_of(state: Walk, said: State) -> Item:
    """The item of a walk: its state, and why."""
    return Item(said, tuple(state.facts), because(state), conflicts_of(state) if state.parked_with else (), state.codes)


def because(state: Walk) -> tuple[Fact, ...]:
    """The fact that brought the state, the starts of running flags, the registers that the mapping reads; in order."""
    facets = state.table.facets
    carrying = {id(fact) for (name, _), fact in state.said_by.items() if name in facets}
    carrying.update(map(id, state.flags.values()))
    carrying.add(id(state.entered))
    return tuple(fact for fact in state.facts if id(fact) in carrying)


def state_of(state: Walk, situation: Situation, fields: Mapping[str, Any], ahead: Sequence[Mapping[str, Any]]) -> State:
    """The snapshot's `state` as facts.md §6 shapes it. `fields` that are None are not known and left out."""
    first = state.facts[0].occurred_on
    said: State = {
        "status": state.status,
        "flags": state.running(),
        "turn": situation["turn"],
        "since": state.since or first,
        "dueOn": situation["dueOn"],
        "ruleId": situation["ruleId"],
        "stalledFrom": situation["stalledFrom"],
        "availableFrom": situation["availableFrom"],
    }
    for name, value in fields.items():
        if value is not None:
            said[name] = value
    said["path"], said["ahead"] = state.path, list(ahead)
    return said


def ahead_entry(day: Day, now: Situation, then: Situation) -> dict[str, Any]:
    """What is different from `day` if nothing more is reported."""
    return {"from": day} | {name: value for name, value in then.items() if now.get(name) != value}


def to_content(service: str, item_name: str, item: Item) -> bytes:
    """`state`, `because`, `conflicts` and `facts` of a snapshot as one JSON object; the same item, the same bytes."""
    types: dict[str, str] = {}
    for fact in item.facts:
        if fact.name not in types:
            types[fact.name] = f"lotse.{service}.{fact.name}.v1"
    place = (f"{service}/{item_name}",)
    codes = item.codes
    headers = []
    for fact in item.facts:
        code = codes[fact.source, fact.id]
        in_force = code == OK
        headers.append(
            FactHeader(fact.source, fact.id, types[fact.name], fact.occurred_on, in_force, None if in_force else code)
        )
    return _encode(
        {
            "state": item.state,
            "because": [_reference(fact, types) for fact in item.because],
            "conflicts": [
                ConflictEntry(conflict.code, place, tuple(_reference(fact, types) for fact in conflict.facts))
                for conflict in item.conflicts
            ],
            "facts": headers,
        }
    )


def _reference(fact: Fact, types: Mapping[str, str]) -> Reference:
    return Reference(fact.source, fact.id, types[fact.name], fact.occurred_on)
