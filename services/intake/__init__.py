"""Intake: the case itself and employment permits; feeds the barrier `residence`.

It also says what the person aims at, what was declared needed or absent, and how far consent goes.
"""
