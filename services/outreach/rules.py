"""The rule book of outreach: openings, introductions, events and contacts; and which opening an introduction reads."""

from __future__ import annotations

from services.outreach.snapshot import ITEMS, SERVICE
from services.outreach.state import derive_contact, derive_event, derive_introduction, derive_opening
from shared.contracts.fact import Fact
from shared.rules.model import ItemKind, RuleBook

_INTRODUCTION = "introduction-"
#: The item of the subject that introductions are derived with.
PARENT = "opening"
_DERIVE = {
    PARENT: derive_opening,
    _INTRODUCTION: derive_introduction,
    "event": derive_event,
    "contact": derive_contact,
}

BOOK = RuleBook(SERVICE, tuple(ItemKind(form.prefix, form.kind, _DERIVE[form.prefix]) for form in ITEMS))


def opening_of(fact: Fact) -> str | None:
    """The opening that a fact of an introduction names; None for all other facts."""
    return fact.data.get("openingId") if fact.item.startswith(_INTRODUCTION) else None
