"""The checks behind a course on convolution. A notebook needs four names; see `autograder.notebook`.

Importing this imports neither torch nor the command line.
"""

from autograder.notebook import CheckFailed, check, check_answer, progress, reveal

__all__ = ["CheckFailed", "check", "check_answer", "progress", "reveal"]
