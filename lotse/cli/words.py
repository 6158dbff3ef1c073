"""The one list of words in which the command line speaks: German, and English beside it.

A name that is not listed (a new service's state, a code of tomorrow) is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Word(NamedTuple):
    """One meaning in both languages."""

    de: str
    en: str

    @property
    def both(self) -> str:
        """German, and English behind it in a dimmer shade (rich markup; the texts here hold none themselves)."""
        return self.marked()

    def marked(self, style: str = "") -> str:
        """The same, the German part in a style."""
        de = f"[{style}]{self.de}[/]" if style else self.de
        return de if self.de == self.en else f"{de} [dim]({self.en})[/dim]"

    @property
    def lines(self) -> str:
        """German above English, for narrow columns."""
        return f"{self.de}\n[dim]{self.en}[/dim]"


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

#: Item states by service: what has happened, and what comes next.
STATES: Mapping[str, Mapping[str, Word]] = {
    "intake": {
        "not-opened": Word("Fall noch nicht eröffnet", "case not opened yet"),
        "open": Word("Fall eröffnet", "case open"),
        "closed": Word("Fall abgeschlossen", "case closed"),
        "offer": Word("Stellenangebot liegt vor", "a job is offered"),
        "requested": Word("Erlaubnis beantragt", "permit requested"),
        "approval-pending": Word("Zustimmung der Agentur angefragt", "the agency's approval asked for"),
        "deemed-approved": Word("Zustimmung gilt als erteilt", "approval counts as given"),
        "approved": Word("Agentur stimmt zu", "approved by the agency"),
        "refused": Word("Agentur lehnt ab", "refused by the agency"),
        "granted": Word("Erlaubnis erteilt", "permit granted"),
        "denied": Word("Erlaubnis versagt", "permit denied"),
        "lapsed": Word("Erlaubnis abgelaufen", "permit lapsed"),
        "withdrawn": Word("alles zurückgenommen", "everything taken back"),
    },
    "recognition": {
        "unclear": Word("noch unklar", "unclear"),
        "advised": Word("beraten: Beruf und Stelle stehen fest", "advised: occupation and body are named"),
        "preparing-documents": Word("Unterlagen werden gesammelt", "documents are being collected"),
        "submitted": Word("Antrag gestellt", "application submitted"),
        "receipt-confirmed": Word("Eingang bestätigt", "receipt confirmed"),
        "documents-requested": Word("Unterlagen nachgefordert", "missing documents requested"),
        "complete": Word("Unterlagen vollständig", "documents complete"),
        "full": Word("volle Gleichwertigkeit", "full recognition"),
        "partial": Word("teilweise Gleichwertigkeit", "partial recognition"),
        "compensation-required": Word("Ausgleichsmaßnahme nötig", "compensation measure required"),
        "none": Word("keine Gleichwertigkeit", "not recognised"),
        "withdrawn": Word("Antrag zurückgenommen", "application withdrawn"),
        "closed-without-decision": Word("ohne Entscheidung beendet", "closed without a decision"),
        "qualifying": Word("Nachqualifizierung läuft", "qualifying after a partial recognition"),
        "waiting-for-place": Word("wartet auf Platz in der Maßnahme", "waiting for a place in the measure"),
        "measure-running": Word("Ausgleichsmaßnahme läuft", "compensation measure under way"),
        "exam-passed": Word("Prüfung bestanden", "exam passed"),
        "exam-failed": Word("Prüfung nicht bestanden", "exam failed"),
        "licence-issued": Word("Berufserlaubnis erteilt", "licence issued"),
    },
    "childcare": {
        "need-identified": Word("Bedarf erkannt", "need identified"),
        "need-registered": Word("Bedarf angemeldet", "need registered"),
        "acknowledged": Word("Anmeldung bestätigt", "registration acknowledged"),
        "waitlisted": Word("auf der Warteliste", "on the waiting list"),
        "claim-enforced": Word("Anspruch wird eingeklagt", "claim being enforced"),
        "offered": Word("Platz angeboten", "place offered"),
        "declined": Word("Angebot abgelehnt", "offer declined"),
        "expired": Word("Angebot verfallen", "offer expired"),
        "accepted": Word("Angebot angenommen", "offer accepted"),
        "contracted": Word("Vertrag geschlossen", "contract signed"),
        "settling-in": Word("Eingewöhnung läuft", "settling in"),
        "in-care": Word("betreut, Stunden reichen", "in care, hours suffice"),
        "hours-insufficient": Word("betreut, aber zu wenige Stunden", "in care, but too few hours"),
        "hours-cut": Word("Stunden reichen nicht mehr", "hours no longer suffice"),
        "ended": Word("Betreuung beendet", "care ended"),
        "need-withdrawn": Word("Bedarf zurückgezogen", "need withdrawn"),
        "withdrawn": Word("alles zurückgenommen", "everything taken back"),
    },
    "language": {
        "level-unknown": Word("Sprachstand unbekannt", "level unknown"),
        "assessed": Word("Sprachstand eingeschätzt", "level assessed"),
        "level-certified": Word("Sprachstand durch Zertifikat belegt", "level certified"),
        "none": Word("noch kein Kurs", "no course yet"),
        "entitled": Word("zum Kurs berechtigt", "entitled to a course"),
        "entitlement-refused": Word("Berechtigung abgelehnt", "entitlement refused"),
        "entitlement-lapsed": Word("Berechtigung erloschen", "entitlement lapsed"),
        "waiting": Word("angemeldet, wartet auf den Kurs", "registered, waiting for the course"),
        "not-formed": Word("Kurs kommt nicht zustande", "course not formed"),
        "referred": Word("an anderen Träger verwiesen", "referred to another provider"),
        "started": Word("Kurs läuft", "course under way"),
        "dropped-out": Word("Kurs abgebrochen", "dropped out of the course"),
        "completed": Word("Kurs abgeschlossen", "course completed"),
        "exam-taken": Word("Prüfung abgelegt, wartet auf das Zertifikat", "exam taken, waiting for the certificate"),
        "below-target": Word("Kursziel nicht erreicht", "aim of the course not reached"),
        "withdrawn": Word("alles zurückgenommen", "everything taken back"),
    },
    "outreach": {
        "none": Word("noch nichts in Kraft", "nothing in force yet"),
        "introduced": Word("vorgeschlagen", "introduced"),
        "interview-held": Word("Vorstellungsgespräch geführt", "interview held"),
        "trial-agreed": Word("Probearbeit vereinbart", "trial agreed"),
        "trial-done": Word("Probearbeit beendet", "trial done"),
        "ended": Word("ohne Einstellung beendet", "ended without a hire"),
        "hired": Word("eingestellt", "hired"),
        "retained-6w": Word("sechs Wochen beschäftigt", "employed for six weeks"),
        "retained-3m": Word("drei Monate beschäftigt", "employed for three months"),
        "retained-6m": Word("sechs Monate beschäftigt", "employed for six months"),
        "retained-12m": Word("zwölf Monate beschäftigt", "employed for twelve months"),
        "employment-ended": Word("Beschäftigung beendet", "employment ended"),
        "unknown": Word("Stelle noch unbekannt", "opening not known yet"),
        "published": Word("Stelle ist offen", "opening published"),
        "filled": Word("Stelle ist besetzt", "opening filled"),
        "withdrawn": Word("zurückgezogen", "withdrawn"),
        "held": Word("Veranstaltung fand statt", "event held"),
        "logged": Word("Kontakt festgehalten", "contact logged"),
    },
}

FLAGS: Mapping[str, Word] = {
    "suspended": Word("Frist ausgesetzt", "clock suspended"),
    "extended": Word("Frist verlängert", "deadline extended"),
    "fee-due": Word("Gebühr offen", "fee due"),
    "appeal": Word("Rechtsbehelf eingelegt", "appeal filed"),
    "information": Word("Auskunft verlangt", "information demanded"),
    "renewal": Word("Verlängerung beantragt", "renewal requested"),
    "interrupted": Word("Kurs unterbrochen", "course interrupted"),
    "irregular": Word("Teilnahme unregelmäßig", "attendance irregular"),
    "interim": Word("Übergangsbetreuung", "interim care"),
}

#: What has to happen next, by service and item state; where a flag is on, by flag before that.
NEXT_BY_FLAG: Mapping[str, Mapping[str, Word]] = {
    "recognition": {
        "fee-due": Word("Die Gebühr bezahlen.", "Pay the fee."),
        "suspended": Word("Klären, weshalb die Frist ruht.", "Clear up why the clock is suspended."),
        "appeal": Word("Die Stelle entscheidet über den Rechtsbehelf.", "The body decides on the appeal."),
    },
    "intake": {
        "information": Word("Der Arbeitgeber gibt der Agentur Auskunft.", "The employer informs the agency."),
    },
    "language": {
        "interrupted": Word("Den Kurs wieder aufnehmen.", "Resume the course."),
    },
}
NEXT: Mapping[str, Mapping[str, Word]] = {
    "recognition": {
        "unclear": Word("Zur Anerkennung beraten lassen.", "Get advice on recognition."),
        "advised": Word("Unterlagen sammeln, dann den Antrag stellen.", "Collect documents, then apply."),
        "preparing-documents": Word("Den Antrag stellen.", "Submit the application."),
        "submitted": Word("Die Stelle bestätigt den Eingang.", "The body confirms receipt."),
        "receipt-confirmed": Word("Die Stelle prüft, ob alles da ist.", "The body checks whether all is there."),
        "documents-requested": Word("Die fehlenden Unterlagen nachreichen.", "Supply the missing documents."),
        "complete": Word("Die Stelle entscheidet.", "The body decides."),
        "full": Word("Die Stelle erteilt die Berufserlaubnis.", "The body issues the licence."),
        "partial": Word("Nachqualifizierung wählen.", "Choose how to qualify further."),
        "compensation-required": Word("Eine Ausgleichsmaßnahme wählen.", "Choose a compensation measure."),
        "none": Word("Widerspruch prüfen oder anderen Beruf wählen.", "Consider an objection or another occupation."),
        "withdrawn": Word("Entscheiden, ob neu beantragt wird.", "Decide whether to apply again."),
        "closed-without-decision": Word("Entscheiden, ob neu beantragt wird.", "Decide whether to apply again."),
        "qualifying": Word("Die Qualifizierung abschließen, dann Folgeantrag.", "Finish qualifying, then apply again."),
        "waiting-for-place": Word("Einen Platz in der Maßnahme finden.", "Find a place in the measure."),
        "measure-running": Word("Die Maßnahme mit der Prüfung abschließen.", "Finish the measure with its exam."),
        "exam-passed": Word("Die Stelle erteilt die Berufserlaubnis.", "The body issues the licence."),
        "exam-failed": Word("Die Prüfung wiederholen.", "Repeat the exam."),
    },
    "childcare": {
        "need-identified": Word("Den Bedarf beim Jugendamt anmelden.", "Register the need with the youth office."),
        "need-registered": Word("Das Jugendamt bestätigt die Anmeldung.", "The youth office acknowledges it."),
        "acknowledged": Word("Das Jugendamt bietet einen Platz an.", "The youth office offers a place."),
        "waitlisted": Word("Einen Platz finden.", "Find a place."),
        "claim-enforced": Word("Das Jugendamt weist einen Platz nach.", "The youth office provides a place."),
        "offered": Word("Auf das Angebot antworten.", "Answer the offer."),
        "declined": Word("Einen anderen Platz finden.", "Find another place."),
        "expired": Word("Einen anderen Platz finden.", "Find another place."),
        "accepted": Word("Den Betreuungsvertrag schließen.", "Sign the contract."),
        "contracted": Word("Die Eingewöhnung beginnen.", "Begin settling in."),
        "settling-in": Word("Die Eingewöhnung abschließen.", "Finish settling in."),
        "hours-insufficient": Word("Mehr Betreuungsstunden finden.", "Find more hours of care."),
        "hours-cut": Word("Mehr Betreuungsstunden finden.", "Find more hours of care."),
        "ended": Word("Einen neuen Platz finden.", "Find a new place."),
    },
    "intake": {
        "offer": Word("Die Erlaubnis beantragen.", "Request the permit."),
        "requested": Word("Die Ausländerbehörde fragt die Agentur oder entscheidet.", "The authority asks the agency."),
        "approval-pending": Word("Die Agentur für Arbeit stimmt zu oder lehnt ab.", "The agency approves or refuses."),
        "deemed-approved": Word("Die Ausländerbehörde entscheidet.", "The foreigners' authority decides."),
        "approved": Word("Die Ausländerbehörde entscheidet.", "The foreigners' authority decides."),
        "refused": Word("Die Ausländerbehörde entscheidet.", "The foreigners' authority decides."),
        "denied": Word("Ein anderes Stellenangebot finden oder Widerspruch prüfen.", "Find another job offer."),
    },
    "language": {
        "assessed": Word("Den passenden Kurs oder ein Zertifikat finden.", "Find the fitting course or a certificate."),
        "level-certified": Word("Den nächsten Kurs finden.", "Find the next course."),
        "none": Word("Einen passenden Kurs finden.", "Find a fitting course."),
        "entitled": Word("Bei einem Kursträger anmelden.", "Register with a course provider."),
        "entitlement-refused": Word("Prüfen, wer sonst den Kurs bewilligt.", "See who else may grant the course."),
        "entitlement-lapsed": Word("Die Berechtigung neu beantragen.", "Apply for the entitlement again."),
        "waiting": Word("Der Kursträger beginnt den Kurs.", "The provider starts the course."),
        "not-formed": Word("Einen anderen Kursträger finden.", "Find another provider."),
        "referred": Word("Der neue Kursträger beginnt den Kurs.", "The new provider starts the course."),
        "started": Word("Den Kurs abschließen.", "Finish the course."),
        "dropped-out": Word("Klären, welcher Kurs möglich ist.", "Find out which course is possible."),
        "completed": Word("Der Kursträger meldet zur Prüfung an.", "The provider arranges the exam."),
        "exam-taken": Word("Das Zertifikat wird ausgestellt.", "The certificate is issued."),
        "below-target": Word("Kurs wiederholen oder anderen Weg wählen.", "Repeat the course or take another way."),
    },
    "outreach": {
        "introduced": Word("Das Vorstellungsgespräch führen.", "Hold the interview."),
        "interview-held": Word("Probearbeit vereinbaren oder einstellen.", "Agree a trial or hire."),
        "trial-agreed": Word("Die Probearbeit abschließen.", "Finish the trial."),
        "trial-done": Word("Der Betrieb entscheidet über die Einstellung.", "The employer decides on the hire."),
        "hired": Word("Nach sechs Wochen nachfragen.", "Ask again after six weeks."),
        "retained-6w": Word("Nach drei Monaten nachfragen.", "Ask again after three months."),
        "retained-3m": Word("Nach sechs Monaten nachfragen.", "Ask again after six months."),
        "retained-6m": Word("Nach zwölf Monaten nachfragen.", "Ask again after twelve months."),
    },
}
#: What comes next where no item says it: by barrier and status.
NEXT_BY_BARRIER: Mapping[tuple[str, str], Word] = {
    ("recognition", "open"): Word("Zur Anerkennung beraten lassen.", "Get advice on recognition."),
    ("recognition", "not-assessed"): Word("Klären, ob der Beruf anerkannt werden muss.", "Find out if it is needed."),
    ("childcare", "open"): Word("Den Bedarf beim Jugendamt anmelden.", "Register the need with the youth office."),
    ("childcare", "not-assessed"): Word("Klären, ob Kinder zu betreuen sind.", "Find out whether there are children."),
    ("language", "open"): Word("Einen passenden Kurs finden.", "Find a fitting course."),
    ("language", "not-assessed"): Word("Den Sprachstand feststellen.", "Find out the level of German."),
    ("residence", "open"): Word("Mit einem Stellenangebot die Erlaubnis beantragen.", "Request a permit for a job."),
    ("residence", "in-progress"): Word("Die Verlängerung des Titels beantragen.", "Request renewal of the title."),
    ("residence", "lapsed"): Word("Den Aufenthaltstitel klären.", "Sort out the residence title."),
    ("residence", "not-assessed"): Word("Klären, ob die Person arbeiten darf.", "Find out if the person may work."),
    ("residence", "not-resolvable"): Word("Prüfen, ob das Arbeitsverbot endet.", "See whether the bar will end."),
}

FACTS: Mapping[str, Word] = {
    "retracted": Word("Meldung zurückgenommen", "report taken back"),
    "case-opened": Word("Fall eröffnet", "case opened"),
    "case-closed": Word("Fall abgeschlossen", "case closed"),
    "benefit-carrier-changed": Word("Leistungsträger gewechselt", "benefit carrier changed"),
    "phase-changed": Word("Phase gewechselt", "phase changed"),
    "potential-assessed": Word("Potenzial erhoben", "potential assessed"),
    "plan-agreed": Word("Kooperationsplan vereinbart", "plan agreed"),
    "plan-reviewed": Word("Kooperationsplan überprüft", "plan reviewed"),
    "contact-held": Word("Beratungsgespräch geführt", "counselling contact held"),
    "employment-access-changed": Word("Zugang zur Arbeit geändert", "access to work changed"),
    "title-renewal-requested": Word("Verlängerung des Titels beantragt", "renewal of the title requested"),
    "consent-granted": Word("Einwilligung erteilt", "consent granted"),
    "consent-revoked": Word("Einwilligung widerrufen", "consent revoked"),
    "barrier-declared-absent": Word("Hindernis verneint", "barrier declared absent"),
    "barrier-declared-needed": Word("Hindernis bejaht", "barrier declared needed"),
    "measure-granted": Word("Förderung bewilligt", "measure granted"),
    "permit-requested": Word("Erlaubnis beantragt", "permit requested"),
    "permit-approval-requested": Word("Zustimmung der Agentur angefragt", "agency's approval requested"),
    "permit-information-demanded": Word("Agentur verlangt Auskunft", "agency demands information"),
    "permit-approved": Word("Agentur stimmt zu", "agency approves"),
    "permit-refused": Word("Agentur lehnt ab", "agency refuses"),
    "permit-granted": Word("Erlaubnis erteilt", "permit granted"),
    "permit-denied": Word("Erlaubnis versagt", "permit denied"),
    "advised": Word("zur Anerkennung beraten", "advised on recognition"),
    "documents-preparing": Word("Unterlagen werden gesammelt", "documents are being collected"),
    "submitted": Word("Antrag gestellt", "application submitted"),
    "receipt-confirmed": Word("Eingang bestätigt", "receipt confirmed"),
    "documents-requested": Word("Unterlagen nachgefordert", "documents requested"),
    "documents-supplied": Word("Unterlagen nachgereicht", "documents supplied"),
    "documents-complete": Word("Unterlagen vollständig", "documents complete"),
    "clock-suspended": Word("Frist ausgesetzt", "clock suspended"),
    "clock-resumed": Word("Frist läuft weiter", "clock resumed"),
    "deadline-extended": Word("Frist verlängert", "deadline extended"),
    "fee-due": Word("Gebühr gefordert", "fee due"),
    "fee-paid": Word("Gebühr bezahlt", "fee paid"),
    "appeal-filed": Word("Rechtsbehelf eingelegt", "appeal filed"),
    "withdrawn": Word("Antrag zurückgenommen", "application withdrawn"),
    "decided": Word("entschieden", "decided"),
    "measure-chosen": Word("Ausgleichsmaßnahme gewählt", "compensation measure chosen"),
    "measure-started": Word("Maßnahme begonnen", "measure started"),
    "exam-taken": Word("Prüfung abgelegt", "exam taken"),
    "licence-issued": Word("Berufserlaubnis erteilt", "licence issued"),
    "need-identified": Word("Betreuungsbedarf erkannt", "need for care identified"),
    "need-registered": Word("Betreuungsbedarf angemeldet", "need for care registered"),
    "acknowledged": Word("Anmeldung bestätigt", "registration acknowledged"),
    "waitlisted": Word("auf die Warteliste gesetzt", "put on the waiting list"),
    "claim-enforced": Word("Anspruch eingeklagt", "claim enforced"),
    "offered": Word("Platz angeboten", "place offered"),
    "offer-declined": Word("Angebot abgelehnt", "offer declined"),
    "offer-expired": Word("Angebot verfallen", "offer expired"),
    "offer-accepted": Word("Angebot angenommen", "offer accepted"),
    "contracted": Word("Betreuungsvertrag geschlossen", "care contract signed"),
    "settling-in-started": Word("Eingewöhnung begonnen", "settling in started"),
    "care-started": Word("Betreuung begonnen", "care started"),
    "hours-changed": Word("Betreuungsstunden geändert", "hours of care changed"),
    "care-ended": Word("Betreuung beendet", "care ended"),
    "interim-care-arranged": Word("Übergangsbetreuung vereinbart", "interim care arranged"),
    "interim-care-ended": Word("Übergangsbetreuung beendet", "interim care ended"),
    "need-withdrawn": Word("Betreuungsbedarf zurückgezogen", "need for care withdrawn"),
    "level-assessed": Word("Sprachstand eingeschätzt", "level of German assessed"),
    "level-certified": Word("Sprachzertifikat ausgestellt", "level of German certified"),
    "entitlement-issued": Word("Berechtigung zum Kurs erteilt", "entitlement to a course issued"),
    "entitlement-refused": Word("Berechtigung zum Kurs abgelehnt", "entitlement to a course refused"),
    "entitlement-lapsed": Word("Berechtigung zum Kurs erloschen", "entitlement to a course lapsed"),
    "registered": Word("zum Kurs angemeldet", "registered for a course"),
    "course-not-formed": Word("Kurs kommt nicht zustande", "course not formed"),
    "referred": Word("an anderen Kursträger verwiesen", "referred to another provider"),
    "course-started": Word("Kurs begonnen", "course started"),
    "attendance-irregular": Word("Teilnahme unregelmäßig", "attendance irregular"),
    "interrupted": Word("Kurs unterbrochen", "course interrupted"),
    "resumed": Word("Kurs wieder aufgenommen", "course resumed"),
    "dropped-out": Word("Kurs abgebrochen", "dropped out of the course"),
    "completed": Word("Kurs abgeschlossen", "course completed"),
    "opening-published": Word("Stelle veröffentlicht", "opening published"),
    "opening-changed": Word("Stelle geändert", "opening changed"),
    "opening-filled": Word("Stelle besetzt", "opening filled"),
    "opening-withdrawn": Word("Stelle zurückgezogen", "opening withdrawn"),
    "candidate-introduced": Word("für eine Stelle vorgeschlagen", "introduced to an employer"),
    "interview-held": Word("Vorstellungsgespräch geführt", "interview held"),
    "trial-agreed": Word("Probearbeit vereinbart", "trial agreed"),
    "trial-ended": Word("Probearbeit beendet", "trial ended"),
    "hired": Word("eingestellt", "hired"),
    "retention-confirmed": Word("weiter beschäftigt", "still employed"),
    "employment-ended": Word("Beschäftigung beendet", "employment ended"),
    "introduction-ended": Word("Vermittlung ohne Einstellung beendet", "introduction ended without a hire"),
    "event-held": Word("Veranstaltung mit Betrieben", "event with employers"),
    "employer-contact-logged": Word("Kontakt mit einem Betrieb", "contact with an employer"),
}

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

_RULE = re.compile(r"^(?P<law>[^:]+):§(?P<section>\d+[a-z]?)(?:\((?P<paragraph>\d+[a-z]?)\))?$")


def word(words: Mapping[str, Word], name: str | None) -> Word:
    """The word for a name; an unknown name speaks for itself, nothing is `–`."""
    if not name:
        return Word("–", "–")
    return words.get(name) or Word(name, name)


def rule_word(rule_id: str) -> Word:
    """A rule id in words: `PflAPrV:§43(3)` is § 43 Abs. 3 of its law, `lotse:…` a rule of the project's own."""
    law, _, slug = rule_id.partition(":")
    if law == "lotse":
        own = word(OWN_RULES, slug)
        return Word(f"eigene Regel „{own.de}“, kein Gesetz", f"the project's own rule “{own.en}”, no law")
    found = _RULE.match(rule_id)
    if not found:
        return Word(rule_id, rule_id)
    name = word(LAWS, law)
    paragraph = found["paragraph"]
    de = f"§ {found['section']}" + (f" Abs. {paragraph}" if paragraph else "")
    en = f"section {found['section']}" + (f"({paragraph})" if paragraph else "")
    short = law.replace("-", " ")
    return Word(f"{de} {short} ({name.de})", f"{name.en}, {en}")


def fact_word(event_type: str) -> Word:
    """The word for a report's type, `lotse.recognition.documents-complete.v1`."""
    parts = event_type.split(".")
    return word(FACTS, parts[2] if len(parts) == 4 else event_type)


def next_word(service: str, state: Mapping[str, object], barrier: str, status: str) -> Word | None:
    """What has to happen next for a barrier that is not resolved; none where nothing has to."""
    if status in ("resolved", "not-a-barrier"):
        return None
    flags = state.get("flags")
    for flag in flags if isinstance(flags, list) else ():
        if flag in NEXT_BY_FLAG.get(service, {}):
            return NEXT_BY_FLAG[service][flag]
    by_state = NEXT.get(service, {}).get(str(state.get("status")))
    return by_state or NEXT_BY_BARRIER.get((barrier, status))
