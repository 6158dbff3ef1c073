"""What one user tries at the broker, request by request, without the manners of a client.

A client asks first whether a topic is there, and gives up when it may not know. Here the request itself is sent, many
topics in one, and the broker's answer to each is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import JoinGroupRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from lotse.region.broker import binding
from lotse.region.rights import Right
from shared.platform.access import MECHANISM, Access

#: Error codes of the protocol.
NONE, TOPIC_REFUSED, GROUP_REFUSED, CLUSTER_REFUSED, MEMBER_ID_REQUIRED = 0, 29, 30, 31, 79
_GROUPS_AT_ONCE = 20
_ANY: Any = None


class Attempts:
    """One user's connection. Each answer is the broker's error code, 0 where it did what it was asked."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self._client = client

    async def _ask(self, request: Any) -> Any:
        (node,) = self._client.cluster.brokers()
        return await self._client.send(node.nodeId, request)

    async def writes(self, topics: Iterable[str]) -> dict[str, int]:
        """Writes one record to each topic."""
        batch = _batch()
        answer = await self._ask(ProduceRequest(None, -1, 10_000, [(topic, [(0, batch)]) for topic in topics]))
        return {name: partitions[0][1] for name, partitions in answer.topics}

    async def reads(self, topics: Iterable[str]) -> dict[str, int]:
        """Reads from the beginning of each topic."""
        wanted = [(topic, [(0, 0, 1_000)]) for topic in topics]
        answer = await self._ask(FetchRequest(0, 0, 1 << 20, 0, wanted))
        return {name: partitions[0][1] for name, partitions in answer.topics}

    async def joins(self, groups: Sequence[str]) -> dict[str, int]:
        """Asks to become a member of each group; a group that lets one in first answers with a member's id."""
        limit = asyncio.Semaphore(_GROUPS_AT_ONCE)

        async def join(group: str) -> int:
            async with limit:
                answer = await self._ask(JoinGroupRequest(group, 6_000, 6_000, "", None, "consumer", [("range", b"")]))
                return int(answer.error_code)

        codes = await asyncio.gather(*(join(group) for group in groups))
        return dict(zip(groups, codes, strict=True))


@asynccontextmanager
async def attempts_of(access: Access) -> Any:
    """A connection that is closed in the end. Raises KafkaConnectionError when the login is refused."""
    client = AIOKafkaClient(**access.options())
    await client.bootstrap()
    try:
        # Now, not at the first request: the connection must outlive its user.
        for node in client.cluster.brokers():
            await client.ready(node.nodeId)
        yield Attempts(client)
    finally:
        await client.close()


def _batch() -> bytes:
    """One record as it goes over the wire."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 16,
    )
    builder.append(0, timestamp=0, key=b"key", value=b"{}", headers=[])
    return bytes(builder.build())


def administrator(access: Access) -> AdminClient:
    """A client for administration, as any user can have one."""
    return AdminClient(
        {
            "bootstrap.servers": access.brokers,
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": MECHANISM,
            "sasl.username": access.user,
            "sasl.password": access.password,
            "log_level": 0,
        }
    )


def seen(client: AdminClient) -> set[str]:
    """The topics that a user sees when it asks for all."""
    return set(client.list_topics(timeout=60).topics)


def operations(client: AdminClient, topics: Sequence[str]) -> dict[str, set[str]]:
    """What the broker says that a user may do with each topic."""
    answers = client.describe_topics(TopicCollection(list(topics)), include_authorized_operations=True)
    may: dict[str, set[str]] = {}
    for name, future in answers.items():
        try:
            may[name] = {operation.name.lower() for operation in future.result(60).authorized_operations or ()}
        except KafkaException as error:
            assert error.args[0].code() == KafkaError.TOPIC_AUTHORIZATION_FAILED, (name, error)
            may[name] = set()
    return may


def administers(client: AdminClient, user: str, own: str, other: str) -> dict[str, int]:
    """Tries what only the administrator may: the error code of each; `own` and `other` are topics.

    The list of users is left out: the library ends the process when the broker refuses it.
    """
    scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192)
    name = ConfigResource.Type.TOPIC
    entry = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
    right = binding(Right(user, "topic", other, "literal", "read"))
    every = AclBindingFilter(
        ResourceType.ANY, _ANY, ResourcePatternType.ANY, _ANY, _ANY, AclOperation.ANY, AclPermissionType.ANY
    )
    begun: dict[str, Any] = {
        "create": client.create_topics([NewTopic(f"{own}x", 1, 1)]),
        "create foreign": client.create_topics([NewTopic("events.new", 1, 1)]),
        "more partitions": client.create_partitions([NewPartitions(own, 9)]),
        "configure": client.incremental_alter_configs([ConfigResource(name, own, incremental_configs=[entry])]),
        "configuration": client.describe_configs([ConfigResource(name, other)]),
        "delete": client.delete_topics([own]),
        "delete foreign": client.delete_topics([other]),
        "delete records": client.delete_records([TopicPartition(own, 0, 1)]),
        "give right": client.create_acls([right]),
        "take rights": client.delete_acls([every]),
        "password": client.alter_user_scram_credentials([UserScramCredentialUpsertion(user, scram, b"x")]),
    }
    codes = {what: _code(next(iter(answers.values()))) for what, answers in begun.items()}
    # Here the library hides the refusal behind an empty list.
    return codes | {"see rights": NONE if client.describe_acls(every).result(60) else CLUSTER_REFUSED}


def _code(future: Any) -> int:
    try:
        future.result(60)
    except KafkaException as error:
        return int(error.args[0].code())
    return NONE
