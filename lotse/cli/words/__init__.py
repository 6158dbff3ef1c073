"""The words in which the command line speaks: German, and English beside it.

A name that is not listed (a new service's state, a code of tomorrow) is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lotse.cli.words.board import BARRIERS, CODES, SERVICES, SHORT_TURNS, STAGES, STATUSES, TURNS, VERDICTS
from lotse.cli.words.facts import FACTS
from lotse.cli.words.following import NEXT, NEXT_BY_BARRIER, NEXT_BY_FLAG
from lotse.cli.words.items import FIELDS, FLAGS, KINDS, STATES
from lotse.cli.words.laws import LAWS, OWN_RULES
from lotse.cli.words.word import Word

__all__ = [
    "BARRIERS", "CODES", "FACTS", "FIELDS", "FLAGS", "KINDS", "LAWS", "NEXT", "NEXT_BY_BARRIER", "NEXT_BY_FLAG",
    "OWN_RULES", "SERVICES", "SHORT_TURNS", "STAGES", "STATES", "STATUSES", "TURNS", "VERDICTS", "Word",
    "asked_word", "fact_word", "item_word", "next_word", "rule_word", "state_word", "word",
]  # fmt: skip

_NO_GERMAN = Word("kein Deutsch", "no German")
_RULE = re.compile(r"^(?P<law>[^:]+):§(?P<section>\d+[a-z]?)(?:\((?P<paragraph>\d+[a-z]?)\))?$")


def word(words: Mapping[str, Word], name: str | None) -> Word:
    """The word for a name; an unknown name speaks for itself, nothing is `–`."""
    if not name:
        return Word("–", "–")
    return words.get(name) or Word(name, name)


def rule_word(rule_id: str) -> Word:
    """A rule id in words, to stand behind „nach“ and “by the”: `PflAPrV:§43(3)` is § 43 Abs. 3 of its law, `lotse:…` a
    rule of the project's own.
    """
    law, _, slug = rule_id.partition(":")
    if law == "lotse":
        own = word(OWN_RULES, slug)
        return Word(f"eigener Regel „{own.de}“, kein Gesetz", f"project's own rule “{own.en}”, no law")
    found = _RULE.match(rule_id)
    if not found:
        return Word(rule_id, rule_id)
    name = word(LAWS, law)
    paragraph = found["paragraph"]
    de = f"§ {found['section']}" + (f" Abs. {paragraph}" if paragraph else "")
    en = f"section {found['section']}" + (f"({paragraph})" if paragraph else "")
    short = law.replace("-", " ")
    return Word(f"{de} {short} ({name.de})", f"{name.en}, {en}")


def item_word(item: str) -> Word:
    """The word for an item: `procedure-nurse-4f7q` is Verfahren nurse-4f7q."""
    kind, _, name = item.partition("-")
    known = KINDS.get(kind)
    return Word(f"{known.de} {name}".strip(), known.en) if known else Word(item, item)


def state_word(service: str, state: Mapping[str, Any]) -> Word:
    """The words for an item's status and its flags."""
    status = word(STATES.get(service, {}), state.get("status"))
    flags = [word(FLAGS, flag) for flag in state.get("flags", ())]
    return Word(" · ".join([status.de, *(flag.de for flag in flags)]), " · ".join([status.en, *(f.en for f in flags)]))


def asked_word(terms: Mapping[str, Any]) -> Word:
    """What an employer asks for, as far as it can bridge a barrier."""
    level = terms.get("minGermanLevel")
    asked = [_NO_GERMAN if level == "PRE_A1" else Word(f"Deutsch {level}", f"German {level}")] if level else []
    if terms.get("acceptsPendingRecognition"):
        asked.append(Word("keinen Bescheid", "no decision"))
    return Word(", ".join(one.de for one in asked) or "–", ", ".join(one.en for one in asked) or "–")


def fact_word(event_type: str) -> Word:
    """The word for a report's type, `lotse.recognition.documents-complete.v1`."""
    parts = event_type.split(".")
    return word(FACTS, parts[2] if len(parts) == 4 else event_type)


def next_word(service: str, state: Mapping[str, object], barrier: str, status: str) -> Word | None:
    """What has to happen next for a barrier that is not resolved; none where nothing has to."""
    if status in ("resolved", "not-a-barrier"):
        return None
    flags = state.get("flags")
    for flag in flags if isinstance(flags, list) else ():
        if flag in NEXT_BY_FLAG.get(service, {}):
            return NEXT_BY_FLAG[service][flag]
    by_state = NEXT.get(service, {}).get(str(state.get("status")))
    return by_state or NEXT_BY_BARRIER.get((barrier, status))
