"""The aftermath of a transaction: what it changed is said, and the children of changed parents are derived and said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from shared.engine.decide import Outcome
from shared.engine.speech import Speech
from shared.engine.store import SQL, Store

#: Children of a changed parent that are derived, or said, at a time.
_CHILDREN = 500
_FIRST = "00000000-0000-0000-0000-000000000000"


class Aftermath:
    """What follows a stored transaction of one service until nothing of it is left to do."""

    def __init__(self, pool: asyncpg.Pool[Any], store: Store, speech: Speech) -> None:
        self.pool, self.store, self.speech = pool, store, speech

    async def say(self, outcome: Outcome) -> None:
        """Says, looks, and does the same for the children of parents that changed or came again, in chunks."""
        await self.speech.say(outcome)
        if not self.store.service.parent_item:
            return
        parents = sorted(outcome.parents | outcome.repeat)
        while parents:
            async with self.pool.acquire() as connection:
                children = await self.store.stale_children(connection, parents, _CHILDREN)
                if not children:
                    break
                derived = await self.store.derive_again(connection, children, outcome.parent_cause)
            await self.speech.say(derived)
        if outcome.repeat:
            await self._say_children(sorted(outcome.repeat))

    async def _say_children(self, parents: Sequence[str]) -> None:
        """Says all children of parents of which a record came again: they may have been derived and never said."""
        cursor = _FIRST
        while rows := await self.pool.fetch(SQL["children_of"], parents, cursor, _CHILDREN):
            children = [row["child"] for row in rows]
            await self.speech.say_subjects(children, receipts=True)
            cursor = children[-1]
