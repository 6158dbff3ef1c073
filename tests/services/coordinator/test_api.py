"""The read API: filters, pages, shapes, problems (contract §6, facts.md §5)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.coordinator.shapes import CasePage, ProblemAnswer, TimelinePage, WholeCase
from shared.contracts.board import Barrier, BarrierChanged, CaseChanged
from tests.services.coordinator.harness import Rig, case_id, day, snapshot
from tests.support.items import case, entry, fact, item, permit, procedure

FREE = case(entry("2026-01-02", "open", access="free"), ags="05162024")
NEEDED = case(entry("2026-01-02", "open", access="permit-needed"), ags="05116000")


async def fill(board: Rig) -> None:
    """Four cases: 0 and 1 wait for the body (1 is stalled), 2 for its applicant, 3 for a permit; 3 lives elsewhere."""
    await board.deal_with(
        day("2026-02-10"),
        *(snapshot(case_id(number), FREE) for number in range(3)),
        snapshot(case_id(0), procedure("a", "submitted", turn="competent-body", stalledFrom="2026-05-01")),
        snapshot(case_id(1), procedure("a", "submitted", turn="competent-body", stalledFrom="2026-02-01")),
        snapshot(case_id(2), procedure("a", "preparing-documents", turn="applicant")),
        snapshot(case_id(3), NEEDED),
        snapshot(case_id(3), permit("p", "requested", turn="competent-body", stalledFrom="2026-02-02")),
    )


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, [0, 1, 2, 3]),
        ({"barrier": "recognition"}, [0, 1, 2]),
        ({"barrier": "residence"}, [3]),
        ({"barrier": "residence", "status": "not-a-barrier"}, [0, 1, 2]),
        ({"stalled": "true"}, [1, 3]),
        ({"stalled": "true", "barrier": "recognition"}, [1]),
        ({"turn": "competent-body"}, [0, 1, 3]),
        ({"turn": "competent-body", "stalled": "false"}, [0]),
        ({"turn": "competent-body", "stalled": "false", "barrier": "residence"}, []),
        ({"turn": "competent-body", "status": "not-assessed"}, []),
        ({"turn": "applicant", "status": "in-progress"}, [2]),
        ({"ags": "05116000"}, [3]),
        ({"onlyBarrier": "recognition"}, [0, 1, 2]),
        ({"onlyBarrier": "recognition", "stalled": "true"}, [1]),
        ({"stage": "clearing"}, [0, 1, 2, 3]),
        ({"stage": "hired"}, []),
        ({"status": ""}, [0, 1, 2, 3]),
    ],
)
async def test_filters_find_what_they_say(board: Rig, query: dict[str, str], numbers: list[int]) -> None:
    """Those on a barrier must fit one and the same barrier: the one named, else any."""
    await fill(board)
    found = await board.get("/v1/cases", **query)
    assert [one["caseId"] for one in found["items"]] == sorted(case_id(number) for number in numbers)


async def test_pages_give_every_case_once(board: Rig) -> None:
    """Cursor by cursor, also with a filter; the last page has no next."""
    await fill(board)
    for query in ({}, {"barrier": "recognition"}):
        whole = [one["caseId"] for one in (await board.get("/v1/cases", **query))["items"]]
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await board.get("/v1/cases", limit=1, cursor=cursor, **query)
            found += [one["caseId"] for one in page["items"]]
            cursor = page["next"]
        assert found == whole


async def test_answers_have_the_published_shapes(board: Rig) -> None:
    """No field more, none less; the list leaves `because` out."""
    await fill(board)
    page = msgspec.convert(await board.get("/v1/cases"), CasePage)
    assert list(page.items[0].barriers) == ["recognition", "childcare", "language", "residence"]
    whole = msgspec.convert(await board.get(f"/v1/cases/{case_id(3)}"), WholeCase)
    assert [(one.service, one.item, one.sequence) for one in whole.items] == [
        ("intake", "case", 1), ("intake", "permit-p", 1),
    ]  # fmt: skip
    assert whole.barriers["residence"].because[0].item == "permit-p"
    msgspec.convert(await board.get(f"/v1/cases/{case_id(3)}/timeline"), TimelinePage)


async def test_messages_are_what_the_contract_says(board: Rig) -> None:
    """What was said decodes as its struct and encodes to the same bytes; it says what the API says."""
    await fill(board)
    for key, value in (await board.newest()).items():
        assert value is not None
        event = msgspec.json.decode(value)
        name, _, barrier = key.partition("/")
        assert event["id"] == f"{key}/{event['data']['version']}"
        assert (event["subject"], event["source"]) == (name, "/lotse/coordinator")
        kind: Any = BarrierChanged if barrier else CaseChanged
        assert event["type"] == f"lotse.coordinator.{'barrier' if barrier else 'case'}-changed.v1"
        data = msgspec.convert(event["data"], kind)
        assert msgspec.json.encode(data) in value
        assert list(msgspec.to_builtins(data)) == list(event["data"])
        found = await board.get(f"/v1/cases/{name}")
        told = found["barriers"][barrier] if barrier else found
        fields = [field.encode_name for field in msgspec.structs.fields(Barrier)] if barrier else ["stage", "since"]
        assert {field: told[field] for field in fields} == {field: event["data"][field] for field in fields}


async def test_a_timeline_tells_all_facts_in_order(board: Rig) -> None:
    """Of all services, by the day they occurred; what is not in force has a code. Pages count from the first."""
    facts = [
        fact("recognition", "advised", "2026-01-20"),
        fact("recognition", "clock-resumed", "2026-01-05", in_force=False),
    ]
    moved = item("recognition", "procedure-a", [entry("2026-01-20", "advised", recognitionRoute="a")], facts=facts)
    await board.deal_with(snapshot(case_id(1), moved), snapshot(case_id(1), FREE))
    path = f"/v1/cases/{case_id(1)}/timeline"
    whole = (await board.get(path))["items"]
    assert [(one["occurredOn"], one["service"]) for one in whole] == [
        ("2026-01-02", "intake"), ("2026-01-05", "recognition"), ("2026-01-20", "recognition"),
    ]  # fmt: skip
    assert (whole[1]["inForce"], whole[1]["code"]) == (False, "fact.implausible")
    assert "code" not in whole[0]
    first = await board.get(path, limit=2)
    assert (first["items"], first["next"]) == (whole[:2], "MQ")
    assert await board.get(path, limit=2, cursor="MQ") == {"caseId": case_id(1), "items": whole[2:], "next": None}


@pytest.mark.parametrize(
    ("path", "status", "parameter"),
    [
        ("/v1/cases?barrier=housing", 400, "barrier"),
        ("/v1/cases?status=stuck", 400, "status"),
        ("/v1/cases?stalled=yes", 400, "stalled"),
        ("/v1/cases?turn=nobody", 400, "turn"),
        ("/v1/cases?stage=done", 400, "stage"),
        ("/v1/cases?ags=5162024", 400, "ags"),
        ("/v1/cases?onlyBarrier=all", 400, "onlyBarrier"),
        ("/v1/cases?limit=0", 400, "limit"),
        ("/v1/cases?limit=501", 400, "limit"),
        ("/v1/cases?limit=ten", 400, "limit"),
        ("/v1/cases?cursor=%C3%A4", 400, "cursor"),
        ("/v1/cases?cursor=MQ", 400, "cursor"),
        ("/v1/cases?state=open", 400, "state"),
        ("/v1/cases?limit=1&limit=2", 400, "limit"),
        (f"/v1/cases/{case_id(9)}/timeline?cursor=x", 400, "cursor"),
        (f"/v1/cases/{case_id(9)}", 404, None),
        (f"/v1/cases/{case_id(9)}/timeline", 404, None),
        ("/v1/cases/nobody", 404, None),
    ],
)
async def test_problems_say_what_is_wrong(board: Rig, path: str, status: int, parameter: str | None) -> None:
    """As RFC 9457 wants it, in German and English, with the parameter at fault."""
    answer = await board.client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = msgspec.json.decode(answer.content, type=ProblemAnswer)
    assert problem.status == status
    assert (problem.parameter or None) == parameter
    assert problem.message.de in problem.detail
    assert problem.message.en in problem.detail


async def test_the_published_document_names_what_is_allowed(board: Rig) -> None:
    """Every path answers, every filter of the document is taken."""
    await fill(board)
    document = await board.get("/openapi.json")
    parameters = {one["name"]: one for one in document["paths"]["/v1/cases"]["get"]["parameters"]}
    for name in ("barrier", "status", "stage", "turn", "onlyBarrier"):
        for value in parameters[name]["schema"]["enum"]:
            await board.get("/v1/cases", **{name: value})
    for path in document["paths"]:
        await board.get(path.replace("{caseId}", case_id(1)))
