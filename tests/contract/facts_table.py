"""The tables of facts.md as the tests read them: what each fact holds, and which values each type allows and forbids.

The program never reads that document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.services import STANDING

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
    "Child": ([1, 20], [0, 21, 1.5, "1", True]),
    "Places": ([1, 1000], [0, 1001, 1.5, "1", True]),
    "Count": ([0, 100_000], [-1, 100_001, 0.5, "1", True]),
    "Units": ([1, 2000], [0, 2001, 1.5, "1", True]),
    "Hours": ([35, 60, 0.5, 38.5], [0, 60.5, -1, 0.25, "35", True]),
    "Wz": (["86", "86.1", "86.10", "86.10.2"], ["8", "86.", "86.100", "86.10.12", "Q86"]),
    "Site": (["12345678"], ["1234567", "123456789", "1234567a"]),
    "Refnr": (["10000-1234567890-S", "1000-a_B-S"], ["100-1-S", "10000-1-s", "10000--S", "10000-1"]),
}
_NUMBERS = ("Level14", "Phase", "Child", "Places", "Count", "Units", "Hours")
ENUMS = {
    name: re.findall(r"`([^`]+)`", values)
    for name, values in re.findall(r"\*\*(\w+)\*\*\s+((?:`[^`]+`\s*(?:\([^)]*\)*\)?)?\s*)+)", TEXT)
}
ENUMS["Cefr"] = ["PRE_A1", "A1", "A2", "B1", "B2", "C1", "C2"]


#: Of each service the kinds of its items: how the item string begins, the key, its type, and whose facts they are.
KINDS: dict[str, tuple[tuple[str, str | None, str, str], ...]] = {
    "intake": (("permit-", "permitId", "ItemId", r"permit-"), ("case", None, "", r"")),
    "recognition": (("procedure-", "procedureId", "ItemId", r""),),
    "childcare": (("child-", "child", "Child", r""),),
    "language": (("level", None, "", r"level-"), ("course-", "episodeId", "ItemId", r"")),
    "outreach": (
        ("opening", "openingId", "Uuid", r"opening-"),
        ("event", "eventId", "Uuid", r"event-"),
        ("contact", "contactId", "Uuid", r"employer-contact-"),
        ("introduction-", "introductionId", "ItemId", r""),
    ),
}


@dataclass(slots=True)
class FactTable:
    """One fact: its fields with their types as they are written, `?` where they may be left out."""

    service: str
    name: str
    prefix: str
    key: str | None
    key_type: str
    fields: dict[str, str] = field(default_factory=dict)

    def all_fields(self) -> dict[str, str]:
        """The fields with those that every report has."""
        return {"occurredOn": "Date", **({self.key: self.key_type} if self.key else {}), **self.fields}

    def data(self, *, optional: bool) -> dict[str, Any]:
        """Valid data, with or without what may be left out."""
        return {
            name.rstrip("?"): good(type_)[0]
            for name, type_ in self.all_fields().items()
            if optional or not name.endswith("?")
        }

    @property
    def is_subject(self) -> bool:
        """Whether the key is the subject itself: such an item stands beside the cases."""
        return self.key is not None and not self.prefix.endswith("-")

    def item(self, data: dict[str, Any]) -> str:
        """The item string of a report's data."""
        return f"{self.prefix}{data[self.key]}" if self.key and self.prefix.endswith("-") else self.prefix


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
    return never + VALUES[type_][1] + ([] if type_ in (*_NUMBERS, "Bool") else [1, True])


def facts() -> dict[tuple[str, str], FactTable]:
    """All facts of the tables, of the services that stand."""
    text = TEXT[TEXT.index("## 4. Facts by service") : TEXT.index("**every service**")]
    parts = re.split(r"^\*\*(\w+)\*\*", text, flags=re.M)[1:]
    found = {}
    for service, part in zip(parts[::2], parts[1::2], strict=True):
        if service in STANDING:
            found.update({(service, fact.name): fact for fact in _of(service, part)})
    return found


def _of(service: str, text: str) -> list[FactTable]:
    """The facts of one service. Names in italics stand for fields that several facts share."""
    head, _, table = text.partition("| fact |")
    shared = dict(_FIELD.findall(head[head.index(": ", head.index("*")) :])) if re.search(r"\*\w+\*", head) else {}
    found: list[FactTable] = []
    newest: list[FactTable] = []
    for row in re.findall(r"^\|(.*)\|$", table, re.M)[1:]:
        names, fields = row.split("|")[:2]
        if names.strip():
            newest = [_fact(service, name, mark, shared) for name, mark in re.findall(r"`([\w-]+)`( \+)?", names)]
            found += newest
        for fact in newest:
            fact.fields |= {_optional(name, fact): type_ for name, type_ in _FIELD.findall(fields)}
    return found


def _fact(service: str, name: str, mark: str, shared: dict[str, str]) -> FactTable:
    prefix, key, type_, _ = next(kind for kind in KINDS[service] if re.match(kind[3], name))
    fact = FactTable(service, name, prefix, key, type_)
    if service == "recognition":
        begins = name in ("advised", "submitted")
        fact.fields = {field if begins else f"{field}?": type_ for field, type_ in shared.items()}
    elif mark:
        fact.fields = {f"{field}?": type_ for field, type_ in shared.items()}
    return fact


def _optional(name: str, fact: FactTable) -> str:
    """The field's name; of a patch everything may be left out."""
    return f"{name.rstrip('?')}?" if fact.name == "opening-changed" else name
