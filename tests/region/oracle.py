"""Who may do what with which topic and group, told once more, in another way than the program: as the contract's table.

`contract.md` §2 says for each topic who writes and who reads it. Everything that is not said here is forbidden.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.contracts.institutions import Institution, Institutions

#: Which service reads what other services publish; the table's "others by right".
FOLLOWS_INTAKE = frozenset({"recognition", "childcare", "language", "outreach"})


def may_write(user: str, topic: str, institutions: Institutions) -> bool:
    """Whether a user may write a topic."""
    family, *rest = topic.split(".")
    one = institutions.get(user)
    if one is not None:
        return family == "inbound" and not one.suspended and rest[0] in one.services and rest[1:] == [user]
    if user == "clock":
        return topic == "clock.days"
    if user == "coordinator":
        return topic == "events.coordinator"
    return family == "receipts" or (family in ("events", "dead-letters") and rest == [user])


def may_read(user: str, topic: str, institutions: Institutions) -> bool:
    """Whether a user may read a topic."""
    family, *rest = topic.split(".")
    one = institutions.get(user)
    if one is not None:
        return not one.suspended and (family, rest) == ("receipts", [user])
    if user == "clock":
        return topic == "clock.days"
    if user == "coordinator":
        return family == "events" or topic == "clock.days"
    return (family == "inbound" and rest[0] == user) or (topic == "events.intake" and user in FOLLOWS_INTAKE)


def may_join(user: str, group: str, institutions: Institutions) -> bool:
    """Whether a user may read with a group."""
    one = institutions.get(user)
    if one is not None:
        return not one.suspended and group.split(".")[0] == user and "." in group
    if user == "clock":
        return False
    return group == user or (group == f"{user}.consent" and user in FOLLOWS_INTAKE)


def all_topics(institutions: Institutions, services: Iterable[str]) -> list[str]:
    """Every topic that the contract knows for these institutions, and some that nobody may touch."""
    names = ["clock.days", "events.coordinator"]
    for service in services:
        names += [f"events.{service}", f"dead-letters.{service}"]
        names += [f"inbound.{service}.{one.id}" for one in institutions.all if service in one.services]
    return names + [f"receipts.{one.id}" for one in institutions.all]


def all_groups(institutions: Institutions, services: Iterable[str]) -> list[str]:
    """Groups that somebody uses or might try to."""
    names = [*services, "coordinator", "clock", *(f"{service}.consent" for service in services), "", "x", "."]
    for one in institutions.all:
        names += [one.id, f"{one.id}.", f"{one.id}.reader", f"{one.id}x.reader", f"{one.id}-x.reader"]
    return [name for name in names if name]


def institution(id_: str, *services: str, suspended: bool = False) -> Institution:
    """An institution of which nothing else matters."""
    return Institution(id_, id_.title(), "jobcenter", frozenset(services), None, suspended)
