"""Growth: what an event costs at 10 thousand, 100 thousand and 1 million cases, and how fast the board is made anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from bench.figures import Growth, Rebuilds
from bench.growing_coordinator import measure_coordinator_growth
from bench.growing_service import measure_service_growth
from bench.load import PARTITIONS, batch_records, load
from bench.servers import servers

SIZES = (10_000, 100_000, 1_000_000)
#: As whoever keeps a million cases would have it: buffers of a quarter of this machine's memory (the usual advice), and
#: checkpoints by time only.
_QUARTER = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4 >> 20
TUNING = (f"shared_buffers={_QUARTER}MB", "max_wal_size=16GB")

Tell = Callable[[str], None]


async def measure_growth(sizes: Sequence[int], tell: Tell) -> tuple[Growth, Rebuilds]:
    """All sizes, each on servers of its own."""
    growth, rebuilds = Growth([], []), Rebuilds([], [])
    batch = batch_records(sizes)
    for size in sizes:
        async with servers(["recognition", "coordinator"], PARTITIONS, TUNING) as running:
            tell(f"coordinator at {size:,} cases: rebuild, further snapshots, rebuild …")
            found = await measure_coordinator_growth(running, load(size), batch)
            tell(f"  {found.steady}\n  {found.from_nothing}\n  {found.standing}")
        growth.coordinator.append(found.steady)
        rebuilds.from_nothing.append(found.from_nothing)
        rebuilds.standing.append(found.standing)
        async with servers(["recognition"], PARTITIONS, TUNING) as running:
            tell(f"recognition at {size:,} cases: filling, further reports …")
            growth.service.append(await measure_service_growth(running, load(size), batch))
            tell(f"  {growth.service[-1]}")
    return growth, rebuilds
