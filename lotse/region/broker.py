"""The broker as its administrator sees it: topics, users, rights.

Everything here blocks. What the broker acknowledges it applies a moment later (measured: up to 0.2 s), so each change
of users and rights ends with a look whether it is applied.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from lotse.region.errors import RegionError
from lotse.region.rights import Right
from lotse.stack.topics import Topic
from shared.platform.access import MECHANISM, Access

#: As Kafka's own tools do; a password of 24 random bytes needs no more.
_ITERATIONS = 8192
_REQUEST_SECONDS = 60.0
#: Usually 0.2 s; a busy machine that starts a whole region may need much more.
_APPLIED_SECONDS = 120.0
_PORT_SECONDS = 60.0
_LOGIN_SECONDS = 60.0
_LOOK_SECONDS, _LONGEST_LOOK_SECONDS = 0.02, 1.0
_USER = "User:"
T = TypeVar("T")

_RESOURCES = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
_PATTERNS = {"literal": ResourcePatternType.LITERAL, "prefixed": ResourcePatternType.PREFIXED}
_OPERATIONS = {"read": AclOperation.READ, "write": AclOperation.WRITE}
#: None means any; the library's types do not know that.
_ANY: Any = None
_EVERY_BINDING = AclBindingFilter(
    ResourceType.ANY, _ANY, ResourcePatternType.ANY, _ANY, _ANY, AclOperation.ANY, AclPermissionType.ANY
)


def binding(right: Right) -> AclBinding:
    """A right as the broker keeps it: allowed, from every host."""
    return AclBinding(
        _RESOURCES[right.resource],
        right.name,
        _PATTERNS[right.pattern],
        f"{_USER}{right.user}",
        "*",
        _OPERATIONS[right.operation],
        AclPermissionType.ALLOW,
    )


def shown(found: AclBinding) -> str:
    """A right of the broker in words, also one that we would never give."""
    star = "*" if found.resource_pattern_type == ResourcePatternType.PREFIXED else ""
    words = (found.permission_type, found.operation, found.restype)
    deny, operation, resource = (str(getattr(word, "name", word)).lower() for word in words)
    return f"{found.principal.removeprefix(_USER)}: {deny} {operation} {resource} {found.name}{star}"


class Broker:
    """A connection of the administrator. Raises RegionError for whatever the broker refuses."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._wrong: list[KafkaError] = []
        self._client = _client(access, self._wrong.append)

    def wait(self, seconds: float = _PORT_SECONDS) -> None:
        """Returns when the broker answers this user. Raises RegionError when it does not, or refuses the login."""
        _wait_for_port(self.access.brokers, seconds)
        deadline = time.monotonic() + seconds
        while not self._answers():
            if any(error.code() == KafkaError._AUTHENTICATION for error in self._wrong):
                raise RegionError(
                    de=f"Der Broker {self.access.brokers} nimmt das Kennwort des Benutzers {self.access.user!r} nicht "
                    "an. Gehört der Ordner der Kennwörter zu diesem Broker?",
                    en=f"The broker {self.access.brokers} refuses the password of {self.access.user!r}. Does the "
                    "folder of passwords belong to it?",
                )
            if time.monotonic() > deadline:
                raise _silent(self.access.brokers)
        # The library answers with no rights at all, or ends the process, where the broker refuses to list them.
        if not self._administers():
            raise RegionError(
                de=f"Der Benutzer {self.access.user or '(ohne Anmeldung)'} verwaltet den Broker nicht. Setzen Sie "
                "LOTSE_BROKER_USER und LOTSE_BROKER_PASSWORD_FILE auf den Verwalter, oder nehmen Sie beide weg.",
                en=f"The user {self.access.user or '(no login)'} does not administer the broker. Set LOTSE_BROKER_USER "
                "and LOTSE_BROKER_PASSWORD_FILE to the administrator, or unset both.",
            )

    def _administers(self) -> bool:
        found = _result(
            self._client.describe_cluster(include_authorized_operations=True, request_timeout=_REQUEST_SECONDS),
            "describe the cluster",
        )
        return {AclOperation.ALTER, AclOperation.DESCRIBE} <= set(found.authorized_operations or ())

    def _answers(self) -> bool:
        try:
            self._client.list_topics(timeout=2.0)
        except KafkaException:
            self._client.poll(0)
            return False
        return True

    # Topics

    def topics(self) -> dict[str, int]:
        """All topics with their number of partitions."""
        try:
            found = self._client.list_topics(timeout=_REQUEST_SECONDS).topics
        except KafkaException as error:
            raise _refused("list the topics", error) from None
        return {name: len(topic.partitions) for name, topic in found.items() if not name.startswith("__")}

    def create_topics(self, topics: Iterable[Topic]) -> tuple[str, ...]:
        """Makes topics with their configuration; returns those that were not there."""
        wanted = [NewTopic(name, partitions, -1, config=configuration) for name, partitions, configuration in topics]
        if not wanted:
            return ()
        made = []
        for name, future in self._client.create_topics(wanted, request_timeout=_REQUEST_SECONDS).items():
            try:
                future.result()
                made.append(name)
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise _refused(f"make the topic {name}", error) from None
        self._wait_until(lambda: self.topics().keys() >= set(made), "the topics")
        return tuple(sorted(made))

    def configurations(self, topics: Iterable[str]) -> dict[str, dict[str, str]]:
        """Every value of the topics' configurations."""
        resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in topics]
        if not resources:
            return {}
        answers = self._client.describe_configs(resources, request_timeout=_REQUEST_SECONDS)
        return {
            resource.name: {entry.name: entry.value or "" for entry in _result(future, "read a configuration").values()}
            for resource, future in answers.items()
        }

    def configure(self, changes: Mapping[str, Mapping[str, str]]) -> None:
        """Sets the named values of topics; whatever is not named stays as it is."""
        resources = [
            ConfigResource(
                ConfigResource.Type.TOPIC,
                name,
                incremental_configs=[
                    ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
                    for key, value in values.items()
                ],
            )
            for name, values in changes.items()
        ]
        if resources:
            answers = self._client.incremental_alter_configs(resources, request_timeout=_REQUEST_SECONDS)
            for resource, future in answers.items():
                _result(future, f"configure the topic {resource.name}")

    # Users

    def users(self) -> set[str]:
        """Everybody who has a password of the kind that we use."""
        future: Any = self._client.describe_user_scram_credentials(request_timeout=_REQUEST_SECONDS)
        found = _result(future, "list the users")
        kind = ScramMechanism.SCRAM_SHA_512
        return {
            name for name, user in found.items() if any(info.mechanism == kind for info in user.scram_credential_infos)
        }

    def set_passwords(self, passwords: Mapping[str, str]) -> None:
        """Makes users, or gives them another password. Connections that are open stay open."""
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        self._alter_users(
            UserScramCredentialUpsertion(user, info, password.encode()) for user, password in passwords.items()
        )
        self._wait_until(lambda: self.users() >= set(passwords), "the users")

    def remove_users(self, users: Iterable[str]) -> None:
        """Nobody can log in as these any more. Take their rights first: connections that are open stay open."""
        gone = set(users)
        self._alter_users(UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512) for user in gone)
        self._wait_until(lambda: not self.users() & gone, "the users")

    def _alter_users(self, alterations: Iterable[Any]) -> None:
        wanted = list(alterations)
        if not wanted:
            return
        answers = self._client.alter_user_scram_credentials(wanted, request_timeout=_REQUEST_SECONDS)
        for user, future in answers.items():
            _result(future, f"change the user {user}")

    # Rights

    def rights(self) -> set[AclBinding]:
        """Every right that the broker knows, also those that we never gave."""
        future = self._client.describe_acls(_EVERY_BINDING, request_timeout=_REQUEST_SECONDS)
        return set(_result(future, "list the rights"))

    def rights_of(self, user: str) -> set[AclBinding]:
        """Every right of one user."""
        return {found for found in self.rights() if found.principal == f"{_USER}{user}"}

    def give(self, rights: Iterable[AclBinding]) -> None:
        """Adds rights; returns when the broker applies them."""
        new = list(rights)
        if not new:
            return
        for wanted, future in self._client.create_acls(new, request_timeout=_REQUEST_SECONDS).items():
            _result(future, f"give the right {shown(wanted)}")
        self._wait_until(lambda: self.rights() >= set(new), "the rights")

    def take(self, rights: Iterable[AclBinding]) -> None:
        """Removes rights; returns when the broker no longer grants them."""
        gone = list(rights)
        if not gone:
            return
        for wanted, future in self._client.delete_acls(
            [_exactly(right) for right in gone], request_timeout=_REQUEST_SECONDS
        ).items():
            _result(future, f"take the right {shown(wanted)}")
        self._wait_until(lambda: not self.rights() & set(gone), "the rights")

    def _wait_until(self, applied: Callable[[], bool], what: str) -> None:
        deadline, pause = time.monotonic() + _APPLIED_SECONDS, _LOOK_SECONDS
        while not applied():
            if time.monotonic() > deadline:
                raise RegionError(
                    de=f"Der Broker hat die Änderung bestätigt, wendet sie aber nach {_APPLIED_SECONDS:.0f} Sekunden "
                    f"noch nicht an ({what}). Wiederholen Sie den Befehl.",
                    en=f"The broker acknowledged the change but does not apply it ({what}). Repeat the command.",
                )
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_LOOK_SECONDS)


class Login:
    """One user at the broker, with a password that may be wrong."""

    def __init__(self, brokers: str, user: str, password: str) -> None:
        self._wrong: list[KafkaError] = []
        self._brokers, self._user = brokers, user
        self._client = _client(Access(brokers, "kafka", user, password), self._wrong.append)

    def works(self, seconds: float = _LOGIN_SECONDS) -> bool:
        """Whether the broker takes the password. Raises RegionError when it does not answer."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self._client.list_topics(timeout=1.0)
                return True
            except KafkaException:
                self._client.poll(0.05)
            if any(error.code() == KafkaError._AUTHENTICATION for error in self._wrong):
                return False
            if time.monotonic() > deadline:
                raise _silent(self._brokers)

    def operations(self, topics: Iterable[str]) -> dict[str, frozenset[str]]:
        """What the user may do with topics, as the broker itself says: `read`, `write`, `describe` and so on.

        A topic that it may not even see has nothing.
        """
        answers = self._client.describe_topics(
            TopicCollection(list(topics)), include_authorized_operations=True, request_timeout=_REQUEST_SECONDS
        )
        return {name: self._operations(name, future) for name, future in answers.items()}

    def _operations(self, name: str, future: Future[Any]) -> frozenset[str]:
        try:
            operations = future.result().authorized_operations or ()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise _refused(f"describe {name} as {self._user}", error) from None
            return frozenset()
        return frozenset(operation.name.lower() for operation in operations)


def may_log_in(brokers: str, user: str, password: str) -> bool:
    """Whether a user gets in with a password. Raises RegionError when the broker does not answer."""
    return Login(brokers, user, password).works()


def _client(access: Access, on_error: Callable[[KafkaError], None] | None = None) -> AdminClient:
    """A client that says nothing by itself: what goes wrong is told by our own errors."""
    configuration: dict[str, Any] = {
        "bootstrap.servers": access.brokers,
        "client.id": "lotse-region",
        "log_level": 0,
        "error_cb": on_error or _ignored,
        "reconnect.backoff.max.ms": 1_000,
    }
    if access.user:
        configuration |= {
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": MECHANISM,
            "sasl.username": access.user,
            "sasl.password": access.password,
        }
    return AdminClient(configuration)


def _ignored(_: KafkaError) -> None:
    """The call that failed tells it, too."""


def _exactly(right: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        right.restype,
        right.name,
        right.resource_pattern_type,
        right.principal,
        right.host,
        right.operation,
        right.permission_type,
    )


def _result(future: Future[T], what: str) -> T:
    try:
        return future.result()
    except KafkaException as error:
        raise _refused(what, error) from None


def _refused(what: str, error: KafkaException) -> RegionError:
    reason = error.args[0].str() if error.args and isinstance(error.args[0], KafkaError) else str(error)
    return RegionError(
        de=f"Der Broker lehnt ab oder antwortet nicht ({what}): {reason}",
        en=f"The broker refuses or does not answer ({what}): {reason}",
    )


def _silent(brokers: str) -> RegionError:
    return RegionError(
        de=f"Der Broker {brokers} antwortet nicht. Läuft er (`docker compose ps`), und stimmt LOTSE_BROKERS?",
        en=f"The broker {brokers} does not answer. Does it run (`docker compose ps`), and is LOTSE_BROKERS right?",
    )


def _wait_for_port(brokers: str, seconds: float) -> None:
    """Waits until any of the bootstrap servers takes connections: before that the client only complains."""
    deadline = time.monotonic() + seconds
    places = [place.strip().rsplit(":", 1) for place in brokers.split(",")]
    while True:
        for host, port in places:
            try:
                socket.create_connection((host, int(port)), timeout=2.0).close()
                return
            except OSError:
                continue
        if time.monotonic() > deadline:
            raise _silent(brokers)
        time.sleep(0.2)
