"""A toy service and a toy pair of parent and child, small enough to be understood at a glance.

`lamps`: each lamp (`lamp-<key>`) goes on and off in turn, what does not fit is parked; the room (`room`) keeps its last
note. `market`: a stall (`stall`) has a price, a visit (`visit-<key>`) carries the terms of the stall that it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import StringConstraints

from shared.contracts.report import RETRACTION, ItemForm, ReportType, by_name
from shared.engine.service import Service
from shared.rules.model import IMPLAUSIBLE, OK, Context, Fact, Item, ItemKind, RuleBook, State

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Text = Annotated[str, StringConstraints(max_length=80)]
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]

#: What a lamp that is on is called; other rules call it otherwise.
LIT = "on"
#: What is taken off every price; other rules may do so.
DISCOUNT = 0
#: The rules raise at a fact with this note.
STUMBLE = "rules stumble"

LAMP = ItemForm("lamp-", "lampId", Key)
ROOM = ItemForm("room")
STALL = ItemForm("stall", "stallId", Uuid, is_subject=True)
VISIT = ItemForm("visit-", "visitId", Key)


def _sorted(facts: Sequence[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (fact.occurred_on, fact.time, fact.source, fact.id))


def _item(state: State, facts: Sequence[Fact], codes: dict[tuple[str, str], str]) -> Item:
    in_force = tuple(fact for fact in facts if codes[fact.key] == OK)
    return Item(state, tuple(facts), in_force[-1:], (), codes)


def _state(status: str, since: str | None, **more: Any) -> State:
    return {"status": status, "turn": None, "since": since, "dueOn": None, "ruleId": None, **more}


def lamp(facts: Sequence[Fact], _: Context) -> Item:
    """On and off in turn; a fact that says what is already so is parked."""
    status, since, changes = "off", None, 0
    codes = {}
    order = _sorted(facts)
    for fact in order:
        if fact.data.get("note") == STUMBLE:
            raise ZeroDivisionError("the rules stumble over this fact")
        wanted = "on" if fact.name == "switched-on" else "off"
        codes[fact.key] = IMPLAUSIBLE if wanted == status else OK
        if wanted != status:
            status, since, changes = wanted, fact.occurred_on, changes + 1
    if not facts:
        status = "withdrawn"
    return _item(_state(LIT if status == "on" else status, since, changes=changes), order, codes)


def room(facts: Sequence[Fact], _: Context) -> Item:
    """The last note by day holds."""
    order = _sorted(facts)
    if any(fact.data["note"] == STUMBLE for fact in order):
        raise ZeroDivisionError("the rules stumble over this fact")
    state = _state("noted" if order else "withdrawn", order[-1].occurred_on if order else None)
    if order:
        state["note"] = order[-1].data["note"]
    return _item(state, order, {fact.key: OK for fact in order})


def stall(facts: Sequence[Fact], _: Context) -> Item:
    """The last price by day holds."""
    order = _sorted(facts)
    state = _state("priced" if order else "withdrawn", order[-1].occurred_on if order else None)
    if order:
        state["price"] = order[-1].data["price"] - DISCOUNT
    return _item(state, order, {fact.key: OK for fact in order})


def visit(facts: Sequence[Fact], context: Context) -> Item:
    """A visit knows the terms of its stall; a deal above the stall's price is parked."""
    order = _sorted(facts)
    codes, terms, status, since = {}, None, "withdrawn", None
    for fact in order:
        stall_id = fact.data.get("stallId")
        terms = context.parents[stall_id] if stall_id else terms
        price = (terms or {}).get("price", 0)
        fits = fact.name == "visited" or fact.data["offer"] >= price
        codes[fact.key] = OK if fits else IMPLAUSIBLE
        if fits:
            status, since = fact.name, fact.occurred_on
    state = _state(status, since)
    if terms:
        state["terms"] = terms
    return _item(state, order, codes)


def _stall_of(fact: Fact) -> str | None:
    return fact.data.get("stallId") if fact.item.startswith("visit-") else None


#: Services must have names of the contract, since topics, sources and receipts are checked with them.
LAMPS = Service(
    name="recognition",
    reports=by_name(
        ReportType("switched-on", LAMP, {"note?": Text}),
        ReportType("switched-off", LAMP, {"note?": Text}),
        ReportType("noted", ROOM, {"note": Text}),
        RETRACTION,
    ),
    book=RuleBook("recognition", (ItemKind("lamp-", "lamp-changed", lamp), ItemKind("room", "room-changed", room))),
)
MARKET = Service(
    name="outreach",
    reports=by_name(
        ReportType("stall-priced", STALL, {"price": int}),
        ReportType("visited", VISIT, {"stallId": Uuid}),
        ReportType("bought", VISIT, {"stallId?": Uuid, "offer": int}),
        RETRACTION,
    ),
    book=RuleBook("outreach", (ItemKind("stall", "stall-changed", stall), ItemKind("visit-", "visit-changed", visit))),
    parent_of=_stall_of,
    parent_item="stall",
)
