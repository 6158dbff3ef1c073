"""The laws and rules by which something is due."""

from __future__ import annotations

from collections.abc import Mapping

from lotse.cli.words.word import Word

#: The laws that rule ids begin with.
LAWS: Mapping[str, Word] = {
    "AufenthG": Word("Aufenthaltsgesetz", "Residence Act"),
    "BQFG": Word("Berufsqualifikationsfeststellungsgesetz", "Professional Qualifications Assessment Act"),
    "BeschV": Word("Beschäftigungsverordnung", "Employment Ordinance"),
    "DeuFöV": Word("Deutschsprachförderverordnung", "Ordinance on German for Work"),
    "IntV": Word("Integrationskursverordnung", "Integration Courses Ordinance"),
    "KiBiz-NRW": Word("Kinderbildungsgesetz Nordrhein-Westfalen", "Childcare Act of North Rhine-Westphalia"),
    "PflAPrV": Word("Pflegeberufe-Ausbildungs- und -Prüfungsverordnung", "Nursing Training and Examination Ordinance"),
    "SGB-II": Word("Sozialgesetzbuch II", "Social Code II"),
    "VwGO": Word("Verwaltungsgerichtsordnung", "Code of Administrative Court Procedure"),
}
#: The project's own rules, which are no law.
OWN_RULES: Mapping[str, Word] = {
    "acknowledgement": Word("Eingang bestätigen", "confirm receipt"),
    "decision": Word("Entscheidung", "decision"),
    "documents": Word("Unterlagen nachreichen", "supply documents"),
    "fee": Word("Gebühr bezahlen", "pay the fee"),
    "preparing": Word("Antrag vorbereiten", "prepare the application"),
    "measure-place": Word("Platz in der Maßnahme", "place in the measure"),
    "title": Word("Aufenthaltstitel läuft ab", "residence title ends"),
    "permit": Word("Entscheidung über die Erlaubnis", "decision on the permit"),
    "permit-information": Word("Auskunft an die Agentur", "information for the agency"),
    "contact": Word("Gespräch alle sechs Wochen", "contact every six weeks"),
    "childcare-acknowledgement": Word("Anmeldung bestätigen", "acknowledge the registration"),
    "childcare-offer": Word("Platz anbieten", "offer a place"),
    "waitlist": Word("Warteliste", "waiting list"),
    "offer-answer": Word("auf das Angebot antworten", "answer the offer"),
    "registration": Word("zum Kurs anmelden", "register for the course"),
    "referral": Word("an anderen Träger verweisen", "refer to another provider"),
    "interruption": Word("Unterbrechung des Kurses", "interruption of the course"),
    "exam": Word("Prüfung ablegen", "take the exam"),
    "certificate": Word("Zertifikat ausstellen", "issue the certificate"),
    "next-step": Word("nächster Schritt zum Sprachziel", "next step towards the level"),
    "retention-6w": Word("sechs Wochen beschäftigt", "employed for six weeks"),
    "retention-3m": Word("drei Monate beschäftigt", "employed for three months"),
    "retention-6m": Word("sechs Monate beschäftigt", "employed for six months"),
    "retention-12m": Word("zwölf Monate beschäftigt", "employed for twelve months"),
}
