"""What the board says of cases and barriers, and services and codes of receipts."""

from __future__ import annotations

from collections.abc import Mapping

from lotse.cli.words.word import Word

BARRIERS: Mapping[str, Word] = {
    "recognition": Word("Anerkennung", "recognition"),
    "childcare": Word("Kinderbetreuung", "childcare"),
    "language": Word("Sprache", "language"),
    "residence": Word("Aufenthalt", "residence"),
}

STATUSES: Mapping[str, Word] = {
    "not-assessed": Word("ungeklärt", "not assessed"),
    "not-a-barrier": Word("kein Hindernis", "not a barrier"),
    "open": Word("offen", "open"),
    "in-progress": Word("in Arbeit", "in progress"),
    "bridged": Word("überbrückt", "bridged"),
    "resolved": Word("gelöst", "resolved"),
    "not-resolvable": Word("nicht lösbar", "not resolvable"),
    "lapsed": Word("wieder verloren", "lapsed"),
}

TURNS: Mapping[str, Word] = {
    "applicant": Word("die Person selbst", "the applicant"),
    "competent-body": Word("die zuständige Stelle", "the competent body"),
    "third-party": Word("Dritte", "a third party"),
    "capacity": Word("niemand: es fehlt ein Platz", "nobody: a place is missing"),
    "partner": Word("ein Partner", "a partner"),
}

#: The same in one word, for a line of figures.
SHORT_TURNS: Mapping[str, Word] = {
    "applicant": Word("Person", "applicant"),
    "competent-body": Word("Stelle", "body"),
    "third-party": Word("Dritte", "third party"),
    "capacity": Word("kein Platz", "no place"),
    "partner": Word("Partner", "partner"),
}

STAGES: Mapping[str, Word] = {
    "registered": Word("aufgenommen", "registered"),
    "clearing": Word("in Klärung", "clearing"),
    "ready": Word("bereit zur Vermittlung", "ready"),
    "introduced": Word("vorgestellt", "introduced"),
    "hired": Word("eingestellt", "hired"),
    "retained": Word("in Arbeit geblieben", "retained"),
    "closed": Word("abgeschlossen", "closed"),
}

SERVICES: Mapping[str, Word] = {
    "intake": Word("Aufnahme", "intake"),
    "recognition": Word("Anerkennung", "recognition"),
    "childcare": Word("Kinderbetreuung", "childcare"),
    "language": Word("Sprache", "language"),
    "outreach": Word("Arbeitgeberansprache", "outreach"),
    "coordinator": Word("Koordinator", "coordinator"),
    "clock": Word("Kalender", "clock"),
    "gateway": Word("Zugang", "gateway"),
}

VERDICTS: Mapping[str, Word] = {
    "accepted": Word("angenommen", "accepted"),
    "parked": Word("zurückgestellt", "parked"),
    "duplicate": Word("schon bekannt", "duplicate"),
    "rejected": Word("abgelehnt", "rejected"),
}

#: Why a fact is not in force, and what facts of a case contradict each other in.
CODES: Mapping[str, Word] = {
    "fact.implausible": Word("passt nicht in den Verlauf", "does not fit the course of events"),
    "fact.conflict": Word("widerspricht einer anderen Meldung", "contradicts another report"),
    "target.unknown": Word("die gemeinte Meldung ist unbekannt", "the report it refers to is unknown"),
    "internal.fault": Word("Fehler bei uns, wird geprüft", "our fault, being looked at"),
    "two-decisions": Word("zwei verschiedene Entscheidungen", "two different decisions"),
    "care-after-start": Word("Betreuung beginnt nach Kurs oder Arbeit", "care begins after the course or the job"),
    "care-lost": Word("Betreuung während des Kurses verloren", "care lost during the course"),
}
