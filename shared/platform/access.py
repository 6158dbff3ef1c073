"""How a client gets to the broker: where it is, what it must know of it, and who the client is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from faststream.security import SASLScram512

from shared.platform.settings import BrokerProfile, Settings, read_secret

#: Institutions and services log in so; no password ever crosses the wire.
MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class Access:
    """Bootstrap servers, and the user to log in as; without a user the connection is plain (embedded broker)."""

    brokers: str
    profile: BrokerProfile = "kafka"
    user: str = ""
    password: str = field(default="", repr=False)

    def options(self) -> dict[str, Any]:
        """The arguments of every aiokafka client."""
        if not self.user:
            return {"bootstrap_servers": self.brokers}
        return {
            "bootstrap_servers": self.brokers,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }

    def security(self) -> SASLScram512 | None:
        """The same for FastStream."""
        return SASLScram512(username=self.user, password=self.password, use_ssl=False) if self.user else None


#: The access with which an institution's records are sent and its receipts read.
Login = Callable[[str], Access]


def institution_password(secrets: Path, institution: str) -> Path:
    """The file with an institution's password, in the secrets folder of a region."""
    return secrets / "institutions" / institution / "broker-password"


def logins(access: Access, secrets: Path | None) -> Login:
    """Each institution's own access, by the passwords in the secrets folder; without a folder all share `access`.

    The result raises SettingsError for an institution whose password is not there.
    """

    def login(institution: str) -> Access:
        if secrets is None:
            return access
        password = read_secret("the password", str(institution_password(secrets, institution)))
        return replace(access, user=institution, password=password)

    return login


def access_of(settings: Settings) -> Access:
    """The access that a process was given."""
    return Access(settings.brokers, settings.broker_profile, settings.broker_user, settings.broker_password)
