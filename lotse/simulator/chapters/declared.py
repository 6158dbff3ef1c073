"""What the Jobcenter declares of a barrier: that it is there before any proceeding begins, or that there is none."""

from __future__ import annotations

from datetime import date

from lotse.simulator.story import Phase, Story


def declare(story: Story, barrier: str, day: date, what: str) -> None:
    """The Jobcenter declares a barrier `needed` or `absent`, and nothing else is known of it."""
    if note(story, barrier, day, what):
        if what == "needed":
            story.tell(barrier, day, "open", "applicant")
        else:
            story.tell(barrier, day, "not-a-barrier")


def note(story: Story, barrier: str, day: date, what: str) -> bool:
    """The same, where the chapter says by `weighed` what it means beside all else; False when it is too late for it."""
    said = story.happens(day, "intake", f"barrier-declared-{what}", story.person.jobcenter, barrier=barrier)
    if said:
        story.declarations.append((day, barrier, what))
    return said is not None


def weighed(story: Story, barrier: str, day: date, known: Phase | None) -> Phase | None:
    """What holds on a day between what the Jobcenter declared last and what the barrier's own service has `known`.

    That there is none holds until the service hears something newer; that there is one, while it knows nothing.
    """
    said = [(when, what) for when, about, what in story.declarations if about == barrier and when <= day]
    when, what = max(said, key=lambda one: one[0], default=(day, ""))
    newer = any(one.service == barrier and when < one.day <= day for one in story.happenings)
    if what == "absent" and not newer:
        return Phase(day, "not-a-barrier")
    if known is None and what == "needed":
        return Phase(day, "open", "applicant")
    return known


def declaration_days(story: Story, barrier: str) -> set[date]:
    """The days on which something was declared, and those on which the service's reports may outdo it."""
    days = {day for day, about, _ in story.declarations if about == barrier}
    return days | ({one.day for one in story.happenings if one.service == barrier} if days else set())
