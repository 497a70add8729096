"""The module that a notebook finds as ``autograder`` while it is graded: the checks are made elsewhere."""


def check(function, name, seed=None):
    """Say that this is checked elsewhere."""
    print(f"{name}: checked by the grader")


def check_answer(answer, name):
    """Say that this is checked elsewhere."""
    print(f"{name}: checked by the grader")


def reveal(answer, name):
    """Say that there is nothing to reveal."""
    print(f"{name}: you predicted {answer!r}")


def progress(assignment, namespace):
    """Say where the marks are."""
    print(f"{assignment}: the grader's marks are shown beside its cells")
