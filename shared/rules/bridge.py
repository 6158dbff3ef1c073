"""Which openings take a person in spite of a barrier (states.md §6.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.rules.scene import INTRODUCTION, Fields, Scene, Seen

INTRODUCED = frozenset({"introduced", "interview-held", "trial-agreed", "trial-done"})
HIRED = frozenset({"hired", "retained-6w", "retained-3m"})
RETAINED = frozenset({"retained-6m", "retained-12m"})
EMPLOYED = HIRED | RETAINED


def facet(introduction: Fields) -> object:
    """What of an introduction decides whether it bridges."""
    status = introduction["status"]
    return (
        "employed" if status in EMPLOYED else status in INTRODUCED,
        introduction.get("openingId"),
        introduction.get("terms"),
    )


def bridging(scene: Scene, status: str, bridges: Callable[[Scene, str, Fields], bool]) -> Sequence[Seen]:
    """The introductions that bridge, in order of their names; `status` is what would hold without them."""
    return [
        seen
        for seen in scene.of(INTRODUCTION)
        if (terms := _terms_that_count(seen)) is not None and bridges(scene, status, terms)
    ]


def _terms_that_count(seen: Seen) -> Fields | None:
    """The opening's terms while the introduction can bridge; None while the opening is unknown."""
    terms: Fields | None = seen.fields.get("terms")
    if not terms or not seen.fields.get("openingId") or terms.get("status", "unknown") == "unknown":
        return None
    if seen.status in EMPLOYED or (seen.status in INTRODUCED and terms["status"] == "published"):
        return terms
    return None
