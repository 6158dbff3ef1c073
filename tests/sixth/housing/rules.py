"""The rule book of housing: one kind of item, a search for a home."""

from __future__ import annotations

from services.housing.snapshot import ITEMS, SERVICE
from services.housing.state import derive_search
from shared.rules.model import ItemKind, RuleBook

BOOK = RuleBook(SERVICE, tuple(ItemKind(form.prefix, form.kind, derive_search) for form in ITEMS))
