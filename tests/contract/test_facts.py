"""Each fact of each service, field by field and value by value, against the tables of facts.md."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, get_args

import pytest

from shared.contracts import types
from shared.contracts.report import RETRACTED
from tests.contract.examples import CASE, Record, accepted, refused, structured, why
from tests.contract.facts_table import ENUMS, FactTable, bad, facts, good
from tests.support.services import REPORTS

FACTS = facts()
OWNERS = {
    "intake": "jobcenter-neuss",
    "recognition": "zag-muenster",
    "childcare": "jugendamt-neuss",
    "language": "vhs-neuss",
    "outreach": "arbeitgeberservice-niederrhein",
}
#: How many facts the contract has of each service.
COUNTS = {"intake": 22, "recognition": 19, "childcare": 17, "language": 15, "outreach": 14}
#: Longer ago than the time of the reports below, so that every day of the tables may have been the day of a fact.
TIME = "2026-02-05T08:41:07Z"


def _record(service: str, name: str, data: Any) -> Record:
    whole = {
        "specversion": "1.0",
        "id": "1",
        "source": f"/{OWNERS[service]}",
        "type": f"lotse.{service}.{name}.v1",
        "subject": CASE,
        "time": TIME,
        "data": data,
    }
    return structured(whole, f"inbound.{service}.{OWNERS[service]}")


def _of(fact: FactTable, data: Any) -> Record:
    return _record(fact.service, fact.name, data)


def _each_field() -> list[Any]:
    return [
        pytest.param(fact, name, type_, id=f"{fact.service}-{fact.name}-{name}")
        for fact in FACTS.values()
        for name, type_ in fact.all_fields().items()
    ]


each_fact = pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: f"{fact.service}-{fact.name}")
each_field = pytest.mark.parametrize(("fact", "field", "type_"), _each_field())


def test_the_services_know_exactly_the_facts_of_the_tables() -> None:
    """Nothing is missing, nothing is there that the contract does not name."""
    assert Counter(service for service, _ in FACTS) == {service: COUNTS[service] for service in REPORTS}
    assert {(service, name) for service, reports in REPORTS.items() for name in reports} == set(FACTS)


@each_fact
def test_a_fact_has_exactly_the_fields_of_its_row(fact: FactTable) -> None:
    """Names, and which of them may be left out."""
    assert set(REPORTS[fact.service][fact.name].all_fields) == set(fact.all_fields())


@each_fact
@pytest.mark.parametrize("optional", [True, False])
def test_a_fact_is_accepted_with_and_without_what_may_be_left_out(fact: FactTable, optional: bool) -> None:
    """The item string follows from the key, and the data goes on as it came."""
    data = fact.data(optional=optional)
    report = accepted(_of(fact, data))
    assert (report.fact.name, report.fact.item, report.fact.occurred_on) == (fact.name, fact.item(data), "2026-02-02")
    assert report.fact.data == data


@each_field
def test_a_field_takes_each_of_its_values_and_no_other(fact: FactTable, field: str, type_: str) -> None:
    """Every enum value and format; null, empty and wrong values are refused where they stand."""
    name, data = field.rstrip("?"), fact.data(optional=True)
    for value in good(type_):
        if not (name == "occurredOn" and value > TIME):
            assert accepted(_of(fact, data | {name: value})).fact.data[name] == value
    for value in bad(type_):
        code, path = why(_of(fact, data | {name: value}))
        assert (code, (path or "").startswith(f"/data/{name}")) == ("data.invalid", True), (value, code, path)


@each_field
def test_a_field_may_be_left_out_only_where_the_table_says_so(fact: FactTable, field: str, type_: str) -> None:
    """A missing field is named."""
    name, data = field.rstrip("?"), fact.data(optional=True)
    del data[name]
    if field.endswith("?"):
        accepted(_of(fact, data))
    else:
        assert why(_of(fact, data)) == ("data.invalid", f"/data/{name}")


@each_fact
def test_an_unknown_field_is_refused_by_its_name(fact: FactTable) -> None:
    """Objects are closed."""
    assert why(_of(fact, fact.data(optional=True) | {"remark": "x"})) == ("data.invalid", "/data/remark")


@pytest.mark.parametrize("name", ENUMS)
def test_an_enum_has_the_values_of_the_contract_in_their_order(name: str) -> None:
    """Every enum of the contract, those of services to come included; what Lotse says itself is never reported."""
    if name != "Turn":
        assert list(get_args(getattr(types, name))) == ENUMS[name]


def test_a_list_element_is_refused_at_its_place() -> None:
    """The pointer leads into the list."""
    data = FACTS["intake", "consent-granted"].data(optional=False) | {"purposes": ["case-view", "other"]}
    assert why(_record("intake", "consent-granted", data)) == ("data.invalid", "/data/purposes/1")


def test_at_most_fifty_skills_are_taken() -> None:
    """The one list with a length of its own."""
    skills = [f"http://data.europa.eu/esco/skill/00030d09-2b3a-4efd-87cc-{number:012x}" for number in range(51)]
    data = FACTS["intake", "potential-assessed"].data(optional=False)
    accepted(_record("intake", "potential-assessed", data | {"skills": skills[:50]}))
    assert why(_record("intake", "potential-assessed", data | {"skills": skills})) == ("data.invalid", "/data/skills")


@pytest.mark.parametrize("service", REPORTS)
def test_every_service_takes_retractions(service: str) -> None:
    """They belong to no item; closed like all others."""
    data = {"occurredOn": "2026-02-02", "reportId": "zm-1", "reason": "entered-twice"}
    fact = accepted(_record(service, RETRACTED, data)).fact
    assert (fact.name, fact.item, fact.data) == (RETRACTED, "", data)
    for reason in ENUMS["RetractReason"]:
        accepted(_record(service, RETRACTED, data | {"reason": reason}))
    for name in data:
        shorter = {key: value for key, value in data.items() if key != name}
        assert why(_record(service, RETRACTED, shorter)) == ("data.invalid", f"/data/{name}")
    assert refused(_record(service, RETRACTED, data | {"procedureId": "a"})).path == "/data/procedureId"


@each_fact
def test_a_fact_has_a_closed_json_schema(fact: FactTable) -> None:
    """What the program checks can be published."""
    schema = REPORTS[fact.service][fact.name].model.json_schema()
    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == {name.rstrip("?") for name in fact.all_fields()}
    assert set(schema["required"]) == {name for name in fact.all_fields() if not name.endswith("?")}
    assert json.dumps(schema)
