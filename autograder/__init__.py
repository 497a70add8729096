"""The checks behind a course, and the grader that asks them. A notebook needs four names; see `autograder.notebook`.

    notebook.py            what a notebook calls: check, check_answer, reveal, progress
    __main__.py            the command line: python -m autograder check | grade | release | student | mistakes
    course.py              the course in use, the one door to its package
    model.py               what a course says: exercises, assignments, cases, mistakes, predictions
    untrusted_notebook.py  notebooks from anybody, read as plain cells
    sampling.py            random streams, sizes that differ, memory layouts
    kinds/                 what differs between kinds of exercises: numbers, arrays, tensors, layers, several arrays
    checks/                ask one exercise of one subject, compare, diagnose
    student_code/          where a student's function runs: subject, sandbox, walls, limits
    own_file/              check a file of one's own: python -m autograder check, and pytest
    grading/               from a folder of submissions to marks, feedback and tables
    releasing/             from solutions/ to exercises/ and the zip for students

Imports point one way: ``__main__`` → grading → notebook, own_file → releasing, checks → course → the course's package →
kinds → student_code, sampling → model. Nothing here but ``course.py`` names the course's package.

Importing this imports neither NumPy, torch nor the command line.
"""

from autograder.notebook import CheckFailed, check, check_answer, progress, reveal

__all__ = ["CheckFailed", "check", "check_answer", "progress", "reveal"]
