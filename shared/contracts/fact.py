"""A fact: one report that was understood, as far as rules may see it.

Days are ISO strings (`2026-02-05`): they compare as they are and go into messages unchanged. Instants are microseconds
since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

Day = str
FactKey = tuple[str, str]


class Fact(msgspec.Struct, frozen=True, gc=False):
    """One stored report.

    `name` is the fact (`documents-complete`), `item` the item string (`procedure-nurse-4f7q`, empty for a retraction),
    `data` the report's content with `occurredOn` and the item's key.
    """

    source: str
    id: str
    name: str
    item: str
    occurred_on: Day
    time: int
    data: Mapping[str, Any]
    corrects: str | None = None

    @property
    def key(self) -> FactKey:
        return (self.source, self.id)

    @property
    def institution(self) -> str:
        return self.source.split("/", 2)[1]
