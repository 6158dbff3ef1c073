"""The state of one search: what the table alone cannot say."""

from __future__ import annotations

from collections.abc import Sequence

from services.housing.clocks import due
from services.housing.table import SEARCH
from shared.contracts.fact import Fact
from shared.rules.derive import item_of, state_of
from shared.rules.model import Context, Item
from shared.rules.rule_table import Due, earliest, stalled_from
from shared.rules.walker import walk


def derive_search(facts: Sequence[Fact], context: Context) -> Item:
    """One search from its standing facts, in any order. Pure; time alone changes nothing of it."""
    walked = walk(SEARCH, SEARCH.sort(facts))
    land = context.land(None)

    def running(clocks: Sequence[str]) -> list[Due]:
        return [end for clock in clocks if (end := due(clock, walked, land)) is not None]

    meaning = SEARCH.meanings.get(walked.status)
    first = earliest(running(meaning.due)) if meaning else None
    situation = {
        "turn": meaning.turn if meaning else None,
        "dueOn": first.day if first else None,
        "ruleId": first.rule_id if first else None,
        "stalledFrom": stalled_from(running(meaning.stalled)) if meaning else None,
        "availableFrom": None,
    }
    return item_of(walked, state_of(walked, situation, {"ags": walked.values.get("ags")}, ()))
