"""The rule book of recognition: one kind of item, the procedure."""

from __future__ import annotations

from services.recognition.snapshot import ITEMS, SERVICE
from services.recognition.state import derive_procedure
from shared.rules.model import ItemKind, RuleBook

_DERIVE = {"procedure-": derive_procedure}

BOOK = RuleBook(SERVICE, tuple(ItemKind(form.prefix, form.kind, _DERIVE[form.prefix]) for form in ITEMS))
