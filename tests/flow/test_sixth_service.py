"""The whole line with a sixth service: the program with one more folder among its services, nothing else touched."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from lotse.stack.control import StackFile, read_file
from shared.contracts.board import BARRIERS
from shared.contracts.verdicts import verdict_of
from tests.contract.documents import ROOT, page
from tests.stack.processes import working_in
from tests.support.eventually import eventually
from tests.support.sixth import FOLDER, INSTITUTIONS, OFFICE

PROGRAM = ("lotse", "services", "shared", "deploy")
CASE, READY = "5f0d4c1b-7a36-4e92-8d15-2b90c7e6a3f4", "a94b7d20-61c8-4f3e-9b52-d07e18c3f6a5"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with the folder laid among its services; the region's institutions have one more."""
    root = tmp_path_factory.mktemp("sixth")
    for name in PROGRAM:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(FOLDER, root / "services/housing", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "deploy/institutions.yaml").write_text(INSTITUTIONS, encoding="utf-8")
    return root


def test_the_folder_passes_the_checks_of_a_service(copy: Path) -> None:
    """Strict types, and the arrows between the layers."""
    for command in (("mypy", "services/housing"), ("importlinter.cli",)):
        done = subprocess.run(
            [sys.executable, "-m", *command], cwd=copy, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr


class Region:
    """A running `lotse up` of the copy."""

    def __init__(self, root: Path, environment: Mapping[str, str], stack: StackFile) -> None:
        self.root, self.environment, self.stack = root, environment, stack

    def publish(self, *events: Mapping[str, Any]) -> list[str]:
        """Publishes reports; returns the code of each one's receipt."""
        told = self.command("publish", "-", text="\n".join(map(json.dumps, events)))
        return [one["receipt"]["code"] for one in told["published"]]

    def command(self, *arguments: str, text: str = "") -> Any:
        """What a command of `lotse` answers as JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "lotse", *arguments, "--json"],
            input=text, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def ask(self, path: str) -> Any:
        """What the read API answers, None while it does not know."""
        answer = httpx.get(f"{self.stack.urls['coordinator']}{path}", timeout=10)
        return answer.json() if answer.status_code == 200 else None


@pytest.fixture(scope="module")
def region(copy: Path) -> Iterator[Region]:
    """All services in processes of their own, with broker and database; ended with Ctrl-C, without a process left."""
    control = copy / "stack.json"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("LOTSE_", "PYTHONPATH"))}
    environment = {**clean, "LOTSE_STACK": str(control)}
    with (copy / "up.log").open("wb") as log:
        up = subprocess.Popen(
            [sys.executable, "-m", "lotse", "up", "--free-ports"],
            cwd=copy, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        eventually("`lotse up` is ready", lambda: read_file(control) or up.poll() is not None)
        stack = read_file(control)
        assert stack is not None, (copy / "up.log").read_text()
        yield Region(copy, environment, stack)
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
        assert not working_in(stack.folder)
    finally:
        up.kill()
        up.wait()


def told(case: str, service: str, fact: str, day: str, **data: Any) -> dict[str, Any]:
    """A report as an institution sends it."""
    office = OFFICE if service == "housing" else "jobcenter-neuss"
    return {
        "specversion": "1.0",
        "id": f"{case[:8]}-{fact}-{'-'.join(map(str, data.values()))}",
        "source": f"/{office}",
        "type": f"lotse.{service}.{fact}.v1",
        "subject": case,
        "time": f"{day}T09:00:00Z",
        "datacontenttype": "application/json",
        "data": {"occurredOn": day, **data},
    }


def test_it_runs_in_the_line(region: Region) -> None:
    """Reports get receipts, the fifth barrier stands on the board, the read API filters by it, its history counts."""
    opened = {"ags": "05162024", "statusClass": "temporary-protection", "benefitCarrier": "jobcenter"}
    absent = [
        told(case, "intake", "barrier-declared-absent", "2025-01-07", barrier=barrier)
        for case in (CASE, READY)
        for barrier in BARRIERS
    ]
    searching = [
        told(CASE, "housing", "search-begun", "2025-01-10", searchId="s-1", ags="05162024"),
        told(CASE, "housing", "assurance-requested", "2025-02-03", searchId="s-1"),
    ]
    codes = region.publish(
        *(told(case, "intake", "case-opened", "2025-01-06", **opened) for case in (CASE, READY)),
        *absent,
        *searching,
        told(CASE, "housing", "home-lost", "2025-03-03", searchId="s-1"),
        told(CASE, "housing", "search-begun", "2025-01-10", searchId="s-2"),
    )
    assert {verdict_of(code) for code in codes[:-2]} == {"accepted"}
    assert codes[-2:] == ["fact.implausible", "data.invalid"]
    filtered = "/v1/cases?barrier=housing&status=in-progress&stalled=true&turn=competent-body&onlyBarrier=housing"
    eventually("housing alone is stalled", lambda: (region.ask(filtered) or {"items": []})["items"])
    (found,) = region.ask(filtered)["items"]
    assert (found["caseId"], found["stage"], found["openBarriers"]) == (CASE, "clearing", ["housing"])
    assert list(found["barriers"]) == [*BARRIERS, "housing"]
    housing = found["barriers"]["housing"]
    assert (housing["since"], housing["dueOn"], housing["ruleId"]) == ("2025-01-10", "2025-03-03", "lotse:assurance")
    assert [row["caseId"] for row in region.command("cases", "--only-barrier", "housing")["items"]] == [CASE]
    eventually("the other case is ready", lambda: (region.ask(f"/v1/cases/{READY}") or {}).get("stage") == "ready")
    assert region.ask(f"/v1/cases/{READY}")["barriers"]["housing"]["status"] == "not-assessed"
    assert region.publish(told(CASE, "housing", "moved-in", "2025-05-05", searchId="s-1")) == ["ok"]
    eventually("the home counts", lambda: region.ask(f"/v1/cases/{CASE}")["stage"] == "ready")
    timeline = region.ask(f"/v1/cases/{CASE}/timeline")["items"]
    assert [one["type"] for one in timeline if one["service"] == "housing" and one["inForce"]] == [
        f"lotse.housing.{fact}.v1" for fact in ("search-begun", "assurance-requested", "moved-in")
    ]
    assert httpx.get(f"{region.stack.urls['housing']}/asyncapi", timeout=10).json()["info"]["title"] == "Lotse: housing"


def test_the_first_page_of_the_contract_is_followed_here_too(region: Region) -> None:
    """What it says to publish is published as it is, and accepted."""
    (file,) = re.findall(r"^lotse publish (\S+)$", page("contract/README.md"), re.M)
    told = region.command("publish", str(ROOT / file))["published"]
    assert [one["receipt"]["code"] for one in told] == ["ok"]
