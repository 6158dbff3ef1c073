"""The growth benchmark works from end to end, with few cases."""

from __future__ import annotations

from bench.growth import measure_growth


async def test_growth_is_measured() -> None:
    """Fills, works off, rebuilds twice: the coordinator's commands and both processes as in production."""
    told: list[str] = []
    growth, rebuilds = await measure_growth([200], told.append)
    for one in (*growth.coordinator, *growth.service):
        assert one.cases == 200
        assert 1_000 <= one.events <= 1_200
        assert one.events_per_second > 0 and one.python_micros > 0 and one.postgres_micros > 0 and one.log_bytes > 0
    for rebuilt in (*rebuilds.standing, *rebuilds.from_nothing):
        assert rebuilt.cases == 200
        assert rebuilt.snapshots_per_second > 0 and rebuilt.peak_mebibytes > 0
    assert told
