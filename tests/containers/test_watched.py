"""A region is watched: Prometheus reads every process, every rule and every panel has something to say.

Nothing that an operator gets to see tells of a case, a person or a password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest_asyncio

from lotse.cli.institutions import read_institutions
from lotse.simulator import Simulation
from lotse.simulator.mistakes import MISTAKES, slips
from lotse.stack.services import ROOT
from shared.contracts.verdicts import CODES
from shared.platform.metrics import METRICS, UNKNOWN, UNLISTED
from tests.containers.dashboards import Answer, ask_dashboards, ask_rules, without_data
from tests.containers.load import assert_true, judge, next_simulation
from tests.containers.region import PROCESSES, Region, run
from tests.support.eventually import eventually
from tests.support.privacy import leaks, secrets_of
from tests.support.watching import queries, rules

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: What containers are read of: whatever has anything to do with reports.
_LOGS = (*PROCESSES, "kafka", "postgres", "prometheus", "provision", "secrets")
#: An example of each type of the contract.
_ACCEPTED = ROOT / "docs" / "contract" / "examples" / "accepted"
_SLIPS = {mistake.name for mistake in slips.MISTAKES}
_SECONDS = 120.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def simulation(region: Region) -> Simulation:
    """A simulation with the mistakes that offices make, sent and worked on: everything that can be wrong with a report,
    and most of what can be wrong with what it says.
    """
    for seed in range(1, 30):
        simulation = await next_simulation(region, people=150, days=200, seed=seed)
        made = set(simulation.plan().mistakes())
        if made >= _SLIPS and len(made) > 0.8 * len(MISTAKES):
            break
    else:
        raise AssertionError("no simulation has all that can be wrong with a report")
    await simulation.send(region.target)
    assert_true(await judge(region, simulation))
    return simulation


def ask(region: Region, path: str, **query: str) -> Any:
    """What Prometheus answers."""
    answer = httpx.get(f"{region.url('prometheus')}/api/v1/{path}", params=query, timeout=30, trust_env=False)
    answer.raise_for_status()
    return answer.json()["data"]


def series(region: Region) -> list[dict[str, str]]:
    """The labels of all series of Lotse; those that Prometheus makes of alerts have the labels of rules besides."""
    return list(ask(region, "series", **{"match[]": '{job="lotse", __name__!~"ALERTS.*"}'}))


def test_every_process_is_read(region: Region) -> None:
    """One target for each process, and Prometheus itself; all of them answer."""

    def up() -> bool:
        targets = ask(region, "targets")["activeTargets"]
        named = {one["labels"].get("service", one["labels"]["job"]): one["health"] for one in targets}
        return named == dict.fromkeys((*PROCESSES, "prometheus"), "up")

    eventually("every target is up", up, _SECONDS)


def test_every_rule_is_evaluated_without_an_error(region: Region) -> None:
    """All rules of deploy/prometheus are loaded, and none of them fails on what is there."""

    def healthy() -> bool:
        loaded = [rule for group in ask(region, "rules")["groups"] for rule in group["rules"]]
        names = {rule["name"] for rule in loaded}
        wanted = {rule.get("alert") or rule["record"] for rule in rules()}
        return names == wanted and all((one["health"], one.get("lastError", "")) == ("ok", "") for one in loaded)

    eventually("every rule is healthy", healthy, _SECONDS)
    assert [answer for answer in ask_rules(region.url("prometheus")) if answer.outcome == "error"] == []


def test_every_panel_shows_something(region: Region, simulation: Simulation) -> None:
    """Each query of each dashboard has data after reports were sent."""
    assert len({query.dashboard for query in queries()}) == 3
    missing: list[Answer] = []

    def full() -> bool:
        missing[:] = without_data(ask_dashboards(region.url("prometheus")))
        return not missing

    try:
        eventually("every panel shows something", full, _SECONDS)
    except AssertionError:
        assert missing == []


def test_no_label_grows_without_bound(region: Region, simulation: Simulation) -> None:
    """What a label may say is a list that is known beforehand, whatever is reported."""
    institutions = {one.id for one in read_institutions(region.institutions).all}
    allowed = {
        "institution": institutions | {UNLISTED},
        "type": {path.name.split(".", 1)[1].removesuffix(".v1.json") for path in _ACCEPTED.glob("*.json")} | {UNKNOWN},
        "code": set(CODES),
        "verdict": {"accepted", "parked", "duplicate", "rejected"},
        "service": set(PROCESSES),
    }
    of_ours = {label for metric in METRICS for label in metric.labels}
    found = series(region)
    assert len(found) < 10_000
    for one in found:
        assert set(one) <= of_ours | {"__name__", "job", "instance", "service", "le"}, one
        assert [(name, one[name]) for name in allowed.keys() & one if one[name] not in allowed[name]] == [], one
    values = {value for name in ask(region, "labels") for value in ask(region, f"label/{name}/values")}
    assert [value for value in values if _UUID.search(value)] == []


def test_nothing_of_a_case_a_person_or_a_password_is_told(region: Region, simulation: Simulation) -> None:
    """In the logs of all containers, in all metrics, in whatever Prometheus keeps."""
    _fail_in_the_database(region, next(iter(simulation.plan().stories)))
    passwords = [path.read_text().strip() for path in region.secrets.rglob("*-password")]
    secrets = secrets_of(simulation.plan(), passwords=passwords)
    assert {"case", "subject", "child", "identifier", "openingId", "procedureId", "password"} <= set(secrets.values())
    texts = _texts(region)
    assert all(texts.values()), {name: len(text) for name, text in texts.items()}
    assert "duplicate key" in texts["postgres"]
    assert "data.forbidden-identifier" in "".join(texts[f"{name} metrics"] for name in PROCESSES)
    assert leaks(texts, secrets) == []


def _fail_in_the_database(region: Region, case: str) -> None:
    """A statement with a case in it that fails, as one of a service might."""
    statement = f"insert into subject (id) values ('{case}'), ('{case}')"
    client = ("psql", "-U", "postgres", "-d", "lotse_intake", "-c", statement)
    run(["docker", "exec", region.container("postgres"), *client], check=False)


def _texts(region: Region) -> Mapping[str, str]:
    """Everything that an operator gets to see, by where it is seen."""
    texts = {name: region.logs(name) for name in _LOGS}
    with httpx.Client(timeout=30, trust_env=False) as client:
        for name in PROCESSES:
            texts[f"{name} metrics"] = client.get(f"{region.url(name)}/metrics/").text
    labels = [value for name in ask(region, "labels") for value in ask(region, f"label/{name}/values")]
    return texts | {"labels": "\n".join(labels)}
