"""The tables of facts.md as the tests read them: what each fact holds, and which values each type allows and forbids.

The program never reads that document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TEXT = (Path(__file__).parents[2] / "docs/facts.md").read_text(encoding="utf-8")
_FIELD = re.compile(r"`(\w+\??): ([\w\[\]]+)`")
UUID = "7b1f0c52-3f6e-4d1a-9c58-2f0a6e4b9d31"
ESCO = "http://data.europa.eu/esco/occupation/00030d09-2b3a-4efd-87cc-c4ea39d27c34"

#: Values of the types that are no enums: some that are right, some that are wrong.
VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    "Date": (
        ["2026-02-02", "2024-02-29"],
        ["2026-02-30", "2025-02-29", "2026-2-2", "2026-02-02T00:00:00Z", "٢٠٢٦-02-02"],
    ),
    "Month": (["2022-03", "2022-12"], ["2022-13", "2022-00", "2022-3", "2022-03-01"]),
    "Uuid": ([UUID], [UUID.upper(), UUID.replace("-4d1a-", "-1d1a-"), UUID.replace("-9c58-", "-7c58-"), UUID + "\n"]),
    "ItemId": (["nurse-4f7q", "1", "a" * 64], ["Nurse", "a" * 65, "a_b", "a b", "a\n"]),
    "Slug": (["fast-lane"], ["Fast", "a" * 65]),
    "Institution": (["zag-muenster", "unknown-body"], ["z", "1zag", "Zag", "zag_muenster", "a" * 41]),
    "ReportId": (["zm-1", "a" * 128, "Größe 7"], ["a" * 129, "a\nb", "a\x00"]),
    "Kldb": (["81302", "00001"], ["8130", "81300", "81305", "813024"]),
    "Ags": (["05162024", "16077001"], ["17000000", "00000000", "5162024", "051620240"]),
    "Country": (["UA", "stateless", "unknown"], ["ua", "UKR", "U"]),
    "Esco": ([ESCO, ESCO.replace("occupation", "skill")], [ESCO.replace("http:", "https:"), ESCO + "0", "nurse"]),
    "Level14": ([1, 4, 2.0], [0, 5, 1.5, "1", True]),
    "Phase": ([1, 3], [0, 4, "2", False]),
    "Bool": ([True, False], [0, 1, "true"]),
}
ENUMS = {
    name: re.findall(r"`([^`]+)`", values)
    for name, values in re.findall(r"\*\*(\w+)\*\*\s+((?:`[^`]+`\s*(?:\([^)]*\)*\)?)?\s*)+)", TEXT)
}
ENUMS["Cefr"] = ["PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2"]


@dataclass(slots=True)
class FactTable:
    """One fact: its fields with their types as they are written, `?` where they may be left out."""

    service: str
    name: str
    item: str
    key: str | None
    fields: dict[str, str] = field(default_factory=dict)

    def all_fields(self) -> dict[str, str]:
        """The fields with those that every report has."""
        return {"occurredOn": "Date", **({self.key: "ItemId"} if self.key else {}), **self.fields}

    def data(self, *, optional: bool) -> dict[str, Any]:
        """Valid data, with or without what may be left out."""
        return {
            name.rstrip("?"): good(type_)[0]
            for name, type_ in self.all_fields().items()
            if optional or not name.endswith("?")
        }


def good(type_: str) -> list[Any]:
    """Values that a type allows."""
    if type_.endswith("[]"):
        return [good(type_[:-2])[:2], good(type_[:-2])[:1]]
    return ENUMS.get(type_) or VALUES[type_][0]


def bad(type_: str) -> list[Any]:
    """Values that a type forbids; null, the empty string and the wrong kind of value always are."""
    never: list[Any] = [None, "", [], {}]
    if type_.endswith("[]"):
        return [*never, good(type_[:-2])[0], [good(type_[:-2])[0]] * 2]
    if type_ in ENUMS:
        return [*never, 1, True, ENUMS[type_][0] + "x", ENUMS[type_][0].swapcase()]
    return never + VALUES[type_][1] + ([] if type_ in ("Level14", "Phase", "Bool") else [1, True])


def facts() -> dict[tuple[str, str], FactTable]:
    """All facts of the tables."""
    intake, recognition = TEXT[TEXT.index("**intake**") : TEXT.index("**childcare**")].split("**recognition**")
    head = dict(_FIELD.findall(recognition[recognition.index("*Head*") : recognition.index("| fact")]))
    found = {}
    for service, text in (("intake", intake), ("recognition", recognition)):
        newest: list[FactTable] = []
        for row in re.findall(r"^\|(.*)\|$", text, re.M)[2:]:
            names, fields = row.split("|")[:2]
            if names.strip():
                newest = [_fact(service, name, head) for name in re.findall(r"`([\w-]+)`", names)]
                found.update({(service, fact.name): fact for fact in newest})
            for fact in newest:
                fact.fields |= dict(_FIELD.findall(fields))
    return found


def _fact(service: str, name: str, head: dict[str, str]) -> FactTable:
    if service == "recognition":
        begins = name in ("advised", "submitted")
        fields = {name if begins else f"{name}?": type_ for name, type_ in head.items()}
        return FactTable(service, name, "procedure-nurse-4f7q", "procedureId", fields)
    if name.startswith("permit-"):
        return FactTable(service, name, "permit-nurse-4f7q", "permitId")
    return FactTable(service, name, "case", None)
