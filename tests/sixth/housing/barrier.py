"""The searches as the barrier `housing`: a family that lives somewhere has none, whatever else it looks for."""

from __future__ import annotations

from services.housing.table import SEARCH
from shared.rules.barrier import IN_PROGRESS, LAPSED, RESOLVED, BarrierMapping, Verdict
from shared.rules.scene import Scene

_FIRST = (RESOLVED, IN_PROGRESS, LAPSED)


def judge(scene: Scene) -> Verdict | None:
    """The status of the search that is furthest."""
    found = [(SEARCH.meanings[one.status].barrier, one) for one in scene.of("search-") if one.status in SEARCH.meanings]
    if not found:
        return None
    status = min((status for status, _ in found), key=_FIRST.index)
    return Verdict(status, [one for of, one in found if of == status])


MAPPING = BarrierMapping(barrier="housing", items=("search-",), judge=judge)
