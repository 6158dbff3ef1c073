"""The rule book of language: the level and the course."""

from __future__ import annotations

from services.language.snapshot import ITEMS, SERVICE
from services.language.state import derive_course, derive_level
from shared.rules.model import ItemKind, RuleBook

_DERIVE = {"level": derive_level, "course-": derive_course}

BOOK = RuleBook(SERVICE, tuple(ItemKind(form.prefix, form.kind, _DERIVE[form.prefix]) for form in ITEMS))
