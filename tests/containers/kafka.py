"""A secured Apache Kafka in a container of its own: SCRAM logins, default deny, as docker-compose.yml has it.

The administrator's first password is made over the listener that only this test can reach: it is bound to the loopback
address of this machine, and plain.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

os.environ |= {
    "TESTCONTAINERS_RYUK_DISABLED": "true",
    "TESTCONTAINERS_HOST_OVERRIDE": "127.0.0.1",
    "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
}

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

_IMAGE = "apache/kafka:4.1.1"
#: The templates of the configuration are copied with their modes and then written to, so they must not be read-only.
_COMMAND = ["bash", "-c", "chmod -f u+w /etc/kafka/docker/* || true; exec /etc/kafka/docker/run"]
_LOGIN_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    """Where users log in (`brokers`), where the administrator needs no login (`plain`), and the container."""

    brokers: str
    plain: str
    container: DockerContainer


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def secured_kafka() -> Iterator[SecuredKafka]:
    """Starts it, and removes it in the end."""
    login, plain = free_port(), free_port()
    started = LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(300)
    container = DockerContainer(_IMAGE).with_command(_COMMAND).waiting_for(started)
    # `with_bind_ports` would open them to the network.
    ports: dict[str, Any] = {"9092/tcp": ("127.0.0.1", login), "9094/tcp": ("127.0.0.1", plain)}
    container.ports = ports
    for name, value in _environment(login, plain).items():
        container.with_env(f"KAFKA_{name}", value)
    with container:
        yield SecuredKafka(f"127.0.0.1:{login}", f"127.0.0.1:{plain}", container)


def _environment(login: int, plain: int) -> dict[str, str]:
    return {
        "HEAP_OPTS": "-Xms256m -Xmx512m",
        # It lives for a minute: what the better compiler gains is less than it costs.
        "OPTS": "-XX:TieredStopAtLevel=1",
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "CONTROLLER_QUORUM_VOTERS": "1@127.0.0.1:9093",
        "LISTENERS": "CLIENT://:9092,LOCAL://127.0.0.1:9095,PLAIN://:9094,CONTROLLER://127.0.0.1:9093",
        "ADVERTISED_LISTENERS": f"CLIENT://127.0.0.1:{login},LOCAL://127.0.0.1:9095,PLAIN://127.0.0.1:{plain}",
        "LISTENER_SECURITY_PROTOCOL_MAP": "CLIENT:SASL_PLAINTEXT,LOCAL:PLAINTEXT,PLAIN:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "INTER_BROKER_LISTENER_NAME": "LOCAL",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "SASL_ENABLED_MECHANISMS": "SCRAM-SHA-512",
        "LISTENER_NAME_CLIENT_SCRAM___SHA___512_SASL_JAAS_CONFIG": _LOGIN_MODULE,
        "AUTHORIZER_CLASS_NAME": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "ALLOW_EVERYONE_IF_NO_ACL_FOUND": "false",
        "SUPER_USERS": "User:admin;User:ANONYMOUS",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
    }
