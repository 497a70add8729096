"""Fixtures that several files share: the built book, a server for it, a browser.

The files that take longest begin, so that the cores end together. `make test` hands out whole files.
"""

import os

import pytest
from browsers import MISSING, find_browser, launched
from built import built_book, serving
from places import TESTS

# Several processes share the cores, and the arrays are small: threads of one would only wait for each other, busily.
os.environ.setdefault("OMP_NUM_THREADS", "1")

LONGEST_FIRST = (
    "test_roads.py",
    "test_book.py",
    "test_attacks.py",
    "test_faults.py",
    "test_comforts.py",
    "test_nbgrader_cycle.py",
    "test_feedback_page.py",
    "test_questions.py",
    "test_pdf.py",
    "test_figure.py",
    "test_behind_the_wall.py",
    "test_bank.py",
)


def pytest_xdist_auto_num_workers():
    """A process more than cores: attacks and faults wait for what sleeps or is killed."""
    return (os.cpu_count() or 1) + 1


#: Folders whose tests start browsers, kernels, sandboxes, nbgrader or commands. Elsewhere a file that does so says
#: ``pytestmark = pytest.mark.slow``; any other new file belongs to the quick loop by itself.
SLOW = ("book", "support", *(f"autograder/{name}" for name in ("grading", "own_file", "releasing", "student_code")))


def is_slow(path):
    """True if a test file lies in a slow folder of the tests."""
    return path.is_relative_to(TESTS) and any(path.is_relative_to(TESTS / folder) for folder in SLOW)


def pytest_collection_modifyitems(items):
    for item in items:
        if is_slow(item.path):
            item.add_marker("slow")
    order = {name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(item.path.name, len(order)))


@pytest.fixture(scope="session")
def book():
    return built_book()


@pytest.fixture(scope="module")  # not longer: while it is open, nothing else in the process can use asyncio
def browser():
    if find_browser() is None:
        pytest.fail(MISSING) if os.environ.get("CI") else pytest.skip(MISSING)
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(book):
    with serving(book) as address:
        yield address
