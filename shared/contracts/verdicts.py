"""The one list of codes that a receipt can carry: verdict, what it means, what to do, and who helps (contract §4).

Clerks read the German text, so it says what was wrong and what comes next, without a word of computing. No text names
another institution's fact, id or date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["accepted", "parked", "duplicate", "rejected"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or two, in both languages."""

    de: str
    en: str


@dataclass(frozen=True, slots=True)
class Code:
    """One code: `message` says what was found, `hint` what to do next, `helper` who helps."""

    code: str
    verdict: Verdict
    message: Text
    hint: Text
    helper: Text


_NOBODY = Text("Niemand muss helfen.", "Nobody needs to help.")
_YOUR_SOFTWARE = Text(
    "Der Hersteller oder Betreuer Ihrer Fachsoftware.", "The supplier or administrator of your software."
)
_YOUR_CLERK = Text("Die Sachbearbeitung, von der die Meldung stammt.", "The clerk from whom the report came.")
_OPERATOR = Text("Der Betrieb von Lotse.", "The operators of Lotse.")
_YOUR_PRIVACY_OFFICER = Text(
    "Der Hersteller Ihrer Fachsoftware und Ihr Datenschutzbeauftragter.",
    "The supplier of your software and your data protection officer.",
)
_NOTHING_TO_DO = Text("Es ist nichts zu tun.", "Nothing needs to be done.")

_LIST = (
    Code(
        "ok",
        "accepted",
        Text("Die Meldung gilt.", "The report is in force."),
        _NOTHING_TO_DO,
        _NOBODY,
    ),
    Code(
        "ok.late",
        "accepted",
        Text(
            "Die Meldung gilt. Sie wurde vor Tatsachen eingeordnet, die schon bekannt waren.",
            "The report is in force. It was put in its place before facts that were already known.",
        ),
        _NOTHING_TO_DO,
        _NOBODY,
    ),
    Code(
        "ok.corrected",
        "accepted",
        Text(
            "Die Meldung ist angenommen. An ihrer Stelle gilt eine Berichtigung.",
            "The report is accepted. A correction is in force in its place.",
        ),
        _NOTHING_TO_DO,
        _NOBODY,
    ),
    Code(
        "ok.retracted",
        "accepted",
        Text(
            "Die Meldung ist angenommen. Sie wurde zurückgenommen und wirkt nicht mehr.",
            "The report is accepted. It was taken back and has no effect any more.",
        ),
        Text(
            "Es ist nichts zu tun. War die Rücknahme ein Versehen, nehmen Sie die Rücknahme zurück.",
            "Nothing needs to be done. If it was taken back by mistake, take back the retraction.",
        ),
        _NOBODY,
    ),
    Code(
        "fact.implausible",
        "parked",
        Text(
            "Die Meldung ist gespeichert, gilt aber noch nicht: Sie passt nicht zum bisher bekannten Stand.",
            "The report is stored but not in force yet: it does not fit what is known so far.",
        ),
        Text(
            "Prüfen Sie Vorgang und Datum. Fehlt eine frühere Meldung, melden Sie diese nach; dann gilt diese von "
            "selbst. War die Meldung falsch, berichtigen Sie sie oder nehmen Sie sie zurück.",
            "Check the proceeding and the date. If an earlier report is missing, send it, and this one comes into "
            "force by itself. If this report is wrong, correct it or take it back.",
        ),
        _YOUR_CLERK,
    ),
    Code(
        "fact.conflict",
        "parked",
        Text(
            "Die Meldung ist gespeichert, gilt aber nicht: Sie widerspricht einer Tatsache, die schon gilt.",
            "The report is stored but not in force: it contradicts a fact that is already in force.",
        ),
        Text(
            "Prüfen Sie Vorgang, Datum und Ergebnis. War die Meldung falsch, berichtigen Sie sie oder nehmen Sie "
            "sie zurück. Ist sie richtig, klären Sie den Widerspruch mit der zuständigen Stelle.",
            "Check the proceeding, the date and the result. If this report is wrong, correct it or take it back. "
            "If it is right, settle the contradiction with the competent body.",
        ),
        _YOUR_CLERK,
    ),
    Code(
        "target.unknown",
        "parked",
        Text(
            "Die Meldung ist gespeichert, gilt aber noch nicht: Die Meldung, auf die sie sich bezieht, ist von "
            "Ihnen hier nicht bekannt.",
            "The report is stored but not in force yet: the report that it refers to is not known here as yours.",
        ),
        Text(
            "Kommt die frühere Meldung noch, ist nichts zu tun. Sonst prüfen Sie die angegebene Kennung, die "
            "Fallkennung und den Absender; alle drei müssen zur früheren Meldung passen.",
            "If the earlier report is still on its way, nothing needs to be done. Otherwise check the id that was "
            "named, the case id and the source; all three must fit the earlier report.",
        ),
        _YOUR_SOFTWARE,
    ),
    Code(
        "internal.fault",
        "parked",
        Text(
            "Die Meldung ist gespeichert, konnte aber wegen eines Fehlers bei uns noch nicht bearbeitet werden.",
            "The report is stored but could not be worked on yet because of a fault of ours.",
        ),
        Text(
            "Es ist nichts zu tun. Wir sehen den Fehler und holen die Bearbeitung nach.",
            "Nothing needs to be done. We see the fault and will take the report up again.",
        ),
        _OPERATOR,
    ),
    Code(
        "id.seen",
        "duplicate",
        Text(
            "Diese Meldung ist schon hier, mit demselben Inhalt.", "This report is already here, with the same content."
        ),
        _NOTHING_TO_DO,
        _NOBODY,
    ),
    Code(
        "envelope.invalid",
        "rejected",
        Text(
            "Die Meldung wurde nicht angenommen: Eine Angabe zu Absender, Kennung, Art, Fall oder Zeitpunkt fehlt "
            "oder hat die falsche Form.",
            "The report was not accepted: one of source, id, type, subject or time is missing or has the wrong form.",
        ),
        Text(
            "Lassen Sie die genannte Angabe in der Fachsoftware richtigstellen und senden Sie die Meldung erneut.",
            "Have the named attribute put right in your software, then send the report again.",
        ),
        _YOUR_SOFTWARE,
    ),
    Code(
        "json.invalid",
        "rejected",
        Text(
            "Die Meldung wurde nicht angenommen: Ihr Inhalt ist nicht lesbar (kein gültiges JSON).",
            "The report was not accepted: its content cannot be read (it is not valid JSON).",
        ),
        Text(
            "Lassen Sie die Ausgabe der Fachsoftware prüfen und senden Sie die Meldung erneut.",
            "Have the output of your software checked, then send the report again.",
        ),
        _YOUR_SOFTWARE,
    ),
    Code(
        "type.unknown",
        "rejected",
        Text(
            "Die Meldung wurde nicht angenommen: Diese Art von Meldung gibt es an dieser Stelle nicht.",
            "The report was not accepted: there is no report of this type here.",
        ),
        Text(
            "Prüfen Sie, ob die Art richtig geschrieben ist und die Meldung an den richtigen Dienst ging; senden "
            "Sie sie dann erneut.",
            "Check that the type is spelt right and that the report went to the right service, then send it again.",
        ),
        _YOUR_SOFTWARE,
    ),
    Code(
        "source.foreign",
        "rejected",
        Text(
            "Die Meldung wurde nicht angenommen: Der Absender darf hier nicht melden.",
            "The report was not accepted: its source may not report here.",
        ),
        Text(
            "Prüfen Sie die Absenderkennung in der Fachsoftware. Ist sie richtig, bitten Sie den Betrieb von "
            "Lotse, Ihre Stelle für diese Meldungen einzutragen.",
            "Check the source that your software names. If it is right, ask the operators of Lotse to enter your "
            "institution for these reports.",
        ),
        _OPERATOR,
    ),
    Code(
        "data.invalid",
        "rejected",
        Text(
            "Die Meldung wurde nicht angenommen: Ein Feld fehlt, ist unbekannt oder hat einen unzulässigen Wert.",
            "The report was not accepted: a field is missing, unknown or has a value that is not allowed.",
        ),
        Text(
            "Stellen Sie das genannte Feld richtig und senden Sie die Meldung erneut; ihre Kennung darf dieselbe "
            "bleiben.",
            "Put the named field right, then send the report again; its id may stay the same.",
        ),
        _YOUR_SOFTWARE,
    ),
    Code(
        "data.forbidden-identifier",
        "rejected",
        Text(
            "Die Meldung wurde nicht angenommen und nicht gespeichert: Sie enthält etwas, das wie eine "
            "personenbezogene Nummer aussieht (Kundennummer, BG-Nummer, AZR-Nummer, Steuer-ID, Versicherungsnummer"
            " oder IBAN).",
            "The report was neither accepted nor stored: it holds something that looks like a personal number "
            "(customer, benefit household, register of foreigners, tax or insurance number, or IBAN).",
        ),
        Text(
            "Entfernen Sie die Nummer an der genannten Stelle und senden Sie die Meldung erneut. Als Kennung "
            "eignet sich eine UUID.",
            "Remove the number from the place named, then send the report again. A UUID makes a good id.",
        ),
        _YOUR_PRIVACY_OFFICER,
    ),
    Code(
        "id.reused",
        "rejected",
        Text(
            "Die Meldung wurde nicht angenommen: Unter derselben Kennung ist schon eine Meldung mit anderem Inhalt"
            " hier.",
            "The report was not accepted: a report with other content is already here under the same id.",
        ),
        Text(
            "Die frühere Meldung bleibt, wie sie ist. Soll sie berichtigt werden, senden Sie eine Berichtigung mit"
            " neuer Kennung.",
            "The earlier report stays as it is. To correct it, send a correction under a new id.",
        ),
        _YOUR_SOFTWARE,
    ),
    Code(
        "item.full",
        "rejected",
        Text(
            "Die Meldung wurde nicht angenommen: Zu diesem Vorgang gibt es schon so viele Meldungen, wie er fassen"
            " kann.",
            "The report was not accepted: this proceeding already holds as many reports as it can.",
        ),
        Text(
            "Prüfen Sie, ob die Fachsoftware dieselbe Tatsache immer wieder meldet. Berichtigungen und Rücknahmen "
            "sind weiter möglich.",
            "Check whether your software reports the same fact over and over. Corrections and retractions are "
            "still possible.",
        ),
        _YOUR_SOFTWARE,
    ),
    Code(
        "too-large",
        "rejected",
        Text(
            "Die Meldung wurde nicht angenommen: Sie ist größer als 256 KiB.",
            "The report was not accepted: it is larger than 256 KiB.",
        ),
        Text(
            "Lassen Sie die Ausgabe der Fachsoftware prüfen; eine Meldung enthält keine Anlagen und keinen Freitext.",
            "Have the output of your software checked; a report holds neither attachments nor free text.",
        ),
        _YOUR_SOFTWARE,
    ),
)

#: Every code by its name, in the order of the list.
CODES = {entry.code: entry for entry in _LIST}


def verdict_of(code: str) -> Verdict:
    """The verdict that a code stands for. Raises KeyError for a code that is not on the list."""
    return CODES[code].verdict
