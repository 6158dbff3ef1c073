"""What must stand in no log, no metric and no error: looked for in any text, by what a simulation has planned.

Ids of reports may stand there: they are what an operator and an institution can speak of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from lotse.simulator.plan import Plan
from shared.contracts.identifiers import holds_identifier, strings_of

#: Fields whose value names a report, or nothing of anybody.
_HARMLESS = frozenset({"reportId"})
#: Fields that name somebody beside those that end in `Id`.
_NAMES = frozenset({"employerName"})
#: What is shorter stands everywhere by chance.
_SHORTEST = 6
_AROUND = 60

#: What must not be found, and what it is.
Secrets = Mapping[str, str]


def secrets_of(plan: Plan, urls: Iterable[str] = (), passwords: Iterable[str] = ()) -> dict[str, str]:
    """Everything of a plan that names a case, a part of one, an employer or a person; and passwords, those in URLs too.

    Ids of cases are among them whether anything was reported of them or not.
    """
    found: dict[str, str] = {}
    for record in plan.records:
        found |= {record.key: "key", record.report.subject: "subject", record.case: "subject"}
        for name, value in record.report.data.items():
            found |= dict(_of_field(name, value))
    for tales in plan.market.tales:
        found |= {tale.subject: "opening, event or contact" for tale in tales}
    found |= dict.fromkeys(plan.stories, "case")
    found |= dict.fromkeys(passwords, "password")
    found |= {unquote(part): "password" for url in urls if (part := urlsplit(url).password)}
    return {secret: what for secret, what in found.items() if len(secret) >= _SHORTEST}


def _of_field(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name == "child":
        yield f"child-{value}", "child"
    for text in strings_of(value):
        if holds_identifier(text):
            yield text, "identifier"
            yield re.sub(r"\s", "", text), "identifier"
        elif name not in _HARMLESS and (name.endswith("Id") or name in _NAMES):
            yield text, name


def leaks(texts: Mapping[str, str], secrets: Secrets) -> list[str]:
    """Where a secret stands in a text: name of the text, what it is, and what stands around it; one line for each."""
    found = []
    for name, text in texts.items():
        lowered = text.lower()
        for secret, what in secrets.items():
            at = lowered.find(secret.lower())
            if at >= 0:
                around = text[max(0, at - _AROUND) : at + len(secret) + _AROUND].replace("\n", "⏎")
                found.append(f"{name}: {what} {secret!r} in …{around}…")
    return found
