"""Recognition of foreign qualifications; feeds the barrier `recognition`.

Its one item is `procedure-<procedureId>`: an application from advice to licence.
"""
