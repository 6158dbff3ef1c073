"""The rule book of intake: the case and the employment permit."""

from __future__ import annotations

from services.intake.snapshot import ITEMS, SERVICE
from services.intake.state import derive_case, derive_permit
from shared.rules.model import ItemKind, RuleBook

_DERIVE = {"case": derive_case, "permit-": derive_permit}

BOOK = RuleBook(SERVICE, tuple(ItemKind(form.prefix, form.kind, _DERIVE[form.prefix]) for form in ITEMS))
