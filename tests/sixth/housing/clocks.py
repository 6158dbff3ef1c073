"""How long each state may last: rows of the rule table that are housing's own, and the clocks of a search."""

from __future__ import annotations

from shared.rules.rule_table import PROJECT, Due, Rule, finder
from shared.rules.walker import Walk

RULES = (
    Rule(
        "SEARCH", "lotse:home-search", "26w", "search-begun, assurance-given", "rank ≥ 40", PROJECT, False, "2005-01-01"
    ),
    Rule("ASSURANCE", "lotse:assurance", "4w", "last assurance-requested", "rank ≥ 30", PROJECT, False, "2005-01-01"),
)

_rule_for = finder(RULES)


def due(clock: str, walk: Walk, land: str) -> Due | None:
    """A clock that starts with the fact that led into the present state."""
    start = walk.entered
    rule = _rule_for(clock, start.occurred_on) if start is not None else None
    return rule.due(start.occurred_on, land) if start is not None and rule is not None else None
