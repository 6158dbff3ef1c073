"""Which facts stand: corrections replace, retractions remove (readings 13).

Every report of a source is a node; a correction or a retraction hangs below the report that it names. What hangs
below no original (its target is missing, another source's, or a cycle) changes nothing and is `target.unknown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from shared.contracts.fact import Fact, FactKey
from shared.rules.model import CORRECTED, OK, RETRACTED, RETRACTION, TARGET_UNKNOWN

__all__ = ["Standing", "standing"]

Children = dict[FactKey, list[Fact]]


class Standing(msgspec.Struct, frozen=True):
    """`items`: the standing facts of every item that any fact ever named (none left: an empty sequence).

    `codes`: one code for each fact that stands in no item: `ok.corrected` (another report replaced it),
    `ok.retracted`, `target.unknown`, or `ok` for a retraction that is in force.
    """

    items: Mapping[str, Sequence[Fact]]
    codes: Mapping[FactKey, str]


def standing(facts: Iterable[Fact]) -> Standing:
    """The standing facts of one subject. Pure; the order of `facts` does not matter, repetition neither."""
    known = _distinct(facts)
    items: dict[str, list[Fact]] = {}
    chained = False
    for fact in known.values():
        if fact.corrects is not None or fact.name == RETRACTION:
            chained = True
        else:
            items.setdefault(fact.item, []).append(fact)
    if not chained:
        return Standing(items, {})
    return _resolved(known)


def _distinct(facts: Iterable[Fact]) -> dict[FactKey, Fact]:
    """One fact per key; of resends the earliest `time` counts."""
    known: dict[FactKey, Fact] = {}
    for fact in facts:
        key = (fact.source, fact.id)
        before = known.get(key)
        if before is None or fact.time < before.time:
            known[key] = fact
    return known


def _resolved(known: Mapping[FactKey, Fact]) -> Standing:
    items: dict[str, list[Fact]] = {fact.item: [] for fact in known.values() if fact.item}
    codes: dict[FactKey, str] = dict.fromkeys(known, TARGET_UNKNOWN)
    children = _children(known)
    for fact in known.values():
        if fact.name == RETRACTION or fact.corrects is not None:
            continue
        holder = _hold(fact, children, codes)
        if holder is not None:
            items[holder.item].append(holder)
            del codes[holder.key]
    return Standing(items, codes)


def _children(known: Mapping[FactKey, Fact]) -> Children:
    """What hangs below each report. A retraction cannot be corrected, and corrects nothing itself."""
    children: Children = {}
    for fact in known.values():
        target = _target(fact)
        below = known.get((fact.source, target)) if target is not None else None
        if below is None or (fact.corrects is not None and RETRACTION in (fact.name, below.name)):
            continue
        children.setdefault(below.key, []).append(fact)
    return children


def _target(fact: Fact) -> str | None:
    if fact.corrects is not None:
        return fact.corrects
    return fact.data.get("reportId") if fact.name == RETRACTION else None


def _hold(original: Fact, children: Children, codes: dict[FactKey, str]) -> Fact | None:
    """The fact that stands for an original; None when it was taken back. Writes the codes of the whole chain."""
    chain = _downwards(original, children)
    gone = _gone(chain, children)
    for fact in chain:
        codes[fact.key] = OK if fact.name == RETRACTION else CORRECTED
    codes.update(dict.fromkeys(gone, RETRACTED))
    if original.key in gone:
        return None
    holder = original
    while corrections := [
        fact for fact in children.get(holder.key, ()) if fact.name != RETRACTION and fact.key not in gone
    ]:
        holder = max(corrections, key=lambda fact: (fact.time, fact.id))
    return holder


def _downwards(original: Fact, children: Children) -> list[Fact]:
    """The original and all that hangs below it, parents first. No recursion, since chains may be long."""
    chain, level = [original], [original]
    while level:
        level = [below for fact in level for below in children.get(fact.key, ())]
        chain += level
    return chain


def _gone(chain: Sequence[Fact], children: Children) -> set[FactKey]:
    """What was taken back: what a retraction in force names, and the corrections below it.

    Decided from the leaves up, since a retraction may be retracted itself; what ends with its original comes after.
    """
    gone: set[FactKey] = set()
    for fact in reversed(chain):
        if any(below.name == RETRACTION and below.key not in gone for below in children.get(fact.key, ())):
            gone.add(fact.key)
    for fact in chain:
        if fact.key in gone:
            gone.update(below.key for below in children.get(fact.key, ()) if below.name != RETRACTION)
    return gone
