"""The case and the employment permit as data: states, rows, flags, registers, meanings (states.md §5)."""

from __future__ import annotations

from shared.rules.table import ANYWHERE, LOOP, OWN, Beside, Clocked, Move, Register, Table, below, states

_ACCESS = "employment-access-changed"
#: Registers share one rank with the title's renewal, so that on one day `time` decides between what they say.
_REGISTERED = 30

CASE = Table(
    initial="not-opened",
    moves=(
        Move("case-opened", 10, "open", below(10), note="also from closed"),
        Move("case-closed", 90, "closed", below(90), LOOP, reaches=0),
    ),
    besides=(
        Beside("renewal", 30, "title-renewal-requested", (_ACCESS,), ANYWHERE, echoes=True, day="renewalRequestedOn"),
    ),
    always=dict.fromkeys(
        (
            "benefit-carrier-changed",
            "phase-changed",
            "potential-assessed",
            "plan-agreed",
            "plan-reviewed",
            "contact-held",
            _ACCESS,
            "consent-granted",
            "consent-revoked",
            "barrier-declared-absent",
            "barrier-declared-needed",
            "measure-granted",
        ),
        _REGISTERED,
    ),
    registers=(
        Register("ags"),
        Register("statusClass"),
        Register("benefitCarrier"),
        Register("phase"),
        Register("access", facts=(_ACCESS,)),
        Register("barredUntil", reads="until", facts=(_ACCESS,), holds=OWN, when=("access", "barred")),
        Register("titleUntil", facts=(_ACCESS,)),
        Register("targetKldb", facts=("potential-assessed",)),
        Register("targetGermanLevel", facts=("potential-assessed",)),
        Register("targetRegulated", facts=("potential-assessed",)),
        Register("foreignDegree", facts=("potential-assessed",)),
        Register("qualificationLevel", facts=("potential-assessed",)),
        Register(
            "declared",
            facts=("barrier-declared-absent", "barrier-declared-needed"),
            key="barrier",
            says={"barrier-declared-absent": "absent", "barrier-declared-needed": "needed"},
            day="declaredOn",
        ),
    ),
    facets=(
        "phase",
        "access",
        "barredUntil",
        "titleUntil",
        "renewalRequestedOn",
        "targetKldb",
        "targetGermanLevel",
        "targetRegulated",
        "foreignDegree",
        "declared",
        "declaredOn",
    ),
)

PERMIT = Table(
    initial="offer",
    moves=(
        Move("permit-requested", 10, "requested", below(10)),
        Move("permit-approval-requested", 20, "approval-pending", below(20)),
        Move("permit-approved", 30, "approved", below(30), contradicts=frozenset({"refused"})),
        Move("permit-refused", 30, "refused", below(30), contradicts=frozenset({"approved"})),
        Move("permit-granted", 40, "granted", below(40), contradicts=frozenset({"denied"})),
        Move("permit-denied", 40, "denied", below(40), contradicts=frozenset({"granted"})),
    ),
    besides=(Beside("information", 25, "permit-information-demanded", (), states("approval-pending")),),
    registers=(Register("introductionId"), Register("until", facts=("permit-granted",))),
    facets=("introductionId", "until"),
    meanings={
        "offer": Clocked("open", "applicant"),
        "requested": Clocked("in-progress", "competent-body", ("PERMIT",), ("PERMIT",)),
        "approval-pending": Clocked("in-progress", "competent-body", ("AGENCY",)),
        "deemed-approved": Clocked("in-progress", "competent-body", ("PERMIT",), ("PERMIT",)),
        "approved": Clocked("in-progress", "competent-body", ("PERMIT",), ("PERMIT",)),
        "refused": Clocked("in-progress", "competent-body", ("PERMIT",), ("PERMIT",)),
        "granted": Clocked("resolved", None),
        "denied": Clocked("open", "applicant"),
        "lapsed": Clocked("lapsed", "applicant"),
    },
)
#: What a demand for information makes of a pending approval.
INFORMATION = Clocked("in-progress", "partner", ("INFO",), ("INFO",))
