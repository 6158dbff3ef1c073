"""The search for a home near work; feeds the barrier `housing`.

Its one item is `search-<searchId>`: from the first word on it to the home in which the family lives.
"""
