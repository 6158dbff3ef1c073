"""The search for a home as data: states, rows, the register, and what each state means."""

from __future__ import annotations

from shared.rules.table import LOOP, Clocked, Move, Register, Table, below, states

SEARCH = Table(
    initial="unknown",
    moves=(
        Move("search-begun", 10, "searching", below(10)),
        Move("assurance-requested", 20, "assurance-requested", below(30), LOOP, again=True),
        Move("assurance-given", 30, "assured", below(30)),
        Move("moved-in", 40, "housed", below(40)),
        Move("home-lost", 50, "lost", states("housed"), LOOP, reaches=5, note="else there is no home to lose"),
    ),
    registers=(Register("ags"),),
    facets=("ags",),
    meanings={
        "searching": Clocked("in-progress", "applicant", stalled=("SEARCH",)),
        "assurance-requested": Clocked("in-progress", "competent-body", ("ASSURANCE",), ("ASSURANCE",)),
        "assured": Clocked("in-progress", "applicant", stalled=("SEARCH",)),
        "housed": Clocked("resolved", None),
        "lost": Clocked("lapsed", "applicant"),
    },
)
