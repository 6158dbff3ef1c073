"""`lotse region` and `lotse institution` as far as they need no broker: passwords, what the file asks for, errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal


async def test_passwords_are_made_once(nowhere: Terminal, tmp_path: Path) -> None:
    """The second run makes none; the passwords themselves are never shown."""
    folder = tmp_path / "secrets"
    first = json.loads((await nowhere("region", "secrets", "--folder", str(folder), "--json")).out)
    assert len(first["new"]) == first["all"] > 30
    second = await nowhere("region", "secrets", LOTSE_SECRETS_FOLDER=str(folder))
    assert second.code == 0 and "davon neu 0" in second.out
    password = (folder / "admin" / "broker-password").read_text(encoding="utf-8").strip()
    assert password and password not in second.out + second.err


async def test_what_the_file_asks_for_is_shown(nowhere: Terminal) -> None:
    """Without a broker: users, topics and rights, for a person and for a program."""
    asked = json.loads((await nowhere("region", "show", "--json", LOTSE_PARTITIONS="3")).out)
    assert {"coordinator", "clock", "intake", "ihk-fosa"} <= set(asked["users"])
    topics = {topic["name"]: topic for topic in asked["topics"]}
    assert topics["receipts.ihk-fosa"]["partitions"] == 3 and topics["clock.days"]["partitions"] == 1
    assert {
        "user": "ihk-fosa",
        "resource": "group",
        "name": "ihk-fosa.",
        "pattern": "prefixed",
        "operation": "read",
    } in asked["rights"]
    said = await nowhere("region", "show")
    assert "inbound.recognition.ihk-fosa" in said.out and "ihk-fosa.*" in said.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("region", "provision"),
        ("institution", "list"),
        ("institution", "add", "vhs-neuss"),
        ("institution", "suspend", "vhs-neuss"),
        ("institution", "rotate", "vhs-neuss"),
    ],
)
async def test_what_a_region_needs_is_told(nowhere: Terminal, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Where nothing runs, how to start something; at the embedded broker, that it knows no users; no traceback."""
    nothing = {"LOTSE_SECRETS_FOLDER": str(tmp_path / "nothing")}
    said = await nowhere(*arguments, **nothing)
    assert said.code == 1 and "docker compose up" in said.err and "Traceback" not in said.err
    embedded = {"LOTSE_BROKERS": "127.0.0.1:1", "LOTSE_BROKER_PROFILE": "tansu"}
    said = await nowhere(*arguments, **nothing, **embedded)
    assert said.code == 1 and "kennt weder Benutzer noch Rechte" in said.err and "Traceback" not in said.err


async def test_a_missing_password_is_told_before_anything_is_done(nowhere: Terminal, tmp_path: Path) -> None:
    """With the command that makes it."""
    said = await nowhere("region", "provision", LOTSE_BROKERS="127.0.0.1:1", LOTSE_SECRETS_FOLDER=str(tmp_path))
    assert said.code == 1 and "admin/broker-password" in said.err and "lotse region secrets" in said.err


async def test_a_wrong_number_of_partitions_is_told(nowhere: Terminal) -> None:
    """As everywhere: the setting and what is allowed."""
    said = await nowhere("region", "show", LOTSE_PARTITIONS="many")
    assert said.code == 1 and "LOTSE_PARTITIONS" in said.err and "Traceback" not in said.err


async def test_an_institution_of_a_wrong_name_is_told(nowhere: Terminal, tmp_path: Path) -> None:
    """A file in which somebody gave an institution the name of a service is refused as a whole."""
    file = tmp_path / "institutions.yaml"
    file.write_text(
        'region: {name: X, land: NW, ags: ["05116000"]}\n'
        "institutions:\n- {id: intake, name: A, kind: jobcenter, services: [intake]}\n",
        encoding="utf-8",
    )
    said = await nowhere("region", "show", LOTSE_INSTITUTIONS=str(file))
    assert said.code == 1 and "`intake` is taken by Lotse itself" in said.err and "Traceback" not in said.err
