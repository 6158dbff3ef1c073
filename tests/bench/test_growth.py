"""The growth benchmark works from end to end, with few cases."""

from __future__ import annotations

from bench.growth import measure_growth
from bench.load import TURNS


async def test_growth_is_measured() -> None:
    """Fills, works off, rebuilds twice: the coordinator's commands and both processes as in production."""
    told: list[str] = []
    growth, rebuilds, questions = await measure_growth([200], told.append)
    for one in (*growth.coordinator, *growth.service):
        assert (one.cases, len(one.turns)) == (200, TURNS)
        for turn in (*one.turns, one.fresh):
            assert 1_000 <= turn.events <= 1_200
            assert turn.events_per_second > 0 and turn.python_micros > 0 and turn.log_bytes > 0
    for rebuilt in (*rebuilds.standing, *rebuilds.from_nothing):
        assert rebuilt.cases == 200
        assert rebuilt.snapshots_per_second > 0 and rebuilt.peak_mebibytes > 0
    assert questions and {one.cases for one in questions} == {200}
    assert told
