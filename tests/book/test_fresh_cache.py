"""The cache of outputs is another one as soon as anything that a cell can import has changed."""

import pytest
from fresh_cache import HELPERS, LOOKS, key_of


@pytest.fixture
def folder(tmp_path):
    """A course of one module in each folder; returns the book's folder."""
    for name in ("autograder/checks", "convolution/cases", "book/drawings", "book/_ext", "book/_assets"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "module.py").write_text("size = 4")
    return tmp_path / "book"


@pytest.mark.parametrize("helper", ["../autograder/checks", "../convolution/cases", "drawings"])
def test_a_changed_helper_is_another_cache(folder, helper):
    before = key_of(folder, HELPERS)
    (folder / helper / "module.py").write_text("size = 5")
    assert key_of(folder, HELPERS) != before


def test_a_renamed_helper_is_another_cache(folder):
    before = key_of(folder, HELPERS)
    (folder / "drawings" / "module.py").rename(folder / "drawings" / "other.py")
    assert key_of(folder, HELPERS) != before


def test_what_only_pages_are_made_with_is_not_in_the_cache_s_key(folder):
    outputs, looks = key_of(folder, HELPERS), key_of(folder, LOOKS)
    (folder / "_ext" / "module.py").write_text("size = 5")
    assert key_of(folder, HELPERS) == outputs
    assert key_of(folder, LOOKS) != looks
