"""The lists in conftest.py: they name files and folders that exist, and new files belong where their folder says."""

import pytest
from places import TESTS


@pytest.fixture
def lists(pytestconfig):
    """The conftest that sorts and marks the tests."""
    return pytestconfig.pluginmanager.get_plugin(str(TESTS / "conftest.py"))


def lost(files, folders):
    """Names of files that are not there exactly once, and folders that are not there."""
    found = [path.name for path in TESTS.rglob("test_*.py")]
    return [name for name in files if found.count(name) != 1] + [
        name for name in folders if not list((TESTS / name).glob("**/test_*.py"))
    ]


def test_what_the_lists_name_exists(lists):
    assert lost(lists.LONGEST_FIRST, lists.SLOW) == []


def test_a_renamed_file_and_a_moved_folder_are_found():
    assert lost(["test_order.py", "test_renamed.py"], ["book", "moved"]) == ["test_renamed.py", "moved"]


@pytest.mark.parametrize(
    ("name", "slow"),
    [("book/test_new.py", True), ("autograder/grading/test_new.py", True), ("autograder/test_new.py", False)],
)
def test_a_new_file_is_slow_only_in_a_slow_folder(lists, name, slow):
    assert lists.is_slow(TESTS / name) == slow
