"""The benchmark: `python -m bench`. Prints tables, and writes build/bench.json and the chart build/growth.svg.

With `--smoke` only rates and latency at 10,000 cases, in three minutes at most. With other work on the machine its
figures mean little: compare only what was measured side by side.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import uvloop

from bench.chart import chart
from bench.coordinator import measure_coordinator
from bench.figures import Figures, Latency, Machine, Throughput
from bench.growth import SIZES, measure_growth
from bench.latency import measure_latency
from bench.page import RESULT, tables
from bench.servers import servers
from bench.service import measure_service

_CHART = Path("build/growth.svg")


class _Run:
    """One run; tells how far it is."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def tell(self, line: str) -> None:
        seconds = int(time.monotonic() - self._began)
        print(f"{seconds // 60:3}:{seconds % 60:02}  {line}", flush=True)

    def machine(self) -> Machine:
        """This machine, at the end of the run."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return Machine(
            datetime.now(UTC).date().isoformat(),
            os.cpu_count() or 0,
            round(memory / (1 << 30)),
            platform.python_version(),
            round((time.monotonic() - self._began) / 60, 1),
        )

    async def measure(self, cases: int, steps: int, seconds: float, sizes: list[int]) -> Figures:
        """All measurements, one after another, each on servers of its own."""
        coordinator, service, latency = await self._smoke(cases, steps, seconds)
        grown = await measure_growth(sizes, self.tell) if sizes else (None, None, None)
        return Figures(self.machine(), coordinator, service, latency, *grown)

    async def _smoke(self, cases: int, steps: int, seconds: float) -> tuple[Throughput, Throughput, dict[str, Latency]]:
        async with servers(["recognition"]) as running:
            self.tell(f"recognition: {cases:,} cases, {cases * steps:,} reports")
            service = await measure_service(running, cases, steps)
        async with servers(["recognition", "coordinator"]) as running:
            self.tell(f"coordinator: {cases:,} cases, {cases * steps:,} snapshots")
            coordinator = await measure_coordinator(running, cases, steps)
            self.tell("latency")
            latency = await measure_latency(running, seconds)
        return coordinator, service, latency


def main() -> None:
    """Reads the arguments, measures, tells."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="leave out growth and rebuild")
    parser.add_argument("--cases", type=int, default=10_000, help="of rates and latency")
    parser.add_argument("--steps", type=int, default=6, help="reports of each of these cases")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each rate of the latency measurement")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="numbers of cases of the growth measurement"
    )
    given = parser.parse_args()
    run = _Run()
    sizes = [] if given.smoke else sorted(given.sizes)
    figures = uvloop.run(run.measure(given.cases, given.steps, given.seconds, sizes))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    print(f"\n{tables(figures)}\nalso in {RESULT}")
    if figures.growth is not None:
        _CHART.write_text(chart(figures.growth), encoding="utf-8")
        print(f"the chart is in {_CHART}")


if __name__ == "__main__":
    main()
