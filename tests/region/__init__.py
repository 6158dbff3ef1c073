"""Tests of what makes a region: rights, passwords, databases, edits of the institutions file."""
