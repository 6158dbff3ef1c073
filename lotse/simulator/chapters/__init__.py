"""The chapters of a life, told in this order; what stands against each other is told when all else is."""

from __future__ import annotations

from collections.abc import Callable

from lotse.simulator.chapters.childcare import tell_childcare
from lotse.simulator.chapters.collisions import tell_collisions
from lotse.simulator.chapters.intake import tell_intake
from lotse.simulator.chapters.language import tell_language
from lotse.simulator.chapters.outreach import tell_outreach
from lotse.simulator.chapters.recognition import tell_recognition
from lotse.simulator.chapters.residence import tell_residence
from lotse.simulator.story import Story

CHAPTERS: tuple[Callable[[Story], None], ...] = (
    tell_intake,
    tell_residence,
    tell_recognition,
    tell_language,
    tell_childcare,
    tell_outreach,
    tell_collisions,
)
