"""The coordinator: keeps the newest snapshot of every item and derives from them, for each case and barrier, how it
stands and whose turn it is. Its board can be thrown away and made anew from the topics.
"""
