"""One institution comes, is suspended, comes back, or gets another password. Nothing has to be restarted for it.

Services find new topics within five seconds, since they subscribe by pattern, and read the institutions file again when
it changes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from confluent_kafka.admin import AclBinding

from lotse.region.broker import Broker, binding, may_log_in
from lotse.region.errors import RegionError
from lotse.region.file import add_entry, editing, set_suspended
from lotse.region.provision import probe
from lotse.region.rights import Wanted, institution_rights
from lotse.region.secrets import make_secret, new_password, read_password, replace_password
from lotse.stack.topics import topics_for
from shared.contracts.institutions import Institution, Institutions
from shared.contracts.topics import inbound_topic, receipts_topic
from shared.platform.access import institution_password

State = Literal["active", "suspended", "user-missing", "rights-differ", "topics-missing", "still-has-access"]
_LOGIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Member:
    """An institution and how it stands at the broker."""

    one: Institution
    state: State
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """Where members are kept: the broker, where users log in, the institutions file, the passwords."""

    broker: Broker
    logins: str
    file: Path
    secrets: Path
    partitions: int


def topics_of(one: Institution) -> tuple[str, ...]:
    """The topics of one institution: where it reports, and where it is answered."""
    return (*(inbound_topic(service, one.id) for service in sorted(one.services)), receipts_topic(one.id))


def list_members(broker: Broker, institutions: Institutions) -> list[Member]:
    """Every institution of the file with its state, in the order of the file."""
    users, topics = broker.users(), broker.topics()
    rights: dict[str, set[AclBinding]] = {}
    for right in broker.rights():
        rights.setdefault(right.principal.removeprefix("User:"), set()).add(right)
    return [
        Member(one, _state(one, users, topics, rights.get(one.id, set())), topics_of(one)) for one in institutions.all
    ]


def _state(one: Institution, users: set[str], topics: Mapping[str, int], rights: set[AclBinding]) -> State:
    if one.suspended:
        return "still-has-access" if rights or one.id in users else "suspended"
    if not set(topics_of(one)) <= topics.keys():
        return "topics-missing"
    if one.id not in users:
        return "user-missing"
    return "active" if rights == set(map(binding, institution_rights(one))) else "rights-differ"


def add(office: Office, one: Institution) -> tuple[Member, bool]:
    """Lists an institution, or revives one that is listed as given; makes its topics, user and rights, and tries them.

    Returns it, and whether it was new in the file. May be repeated. Raises RegionError, also for one that is listed
    otherwise.
    """
    with editing(office.file) as write:
        before = write(lambda text: text).get(one.id)
        if before is not None and replace(before, suspended=False) != one:
            raise RegionError(
                de=f"{one.id} steht schon anders in der Institutionen-Datei ({_told(before)}). Ändern Sie den Eintrag "
                "dort, dann `lotse region provision`.",
                en=f"{one.id} is in the institutions file already, with other values. Change it there, then run `lotse "
                "region provision`.",
            )
        if before is None:
            write(lambda text: add_entry(text, one))
        else:
            write(lambda text: set_suspended(text, one.id, False))
    password = institution_password(office.secrets, one.id)
    make_secret(office.secrets, password, office.file)
    _open(office, one, read_password(password))
    return Member(one, "active", topics_of(one)), before is None


def _told(one: Institution) -> str:
    return f"{one.name}, {one.kind}, {one.land or '–'}, {', '.join(sorted(one.services))}"


def _open(office: Office, one: Institution, password: str) -> None:
    """Topics, then the user, then its rights; at the end it logs in and asks what it may do."""
    broker = office.broker
    mine = topics_of(one)
    topics = tuple(
        topic for topic in topics_for([(one.id, one.services)], (), office.partitions, "kafka") if topic[0] in mine
    )
    there = broker.topics()
    broker.create_topics(topic for topic in topics if topic[0] not in there)
    broker.set_passwords({one.id: password})
    rights = tuple(institution_rights(one))
    wanted, found = set(map(binding, rights)), broker.rights_of(one.id)
    broker.take(found - wanted)
    broker.give(wanted - found)
    probe(office.logins, Wanted((one.id,), topics, rights), {one.id: password})


def suspend(office: Office, id_: str) -> Member:
    """Takes all rights of an institution, then its user, and marks it in the file, so that it stays so.

    Whoever is still connected can do nothing from then on. Topics, and what was said, stay. Raises RegionError.
    """
    with editing(office.file) as write:
        one = _listed(write(lambda text: text), id_)
        # First whether the file can be marked at all, so that not half of it is done.
        set_suspended(office.file.read_text(encoding="utf-8"), id_, True)
        close(office.broker, id_)
        write(lambda text: set_suspended(text, id_, True))
    return Member(replace(one, suspended=True), "suspended", topics_of(one))


def close(broker: Broker, user: str) -> None:
    """Rights before the user: a connection that is open outlives its user, but not its rights."""
    broker.take(broker.rights_of(user))
    broker.remove_users({user} & broker.users())


def rotate(office: Office, id_: str) -> str:
    """Gives an institution another password, in the file, too; returns it. Raises RegionError.

    Connections that were made with the old one stay until they end; nobody logs in with it any more.
    """
    one = _listed_in(office, id_)
    if one.suspended:
        raise RegionError(
            de=f"{id_} ist gesperrt. `lotse institution add {id_}` hebt die Sperre auf.",
            en=f"{id_} is suspended. `lotse institution add {id_}` revives it.",
        )
    path = institution_password(office.secrets, id_)
    old, new = read_password(path), new_password()
    replace_password(path, new)
    try:
        office.broker.set_passwords({id_: new})
    except RegionError:
        replace_password(path, old)
        raise
    _wait_until_changed(office.logins, id_, old, new)
    return new


def _wait_until_changed(brokers: str, user: str, old: str, new: str) -> None:
    deadline = time.monotonic() + _LOGIN_SECONDS
    while may_log_in(brokers, user, old) or not may_log_in(brokers, user, new):
        if time.monotonic() > deadline:
            raise RegionError(
                de=f"Der Broker wendet das neue Kennwort von {user} nicht an. Wiederholen Sie den Befehl.",
                en=f"The broker does not apply the new password of {user}. Repeat the command.",
            )
        time.sleep(0.1)


def _listed_in(office: Office, id_: str) -> Institution:
    with editing(office.file) as write:
        return _listed(write(lambda text: text), id_)


def _listed(institutions: Institutions, id_: str) -> Institution:
    one = institutions.get(id_)
    if one is None:
        raise RegionError(
            de=f"{id_} steht nicht in der Institutionen-Datei. Es gibt: {', '.join(sorted(institutions.names))}.",
            en=f"{id_} is not in the institutions file.",
        )
    return one
