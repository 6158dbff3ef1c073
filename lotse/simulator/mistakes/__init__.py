"""The mistakes that offices make, each with its share and with what its receipts must say in the end."""

from __future__ import annotations

from lotse.simulator.mistakes import contradictions, hires, repeats, slips
from lotse.simulator.mistakes.desk import Desk, Mistake

MISTAKES: tuple[Mistake, ...] = (
    *contradictions.MISTAKES,
    *hires.MISTAKES,
    *repeats.MISTAKES,
    *slips.MISTAKES,
)

__all__ = ["MISTAKES", "Desk", "Mistake"]
