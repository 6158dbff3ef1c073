"""What has to happen next."""

from __future__ import annotations

from collections.abc import Mapping

from lotse.cli.words.word import Word

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
        "lapsed": Word("Eine neue Erlaubnis beantragen.", "Request a new permit."),
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
