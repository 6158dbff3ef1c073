"""The smoke benchmark: `python -m bench`. Prints a table and writes build/bench.json; three minutes at most.

With other work on the machine its figures mean little: compare only what was measured side by side.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec
import uvloop

from bench.coordinator import measure_coordinator
from bench.figures import Figures, table
from bench.latency import measure_latency
from bench.servers import servers
from bench.service import measure_service

_RESULT = Path("build/bench.json")


async def measure(cases: int, steps: int, seconds: float) -> Figures:
    """All measurements, one after another, each on servers of its own."""
    async with servers(["recognition"]) as running:
        print(f"recognition: {cases} cases, {cases * steps} reports …", flush=True)
        service = await measure_service(running, cases, steps)
    async with servers(["recognition", "coordinator"]) as running:
        print(f"coordinator: {cases} cases, {cases * steps} snapshots …", flush=True)
        coordinator = await measure_coordinator(running, cases, steps)
        print("latency …", flush=True)
        latency = await measure_latency(running, seconds)
    return Figures(coordinator, service, latency)


def main() -> None:
    """Reads the arguments, measures, tells."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=6, help="reports of each case")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each rate of the latency measurement")
    given = parser.parse_args()
    figures = uvloop.run(measure(given.cases, given.steps, given.seconds))
    _RESULT.parent.mkdir(exist_ok=True)
    _RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    print(f"\n{table(figures)}\n\nalso in {_RESULT}")


if __name__ == "__main__":
    main()
