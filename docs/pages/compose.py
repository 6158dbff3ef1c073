"""The variables of docker-compose.yml as a table: their meaning from the list here, their defaults from the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pages.markdown import code, table

_ROOT = Path(__file__).resolve().parents[2]
FILES = ("docker-compose.yml", "docker-compose.dev.yml")
_VARIABLE = re.compile(r"\$\{(LOTSE_\w+):-([^}]*)\}")

MEANINGS = {
    "LOTSE_DEPLOY_FOLDER": "folder with the institutions file and files of Kafka, PostgreSQL, Prometheus and Grafana",
    "LOTSE_SECRETS_FOLDER": "folder with the passwords",
    "LOTSE_IMAGE": "the image of all Lotse processes; `docker compose build` makes it under this name",
    "LOTSE_KAFKA_PORT": "port of the broker on this machine; institutions' programs here and `lotse` connect to it",
    "LOTSE_COORDINATOR_PORT": "port of the read API",
    "LOTSE_INTAKE_PORT": "health and metrics of intake",
    "LOTSE_RECOGNITION_PORT": "of recognition",
    "LOTSE_CHILDCARE_PORT": "of childcare",
    "LOTSE_LANGUAGE_PORT": "of language",
    "LOTSE_OUTREACH_PORT": "of outreach",
    "LOTSE_CLOCK_PORT": "of the clock; with `LOTSE_CLOCK=manual` also where days are set",
    "LOTSE_PROMETHEUS_PORT": "port of Prometheus",
    "LOTSE_GRAFANA_PORT": "port of Grafana (`--profile grafana`)",
    "LOTSE_POSTGRES_PORT": "port of PostgreSQL, with docker-compose.dev.yml only",
    "LOTSE_CLOCK": "`wall`, or `manual` for a region of tests",
    "LOTSE_LOG_LEVEL": "of every Lotse process",
    "LOTSE_PARTITIONS": "partitions of every topic; to be chosen once, before the first start",
    "LOTSE_KAFKA_CLUSTER": "id of the Kafka cluster; it belongs to the data in the volume",
    "LOTSE_KAFKA_HEAP": "heap of the broker's JVM",
    "LOTSE_KAFKA_MEMORY": "memory limit of the broker; heap and page cache must fit",
    "LOTSE_POSTGRES_MEMORY": "memory limit of PostgreSQL; `shared_buffers` in deploy/postgres/postgresql.conf must fit",
    "LOTSE_SERVICE_MEMORY": "memory limit of each reporting service and the clock",
    "LOTSE_COORDINATOR_MEMORY": "memory limit of the coordinator",
    "LOTSE_PROMETHEUS_MEMORY": "memory limit of Prometheus",
    "LOTSE_PROMETHEUS_RETENTION": "how long Prometheus keeps figures; 45 days or more, for the rhythm of institutions",
    "LOTSE_GRAFANA_MEMORY": "memory limit of Grafana",
}


def variables() -> Iterator[tuple[str, str]]:
    """Each variable of the compose files and its default, as often as it occurs."""
    for name in FILES:
        yield from _VARIABLE.findall((_ROOT / name).read_text(encoding="utf-8"))


def compose_table() -> str:
    """The variables in the order of the list above."""
    defaults = dict(variables())
    return table(
        ("variable", "default", "meaning"),
        [(code(name), code(defaults[name]), meaning) for name, meaning in MEANINGS.items()],
    )
