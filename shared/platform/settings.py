"""Settings: environment variables `LOTSE_*`, read and checked once at start, in one list."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

BrokerProfile = Literal["kafka", "tansu"]
ClockMode = Literal["wall", "manual"]

#: Port of each process's HTTP server (contract §7).
PORTS = {
    "gateway": 8080,
    "coordinator": 8081,
    "intake": 8082,
    "recognition": 8083,
    "childcare": 8084,
    "language": 8085,
    "outreach": 8086,
    "clock": 8087,
}


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it, what was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its default (None: must be given where it is needed) and its meaning."""

    name: str
    default: str | None
    meaning: str


SETTINGS = (
    Setting("LOTSE_BROKERS", "localhost:9092", "bootstrap servers of Kafka, separated by commas"),
    Setting(
        "LOTSE_BROKER_PROFILE",
        "kafka",
        "`kafka`, or `tansu` for the embedded broker",
    ),
    Setting("LOTSE_BROKER_USER", "", "user at the broker (SCRAM-SHA-512); empty: no login, as on the embedded broker"),
    Setting("LOTSE_BROKER_PASSWORD_FILE", "", "file with the password of that user"),
    Setting(
        "LOTSE_DATABASE_URL",
        None,
        "PostgreSQL of this service, with its password unless a file has it; role and database are both "
        "`lotse_<service>`",
    ),
    Setting("LOTSE_DATABASE_PASSWORD_FILE", "", "file with the password of the database's role"),
    Setting(
        "LOTSE_SECRETS_FOLDER", "secrets", "folder with the passwords of a region (`lotse region`, `lotse institution`)"
    ),
    Setting(
        "LOTSE_LOGIN_BROKERS",
        "",
        "where `lotse region provision` tries the logins; default: LOTSE_BROKERS, or localhost:9092 where the "
        "administrator needs no login",
    ),
    Setting(
        "LOTSE_POSTGRES_HOST", "localhost", "PostgreSQL in which `lotse region provision` makes roles and databases"
    ),
    Setting("LOTSE_POSTGRES_PORT", "5432", "its port"),
    Setting("LOTSE_INSTITUTIONS", "deploy/institutions.yaml", "the institutions file"),
    Setting("LOTSE_PARTITIONS", "6", "partitions of every topic; `clock.days` has one"),
    Setting("LOTSE_HTTP_PORT", None, "port of health, metrics and API; default: the service's own (contract §7)"),
    Setting("LOTSE_HTTP_HOST", "127.0.0.1", "address that the HTTP server listens on"),
    Setting("LOTSE_COORDINATOR_URL", "http://localhost:8081", "where the command line finds the read API"),
    Setting("LOTSE_LOG_LEVEL", "info", "`debug`, `info`, `warning` or `error`"),
    Setting(
        "LOTSE_BATCH_RECORDS",
        "40000",
        "most records of a batch; it is as large as the lag, up to this",
    ),
    Setting("LOTSE_BATCH_BYTES", "8388608", "most bytes fetched of one partition at a time"),
    Setting("LOTSE_UPKEEP_HOURS", "24", "hours between two runs of anti-entropy"),
    Setting(
        "LOTSE_CLOCK", "wall", "`wall`: the days of Europe/Berlin begin by themselves; `manual`: when they are told to"
    ),
)
#: What is never shown.
_SECRET = ("broker_password", "database_url")
_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Settings:
    """What one process was told. `database_url` is empty for processes without a database."""

    service: str
    brokers: str
    broker_profile: BrokerProfile
    broker_user: str
    broker_password: str
    database_url: str
    institutions: str
    partitions: int
    http_port: int
    http_host: str
    coordinator_url: str
    log_level: str
    batch_records: int
    batch_bytes: int
    upkeep_hours: float
    clock: ClockMode

    def __repr__(self) -> str:
        """Never shows a password."""
        shown = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _SECRET}
        return f"Settings({shown})"


def load_settings(service: str, environment: Mapping[str, str] | None = None) -> Settings:
    """Reads and checks the settings of a service. Raises SettingsError that names the variable and what is allowed."""
    given = os.environ if environment is None else environment
    profile = _text(given, "LOTSE_BROKER_PROFILE")
    if profile not in ("kafka", "tansu"):
        raise SettingsError(f"LOTSE_BROKER_PROFILE is {profile!r}; allowed are kafka and tansu.")
    level = _text(given, "LOTSE_LOG_LEVEL")
    if level not in ("debug", "info", "warning", "error"):
        raise SettingsError(f"LOTSE_LOG_LEVEL is {level!r}; allowed are debug, info, warning and error.")
    clock = _text(given, "LOTSE_CLOCK")
    if clock not in ("wall", "manual"):
        raise SettingsError(f"LOTSE_CLOCK is {clock!r}; allowed are wall and manual.")
    return Settings(
        service=service,
        brokers=_text(given, "LOTSE_BROKERS"),
        broker_profile=profile,  # type: ignore[arg-type]
        broker_user=_text(given, "LOTSE_BROKER_USER"),
        broker_password=_broker_password(given),
        database_url=_database_url(given),
        institutions=_text(given, "LOTSE_INSTITUTIONS"),
        partitions=_number(given, "LOTSE_PARTITIONS", int, 1, 1000),
        http_port=_number(given, "LOTSE_HTTP_PORT", int, 0, 65535, str(PORTS.get(service, 8090))),
        http_host=_text(given, "LOTSE_HTTP_HOST"),
        coordinator_url=_text(given, "LOTSE_COORDINATOR_URL"),
        log_level=level,
        batch_records=_number(given, "LOTSE_BATCH_RECORDS", int, 1, 200_000),
        batch_bytes=_number(given, "LOTSE_BATCH_BYTES", int, 65_536, 1 << 28),
        upkeep_hours=_number(given, "LOTSE_UPKEEP_HOURS", float, 0.001, 1000),
        clock=clock,  # type: ignore[arg-type]
    )


def require_database(settings: Settings) -> str:
    """The database's URL. Raises SettingsError when none was given."""
    if not settings.database_url:
        raise SettingsError(
            f"LOTSE_DATABASE_URL is missing; {settings.service} keeps its state in PostgreSQL, "
            f"for example postgresql://lotse_{settings.service}:…@localhost/lotse_{settings.service}."
        )
    return settings.database_url


def read_secret(name: str, path: str) -> str:
    """The one line of a secret's file. Raises SettingsError that names the setting; the content is never shown."""
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{name} is {path!r}, which cannot be read ({type(error).__name__}).") from None
    if not text:
        raise SettingsError(f"{name} is {path!r}, which is empty; a password is needed in it.")
    return text


def _broker_password(given: Mapping[str, str]) -> str:
    user, path = _text(given, "LOTSE_BROKER_USER"), _text(given, "LOTSE_BROKER_PASSWORD_FILE")
    if bool(user) != bool(path):
        raise SettingsError("LOTSE_BROKER_USER and LOTSE_BROKER_PASSWORD_FILE belong together; one of them is missing.")
    return read_secret("LOTSE_BROKER_PASSWORD_FILE", path) if path else ""


def _database_url(given: Mapping[str, str]) -> str:
    url, path = given.get("LOTSE_DATABASE_URL", ""), _text(given, "LOTSE_DATABASE_PASSWORD_FILE")
    if not url or not path:
        return url
    parts = urlsplit(url)
    if parts.password or not parts.username:
        raise SettingsError(
            "LOTSE_DATABASE_URL must name a role and no password where LOTSE_DATABASE_PASSWORD_FILE is given."
        )
    password = quote(read_secret("LOTSE_DATABASE_PASSWORD_FILE", path), safe="")
    place = parts.netloc.rsplit("@", 1)[1]
    return parts._replace(netloc=f"{parts.username}:{password}@{place}").geturl()


def _text(given: Mapping[str, str], name: str) -> str:
    value = given.get(name) or _DEFAULTS[name]
    assert value is not None, name
    return value


def _number(given: Mapping[str, str], name: str, kind: type, low: float, high: float, default: str = "") -> Any:
    text = given.get(name) or _DEFAULTS[name] or default
    try:
        value = kind(text)
    except ValueError:
        raise SettingsError(f"{name} is {text!r}; a number from {low} to {high} is needed.") from None
    if not low <= value <= high:
        raise SettingsError(f"{name} is {text}; allowed is {low} to {high}.")
    return value
