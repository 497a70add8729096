"""A sandbox is started only once a course has said which files it must hide."""

import autograder.course  # noqa: F401  for what it does
