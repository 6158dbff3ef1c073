"""Care for the children of a case; feeds the barrier `childcare`.

Its one item is `child-<n>`: a need for care, from its first mention to the place in which the child stays.
"""
