"""Makes the broker and PostgreSQL what the institutions file says; it may be repeated at any time.

What is already so stays untouched, and what is no longer listed loses its rights first and then its user. Topics are
never deleted: what was said stays said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lotse.region.broker import Broker, Login, binding, shown
from lotse.region.errors import RegionError
from lotse.region.rights import ADMIN, Right, Wanted
from lotse.stack.topics import Topic

#: Logins at once while probing; each is a client with threads of its own.
_AT_ONCE = 6
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What a run changed at the broker, in words; `odd` are topics whose number of partitions is not the wanted one."""

    topics: tuple[str, ...] = ()
    configured: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything was not yet as it should be."""
        return any((self.topics, self.configured, self.users, self.gone, self.given, self.taken))


def provision_broker(broker: Broker, wanted: Wanted, passwords: Mapping[str, str], tell: Tell) -> Provisioned:
    """Topics, users and rights as wanted; `passwords` has the administrator's, too. Raises RegionError."""
    there = broker.topics()
    topics = broker.create_topics(topic for topic in wanted.topics if topic[0] not in there)
    configured = _configure(broker, wanted.topics, topics)
    odd = _odd(wanted.topics, there)
    tell(f"Topics: {len(wanted.topics)}, davon neu {len(topics)}", f"topics, {len(topics)} of them new")
    for line in odd:
        tell(f"Partitionen anders als gewünscht, bleiben so: {line}", "partitions differ and stay as they are")
    before = broker.users()
    given, taken = _make_equal(broker, wanted.rights)
    gone = sorted(before - set(wanted.users) - {ADMIN})
    broker.remove_users(gone)
    names = (ADMIN, *wanted.users)
    broker.set_passwords({user: passwords[user] for user in names})
    new = tuple(user for user in names if user not in before)
    tell(f"Benutzer: {len(names)}, neu {len(new)}, entfernt {len(gone)}", f"users, {len(new)} new, {len(gone)} removed")
    tell(
        f"Rechte: {len(wanted.rights)}, neu {len(given)}, entzogen {len(taken)}",
        f"rights, {len(given)} given, {len(taken)} taken away",
    )
    for line in taken:
        tell(f"  entzogen: {line}", "taken away")
    return Provisioned(topics, configured, new, tuple(gone), given, taken, odd)


def _configure(broker: Broker, topics: Sequence[Topic], new: Iterable[str]) -> tuple[str, ...]:
    """Sets what differs in topics that were there before; returns their names."""
    old = {name: configuration for name, _, configuration in topics if name not in set(new)}
    found = broker.configurations(old)
    changes = {
        name: differing
        for name, configuration in old.items()
        if (differing := {key: value for key, value in configuration.items() if found[name].get(key) != value})
    }
    broker.configure(changes)
    return tuple(sorted(changes))


def _odd(topics: Iterable[Topic], there: Mapping[str, int]) -> tuple[str, ...]:
    """Topics whose partitions are others than wanted: told, never altered, since the order of a case hangs on them."""
    return tuple(
        f"{name} ({there[name]}, gewünscht/wanted {number})"
        for name, number, _ in topics
        if name in there and there[name] != number
    )


def _make_equal(broker: Broker, rights: Iterable[Right]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The broker's rights become exactly these: first the surplus goes, then the missing come."""
    wanted = {binding(right) for right in rights}
    found = broker.rights()
    surplus, missing = found - wanted, wanted - found
    broker.take(surplus)
    broker.give(missing)
    return tuple(sorted(map(shown, missing))), tuple(sorted(map(shown, surplus)))


def probe(brokers: str, wanted: Wanted, passwords: Mapping[str, str]) -> None:
    """Logs in as each user and asks the broker what it may do with the topics; each must be exactly as wanted.

    Raises RegionError that names what is not.
    """
    topics = [name for name, _, _ in wanted.topics]

    def wrong_of(user: str) -> list[str]:
        login = Login(brokers, user, passwords[user])
        if not login.works():
            return [f"{user}: Anmeldung abgelehnt / login refused"]
        found = login.operations(topics)
        return [
            f"{user}, {topic}: {', '.join(sorted(found[topic])) or '–'}, {', '.join(sorted(should)) or '–'}"
            for topic in topics
            if found[topic] != (should := operations_wanted(user, topic, wanted.rights))
        ]

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        wrong = [line for lines in pool.map(wrong_of, wanted.users) for line in lines]
    if wrong:
        raise RegionError(
            de="Der Broker wendet die Rechte nicht an wie geschrieben (gefunden, gewünscht):\n" + "\n".join(wrong),
            en="The broker does not apply the rights as written (found, wanted).",
        )


def operations_wanted(user: str, topic: str, rights: Iterable[Right]) -> frozenset[str]:
    """What a user is to be able to do with a topic, in the broker's words; each right also lets it see the topic."""
    may = {
        right.operation
        for right in rights
        if right.user == user
        and right.resource == "topic"
        and (topic == right.name or (right.pattern == "prefixed" and topic.startswith(right.name)))
    }
    return frozenset({*may, "describe"} if may else ())
