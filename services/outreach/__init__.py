"""Outreach to employers; feeds no barrier of its own, but bridges `recognition` and `language`.

Its items are `introduction-<introductionId>` of a case and, beside the cases, `opening`, `event` and `contact`.
"""
