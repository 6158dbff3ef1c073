"""Who may do what at the broker, from the institutions file alone: no I/O here.

Whatever stands here is allowed; the broker refuses all else. A name that ends in a dot and is `prefixed` holds all that
begins so: ids and services have no dots in them, so `ihk.` never holds what is `ihk-fosa`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lotse.region.errors import RegionError
from lotse.stack.topics import Topic, topics_for
from shared.contracts.institutions import Institution, Institutions
from shared.contracts.topics import (
    BOARD_TOPIC,
    CLOCK_TOPIC,
    dead_letters_topic,
    events_topic,
    inbound_topic,
    receipts_topic,
)
from shared.platform.institutions import taken_names

ADMIN = "admin"
COORDINATOR = "coordinator"
CLOCK = "clock"
#: The service that tells all others which cases are hidden (consent).
INTAKE = "intake"

Resource = Literal["topic", "group"]
Pattern = Literal["literal", "prefixed"]
Operation = Literal["read", "write"]


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """One thing that a user may do. Both operations let it also see that the thing exists."""

    user: str
    resource: Resource
    name: str
    pattern: Pattern
    operation: Operation

    def __str__(self) -> str:
        return f"{self.user}: {self.operation} {self.resource} {self.name}{'*' if self.pattern == 'prefixed' else ''}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the broker is to have: users beside the administrator, topics and rights, each in order."""

    users: tuple[str, ...]
    topics: tuple[Topic, ...]
    rights: tuple[Right, ...]


def wanted(institutions: Institutions, services: Iterable[str], partitions: int) -> Wanted:
    """Everything that the institutions file asks of the broker; `services` are those that are reported to.

    A suspended institution keeps its topics, for what it said stays said, but is no user and has no rights. Raises
    RegionError for an institution that is called like somebody else.
    """
    reporting = tuple(sorted(services))
    taken = taken_names() | set(reporting)
    for one in institutions.all:
        if one.id in taken:
            raise RegionError(
                de=f"Eine Institution darf nicht {one.id!r} heißen: So heißt ein Benutzer von Lotse selbst.",
                en=f"No institution may be called {one.id!r}: one of Lotse's own users is.",
            )
    active = [one for one in institutions.all if not one.suspended]
    rights = {right for one in active for right in institution_rights(one)}
    rights |= {right for name in reporting for right in service_rights(name)}
    rights |= {*coordinator_rights(reporting), *clock_rights()}
    users = [COORDINATOR, CLOCK, *reporting, *sorted(one.id for one in active)]
    topics = topics_for(((one.id, one.services) for one in institutions.all), reporting, partitions, "kafka")
    return Wanted(tuple(users), tuple(topics), tuple(sorted(rights)))


def institution_rights(one: Institution) -> Iterator[Right]:
    """An institution reports to its services, reads its receipts, and does so with groups that bear its name."""
    for service in sorted(one.services):
        yield Right(one.id, "topic", inbound_topic(service, one.id), "literal", "write")
    yield Right(one.id, "topic", receipts_topic(one.id), "literal", "read")
    yield Right(one.id, "group", f"{one.id}.", "prefixed", "read")


def service_rights(name: str) -> Iterator[Right]:
    """A reporting service reads what is reported to it, answers, publishes, and follows consent.

    Topics of institutions are given by their beginning, so that a new institution changes no service's rights.
    """
    yield Right(name, "topic", inbound_topic(name, ""), "prefixed", "read")
    yield Right(name, "group", name, "literal", "read")
    yield Right(name, "topic", receipts_topic(""), "prefixed", "write")
    yield Right(name, "topic", events_topic(name), "literal", "write")
    yield Right(name, "topic", dead_letters_topic(name), "literal", "write")
    if name != INTAKE:
        yield Right(name, "topic", events_topic(INTAKE), "literal", "read")
        yield Right(name, "group", f"{name}.consent", "literal", "read")


def coordinator_rights(services: Iterable[str]) -> Iterator[Right]:
    """The coordinator reads what the services publish and the days; a rebuild also reads what it said itself."""
    for topic in (*map(events_topic, services), CLOCK_TOPIC, BOARD_TOPIC):
        yield Right(COORDINATOR, "topic", topic, "literal", "read")
    yield Right(COORDINATOR, "topic", BOARD_TOPIC, "literal", "write")
    yield Right(COORDINATOR, "group", COORDINATOR, "literal", "read")


def clock_rights() -> Iterator[Right]:
    """The clock says days; at its start it reads which it said last, without a group."""
    yield Right(CLOCK, "topic", CLOCK_TOPIC, "literal", "read")
    yield Right(CLOCK, "topic", CLOCK_TOPIC, "literal", "write")
