"""The language of the rules' tests: given these facts on these days, then this state.

    given(submitted("2026-01-10"), documents_complete("2026-02-02")).then(status="complete", due="2026-05-04")

Facts know what is valid by default; ids, times and sources are given out in the order of writing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec
from msgspec.structs import replace

from shared.contracts.fact import Day, Fact
from shared.rules.derive import derive_subject, to_content
from shared.rules.model import Context, Item, RuleBook, SubjectState

_MINUTE = 60_000_000
_numbers = count(1)

#: Bodies in several Länder, as an institutions file would list them.
CONTEXT = Context("NW", {"zag-muenster": "NW", "chamber-bavaria": "BY", "chamber-saxony": "SN", "zab": "NW"})


def report(
    name: str,
    item: str,
    day: Day,
    *,
    by: str = "zag-muenster",
    id: str | None = None,
    time: int | None = None,
    corrects: str | None = None,
    **data: Any,
) -> Fact:
    """Any fact. Without `time` it was recorded after those written before it; fields that are None are left out."""
    number = next(_numbers)
    known = {key: value for key, value in data.items() if value is not None}
    return Fact(
        source=f"/{by}",
        id=id or f"r-{number}",
        name=name,
        item=item,
        occurred_on=day,
        time=number * _MINUTE if time is None else time,
        data={"occurredOn": day, **known},
        corrects=corrects,
    )


def retraction(of: Fact, *, by: str | None = None, id: str | None = None, time: int | None = None) -> Fact:
    """Takes a fact back."""
    return report(
        "retracted", "", of.occurred_on, by=by or of.institution, id=id, time=time, reportId=of.id, reason="other"
    )


def correction(of: Fact, by_fact: Fact, *, by: str | None = None) -> Fact:
    """`by_fact` as a correction of `of`, by the same source unless another is named."""
    return replace(by_fact, source=f"/{by}" if by else of.source, corrects=of.id)


@dataclass(frozen=True)
class Given:
    """Facts of one subject, derived."""

    book: RuleBook
    facts: Sequence[Fact]
    context: Context
    result: SubjectState

    def item(self, name: str | None = None) -> Item:
        """An item by its name; without one, the item of the first fact."""
        return self.result.items[name or next(fact.item for fact in self.facts if fact.item)]

    @property
    def state(self) -> Mapping[str, Any]:
        return self.item().state

    @property
    def parked(self) -> dict[str, str]:
        """The names of the parked facts with the reason."""
        names = {fact.key: fact.name for fact in self.facts}
        return {names[key]: code for key, code in self.result.codes.items() if not code.startswith("ok")}

    def code(self, fact: Fact) -> str:
        return self.result.codes[fact.key]

    def path(self, *fields: str) -> list[tuple[Any, ...]]:
        """The path as (status, since, and further fields)."""
        return [tuple(entry.get(name) for name in ("status", "since", *fields)) for entry in self.state["path"]]

    def content(self, service: str, name: str | None = None) -> dict[str, Any]:
        """What a snapshot would hold, decoded."""
        item = name or next(fact.item for fact in self.facts if fact.item)
        decoded: dict[str, Any] = msgspec.json.decode(to_content(service, item, self.item(item)))
        return decoded

    def then(self, **expected: Any) -> Given:
        """Compares what is named: fields of the state, `due`, `rule`, `stalled` for short, and `parked`."""
        short = {"due": "dueOn", "rule": "ruleId", "stalled": "stalledFrom"}
        for name, value in expected.items():
            found = self.parked if name == "parked" else self.state.get(short.get(name, name))
            assert found == value, f"{name} is {found!r}, not {value!r}: {self.state}"
        return self


def given_with(book: RuleBook, *facts: Fact, context: Context = CONTEXT) -> Given:
    """Derives the facts of one subject."""
    return Given(book, facts, context, derive_subject(book, facts, context))
