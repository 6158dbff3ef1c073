"""One item over time, as its snapshot tells it (states.md §1).

`state` is how the item is now, `path` how it came there, `ahead` what the calendar alone will change.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from shared.contracts.fact import Day
from shared.rules.scene import Fields, ItemSnapshot, Seen


class Line(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One item over time: from each of its `turns` on it was as the entry of `states` says.

    `days` are those on which any entry of `path` or `ahead` starts, an entry with nothing but its day included: it only
    asks to look again. `patches` are the entries of `ahead` that say more.
    """

    snapshot: ItemSnapshot
    kind: str
    turns: Sequence[Day]
    states: Sequence[Fields]
    days: Sequence[Day]
    patches: Sequence[Fields] = ()

    def present(self, today: Day) -> Seen:
        """The item's state with what the days up to `today` have changed."""
        state = self.snapshot.state
        fields = _laid_over(state, self.patches, today) if self.patches else state
        return Seen(self.snapshot, fields, fields["status"], len(state["path"]))

    def since(self, turn: int) -> Seen:
        """The item from one of its turns on."""
        entries = turn + 1
        if self.patches:
            entries = bisect_right(self.snapshot.state["path"], self.turns[turn], key=lambda entry: entry["since"])
        fields = self.states[turn]
        return Seen(self.snapshot, fields, fields["status"], entries)


def line_of(snapshot: ItemSnapshot) -> Line:
    """The line of a snapshot."""
    head, dash, _ = snapshot.item.partition("-")
    path: Sequence[Fields] = snapshot.state["path"]
    ahead: Sequence[Fields] = snapshot.state["ahead"]
    starts = [entry["since"] for entry in path]
    if not ahead:
        return Line(snapshot, head + dash, starts, path, starts)
    days = starts + [entry["from"] for entry in ahead]
    patches = [entry for entry in ahead if len(entry) > 1]
    if not (patches and starts):
        return Line(snapshot, head + dash, starts, path, days, patches)
    turns = sorted({*starts, *(entry["from"] for entry in patches if entry["from"] > starts[0])})
    states = [_laid_over(path[bisect_right(starts, turn) - 1], patches, turn) for turn in turns]
    return Line(snapshot, head + dash, turns, states, days, patches)


def _laid_over(fields: Fields, patches: Sequence[Fields], day: Day) -> Fields:
    for patch in patches:
        if patch["from"] <= day:
            if patch.get("status", fields["status"]) != fields["status"]:
                fields = {**fields, "since": patch["from"], **patch}
            else:
                fields = {**fields, **patch}
    return fields
