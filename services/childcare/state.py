"""The state of one child's need for care: what the table alone cannot say (states.md §3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.childcare.clocks import CLOCKS, Need, need_of
from services.childcare.table import NEED
from shared.contracts.fact import Fact
from shared.rules.derive import item_of, state_of
from shared.rules.model import Context, Item
from shared.rules.rule_table import Due, earliest, stalled_from
from shared.rules.walker import walk

_FIELDS = ("from", "needed", "hours", "ags", "interim")


def derive_need(facts: Sequence[Fact], context: Context) -> Item:
    """One child's need from its standing facts, in any order. Pure; time alone changes nothing of it."""
    walked = walk(NEED, NEED.sort(facts))
    fields = {name: walked.values.get(name) for name in _FIELDS}
    return item_of(walked, state_of(walked, _situation(need_of(walked, context)), fields, ()))


def _situation(need: Need) -> dict[str, Any]:
    """Whose turn it is, what is due when, and from when the parent may be free for work."""
    meaning = NEED.meanings[need.walk.status]
    running = {clock: CLOCKS[clock](need) for clock in (*meaning.due, *meaning.stalled)}
    first = earliest(_running(meaning.due, running))
    return {
        "turn": meaning.turn,
        "dueOn": first.day if first else None,
        "ruleId": first.rule_id if first else None,
        "stalledFrom": stalled_from(_running(meaning.stalled, running)),
        "availableFrom": need.walk.values.get("availableFrom"),
    }


def _running(clocks: Sequence[str], running: dict[str, Due | None]) -> list[Due]:
    return [due for clock in clocks if (due := running[clock]) is not None]
