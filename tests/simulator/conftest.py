"""One plan for all tests of the simulator, since drawing it costs a second."""

from __future__ import annotations

import pytest

from lotse.simulator.plan import Plan
from lotse.simulator.simulation import Simulation
from lotse.stack.services import default_institutions


@pytest.fixture(scope="session")
def simulation() -> Simulation:
    """The simulation of the demo: 500 people over a year."""
    return Simulation(default_institutions(), seed=1, people=500)


@pytest.fixture(scope="session")
def plan(simulation: Simulation) -> Plan:
    """Its plan."""
    return simulation.plan()
