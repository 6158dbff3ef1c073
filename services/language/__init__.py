"""German: levels and courses; feeds the barrier `language`.

Its items are `level`, what a person can do and how that was shown, and `course-<episodeId>`, a course from the
entitlement to the exam.
"""
