"""docker-compose.yml keeps its promises: nobody is root, nobody writes where it may not, no door is open for nothing.

The running region is asked wherever it can be: what a file says and what the engine made of it are two things.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from lotse.stack.services import ROOT, WITHOUT_DATABASE
from shared.platform.services import reporting_services
from tests.containers.region import PROCESSES, Region, run
from tests.support.eventually import eventually

log = logging.getLogger(__name__)

USER = "10001:10001"
#: Containers of the image of Lotse that end by themselves.
ONE_SHOT = ("secrets", "provision")
OTHERS = ("kafka", "postgres", "prometheus")
WITH_DATABASE = tuple(name for name in PROCESSES if name not in WITHOUT_DATABASE)
#: What a machine may take that does much else besides; on a quiet one it is measured and told.
_START_SECONDS = 180

#: Said by a process inside a container about itself.
_ASK_ITSELF = """
id -u; id -g
grep -E '^(CapEff|NoNewPrivs):' /proc/self/status
for place in / /app /etc/lotse /run/secrets /usr/local/bin; do
    touch "$place/written" 2>/dev/null && echo "writes $place"
done
ls /run/secrets
"""
#: Tries to log in at PostgreSQL as each given `<user>@<database>`, says what the server answers.
_TRY_DATABASES = """
import asyncio, asyncpg, json, sys
from pathlib import Path
password = Path("/run/secrets/database-password").read_text().strip()
async def attempt(place):
    user, database = place.split("@")
    try:
        connection = await asyncpg.connect(host="postgres", user=user, database=database, password=password, timeout=30)
    except asyncpg.PostgresError as error:
        return type(error).__name__
    await connection.close()
    return "connected"
async def main():
    print(json.dumps({place: await attempt(place) for place in sys.argv[1:]}))
asyncio.run(main())
"""
#: Tries to open a port of the broker, says whether it is open.
_TRY_PORT = "if (exec 3<>/dev/tcp/kafka/$0) 2>/dev/null; then echo open; else echo shut; fi"


@pytest.fixture(scope="module")
def containers(region: Region) -> dict[str, dict[str, Any]]:
    """Everything that the engine knows of each container, by service."""
    names = (*PROCESSES, *ONE_SHOT, *OTHERS)
    told = json.loads(run(["docker", "inspect", *map(region.container, names)]))
    return dict(zip(names, told, strict=True))


def config(region: Region, file: str) -> dict[str, Any]:
    """docker-compose.yml with another file laid over it, all profiles, as compose understands it."""
    files = dict.fromkeys(("docker-compose.yml", file))
    named = [part for name in files for part in ("-f", str(ROOT / name))]
    told = run(
        ["docker", "compose", *named, "--profile", "*", "config", "--format", "json"], environment=region.environment
    )
    return dict(json.loads(told))


def inside(region: Region, service: str, *command: str) -> str:
    """What a command prints that runs in a service's container as the service does."""
    return region.compose("exec", "--no-TTY", service, *command)


def passwords(region: Region) -> Iterator[tuple[str, str]]:
    """Every password of the region, with its place."""
    for path in sorted(region.secrets.rglob("*-password")):
        yield str(path.relative_to(region.secrets)), path.read_text().strip()


def test_the_region_is_healthy_soon_after_the_first_start(region: Region) -> None:
    """From nothing, images being there: passwords, topics, users, rights, databases and all processes."""
    log.info("healthy after %.0f s", region.start_seconds)
    assert region.start_seconds < _START_SECONDS


def test_every_process_is_healthy_and_bounded(containers: Mapping[str, dict[str, Any]]) -> None:
    """Each has a limit of memory; each that stays has a health check that it passes, and is started again."""
    for name, told in containers.items():
        if name in ONE_SHOT:
            assert (told["State"]["Status"], told["State"]["ExitCode"]) == ("exited", 0), name
            continue
        assert told["HostConfig"]["Memory"] > 0, name
        assert told["Config"]["Healthcheck"]["Test"], name
        assert told["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped", name
        assert told["HostConfig"]["LogConfig"]["Config"]["max-size"], name


@pytest.mark.parametrize("service", PROCESSES)
def test_a_process_may_nothing_that_it_does_not_need(region: Region, service: str) -> None:
    """It is nobody, can become nobody else, writes nothing but /tmp, and sees its own passwords only."""
    uid, gid, privileges, capabilities, *rest = inside(region, service, "sh", "-c", _ASK_ITSELF).split("\n")
    told = dict(line.split(":\t") for line in (privileges, capabilities))
    assert (uid, gid) == tuple(USER.split(":"))
    assert (told["NoNewPrivs"], int(told["CapEff"], 16)) == ("1", 0)
    own = ["broker-password", *(["database-password"] if service in WITH_DATABASE else [])]
    assert [line for line in rest if line] == own


def test_containers_of_lotse_are_closed(region: Region, containers: Mapping[str, dict[str, Any]]) -> None:
    """No root but for making passwords, nothing writable, no capability, no folder of passwords but the own one."""
    for name in (*PROCESSES, *ONE_SHOT):
        told, host = containers[name]["Config"], containers[name]["HostConfig"]
        assert told["User"] == ("0:0" if name == "secrets" else USER), name
        assert host["ReadonlyRootfs"] and not host["Privileged"], name
        assert host["CapDrop"] == ["ALL"], name
        assert set(host["CapAdd"] or ()) == ({"CHOWN", "DAC_OVERRIDE", "FOWNER"} if name == "secrets" else set()), name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
    assert containers["secrets"]["HostConfig"]["NetworkMode"] == "none"
    allowed = {name: f"services/{name}" for name in PROCESSES} | {"postgres": "postgres"} | dict.fromkeys(ONE_SHOT, ".")
    for name, told in containers.items():
        mounted = {mount["Source"]: mount["RW"] for mount in told["Mounts"] if mount["Type"] == "bind"}
        secret = {source: mounted[source] for source in mounted if source.startswith(str(region.secrets))}
        expected = {str(region.secrets / allowed[name]): name == "secrets"} if name in allowed else {}
        assert secret == expected, name
        assert not any(writes for source, writes in mounted.items() if source not in secret), name
        assert not any("docker.sock" in source for source in mounted), name


def test_no_password_can_be_read_off_the_engine(region: Region, containers: Mapping[str, dict[str, Any]]) -> None:
    """Neither in the environment nor in a command or label; nor in the layers of the image."""
    found = list(passwords(region))
    assert len(found) > 30
    text = json.dumps(containers)
    text += run(["docker", "history", "--no-trunc", "--format", "{{.CreatedBy}}", region.environment["LOTSE_IMAGE"]])
    assert [place for place, password in found if password in text] == []


def test_passwords_are_for_their_owner(region: Region) -> None:
    """The folder lets in its owner and the image's group; each password is another."""
    assert oct(region.secrets.stat().st_mode & 0o777) == "0o750"
    assert (region.secrets.stat().st_uid, region.secrets.stat().st_gid) == (ROOT.stat().st_uid, 10001)
    found = [password for _, password in passwords(region)]
    assert len(set(found)) == len(found)
    assert min(map(len, found)) >= 32


def test_images_have_a_version(region: Region) -> None:
    """What is started tomorrow is what was tested today."""
    images = {told["image"] for told in config(region, "docker-compose.dev.yml")["services"].values()}
    images -= {region.environment["LOTSE_IMAGE"]}
    images |= {line.split()[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("FROM ")}
    assert len(images) >= 5
    for image in images:
        version = image.partition(":")[2]
        assert version and version != "latest", image


@pytest.mark.parametrize(
    ("file", "more", "fewer"),
    [
        ("docker-compose.yml", set(), set()),
        ("docker-compose.dev.yml", {"postgres"}, set()),
        ("docker-compose.scale.yml", set(), set(reporting_services())),
    ],
)
def test_doors_open_to_this_machine_only(region: Region, file: str, more: set[str], fewer: set[str]) -> None:
    """Every published port is bound to the loopback address; the database has one for developers only, and of services
    that run more than once none has.
    """
    services = config(region, file)["services"]
    assert set(services) >= {*PROCESSES, *ONE_SHOT, *OTHERS, "grafana"}
    published = {name: told["ports"] for name, told in services.items() if told.get("ports")}
    assert all(port["host_ip"] == "127.0.0.1" for ports in published.values() for port in ports)
    assert set(published) == ({*PROCESSES, "kafka", "prometheus", "grafana"} | more) - fewer


def test_the_engine_opened_no_other_doors(containers: Mapping[str, dict[str, Any]]) -> None:
    """The same of what runs."""
    for name, told in containers.items():
        bound = told["HostConfig"]["PortBindings"] or {}
        assert {one["HostIp"] for ports in bound.values() for one in ports} <= {"127.0.0.1"}, name
    assert not containers["postgres"]["HostConfig"]["PortBindings"]


def test_the_broker_knows_nobody_without_a_login(region: Region) -> None:
    """The listener where `provision` makes the first users, and the controller's, end at the broker's own network."""
    doors = {port: inside(region, "intake", "bash", "-c", _TRY_PORT, port).strip() for port in ("9092", "9093", "9094")}
    assert doors == {"9092": "open", "9093": "shut", "9094": "shut"}


def test_no_service_is_a_superuser_of_the_database(region: Region) -> None:
    """A role for each service, none of which can do more than work with its own database."""
    rows = inside(
        region, "postgres", "psql", "-U", "postgres", "-Atc",
        "select rolname, rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls, rolcanlogin "
        "from pg_roles where rolname !~ '^pg_' order by 1",
    ).split()  # fmt: skip
    roles = [f"lotse_{service}|f|t" for service in sorted(WITH_DATABASE)]
    assert rows == [*roles, "postgres|t|t"]


def test_no_service_gets_into_the_database_of_another(region: Region) -> None:
    """Its own role is refused by every other database, and its own password by every other role."""
    foreign = [f"lotse_intake@{name}" for name in ("lotse_coordinator", "lotse_recognition", "postgres", "template1")]
    others = ["postgres@postgres", "lotse_coordinator@lotse_coordinator", "lotse_coordinator@lotse_intake"]
    places = ("lotse_intake@lotse_intake", *foreign, *others)
    assert json.loads(inside(region, "intake", "python", "-c", _TRY_DATABASES, *places)) == {
        "lotse_intake@lotse_intake": "connected",
        **dict.fromkeys(foreign, "InsufficientPrivilegeError"),
        **dict.fromkeys(others, "InvalidPasswordError"),
    }


def test_to_make_it_all_once_more_changes_nothing(region: Region) -> None:
    """Passwords, topics, users, rights, databases: what is right already stays as it is."""
    before = list(passwords(region))
    made = json.loads(region.compose("run", "--rm", "--no-deps", "secrets", "lotse", "region", "secrets", "--json"))
    assert made["new"] == []
    assert list(passwords(region)) == before
    done = json.loads(region.compose("run", "--rm", "--no-deps", "provision", "lotse", "region", "provision", "--json"))
    assert {name: found for name, found in done.items() if found} == {}


def test_a_process_that_ends_is_started_again_without_anybody(region: Region) -> None:
    """As after a failure of its own: it ends with an error, and is healthy a little later."""
    before = region.state("clock")["StartedAt"]
    inside(region, "clock", "sh", "-c", "kill 1")
    eventually("the clock was started again", lambda: region.state("clock")["StartedAt"] != before)
    eventually("the clock is healthy", lambda: region.state("clock")["Health"]["Status"] == "healthy")
