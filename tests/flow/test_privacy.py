"""A whole run with all that goes wrong in one: no log, metric, error or dead letter tells of a case or a person."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from aiokafka import ConsumerRecord

from lotse.simulator import Simulation, Target
from lotse.simulator.plan import Plan
from lotse.simulator.post import Post
from lotse.simulator.report import Record, binary
from lotse.stack import Options, Stack
from lotse.stack.services import default_institutions
from shared.contracts.topics import dead_letters_topic
from shared.engine.replay import replay
from shared.platform.access import Access
from shared.platform.settings import load_settings
from tests.engine.garbled import Raw, write
from tests.support.eventually import until
from tests.support.metered import shown
from tests.support.privacy import leaks, secrets_of

#: Reports whose ids begin so make the rules of their service, or those of the board, stumble over their whole subject.
POISON, BOARD_POISON = "poison-", "stumble-"
#: Read by every Python of the stack at its start: rules that raise an error which quotes all that it was given.
_POISONED = f'''
import sys

if "services." in " ".join(sys.orig_argv):
    import shared.engine.derive as engine
    import services.coordinator.store as board

    derive_subject, board_of = engine.derive_subject, board.board_of

    def derive(book, facts, context):
        if any(fact.id.startswith("{POISON}") for fact in facts):
            raise ValueError(f"poisoned: {{facts}}")
        return derive_subject(book, facts, context)

    def boards(mappings, items, day):
        items = list(items)
        if any(fact.id.startswith("{BOARD_POISON}") for item in items for fact in item.facts):
            raise ValueError(f"poisoned: {{items}}")
        return board_of(mappings, items, day)

    engine.derive_subject, board.board_of = derive, boards
'''


@dataclass
class Run:
    """What a run leaves behind: texts by where they were found, and what must not stand in them."""

    stack: Stack
    plan: Plan
    texts: dict[str, str]

    def secrets(self) -> dict[str, str]:
        """Everything planned, and the passwords of all databases."""
        with_database = [name for name in self.stack.services if name != "clock"]
        return secrets_of(self.plan, [self.stack.admin_url, *map(self.stack.database_url, with_database)])

    @property
    def log(self) -> str:
        """The logs of all services."""
        return "".join(self.texts[f"{name}.log"] for name in self.stack.services)

    def lines(self, event: str) -> list[dict[str, object]]:
        """The lines of all services with an event."""
        lines = [json.loads(line) for line in self.log.split("\n") if line.startswith("{")]
        return [line for line in lines if line["event"] == event]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Run]:
    """A region works for some months; a database dies in between, records are garbled, and rules stumble."""
    poisoned = tmp_path_factory.mktemp("poisoned")
    (poisoned / "sitecustomize.py").write_text(_POISONED, encoding="utf-8")
    root = str(Path(__file__).parents[2])
    environment = {
        "LOTSE_CLOCK": "manual",
        "LOTSE_LOG_LEVEL": "debug",
        "PYTHONPATH": f"{poisoned}:{root}",
    }
    simulation = Simulation(default_institutions(), seed=7, people=40, days=100)
    plan = simulation.plan()
    async with Stack(Options(environment=environment)) as stack:
        found = Run(stack, plan, {})

        async def between(day: date) -> None:
            if (day - plan.first).days == 50:
                await stack.kill("postgres")
                await _ask_in_vain(found)

        def login(_: str) -> Access:
            return stack.access

        target = Target(login, stack.urls["clock"], stack.urls["coordinator"])
        await simulation.send(target, between)
        await stack.ready("postgres")
        await _send_what_is_wrong(stack, plan)
        await _until_all_is_told(found)
        await _ask_wrongly(found)
        await _gather(found)
        yield found


async def _ask_in_vain(run: Run) -> None:
    """Questions while the database is away: the answers of a server that has nothing to say. Where it hangs up, it is
    asked again: every question is answered.
    """
    case = next(iter(run.plan.stories))
    async with httpx.AsyncClient(base_url=run.stack.urls["coordinator"], timeout=30) as client:

        async def answer(path: str) -> tuple[httpx.Response] | None:
            with suppress(httpx.TransportError):
                return (await client.get(path),)
            return None

        paths = (f"/v1/cases/{case}", "/v1/obstacles", "/health/ready")
        answers = [(await until(f"an answer to {path}", partial(answer, path)))[0] for path in paths]
    run.texts["answers without a database"] = "\n".join(f"{one.status_code} {one.text}" for one in answers)


def _poisons(plan: Plan) -> Iterator[Record]:
    """Reports that are in order, under ids over which rules stumble."""
    for service, id_ in (("recognition", POISON), ("childcare", POISON), ("intake", BOARD_POISON)):
        good = next(one for one in plan.records if one.report.service == service and one.mistake is None)
        report = replace(good.report, id=f"{id_}{service}")
        value, headers = binary(report)
        yield replace(good, value=value, headers=headers, report=report)


async def _send_what_is_wrong(stack: Stack, plan: Plan) -> None:
    """Records that no proper client would write, and reports over which rules stumble."""
    case = next(iter(plan.stories))
    topic = next(one.topic for one in plan.records if one.report.service == "recognition")
    settings = load_settings("recognition", {"LOTSE_BROKERS": stack.brokers, "LOTSE_BROKER_PROFILE": "tansu"})
    name = b"ce_\xff" + case.encode()
    await write(settings, topic, [Raw(case.encode(), [(name, case.encode())], case.encode())])
    await write(settings, topic, [Raw(f"{{{case}".encode(), [(b"ce_subject", case.encode())])], change=_cut_short)

    def login(_: str) -> Access:
        return stack.access

    async with Post(login) as post:
        await post.send(list(_poisons(plan)))


def _cut_short(batch: bytearray) -> None:
    """The length of the first record is one that nobody can believe."""
    batch[61] = 0x7F


async def _until_all_is_told(run: Run) -> None:
    """Waits until everything was read, and the faults are told."""
    wanted = {"recognition": 1.0, "childcare": 1.0, "coordinator": 1.0}
    async with httpx.AsyncClient(timeout=30) as client:

        async def told() -> bool:
            for name in run.stack.services:
                page = (await client.get(f"{run.stack.urls[name]}/metrics/")).text
                faults = sum(shown(page, "lotse_internal_faults"))
                if any(shown(page, "lotse_lag_records")) or faults < wanted.get(name, 0):
                    return False
            return True

        await until("nothing is left to read, and three faults are told", told, 120)


async def _ask_wrongly(run: Run) -> None:
    """Questions that are refused, with everything in them that must not come back."""
    case, nobody = next(iter(run.plan.stories)), "5f0d4c1b-7a36-4e92-8d15-2b90c7e6a3f4"
    coded = base64.urlsafe_b64encode(f"{case}/child-1".encode()).decode()
    paths = (
        f"/v1/cases/{nobody}", f"/v1/cases/{case.upper()}", f"/v1/cases/{case}/child-1", f"/v1/cases?cursor={case}",
        f"/v1/cases?cursor={coded}", f"/v1/cases?barrier={case}", f"/v1/cases?{case}=1", f"/v1/cases?limit={case}",
        f"/v1/cases/{case}/timeline?cursor={coded}", f"/v1/obstacles?by={case}", f"/v1/{case}",
    )  # fmt: skip
    async with httpx.AsyncClient(base_url=run.stack.urls["coordinator"], timeout=30) as client:
        answers = await asyncio.gather(*(client.get(path) for path in paths))
    assert {answer.status_code for answer in answers} == {400, 404}
    async with httpx.AsyncClient(base_url=run.stack.urls["clock"], timeout=30) as client:
        answers.append(await client.post("/v1/days", content=f'{{"until": "{case}"}}'))
        answers.append(await client.post("/v1/days", json={case: "child-1"}))
    run.texts["refused questions"] = "\n".join(f"{one.status_code} {one.text}" for one in answers)


async def _gather(run: Run) -> None:
    """Logs, metrics and dead letters."""
    for file in sorted(run.stack.folder.glob("*.log")):
        run.texts[file.name] = file.read_text(encoding="utf-8", errors="replace")
    async with httpx.AsyncClient(timeout=30) as client:
        for name, url in run.stack.urls.items():
            for path in ("/metrics/", "/health/ready", "/asyncapi"):
                run.texts[f"{name}{path}"] = (await client.get(url + path)).text
    letters: list[str] = []

    async def take(records: object) -> None:
        assert isinstance(records, list)
        letters.extend(map(_written, records))

    settings = load_settings("recognition", {"LOTSE_BROKERS": run.stack.brokers, "LOTSE_BROKER_PROFILE": "tansu"})
    topics = [dead_letters_topic(name) for name in run.stack.services if name not in ("clock", "coordinator")]
    await replay(settings, topics, take)
    run.texts["dead letters"] = "\n".join(letters)


def _written(record: ConsumerRecord) -> str:
    return f"{record.key!r} {record.value!r} {record.headers!r}"


async def test_nothing_of_a_case_or_a_person_or_a_password_is_told(run: Run) -> None:
    """Of all that was reported, planted and poisoned, in every text that an operator or a stranger gets to see."""
    secrets = run.secrets()
    assert {"case", "subject", "child", "identifier", "procedureId", "opening, event or contact", "password"} <= set(
        secrets.values()
    )
    assert leaks(run.texts, secrets) == []


async def test_the_run_had_something_to_tell(run: Run) -> None:
    """What must not be told was really there: refusals, faults of both kinds, a database that was away."""
    refused = [name for line in run.lines("reports were not taken up") for name in _reports(line)]
    assert any(name.endswith(" data.forbidden-identifier") for name in refused)
    assert any("#" in name and name.endswith(" data.invalid") for name in refused)
    stumbled = [name for line in run.lines("an item could not be derived") for name in _reports(line)]
    assert {f"{POISON}recognition", f"{POISON}childcare"} <= {name.rpartition("#")[2] for name in stumbled}
    assert [line for line in run.lines("a board could not be derived") if line["service"] == "coordinator"]
    assert run.lines("a record is garbled; its fetch is read again")
    assert run.texts["answers without a database"].startswith("500 ")
    assert '"internal.fault"' in run.texts["dead letters"]
    assert "lotse_reports_total" in run.texts["intake/metrics/"]


def _reports(line: Mapping[str, object]) -> list[str]:
    named = line["reports"]
    assert isinstance(named, list)
    return named


async def test_reports_are_told_by_ids_that_were_sent(run: Run) -> None:
    """An operator can find what is spoken of: every id in the log is one that an office gave, or a place in Kafka."""
    sent = {record.report.id for record in run.plan.records}
    for line in run.lines("reports were not taken up"):
        for name in _reports(line):
            told = name.rpartition(" ")[0]
            id_ = told.rpartition("#")[2]
            assert id_ in sent or told.startswith("inbound.") or id_.startswith((POISON, BOARD_POISON)), name


async def test_every_line_of_a_service_is_json(run: Run) -> None:
    """Also what libraries say, at the finest level."""
    lines = run.log.split("\n")
    assert len(lines) > 20
    assert [line for line in lines if line and not line.startswith("{")] == []
    assert all(json.loads(line)["service"] in run.stack.services for line in lines if line)


@pytest.mark.parametrize(
    "kind", ["case", "child", "identifier", "opening, event or contact", "procedureId", "password"]
)
def test_the_search_finds_what_is_planted(kind: str) -> None:
    """Put into one line of one log, each kind of secret is found, in capitals too; the line without it is innocent."""
    plan = Simulation(default_institutions(), seed=7, people=40, days=100).plan()
    secrets = secrets_of(plan, ["postgresql://lotse_intake:hunter2-%2F@localhost/lotse_intake"])
    secret = next(one for one, what in secrets.items() if what == kind)
    line = '{"level": "error", "event": "cannot store %s", "reports": ["' + plan.records[0].report.id + '"]}'
    assert leaks({"intake.log": line % "a report"}, secrets) == []
    (found,) = leaks({"coordinator.log": "", "intake.log": line % f"{secret.upper()}/x"}, {secret: kind})
    assert found.startswith(f"intake.log: {kind}") and "cannot store" in found
    assert "hunter2-/" in secrets
