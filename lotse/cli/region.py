"""`lotse region`: the passwords, topics, users, rights and databases of a region on Kafka and PostgreSQL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lotse.cli.institutions import read_institutions
from lotse.cli.out import answer, option, plain_table, table, tell, tell_aside, tell_json
from lotse.cli.where import Kafka, kafka, secrets_folder
from lotse.region.broker import Broker
from lotse.region.database import Server, provide
from lotse.region.errors import RegionError
from lotse.region.provision import Provisioned, Tell, probe, provision_broker
from lotse.region.rights import ADMIN, Wanted, wanted
from lotse.region.secrets import (
    admin_password,
    database_password,
    make_secrets,
    password_files,
    read_password,
    service_password,
    superuser_password,
)
from lotse.stack.services import WITHOUT_DATABASE, default_institutions
from shared.platform.access import institution_password
from shared.platform.services import known_services, reporting_services
from shared.platform.settings import SettingsError, load_settings

region = typer.Typer(
    no_args_is_help=True,
    help="Eine Region auf Kafka und PostgreSQL: Kennwörter, Topics, Rechte, Datenbanken. "
    "[dim]A region on Kafka and PostgreSQL.[/dim]",
)
Folder = Annotated[
    Path | None,
    option(
        "--folder",
        help="Ordner der Kennwörter; sonst LOTSE_SECRETS_FOLDER, sonst secrets | folder of the passwords",
    ),
]
AsJson = Annotated[bool, option("--json", help="Antwort als JSON | answer as JSON")]
BrokerOnly = Annotated[bool, option("--broker-only", help="nur der Broker, keine Datenbanken | no databases")]


@region.command()
def secrets(folder: Folder = None, as_json: AsJson = False) -> None:
    """Legt die fehlenden Kennwörter an; vorhandene bleiben. [dim]Makes the passwords that are missing.[/dim]"""
    place = folder or secrets_folder()
    file = default_institutions()
    names = [one.id for one in read_institutions(file).all]
    made = make_secrets(place, password_files(place, reporting_services(), names), file)
    if as_json:
        tell_json({"folder": str(place), "new": [str(path) for path in made.new], "all": made.all})
    else:
        tell(
            f"{made.all} Kennwörter in {place}, davon neu {len(made.new)}.",
            f"passwords, {len(made.new)} of them new.",
            mark="[green]●[/green] ",
        )


@region.command()
def provision(folder: Folder = None, broker_only: BrokerOnly = False, as_json: AsJson = False) -> None:
    """Macht Broker und Datenbanken so, wie die Institutionen-Datei es sagt. [dim]Makes all as the file says.[/dim]

    Beliebig wiederholbar. Am Ende meldet sich jeder Benutzer an und fragt den Broker, was er darf. [dim]It may be
    repeated; at the end each user logs in and asks the broker what it may do.[/dim]
    """
    progress: Tell = _silent if as_json else tell_aside
    place = folder or secrets_folder()
    at = kafka_of_region()
    want = wanted(read_institutions(at.institutions), reporting_services(), at.partitions)
    passwords = passwords_of(place, want)
    broker = Broker(at.access)
    broker.wait()
    done = provision_broker(broker, want, passwords, progress)
    probe(login_brokers(at), want, passwords)
    progress(
        f"Geprobt: {len(want.users)} Benutzer melden sich an und dürfen genau das Ihre",
        "each user logs in and may do exactly what is its own",
    )
    databases = () if broker_only else _databases(place, progress)
    _tell_done(done, databases, as_json)


def _databases(place: Path, progress: Tell) -> tuple[str, ...]:
    host, port = os.environ.get("LOTSE_POSTGRES_HOST") or "localhost", os.environ.get("LOTSE_POSTGRES_PORT") or "5432"
    if not port.isdecimal():
        raise RegionError(de=f"LOTSE_POSTGRES_PORT ist {port!r}, keine Zahl.", en="LOTSE_POSTGRES_PORT is no number.")
    server = Server(host, int(port), read_password(superuser_password(place)))
    services = [name for name in known_services() if name not in WITHOUT_DATABASE]
    passwords = {name: read_password(database_password(place, name)) for name in services}
    changed = asyncio.run(provide(server, passwords))
    progress(f"Datenbanken: {len(services)}, geändert {len(changed)}", f"databases, {len(changed)} changes")
    return changed


def _tell_done(done: Provisioned, databases: tuple[str, ...], as_json: bool) -> None:
    if as_json:
        tell_json({**asdict(done), "databases": databases})
    elif done.changed or databases:
        tell("Die Region ist eingerichtet.", "The region is provisioned.", mark="[green]●[/green] ")
    else:
        tell("Alles war schon so.", "Nothing had to be changed.", mark="[green]●[/green] ")


@region.command()
def show(as_json: AsJson = False) -> None:
    """Zeigt Benutzer, Topics und Rechte, wie die Datei sie verlangt. [dim]What the institutions file asks for.[/dim]"""
    want = wanted(read_institutions(default_institutions()), reporting_services(), _partitions())
    if as_json:
        topics = [
            {"name": name, "partitions": number, "configuration": configuration}
            for name, number, configuration in want.topics
        ]
        tell_json({"users": want.users, "topics": topics, "rights": [asdict(right) for right in want.rights]})
        return
    rights = table("Benutzer | user", "darf | may", "was | what", "Name | name")
    for right in want.rights:
        star = "*" if right.pattern == "prefixed" else ""
        rights.add_row(right.user, right.operation, right.resource, f"{right.name}{star}")
    answer.print(rights)
    topics_table = plain_table(2)
    for name, number, _ in want.topics:
        topics_table.add_row(name, f"{number}")
    answer.print(topics_table)


def _partitions() -> int:
    try:
        return load_settings("cli").partitions
    except SettingsError as error:
        raise RegionError(de=f"Eine Einstellung ist falsch: {error}", en=str(error)) from None


def kafka_of_region() -> Kafka:
    """The broker that users and rights are kept at. Raises RegionError for the embedded one, which has neither."""
    at = kafka()
    if at.access.profile != "kafka":
        raise RegionError(
            de="Der eingebettete Broker (`lotse up`) kennt weder Benutzer noch Rechte; Topics legt dort "
            "`lotse topics create` an. Für eine Region auf Kafka: `docker compose up --wait -d`, oder setzen Sie "
            "LOTSE_BROKERS.",
            en="The embedded broker (`lotse up`) knows neither users nor rights; `lotse topics create` makes topics. "
            "For a region on Kafka: `docker compose up --wait -d`, or set LOTSE_BROKERS.",
        )
    return at


def login_brokers(at: Kafka) -> str:
    """Where users log in: as the administrator does, or, where that one needs no login, beside it."""
    return os.environ.get("LOTSE_LOGIN_BROKERS") or (at.access.brokers if at.access.user else "localhost:9092")


def passwords_of(place: Path, want: Wanted) -> Mapping[str, str]:
    """The password of each user, and the administrator's. Raises RegionError for one that is missing."""
    services = set(known_services()) | set(reporting_services())
    files = {
        user: service_password(place, user) if user in services else institution_password(place, user)
        for user in want.users
    }
    return {user: read_password(file) for user, file in {ADMIN: admin_password(place), **files}.items()}


def _silent(_de: str, _en: str) -> None:
    """A program reads the answer at the end."""
