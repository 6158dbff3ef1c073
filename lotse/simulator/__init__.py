"""A simulated region: people with lives, offices with mistakes, and the truth that a right board must show.

Written without Lotse's rules: it imports neither `services` nor `shared.rules` nor `shared.engine`.
"""

from lotse.simulator.simulation import Simulation, Target

__all__ = ["Simulation", "Target"]
