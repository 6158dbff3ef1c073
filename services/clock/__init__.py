"""The clock: says each day once on `clock.days`, none left out, so that nobody else has to ask what day it is.

It keeps nothing: the last day is read from the topic at start.
"""
