"""The rule book of childcare: one kind of item, a child's need for care."""

from __future__ import annotations

from services.childcare.snapshot import ITEMS, SERVICE
from services.childcare.state import derive_need
from shared.rules.model import ItemKind, RuleBook

_DERIVE = {"child-": derive_need}

BOOK = RuleBook(SERVICE, tuple(ItemKind(form.prefix, form.kind, _DERIVE[form.prefix]) for form in ITEMS))
