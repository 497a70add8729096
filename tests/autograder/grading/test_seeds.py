"""The course's own seed: drawn once, kept for its owner, and the same for everybody who asks."""

import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.errors import FixableError
from autograder.grading.seeds import SEED_FILE, SeedError, as_seed, course_seed, student_seed


def test_it_is_drawn_once_and_kept_for_its_owner(tmp_path):
    drawn = course_seed(tmp_path, {})
    assert course_seed(tmp_path, {}) == drawn
    assert stat.S_IMODE((tmp_path / SEED_FILE).stat().st_mode) == 0o600
    assert len(str(drawn)) >= 30
    assert [path.name for path in tmp_path.iterdir()] == [SEED_FILE]


def test_another_course_draws_another(tmp_path):
    (tmp_path / "other").mkdir()
    assert course_seed(tmp_path, {}) != course_seed(tmp_path / "other", {})


def test_those_who_draw_at_the_same_time_agree(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: course_seed(tmp_path, {}), range(8)))) == 1


@pytest.mark.parametrize(("given", "seed"), [("7", 7), ("0a1b", "0a1b"), ("-1", "-1"), ("٣", "٣"), ("007", 7)])
def test_the_environment_wins_and_writes_nothing(tmp_path, given, seed):
    assert course_seed(tmp_path, {"AUTOGRADER_SEED": given}) == as_seed(given) == seed
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / SEED_FILE).write_text("\n")
    with pytest.raises(SeedError, match=r"\.autograder-seed is empty; delete it to draw a new seed") as raised:
        course_seed(tmp_path, {})
    assert isinstance(raised.value, FixableError)


def test_each_student_has_a_seed_that_does_not_give_the_courses_away():
    seeds = {student_seed(seed, student) for seed in (1, "1a") for student in ("ada", "bob", "")}
    assert len(seeds) == 6
    assert student_seed(1, "ada") == student_seed("1", "ada")
    assert not any(seed == "1a" for seed in seeds)
