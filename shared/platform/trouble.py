"""Errors of database and broker, counted by kind: the name of the exception where it is one of a set, else `other`."""

from __future__ import annotations

import asyncpg
from aiokafka.errors import KafkaError

from shared.platform.metrics import Metrics

OTHER = "other"
#: What is worth telling apart; whatever else a library may raise is `other`, so that no label is without bound.
KINDS = frozenset(
    {
        # of the way there, of either
        "ConnectionRefusedError",
        "ConnectionResetError",
        "BrokenPipeError",
        "TimeoutError",
        "OSError",
        "gaierror",
        # of the database
        "AdminShutdownError",
        "CannotConnectNowError",
        "ConnectionDoesNotExistError",
        "ConnectionFailureError",
        "CrashShutdownError",
        "DeadlockDetectedError",
        "DiskFullError",
        "InsufficientPrivilegeError",
        "InterfaceError",
        "InvalidAuthorizationSpecificationError",
        "InvalidPasswordError",
        "LockNotAvailableError",
        "OutOfMemoryError",
        "QueryCanceledError",
        "ReadOnlySQLTransactionError",
        "SerializationError",
        "TooManyConnectionsError",
        # of the broker
        "AuthenticationFailedError",
        "CommitFailedError",
        "CoordinatorNotAvailableError",
        "GroupAuthorizationFailedError",
        "IllegalGenerationError",
        "IllegalStateError",
        "KafkaConnectionError",
        "KafkaTimeoutError",
        "MessageSizeTooLargeError",
        "NodeNotReadyError",
        "NotEnoughReplicasError",
        "NotLeaderForPartitionError",
        "OutOfOrderSequenceNumber",
        "ProducerFenced",
        "RequestTimedOutError",
        "TopicAuthorizationFailedError",
        "UnknownMemberIdError",
        "UnknownTopicOrPartitionError",
        # of ours
        "RuntimeError",
        "ValueError",
    }
)


def kind_of(error: BaseException) -> str:
    """What an error is called in a label."""
    name = type(error).__name__
    return name if name in KINDS else OTHER


class Trouble:
    """Counts the errors that work ran into."""

    def __init__(self, metrics: Metrics) -> None:
        self._database = metrics.counter("lotse_database_errors_total")
        self._broker = metrics.counter("lotse_broker_errors_total")

    def database(self, error: BaseException) -> None:
        """An error of the database, or of the way there."""
        self._database.labels(kind_of(error)).inc()

    def broker(self, error: BaseException) -> None:
        """An error of the broker, or of the way there."""
        self._broker.labels(kind_of(error)).inc()

    def batch(self, error: BaseException) -> None:
        """What a batch ended with. Saying goes on until it is done, so that what comes from a network is the
        database's unless it is Kafka's by its name.
        """
        if isinstance(error, KafkaError):
            self.broker(error)
        elif isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)):
            self.database(error)
