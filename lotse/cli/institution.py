"""`lotse institution`: who may report, while the region runs. Nothing has to be restarted for a new one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from lotse.cli.institutions import read_institutions, require_institution
from lotse.cli.out import answer, argument, option, plain_table, table, tell, tell_json
from lotse.cli.region import AsJson, kafka_of_region, login_brokers
from lotse.cli.where import secrets_folder
from lotse.region import members
from lotse.region.broker import Broker
from lotse.region.errors import RegionError
from lotse.region.members import Member, Office
from shared.contracts.institutions import Institution, Institutions
from shared.platform.access import MECHANISM, institution_password
from shared.platform.services import reporting_services

institution = typer.Typer(
    no_args_is_help=True,
    help="Wer melden darf: aufnehmen, auflisten, sperren, neues Kennwort. [dim]Who may report.[/dim]",
)
Id = Annotated[
    str,
    argument(help="Kennung, so heißt sie in Topics und in `source` | its name in topics and in `source`", metavar="ID"),
]
Name = Annotated[str, option("--name", help="Name, wie ihn Menschen kennen | the name that people know")]
Kind = Annotated[str, option("--kind", help="Art, z. B. jobcenter, chamber, course-provider | its kind")]
Service = Annotated[
    list[str] | None,
    option("--service", help="Dienst, an den sie meldet; mehrmals möglich | a service that it reports to"),
]
Land = Annotated[str, option("--land", help="Land ihres Sitzes, sonst das der Region | Land of its seat")]

_STATES = {
    "active": ("aktiv", "active"),
    "suspended": ("gesperrt", "suspended"),
    "user-missing": ("Benutzer fehlt", "user missing"),
    "rights-differ": ("Rechte anders", "rights differ"),
    "topics-missing": ("Topics fehlen", "topics missing"),
    "still-has-access": ("gesperrt, hat aber noch Zugang", "suspended, still has access"),
}


@institution.command()
def add(
    id_: Id, name: Name = "", kind: Kind = "", service: Service = None, land: Land = "", as_json: AsJson = False
) -> None:
    """Nimmt eine Institution auf oder hebt ihre Sperre auf. [dim]Adds an institution, or revives it.[/dim]

    Trägt sie in die Institutionen-Datei ein, legt Topics, Benutzer, Kennwort und Rechte an und probt sie; nichts muss
    neu gestartet werden. Für eine, die schon eingetragen ist, genügt die Kennung. [dim]Writes the entry, makes topics,
    user, password and rights, and tries them; nothing has to be restarted. For a listed one the id is enough.[/dim]
    """
    office = _office()
    wanted = _wanted(read_institutions(office.file), id_, name, kind, service or [], land)
    member, new = members.add(office, wanted)
    if as_json:
        tell_json({**_as_json(member), "new": new, "brokers": office.logins, "passwordFile": str(_password(id_))})
        return
    how = ("aufgenommen", "added") if new else ("bereit", "ready")
    tell(f"{wanted.name} ({id_}) ist {how[0]}.", f"is {how[1]}; nothing had to be restarted.", mark="[green]●[/green] ")
    _tell_access(member, office.logins)


def _wanted(listed: Institutions, id_: str, name: str, kind: str, services: list[str], land: str) -> Institution:
    """What is to be in the file: what was given, and for a listed institution what stands there."""
    known = listed.get(id_)
    if known is None and not (name and kind and services):
        raise RegionError(
            de=f"{id_} ist neu. Nennen Sie --name, --kind und mindestens ein --service "
            f"({', '.join(reporting_services())}).",
            en=f"{id_} is new. Give --name, --kind and at least one --service.",
        )
    base = known or Institution(id_, name, kind, frozenset(services))
    given: dict[str, Any] = {"name": name, "kind": kind, "services": frozenset(services), "land": land}
    return replace(base, suspended=False, **{field: value for field, value in given.items() if value})


def _tell_access(member: Member, brokers: str) -> None:
    """What the institution's programmer needs, the password's place instead of itself."""
    one = member.one
    told = plain_table(2)
    told.add_row("Broker", brokers)
    told.add_row("Benutzer [dim](user)[/dim]", f"{one.id}, {MECHANISM}, SASL_PLAINTEXT")
    told.add_row("Kennwort [dim](password)[/dim]", str(_password(one.id)))
    told.add_row("meldet an [dim](reports to)[/dim]", "\n".join(member.topics[:-1]))
    told.add_row("Quittungen [dim](receipts)[/dim]", member.topics[-1])
    told.add_row("Gruppen [dim](groups)[/dim]", f"{one.id}.*")
    answer.print(told)
    tell("Zum Ausprobieren:", "To try it:")
    for line in kcat_lines(member, brokers):
        answer.print(line, markup=False)
    tell(
        "kcat braucht librdkafka 2.6.1 oder neuer (`kcat -V`); wie man dazu kommt, steht in docs/onboarding.md.",
        "kcat needs librdkafka 2.6.1 or newer; docs/onboarding.md says how to get it.",
    )


def kcat_lines(member: Member, brokers: str) -> tuple[str, ...]:
    """How to read the receipts and send a report with kcat; the password stays in its file."""
    one = member.one
    login = (
        f"kcat -b {brokers} -X security.protocol=SASL_PLAINTEXT -X sasl.mechanism={MECHANISM} "
        f'-X sasl.username={one.id} -X sasl.password="$(cat {_password(one.id)})"'
    )
    return f"{login} -C -t {member.topics[-1]} -o beginning", f"{login} -P -t {member.topics[0]} report.json"


@institution.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """Zeigt alle Institutionen und wie sie beim Broker stehen. [dim]All institutions and their state.[/dim]"""
    office = _office()
    found = members.list_members(office.broker, read_institutions(office.file))
    if as_json:
        tell_json([_as_json(member) for member in found])
        return
    shown = table("Kennung | id", "Name | name", "Art | kind", "meldet an | reports to", "Stand | state")
    for member in found:
        de, en = _STATES[member.state]
        mark = "green" if member.state == "active" else "yellow" if member.state == "suspended" else "red"
        one = member.one
        services = ", ".join(sorted(one.services))
        shown.add_row(one.id, one.name, one.kind, services, f"[{mark}]●[/{mark}] {de} [dim]{en}[/dim]")
    answer.print(shown)


@institution.command()
def suspend(id_: Id, as_json: AsJson = False) -> None:
    """Sperrt eine Institution sofort, auch ihre offenen Verbindungen. [dim]Locks an institution out at once.[/dim]

    Was sie gemeldet hat, bleibt gültig; ihre Topics bleiben. `lotse institution add ID` hebt die Sperre auf.
    [dim]What it reported stays valid. `lotse institution add ID` revives it.[/dim]
    """
    office = _office()
    require_institution(read_institutions(office.file), id_)
    member = members.suspend(office, id_)
    if as_json:
        tell_json(_as_json(member))
        return
    tell(
        f"{member.one.name} ist gesperrt. Was sie gemeldet hat, bleibt gültig.",
        "is suspended. What it reported stays valid.",
        mark="[yellow]●[/yellow] ",
    )


@institution.command()
def rotate(id_: Id, as_json: AsJson = False) -> None:
    """Gibt einer Institution ein neues Kennwort und zeigt es einmal. [dim]A new password, shown once.[/dim]

    Das alte gilt sofort nicht mehr; wer damit noch verbunden ist, bleibt es, bis die Verbindung endet. [dim]The old one
    is refused at once; connections made with it last until they end.[/dim]
    """
    office = _office()
    require_institution(read_institutions(office.file), id_)
    password = members.rotate(office, id_)
    if as_json:
        tell_json({"id": id_, "password": password, "passwordFile": str(_password(id_))})
        return
    tell(f"Neues Kennwort von {id_}: {password}", "the new password", mark="[green]●[/green] ")
    tell(f"Es steht auch in {_password(id_)}. Das alte wird abgelehnt.", "The file has it, too; the old is refused.")


def _office() -> Office:
    """The region that runs, as its administrator. Raises RegionError and NothingRuns."""
    at = kafka_of_region()
    broker = Broker(at.access)
    broker.wait()
    return Office(broker, login_brokers(at), at.institutions, secrets_folder(), at.partitions)


def _password(id_: str) -> Path:
    return institution_password(secrets_folder(), id_)


def _as_json(member: Member) -> dict[str, Any]:
    one = member.one
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "land": one.land,
        "services": sorted(one.services),
        "state": member.state,
        "topics": list(member.topics),
    }
