"""The rows of a service's database as the program holds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from shared.rules.model import Fact, FactKey


class Place(NamedTuple):
    """Where a record stands in Kafka, and when the broker received it (milliseconds since the epoch)."""

    topic: str
    partition: int
    offset: int
    received_at: int


class FactRow(msgspec.Struct):
    """A stored report with its standing. `is_new` rows are inserted, `changed` ones updated.

    A struct, since there is one for each stored report of every subject of a batch, and making it must cost nothing.
    """

    fact: Fact
    subject: str
    digest: bytes
    place: Place
    code: str
    version: int
    late: bool
    decided_at: int
    is_new: bool = False
    changed: bool = False

    @property
    def key(self) -> FactKey:
        fact = self.fact
        return fact.source, fact.id


class AnswerRow(msgspec.Struct):
    """A record that became no fact, and what was answered. `standing` is the code of the stored report with its key.

    `name` is the fact's where it is known; it is counted by it and not stored.
    """

    place: Place
    code: str
    decided_at: int
    source: str | None = None
    id: str | None = None
    subject: str | None = None
    path: str | None = None
    version: int = 0
    standing: str | None = None
    digest: bytes | None = None
    stored: FactRow | None = None
    name: str | None = None
    #: The same record got the same answer before.
    again: bool = False

    def settle(self) -> None:
        """Takes over the version and the standing of the stored report, once this batch has decided them."""
        if self.stored is not None:
            self.version, self.standing = self.stored.version, self.stored.code


class ItemRow(NamedTuple):
    """What is known of a stored item before it is derived again."""

    sequence: int
    content: bytes
    fault: bool


_decode = msgspec.json.Decoder().decode


def fact_row(row: Iterable[Any]) -> FactRow:
    """A row of `fact`, its columns in the order of `facts_of_subjects`, as the rules and the receipts need it."""
    (source, id_, subject, name, item, corrects, occurred_on, time, data, digest, topic, partition, offset, received_at,
     code, version, late, decided_at) = row  # fmt: skip
    fact = Fact(source, id_, name, item, occurred_on, time, _decode(data), corrects)
    return FactRow(fact, subject, digest, Place(topic, partition, offset, received_at), code, version, late, decided_at)
