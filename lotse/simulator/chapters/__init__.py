"""The chapters of a life, told in this order. A further service adds its own here and leaves `declared.BARRIERS`."""

from __future__ import annotations

from collections.abc import Callable

from lotse.simulator.chapters.declared import tell_declarations
from lotse.simulator.chapters.intake import tell_intake
from lotse.simulator.chapters.recognition import tell_recognition
from lotse.simulator.chapters.residence import tell_residence
from lotse.simulator.story import Story

CHAPTERS: tuple[Callable[[Story], None], ...] = (tell_intake, tell_residence, tell_recognition, tell_declarations)
